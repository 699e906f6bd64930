"""The portal in Chromium, on a phone and on a desk, light and dark, in every state a member meets.

POINTBOOK_SHOTS=FOLDER keeps a picture of every page.
"""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core import mail

from pointbook.controls.actors import SYSTEM
from pointbook.controls.clock import set_test_clock
from pointbook.earning.operations import publish
from pointbook.programs.queries import program as find_program
from tests.interfaces.portal.conftest import TODAY, mailed_code
from tests.interfaces.portal.test_clubs import ADA, CLUB, fact, post
from tests.interfaces.portal.test_clubs import buy as club_buy

SHOTS = os.environ.get("POINTBOOK_SHOTS")
SCREENS = [(390, "light"), (390, "dark"), (1280, "light"), (1280, "dark")]
LONG = "Wilhelmina Konstantinopoulou-Featherstonehaugh of Hohenzollern-Sigmaringen-Weißenfels"
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
TOO_SMALL = """() => [...document.querySelectorAll('a, button, summary, input:not([type=hidden])')]
    .map(e => [e, (e.closest('label') || e).getBoundingClientRect()])
    .filter(([e, box]) => box.height && !e.matches('.skip') && box.height < 43.5)
    .map(([e, box]) => `${e.outerHTML.slice(0, 80)} ${box.height}`)"""


class Visitor:
    """Somebody in front of a screen, who looks at every page for what is wrong with it."""

    def __init__(self, page, site):
        self.page, self.site = page, site

    def go(self, path):
        self.page.goto(self.site + path)

    def sign_in(self, program, email):
        self.page.context.clear_cookies()
        self.go(f"/card/{program}/")
        self.page.get_by_label("Your e-mail address").fill(email)
        self.press("Send me a code")
        self.page.get_by_label("Code", exact=True).fill(mailed_code())
        self.press("Open my card")

    def press(self, name):
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name).click()

    def look(self, name):
        """At one page on every screen."""
        self.page.wait_for_load_state()
        for width, scheme in SCREENS:
            self.page.set_viewport_size({"width": width, "height": 844})
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            self.check(f"{name}-{width}-{scheme}")

    def check(self, name):
        assert self.page.evaluate(TOO_WIDE) <= 0, name
        assert self.page.evaluate(TOO_SMALL) == [], name
        assert self.page.locator("h1").count() == 1, name
        found = Axe().run(self.page)
        assert found.violations_count == 0, f"{name}: {found.generate_report()}"
        if SHOTS:
            size = self.page.viewport_size
            height = self.page.evaluate("document.documentElement.scrollHeight")
            self.page.set_viewport_size({**size, "height": height})
            self.page.screenshot(path=Path(SHOTS) / f"portal-{name}.png")
            self.page.set_viewport_size(size)


@pytest.fixture
def visitor(page, site):
    troubles = []
    page.on("console", lambda message: troubles.append(message.text))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    yield Visitor(page, site)
    # Forms that are refused answer with 4xx, which Chromium tells its console.
    assert [one for one in troubles if "status of 4" not in one] == []


def live(shop):
    """A year of one member, like the one on the picture."""
    shop.buy("r1", 25040, days=175, items=9)
    shop.buy("r2", 4250, days=171)
    shop.buy("r3", 39900, days=142, items=11)
    shop.burn("b1", 500, days=62, reward="ten-off")
    shop.buy("r4", 5480, days=44, items=6, store="31")
    shop.buy("r5", 8750, days=16, items=11)
    shop.buy("r6", 4599, days=2)


