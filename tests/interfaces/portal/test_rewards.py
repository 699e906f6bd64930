"""Rewards on the phone: redeemed once, kept with their code, given back; in a real browser.

POINTBOOK_SHOTS=FOLDER keeps a picture of every page.
"""

import re
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from django.core import mail

from pointbook.controls.actors import SYSTEM
from pointbook.controls.clock import set_test_clock
from pointbook.earning.operations import ingest, publish
from pointbook.earning.operations.redeeming import Key, capture_code, reserve
from pointbook.engine.rules.rewards.situations import Claim
from pointbook.engine.values.facts import Fact, Line
from pointbook.members.queries import resolve
from pointbook.programs.queries import program as find_program
from pointbook.redemption.operations import drawing, supplying
from pointbook.redemption.operations.reviewing import clear
from pointbook.redemption.queries.redemptions import of_member
from tests.interfaces.portal.conftest import TODAY, mailed_code
from tests.interfaces.portal.test_pages import SCREENS, SHOTS
from tests.interfaces.portal.test_pages import visitor as _visitor

visitor = _visitor
ELIF = "elif@example.org"
CAFE = """
blueprint: 1
program: {code: cafe, name: Harbour Café, currency: USD, time_zone: UTC, unknown_members: enrol}
units:
  points: {name: points, singular: point, decimals: 0, value: "0.02", expires: {after_days: 180},
           spend_order: oldest}
  gift: {name: gift card, money: true, expires: {after_months: 24}}
earn:
  - {rule: purchases, name: Purchases, on: purchase, unit: points,
     award: {points: 1, per: "1.00"}, rounding: floor}
rewards:
  - {reward: five-off, name: $5 off, price: 250, value: "5.00", unit: points,
     voucher: {days: 90, unused: gone}, terms: Not for gift cards.}
  - {reward: mug, name: The harbour mug, price: 300, value: "9.00", unit: points,
     gives: {product: {}}, cash: "4.00", stock: 7}
  - {reward: coffee, name: Free coffee, price: 120, value: "3.50", unit: points,
     gives: {percent: 100, of: cheapest}}
  - {reward: engraving, name: Your name on the mug, price: 80, value: "2.00", unit: points,
     gives: {service: {options: {name: [], colour: [red, sea blue, black]}}}}
  - {reward: tasting, name: Evening of coffee, price: 200, value: "20.00", unit: points,
     limits: [{times: 1, each: year}],
     gives: {experience: {waiting: true, slots: [
       {slot: jan, from: 2018-01-19T18:00, until: 2018-01-19T20:30, capacity: 2, place: Roastery},
       {slot: feb, from: 2018-02-16T18:00, until: 2018-02-16T20:30, capacity: 1, place: Roastery}
     ]}}}
  - {reward: trees, name: Give to a cause, price: 50, value: "1.00", unit: points,
     gives: {charity: "1.00"}}
  - {reward: cinema, name: Cinema ticket, price: 400, value: "12.00", unit: points,
     gives: {partner: cinema}, cost: "7.00", confirm: true}
  - {reward: machine, name: Espresso machine, price: 5000, value: "180.00", unit: points,
     gives: {product: {}}}
  - {reward: spring, name: Spring picnic, price: 10, value: "4.00", unit: points,
     gives: {access: a place on the pier}, from: 2018-04-01}
  - {reward: book, name: Coffee at home, price: 30, value: "6.00", unit: points,
     gives: {access: a book to read on your phone}, codes: pool}
  - {reward: grinder, name: Win a grinder, price: 15, unit: points,
     gives: {sweepstake: {prizes: [{prize: Grinder}], draws_on: 2018-01-06}}}
causes:
  - {cause: trees, name: Trees for all, payee: Trees e.V., match: 50}
  - {cause: boats, name: Lifeboats, payee: Lifeboats}
redemption: {suspicious: [{times: 4, each: day}]}
households: {pool: [points]}
books: {policy: deferred_revenue, judgement: "Points are a material right."}
"""


def sale(key, cents, member=ELIF):
    return Fact(
        "till", key, "purchase", TODAY.replace(hour=8), member, store="1", currency="USD",
        total=cents, lines=(Line(sku="1", amount=cents),),
    )  # fmt: skip


def glance(visitor, name):
    """At a page on a phone and on a desk; on every screen when pictures are kept."""
    visitor.page.wait_for_load_state()
    screens = SCREENS if SHOTS else ((390, "light"), (1280, "dark"))
    for width, scheme in screens:
        visitor.page.set_viewport_size({"width": width, "height": 844})
        visitor.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        visitor.check(f"{name}-{width}-{scheme}")


def redeemed():
    program = find_program("cafe").id
    return of_member(program, resolve(program, [ELIF])[ELIF])


