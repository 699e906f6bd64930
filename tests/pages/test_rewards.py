"""The pages about rewards for staff, in a real browser on a real database.

POINTBOOK_SHOTS=FOLDER keeps a picture of every page, light and dark.
"""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from pointbook.controls.clock import set_test_clock
from pointbook.earning.operations import ingest, publish
from pointbook.earning.operations.redeeming import Key, capture, reserve
from pointbook.engine.rules.rewards.situations import Claim
from pointbook.engine.values.facts import Fact, Line
from pointbook.members.queries import member as find_member
from pointbook.programs.queries import program as find_program
from pointbook.redemption.operations import queueing, supplying
from pointbook.redemption.queries.redemptions import redemption, redemptions
from tests.pages.conftest import OWNER, at

SHOTS = os.environ.get("POINTBOOK_SHOTS", "")
NOW = at("2018-01-08T10:00")
CAFE = """
blueprint: 1
program: {code: cafe, name: Harbour Café, currency: USD, time_zone: UTC, unknown_members: enrol}
units:
  points: {name: points, singular: point, decimals: 0, value: "0.02", expires: {after_days: 180},
           spend_order: oldest}
earn:
  - {rule: purchases, name: Purchases, on: purchase, unit: points,
     award: {points: 1, per: "1.00"}, rounding: floor}
rewards:
  - {reward: five-off, name: $5 off, price: 250, value: "5.00", unit: points,
     voucher: {days: 90, unused: gone}, terms: Not for gift cards.}
  - {reward: mug, name: The harbour mug, price: 300, value: "9.00", unit: points,
     gives: {product: {}}, stock: 3}
  - {reward: tasting, name: Evening of coffee, price: 200, value: "20.00", unit: points,
     gives: {experience: {waiting: true, no_show: return, slots: [
       {slot: jan, from: 2018-01-09T18:00, until: 2018-01-09T20:30, capacity: 2, place: Roastery}
     ]}}}
  - {reward: trees, name: Give to a cause, price: 50, value: "1.00", unit: points,
     gives: {charity: "1.00"}}
  - {reward: cinema, name: Cinema ticket, price: 40, value: "12.00", unit: points,
     gives: {partner: cinema}, cost: "7.00", codes: pool}
  - {reward: bicycle, name: Win a bicycle, price: 10, unit: points,
     gives: {sweepstake: {prizes: [{prize: Bicycle, quantity: 1}], draws_on: 2018-01-09}}}
causes: [{cause: trees, name: Trees for all, payee: Trees e.V., match: 50}]
redemption: {hold_minutes: 600, suspicious: [{times: 5, each: day}]}
books: {policy: deferred_revenue, judgement: "Points are a material right."}
"""


def sale(key, member, cents):
    return Fact(
        "till", key, "purchase", NOW - timedelta(days=3), member, store="1", currency="USD",
        total=cents, lines=(Line(sku="1", amount=cents),),
    )  # fmt: skip


def take(key, reward, member, *, used=True, **more):
    own = Key("till", key)
    claim = Claim(reward, **more)
    reserve(program="cafe", key=own, member=member, claim=claim, actor=OWNER)
    if used:
        capture(program="cafe", redemption=own, key=Key("till", f"{key}-c"), actor=OWNER)
    return own


def look(desk, name):
    """Every page is well on a phone and on a desk; a picture of each when they are kept."""
    desk.page.wait_for_load_state("networkidle")
    for width in (1280, 390):
        desk.is_well(width=width)
        for scheme in ("light", "dark") if SHOTS else ():
            desk.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            path = Path(SHOTS) / f"console-{name}-{width}-{scheme}.png"
            desk.page.screenshot(path=path, full_page=True)
        desk.page.emulate_media(color_scheme="light", reduced_motion="reduce")
    desk.page.set_viewport_size({"width": 1280, "height": 900})


@pytest.fixture
def cafe(people, desk):
    publish(document=CAFE, actor=OWNER)
    set_test_clock(program_id=find_program("cafe").id, at=NOW)
    outcomes = ingest(
        program="cafe",
        facts=[sale("s1", "elif@example.org", 300_000), sale("s2", "ada", 90_000)],
        actor=OWNER,
    )
    assert [one.error for one in outcomes] == [None, None]
    desk.sign_in()
    return desk


@pytest.fixture
def busy(cafe):
    """A month in which a few things were redeemed."""
    program = find_program("cafe").id
    codes = ["CINE-0001", "CINE-0002", "CINE-0003"]
    supplying.import_codes(program_id=program, reward="cinema", codes=codes, actor=OWNER)
    take("v1", "five-off", "elif@example.org", used=False)
    take("m1", "mug", "elif@example.org", quantity=2)
    take("t1", "tasting", "elif@example.org", slot="jan")
    take("t2", "tasting", "ada", slot="jan")
    take("g1", "trees", "ada", quantity=3)
    take("c1", "cinema", "ada")
    take("b1", "bicycle", "ada", quantity=4)
    return cafe


def test_the_catalogue_before_anything_was_redeemed(cafe):
    cafe.go("/rewards/")
    told = cafe.text()
    assert "6 rewards Nothing was redeemed in January yet." in told
    assert "The harbour mug Product 300 points 3 of 3 0" in told
    look(cafe, "rewards-empty")
    cafe.go("/rewards/of/mug/")
    assert "Nobody redeemed it yet." in cafe.text()
    look(cafe, "reward-empty")