def test_a_member_looks_at_the_card_and_behind_it(visitor, open_shop):
    live(open_shop("beauty", "Marigold Beauty"))
    visitor.sign_in("beauty", "elif@example.org")
    page = visitor.page
    assert page.title() == "377 points, worth $7.54 · Marigold Beauty"
    visitor.look("new-name")
    visitor.go("/card/beauty/you/")
    page.get_by_label("Your name").fill("Elif Kaya")
    page.get_by_label("Marigold Beauty may write to me").check()
    visitor.press("Save")
    visitor.look("you")
    assert page.get_by_role("status").inner_text() == "Saved."
    page.get_by_role("link", name="Card").click()
    assert page.get_by_role("heading", name="123 points to $10 off").is_visible()
    assert page.get_by_text("$119.81 more and you are Rouge").is_visible()
    visitor.look("card")
    page.get_by_text("All dates").click()
    page.locator("details.line").first.click()
    assert page.get_by_text("of $45.99 is 45 points, rounded down.").is_visible()
    visitor.look("card-open")
    page.get_by_role("link", name="Make the code bigger").click()
    assert page.get_by_role("dialog").is_visible()
    visitor.look("till")
    page.get_by_role("link", name="Close").click()
    assert page.get_by_role("dialog").is_hidden()
    page.get_by_role("link", name="Rewards").click()
    visitor.look("rewards")
    page.get_by_role("link", name="History").click()
    visitor.look("history")


def test_the_door_and_its_errors(visitor, open_shop):
    open_shop("beauty", "Marigold Beauty")
    page = visitor.page
    visitor.go("/card/")
    visitor.look("join")
    page.get_by_label("Your e-mail address").fill("elif")
    visitor.press("Send me a code")
    assert page.get_by_label("Your e-mail address").get_attribute("aria-invalid") == "true"
    visitor.look("join-error")
    page.get_by_label("Your e-mail address").fill("elif@example.org")
    visitor.press("Send me a code")
    visitor.look("code")
    page.get_by_label("Code", exact=True).fill("1")
    visitor.press("Open my card")
    visitor.look("code-error")
    visitor.press("Send another code")
    assert len(mail.outbox) == 2
    page.get_by_label("Code", exact=True).fill(mailed_code())
    visitor.press("Open my card")
    visitor.look("empty")
    visitor.go("/card/beauty/history/")
    visitor.look("history-empty")
    visitor.go("/card/nowhere/")
    visitor.look("missing")
    open_shop("tea", "Tea House by the Old Harbour")
    visitor.go("/card/")
    visitor.look("choose")


def test_no_program_yet(visitor):
    visitor.go("/card/")
    visitor.look("nothing")


def test_large_and_long_and_owed(visitor, open_shop):
    shop = open_shop("long", "The Honourable Guild of Bookbinders and Stationers' Loyalty Circle")
    shop.buy(
        "receipt-with-a-very-long-number-2017-000000000000001", 123_456_789, days=3, store="X" * 60
    )
    visitor.sign_in("long", "elif@example.org")
    visitor.go("/card/long/you/")
    visitor.page.get_by_label("Your name").fill(LONG)
    visitor.press("Save")
    visitor.go("/card/long/")
    visitor.page.locator("details.line").first.click()
    visitor.look("long")
    visitor.go("/card/long/rewards/")
    visitor.look("rewards-ready")
    owing = "a-very-long-address-of-somebody-who-gave-things-back@department.example.org"
    shop.buy("1", 10_000, days=9, member=owing)
    shop.burn("2", 80, days=8, member=owing)
    shop.give_back("3", "1", 10_000, days=7, member=owing)
    visitor.sign_in("long", owing)
    assert visitor.page.title().startswith("You owe 80 points")
    visitor.look("owes")


def test_a_club_with_units_that_wait_and_friends_to_invite(visitor):
    publish(document=CLUB, actor=SYSTEM)
    set_test_clock(program_id=find_program("club").id, at=TODAY)
    post(club_buy("1"), club_buy("2", 6050), fact("g", "gift"))
    visitor.sign_in("club", ADA)
    visitor.look("club-card")
    for page in ("history", "rewards", "invite"):
        visitor.page.get_by_role("link", name=page.capitalize(), exact=True).click()
        visitor.look(f"club-{page}")
    link = visitor.page.locator(".copied").inner_text().strip()
    visitor.page.context.clear_cookies()
    visitor.page.goto(link)
    assert visitor.page.get_by_text("A friend invited you.").is_visible()
    visitor.look("club-invited")
    visitor.page.context.clear_cookies()
    visitor.go("/card/club/join/")
    visitor.page.get_by_label("Invitation code").fill("NOBODYS")
    visitor.press("Send me a code")
    visitor.look("club-code-error")