@pytest.fixture
def cafe(visitor):
    """Elif has 900 points and is signed in."""
    publish(document=CAFE, actor=SYSTEM)
    set_test_clock(program_id=find_program("cafe").id, at=TODAY)
    outcomes = ingest(
        program="cafe",
        facts=[sale("s1", 90_000), sale("s2", 30_000, member="ada")],
        actor=SYSTEM,
    )
    assert [one.error for one in outcomes] == [None, None]
    visitor.sign_in("cafe", ELIF)
    return visitor


def test_a_voucher_is_redeemed_and_shown_and_used(cafe):
    page = cafe.page
    cafe.go("/card/cafe/yours/")
    glance(cafe, "yours-empty")
    page.get_by_role("link", name="Rewards", exact=True).click()
    assert page.get_by_text("4,100 points to go.").is_visible()
    assert page.get_by_text("Ask for it at the till.").is_visible()
    assert page.get_by_text("It begins on 1 April 2018.").is_visible()
    glance(cafe, "rewards-all")
    page.get_by_role("link", name="$5 off").click()
    glance(cafe, "reward-voucher")
    cafe.press("Redeem for 250 points")
    (row,) = redeemed()
    code = row.codes[0].code
    grouped = " ".join(re.findall("....", code))
    assert page.locator(".code-text").inner_text() == grouped
    assert page.get_by_text("Good until the end of 31 March.").is_visible()
    glance(cafe, "own-voucher")
    cafe.go("/card/cafe/")
    assert page.get_by_text(grouped).is_visible()
    assert page.title().startswith("650 points")
    glance(cafe, "card-voucher")
    capture_code(program="cafe", code=code, key=Key("till", "v1"), actor=SYSTEM, at=TODAY)
    cafe.go("/card/cafe/yours/")
    page.get_by_role("link", name="$5 off").click()
    assert page.get_by_text("Used on 1 January.").is_visible()
    glance(cafe, "own-used")


def test_tapping_twice_redeems_once(cafe):
    page = cafe.page
    cafe.go("/card/cafe/rewards/five-off/")
    form = page.locator("form.take input[name]").evaluate_all(
        "all => all.map(one => [one.name, one.value])"
    )
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in page.context.cookies())

    def tap(_turn):
        body = urlencode(dict(form)).encode()
        with urlopen(Request(page.url, body, {"Cookie": cookies})) as answer:
            return answer.status, answer.url

    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(tap, range(2)))
    (row,) = redeemed()
    assert answers == [(200, f"{cafe.site}/card/cafe/yours/{row.fact_id}/")] * 2


def test_what_is_open_can_be_given_back(cafe):
    page = cafe.page
    cafe.go("/card/cafe/rewards/mug/")
    page.get_by_label("How many").fill("9")
    cafe.press("Redeem for 300 points and $4 each")
    assert page.get_by_text("Only 7 are left.").is_visible()
    glance(cafe, "reward-error")
    page.get_by_label("How many").fill("2")
    cafe.press("Redeem for 300 points and $4 each")
    assert page.get_by_text("Show your card at the till and pay $8.").is_visible()
    page.get_by_text("Give it back").click()
    glance(cafe, "own-held")
    cafe.press("Give “The harbour mug” back")
    assert page.get_by_text("600 points came back to you.").is_visible()
    assert [one.state for one in redeemed()] == ["released"]


def test_a_place_is_booked_and_put_into_the_calendar(cafe):
    page = cafe.page
    full = Claim("tasting", slot="feb")
    reserve(program="cafe", key=Key("till", "full"), member="ada", claim=full, actor=SYSTEM)
    cafe.go("/card/cafe/rewards/tasting/")
    assert page.get_by_text("Roastery, 2 places left").is_visible()
    glance(cafe, "reward-slots")
    page.locator(".waits").get_by_role("button", name="Wait").click()
    page.get_by_text("You are number 1 in line.").wait_for()
    glance(cafe, "reward-waiting")
    cafe.press("Redeem for 200 points")
    assert page.locator(".badge").inner_text() == "Booked"
    glance(cafe, "own-booked")
    with page.expect_download() as download:
        page.get_by_role("link", name="Put it into your calendar").click()
    assert download.value.suggested_filename == "tasting.ics"
    assert "DTSTART:20180119T180000Z" in download.value.path().read_text()