def test_what_was_redeemed_and_what_causes_are_owed(busy):
    page = busy.page
    busy.go("/")
    page.get_by_role("link", name="Rewards", exact=True).first.click()
    page.wait_for_load_state()
    told = busy.text()
    assert "Redeemed 12 times in January, for 1,230 points." in told
    assert "The harbour mug Product 300 points 1 of 3 2 600 points 0" in told
    assert "Evening of coffee Experience 200 points 0 of 2 places" in told
    assert "3.00; added 1.50" in told
    look(busy, "rewards")
    page.get_by_label("Reference of the bank, for Trees for all").fill("SEPA 4711")
    page.get_by_role("button", name="Paid out").click()
    page.get_by_text("Payout 1: $4.50 to Trees for all.").wait_for()
    assert "1. Trees for all 8 Jan 2018, SEPA 4711 4.50" in busy.text()
    look(busy, "rewards-paid")


def test_stock_and_steps_of_one_reward(busy):
    page = busy.page
    busy.go("/rewards/of/mug/")
    assert "1 of 3 left" in busy.text()
    page.get_by_label("Change by").fill("+10")
    page.get_by_role("button", name="Change stock").click()
    page.get_by_text("11 are left now.").wait_for()
    page.get_by_label("Change by").fill("-12")
    page.get_by_role("button", name="Change stock").click()
    page.get_by_text("there cannot be 1").wait_for()
    page.get_by_role("button", name="Packed").click()
    page.get_by_text("Written down: packed.").wait_for()
    assert redemption(find_program("cafe").id, ("till", "m1")).fulfilment == "packed"
    look(busy, "reward-stock")


def test_codes_are_imported_and_downloaded(busy):
    page = busy.page
    busy.go("/rewards/of/cinema/")
    assert "Free 2 Given to members 0 Used 1" in busy.text()
    page.get_by_label("New codes, one on each line").fill("CINE-0003\nCINE-0004\nCINE-0005\n")
    page.get_by_role("button", name="Import codes").click()
    page.get_by_text("2 codes are new. 1 were known or came twice.").wait_for()
    look(busy, "reward-codes")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download all as CSV").click()
    assert download.value.suggested_filename == "cafe-cinema-codes.csv"
    assert "CINE-0001,used,till,c1" in download.value.path().read_text()


def test_who_came_and_the_draw(busy):
    page = busy.page
    program = find_program("cafe").id
    queueing.join(
        program_id=program, reward="tasting", slot="jan", actor=OWNER,
        member=find_member(program, "elif@example.org").id,
    )  # fmt: skip
    busy.go("/rewards/of/tasting/")
    assert "Waiting, the next first: elif@example.org" in busy.text()
    look(busy, "reward-slots")
    set_test_clock(program_id=program, at=at("2018-01-09T21:00"))
    busy.go("/rewards/of/tasting/")
    page.locator(".guests li", has_text="ada").get_by_role("button", name="Did not come").click()
    page.get_by_text("The points came back to them.").wait_for()
    page.get_by_role("button", name="Came", exact=True).click()
    page.get_by_text("Written down: came.").wait_for()
    look(busy, "reward-over")
    busy.go("/rewards/of/bicycle/")
    assert "4 entries so far." in busy.text()
    page.get_by_role("button", name="Draw the winners").click()
    page.get_by_text("Drawn: 1 prize among 4.").wait_for()
    assert "1. Bicycle ada" in busy.text()
    assert "the same winners" in busy.text()
    page.get_by_text("How anybody can check it").click()
    look(busy, "reward-draw")


def test_somebody_looks_at_what_is_suspicious(cafe):
    page = cafe.page
    for turn in range(7):
        take(f"x{turn}", "five-off", "elif@example.org", used=False)
    cafe.go("/")
    assert "2 redemptions to look at" in cafe.text()
    page.get_by_role("link", name="Look at them").click()
    page.wait_for_load_state()
    look(cafe, "review")
    page.get_by_role("button", name="Clear").first.click()
    page.get_by_text("Cleared. It can be used now.").wait_for()
    page.get_by_role("button", name="Refuse").click()
    page.get_by_text("Refused.").wait_for()
    assert "To look at" not in cafe.text()
    found = redemptions(find_program("cafe").id)
    assert sorted(one.review for one in found if one.review) == ["done", "refused"]
    assert sorted(one.state for one in found).count("released") == 1


def test_a_member_has_redeemed_and_it_is_taken_back(busy):
    page = busy.page
    own = find_member(find_program("cafe").id, "elif@example.org").id
    busy.go(f"/members/{own}/")
    told = busy.text("#redeemed")
    assert "The harbour mug \N{MULTIPLICATION SIGN} 2 600 points Redeemed ordered" in told
    page.locator("#redeemed tr", has_text="$5 off").locator("summary").click()
    look(busy, "member")
    page.get_by_role("textbox", name="Why").locator("visible=true").fill("Taken by mistake")
    page.get_by_role("button", name="Release").click()
    page.get_by_text("Released. The points can be used again.").wait_for()
    page.locator("#redeemed tr", has_text="mug").locator("summary").click()
    page.get_by_role("textbox", name="Why").locator("visible=true").fill("Broken")
    page.get_by_role("button", name="Cancel it").locator("visible=true").click()
    page.get_by_text("Cancelled. The points are back on their lots.").wait_for()
    program = find_program("cafe").id
    states = [redemption(program, ("till", key)).state for key in ("v1", "m1")]
    assert states == ["released", "cancelled"]