def test_choices_and_their_errors_and_the_way_of_a_service(cafe):
    page = cafe.page
    cafe.go("/card/cafe/rewards/engraving/")
    page.get_by_label("Sea blue").check()
    cafe.press("Redeem for 80 points each")
    assert page.get_by_text("Name is not chosen.").is_visible()
    assert page.get_by_label("Sea blue").is_checked()
    glance(cafe, "reward-options")
    page.get_by_label("Name").fill("Elif")
    cafe.press("Redeem for 80 points each")
    assert page.locator(".path [aria-current]").inner_text().startswith("Ordered")
    glance(cafe, "own-service")
    cafe.go("/card/cafe/rewards/trees/")
    glance(cafe, "reward-causes")
    cafe.press("Redeem for 50 points")
    assert page.get_by_text("No cause is chosen. Choose one of these.").is_visible()
    page.get_by_label("Lifeboats").check()
    cafe.press("Redeem for 50 points")
    with page.expect_download() as download:
        page.get_by_role("link", name="Receipt").click()
    assert "To: Lifeboats" in download.value.path().read_text()
    cafe.go("/card/cafe/yours/")
    assert page.get_by_text("Given", exact=True).is_visible()
    glance(cafe, "yours")
    cafe.go("/card/cafe/history/")
    glance(cafe, "history-rewards")


def test_what_is_confirmed_by_a_code(cafe):
    page = cafe.page
    cafe.go("/card/cafe/rewards/cinema/")
    cafe.press("Redeem for 400 points")
    assert "confirms your reward" in str(mail.outbox[-1].subject) + str(mail.outbox[-1].body)
    page.get_by_label("Code", exact=True).fill("1")
    cafe.press("Confirm")
    assert page.get_by_text("This is not the code we sent.").is_visible()
    glance(cafe, "own-confirm")
    page.get_by_label("Code", exact=True).fill(mailed_code())
    cafe.press("Confirm")
    assert [one.state for one in redeemed()] == ["captured"]
    glance(cafe, "own-partner")


def test_a_code_of_somebody_else_and_an_entry_of_a_draw(cafe):
    page, program = cafe.page, find_program("cafe").id
    supplying.import_codes(program_id=program, reward="book", codes=["READ-77"], actor=SYSTEM)
    cafe.go("/card/cafe/rewards/book/")
    cafe.press("Redeem for 30 points")
    assert page.locator(".code-text").inner_text() == "READ-77"
    glance(cafe, "own-code")
    cafe.go("/card/cafe/rewards/grinder/")
    page.get_by_label("How many").fill("2")
    cafe.press("Redeem for 15 points each")
    assert page.get_by_text("You have 2 of 2 entries so far: you would win.").is_visible()
    glance(cafe, "own-entry")
    set_test_clock(program_id=program, at=TODAY.replace(day=6))
    drawing.draw(program_id=program, reward="grinder", actor=SYSTEM)
    page.reload()
    assert page.locator(".badge").inner_text() == "You won"
    page.get_by_text("How it is drawn").click()
    glance(cafe, "own-won")


def test_what_cannot_be_had_says_why(cafe):
    cafe.go("/card/cafe/rewards/machine/")
    assert cafe.page.get_by_role("button", name="Redeem").count() == 0
    glance(cafe, "reward-short")
    cafe.go("/card/cafe/rewards/coffee/")
    glance(cafe, "reward-till")
    cafe.go("/card/cafe/rewards/nothing-like-it/")
    assert cafe.page.url.endswith("/rewards/")
    claim = Claim("five-off")
    row = reserve(program="cafe", key=Key("till", "a"), member="ada", claim=claim, actor=SYSTEM)
    cafe.go(f"/card/cafe/yours/{row.fact_id}/")
    assert cafe.page.url.endswith("/yours/")
    assert cafe.page.get_by_text("Nothing redeemed yet").is_visible()


def test_what_somebody_looked_at_is_taken_then(cafe):
    page, program = cafe.page, find_program("cafe").id
    for _turn in range(5):
        cafe.go("/card/cafe/rewards/trees/")
        page.get_by_label("Trees for all").check()
        cafe.press("Redeem for 50 points")
    assert page.get_by_text("Somebody of us looks at it first.").is_visible()
    glance(cafe, "own-review")
    clear(program_id=program, key=Key(*redeemed()[0].key), actor=SYSTEM)
    page.reload()
    cafe.press("Take it now")
    assert page.locator(".badge").inner_text() == "Given"
    assert {one.state for one in redeemed()} == {"captured"}


def test_a_household_redeems_from_its_purse(cafe):
    page, program = cafe.page, find_program("cafe").id
    head = {"head": str(resolve(program, [ELIF])[ELIF])}
    joined = Fact("till", "h", "join_household", TODAY, "bea@example.org", attributes=head)
    (outcome,) = ingest(program="cafe", facts=[joined], actor=SYSTEM)
    assert outcome.error is None
    cafe.sign_in("cafe", "bea@example.org")
    cafe.go("/card/cafe/rewards/five-off/")
    cafe.press("Redeem for 250 points")
    assert page.get_by_text("Show it at the till, or read it out.").is_visible()
    cafe.go("/card/cafe/yours/")
    page.get_by_role("link", name="$5 off").click()
    page.get_by_text("Give it back").click()
    cafe.press("Give “$5 off” back")
    assert page.locator(".badge").inner_text() == "Given back"
    cafe.go("/card/cafe/")
    assert page.title().startswith("900 points")
