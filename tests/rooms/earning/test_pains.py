"""What people complain of in other loyalty systems, each as a test that it cannot happen here."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.db import Error, connections, transaction
from django.test import Client

from pointbook.controls.actors import SYSTEM
from pointbook.controls.keys import create as create_key
from pointbook.earning.operations.reviewing import review_standings
from pointbook.earning.queries import balance, history
from pointbook.engine.values.facts import Fact, Line, Tender
from pointbook.engine.values.people import Person
from pointbook.ledger.operations.expiring import expire
from pointbook.members.operations import enrol_person
from pointbook.members.queries import member
from tests.rooms.earning.clubs import (
    CODE,
    club,
    founded,
    held,
    kinds,
    lots,
    refusal,
    rule,
    send,
    sent,
    told,
    usable,
    whose,
)
from tests.rooms.till import broken, buy, day, give_back, rows

sound = pytest.mark.usefixtures("sound")
HANDS = 6


@pytest.fixture
def real(fresh_database):
    """A database with real commits; afterwards all invariants hold."""
    yield
    assert broken() == {}


def at_once(*jobs):
    """Run all jobs in threads that begin together, each with a connection of its own."""
    barrier = threading.Barrier(len(jobs))

    def run(job):
        try:
            barrier.wait()
            return job()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def told_once(*jobs):
    """The statuses of single facts that were sent at once."""
    return sorted(one.status for (one,) in at_once(*jobs))


def line(category, amount):
    return Line(category=category, amount=amount)


def sides():
    """What each wallet's balance says, what its transfers say, and what its lots say."""
    return rows(
        """select a.id, a.balance,
            coalesce((select sum(points) from ledger_transfer where destination_id = a.id), 0)
            - coalesce((select sum(points) from ledger_transfer where source_id = a.id), 0),
            coalesce((select sum(remaining) from ledger_lot where account_id = a.id), 0)
        from ledger_account a where a.kind = 'wallet' order by 1"""
    )


@sound
def test_a_refund_does_not_keep_the_points():
    """I returned everything and the points are still there."""
    founded()
    sent(buy("1", 10_000), give_back("r1", "1", 4_000, days=1))
    assert usable("ada") == 60
    sent(give_back("r2", "1", 6_000, days=2))
    assert usable("ada") == 0
    sent(give_back("r3", "1", 6_000, days=3))
    assert held("ada") == (0, 0, 0)


@sound
def test_a_refund_does_not_charge_redeemed_points_twice():
    """I paid with 30 points, sent it all back, and now I miss the 30 and what it earned."""
    founded()
    sent(buy("0", 10_000), told("b", "burn", about="1", points=30, days=1))
    sent(buy("1", 5_000, days=1, seconds=1, tenders=(Tender("points", 300),)))
    assert usable("ada") == 100 - 30 + 47
    sent(give_back("r", "1", 5_000, days=2))
    assert usable("ada") == 100
    sent(told("c", "cancel", about="1", days=3), give_back("s", "1", 5_000, days=4))
    assert usable("ada") == 100
    refunds = [one.points for one in history(CODE, "ada", at=day(5)) if one.kind == "refund"]
    assert refunds == [30]


@sound
def test_a_retry_earns_once():
    """The till lost the line, sent it again, and I got the points twice."""
    founded()
    sale = buy("1", 10_000)
    assert [one.status for one in [*send(sale), *send(sale), *send(sale)]] == [
        "posted",
        "duplicate",
        "duplicate",
    ]
    # Twice in one batch, and the same key for something else.
    assert [one.status for one in send(buy("2", 100), buy("2", 100))] == ["posted", "duplicate"]
    assert send(buy("1", 20_000))[0].status == "conflict"
    assert usable("ada") == 101


@pytest.mark.usefixtures("real")
def test_retries_at_the_same_instant_earn_once():
    """Two servers sent my order in the same second. Double points."""
    founded()
    assert told_once(*[lambda: send(buy("1", 10_000))] * HANDS) == (
        ["duplicate"] * (HANDS - 1) + ["posted"]
    )
    assert usable("ada") == 100


@pytest.mark.usefixtures("real")
def test_the_same_points_are_not_spent_twice():
    """We spent my points on my phone and on hers at once, and both went through."""
    founded()
    sent(buy("1", 10_000))
    burns = [lambda n=n: send(told(f"b{n}", "burn", points=100, days=1)) for n in range(2)]
    assert told_once(*burns) == ["posted", "refused"]
    assert held("ada") == (0, 0, 0)


@sound
def test_a_balance_is_its_log():
    """The balance says 120, the list adds up to 90, and support cannot say which is right."""
    dice = random.Random(1)
    own = founded(
        points={"expires": {"after_days": 30}},
        transfers={"units": ["points"]},
        corrections={"reasons": ["goodwill"]},
    )
    sent(buy("0", 5_000), told("hello", "sign_up", member="bob"))
    for turn in range(1, 40):
        send(
            dice.choice(
                [
                    buy(f"{turn}", dice.randrange(9_000), days=turn),
                    told(f"{turn}", "burn", points=dice.randrange(1, 40), days=turn),
                    give_back(f"{turn}", "0", dice.randrange(900), days=turn),
                    told(f"{turn}", "transfer", to="bob", points=5, days=turn),
                    told(f"{turn}", "adjustment", points="-3", reason="goodwill", days=turn),
                ]
            )
        )
        if turn % 7 == 0:
            expire(program_id=own, at=day(turn))
        assert [row for row in sides() if len(set(row[1:])) > 1] == []
    assert {kind for (kind,) in rows("select kind from ledger_transfer")} >= {
        "award",
        "burn",
        "expiry",
        "claw_back",
        "transfer_out",
        "deduction",
    }


@sound
def test_what_points_paid_earns_nothing():
    """Members earn points on what they pay with points. It never ends."""
    founded()
    sent(buy("1", 10_000, tenders=(Tender("points", 4_000), Tender("card", 6_000))))
    assert usable("ada") == 60
    sent(buy("2", 3_000, days=1, tenders=(Tender("points", 3_000),)))
    assert usable("ada") == 60


@sound
def test_reward_lines_earn_nothing():
    """The free coffee is a line of the bill, and the free coffee earned points."""
    founded(
        rule(
            "bought",
            "order",
            {"points": 1, "per": "1.00"},
            lines={"not": {"field": "category", "is": "reward"}},
        )
    )
    lines = (line("coffee", 1_000), line("reward", 400))
    sent(Fact("till", "1", "order", day(0), "ada", currency="USD", total=1_400, lines=lines))
    assert usable("ada") == 10
    # As a discount on the line it never was an amount.
    free = (line("coffee", 1_000), Line(category="reward", amount=0, discount=400))
    sent(buy("2", 1_000, lines=free, days=1))
    assert usable("ada") == 20


@sound
def test_whatever_redeems_deducts():
    """Redeemed at the till it deducts; redeemed in the shop nothing is deducted."""
    founded(rewards=[{"reward": "mug", "name": "A mug", "price": 20, "value": "2.00"}])
    sent(buy("1", 10_000))
    sent(
        told("alone", "burn", points=10, days=1),
        told("ordered", "burn", about="1", points=10, days=1, seconds=1),
        told("before", "burn", about="yet-to-come", points=10, days=1, seconds=2),
        told("mug", "burn", reward="mug", days=1, seconds=3),
    )
    assert usable("ada") == 100 - 50
    # A tender says how a bill was paid, and takes no points: the burn is a fact of its own, and a
    # purchase that says it was paid with points is never taken for one.
    sent(buy("2", 1_000, days=2, tenders=(Tender("points", 500),)))
    assert usable("ada") == 50 + 5
    assert kinds()["burn"] == 4
    assert rows("select count(*) from ledger_transfer where kind = 'burn'") == [(4,)]
    # More than there is: the burn is refused, whatever the order says.
    assert refusal(told("no", "burn", about="2", points=56, days=3))[1] == "points"


@sound
@pytest.mark.parametrize("measure", ["spend", {"measure": "earned", "unit": "points"}])
def test_a_tier_does_not_fall_when_points_are_spent(measure):
    """I used my points, as they told me to, and lost Gold for it."""
    own = founded(
        tiers={
            "measure": measure,
            "window": {"rolling_days": 365},
            "upgrade": "at_once",
            "validity": {"months": 1},
            "downgrade": "full",
            "ladder": [{"tier": "Basic"}, {"tier": "Gold", "from": "100"}],
        }
    )
    sent(buy("1", 15_000), told("b", "burn", points=150, days=1))
    review_standings(program_id=own, at=day(100))
    sent(told("v", "visit", days=101))
    assert rows("select tier from tiers_standing order by id desc limit 1") == [("Gold",)]
    assert usable("ada") == 0


@sound
def test_any_part_of_a_balance_can_be_used():
    """Only in steps of 500, or all of them at once. I have 730."""
    founded()
    sent(buy("1", 50_000), buy("2", 23_000, days=1))
    for place, points in enumerate((1, 500, 7, 221)):
        sent(told(f"b{place}", "burn", points=points, days=2, seconds=place))
    assert usable("ada") == 1
    sent(told("rest", "burn", points=1, days=3))
    assert usable("ada") == 0


@pytest.mark.usefixtures("real")
def test_limits_hold_for_many_at_once():
    """At most one welcome bonus, unless you click quickly."""
    founded(
        rule("bonus", "click", 50, limits=[{"times": 1, "each": "ever"}]),
        rule("raffle", "ticket", 30, budget={"points": 100, "each": "ever"}),
    )
    clicks = [lambda n=n: send(told(f"c{n}", "click")) for n in range(HANDS)]
    assert told_once(*clicks) == ["posted"] * HANDS
    assert usable("ada") == 50
    # What all members share: as much as there is, whoever comes first.
    tickets = [lambda n=n: send(told(f"t{n}", "ticket", member=f"m{n}")) for n in range(HANDS)]
    assert told_once(*tickets) == ["posted"] * HANDS
    won = usable(*[f"m{n}" for n in range(HANDS)])
    assert (sum(won), max(won)) == (100, 30)


@sound
def test_limits_hold_for_orders_that_are_split():
    """At most 100 points a day, so people pay in ten small bills."""
    founded(
        rule(
            "double",
            "purchase",
            {"points": 1, "per": "1.00"},
            limits=[{"points": 100, "each": "day"}],
        )
    )
    sent(buy("whole", 50_000))
    sent(*[buy(f"{n}", 5_000, member="bob", seconds=n) for n in range(10)])
    assert usable("ada", "bob") == (600, 600)
    # What came back gives no room for more, or buying and returning would go on for ever.
    sent(give_back("r", "whole", 50_000, seconds=20), buy("more", 50_000, seconds=21))
    assert usable("ada") == 500


@sound
def test_a_merged_card_lives():
    """They merged my two cards. The old one, which is the one I carry, is dead now."""
    own = founded()
    for name, card in (("ada", "C-1"), ("bob", "C-2")):
        enrol_person(program_id=own, person=Person(member=name, card=card), at=day(0))
    sent(buy("1", 10_000, member="C-1"), buy("2", 20_000, member="C-2"))
    sent(told("m", "merge", member="C-1", days=1, **{"from": "C-2"}))
    assert member(own, "C-2").id == member(own, "C-1").id == whose("ada")
    sent(buy("3", 500, member="C-2", days=2), told("b", "burn", member="C-2", points=300, days=3))
    assert usable("C-1", "C-2", "ada", "bob") == (5, 5, 5, 5)
    sent(give_back("r", "2", 100, member=None, days=4))
    assert usable("C-2") == 4


@sound
@pytest.mark.parametrize("points", ["50", "-50"])
@pytest.mark.parametrize("terms", [None, {"reasons": ["goodwill", "mistake"]}])
def test_nothing_is_changed_by_hand_without_a_reason(points, terms):
    """Somebody gave somebody 50,000 points last year. Nobody knows why."""
    founded(corrections=terms)
    sent(buy("1", 10_000))
    by_hand = told("a", "adjustment", points=points, days=1)
    assert refusal(by_hand)[1] == "attributes.reason"
    assert refusal(told("a", "adjustment", points=points, reason="", days=1))[1] == (
        "attributes.reason"
    )
    if terms:
        because = told("a", "adjustment", points=points, reason="because", days=1)
        assert refusal(because)[1] == "attributes.reason"
    sent(told("a", "adjustment", points=points, reason="goodwill", days=1))
    (newest, *_) = history(CODE, "ada", at=day(2))
    assert (newest.points, "goodwill" in newest.why[0]) == (int(points), True)


@sound
def test_points_come_along_with_their_dates():
    """When we moved here everybody's points became new, or were gone."""
    own = founded(points={"expires": {"after_days": 365}})
    sent(
        told(
            "o",
            "opening",
            days=0,
            lots=[
                {"unit": "points", "points": 40, "earned_on": "2016-03-01"},
                {"unit": "points", "points": 60, "earned_on": "2016-10-01"},
                {
                    "unit": "points",
                    "points": 5,
                    "earned_on": "2014-01-01",
                    "expires_on": "2017-01-31",
                },
            ],
        )
    )
    seen = balance(CODE, "ada", at=day(0))
    assert [(f"{one.on:%Y-%m-%d}", one.points) for one in seen.calendar] == [
        ("2017-02-01", 5),
        ("2017-03-01", 40),
        ("2017-10-01", 60),
    ]
    assert [lot.earned_at.year for lot in seen.lots] == [2014, 2016, 2016]
    sent(told("b", "burn", points=25, days=1))
    assert [row[0] for row in lots("ada")] == [20, 60]
    expire(program_id=own, at=day(90))
    assert balance(CODE, "ada", at=day(90)).points == 60


@sound
@pytest.mark.parametrize("ran", [False, True])
def test_a_history_agrees_with_its_balance_after_the_end(ran):
    """They expired last night. The balance says 0, the history ends with 100."""
    own = founded(points={"expires": {"after_days": 10}})
    sent(buy("1", 10_000))
    if ran:
        expire(program_id=own, at=day(10))
    (newest, *_) = history(CODE, "ada", at=day(10))
    assert (newest.kind, newest.points, newest.balance) == ("expiry", -100, 0)
    assert balance(CODE, "ada", at=day(10)).points == newest.balance


@sound
def test_what_was_cancelled_is_still_told():
    """The order was cancelled and its line is gone, as if I had never seen it."""
    founded()
    sent(buy("1", 10_000))
    before = history(CODE, "ada", at=day(2))
    sent(told("c", "cancel", about="1", days=1))
    after = history(CODE, "ada", at=day(2))
    assert after[1:] == before
    assert [(one.kind, one.points, one.balance) for one in after] == [
        ("claw_back", -100, 0),
        ("award", 100, 100),
    ]
    # The database itself lets nobody take a row away, nor rewrite it.
    for change in (
        "delete from ledger_transfer",
        "delete from ledger_fact",
        "update ledger_transfer set points = 1",
    ):
        with pytest.raises((Error, psycopg.Error)), transaction.atomic():
            rows(f"{change} returning 1")


@sound
def test_a_program_is_created_by_api():
    """Our shop is code, the loyalty program is forty clicks that nobody can repeat."""
    secret = create_key(program_id=None, name="pipeline", actor=SYSTEM)[1]
    wrong = club(points={"value": "free"})
    for document, status in ((wrong, 422), (club(), 201), (club(), 200)):
        answer = Client().post(
            "/v1/programs",
            document,
            content_type="application/json",
            headers={"authorization": f"Bearer {secret}"},
        )
        assert answer.status_code == status
        if status == 422:
            assert answer.json()["errors"][0]["pointer"] == "/units/points/value"
    sent(buy("1", 10_000))
    assert usable("ada") == 100


@sound
@pytest.mark.parametrize(("expiry", "ends"), [("keep", 100), ("reset", 190)])
def test_a_gift_keeps_its_end_where_the_program_says_so(expiry, ends):
    """We send our points to and fro every year and they never end."""
    founded(
        points={"expires": {"after_days": 100}}, transfers={"units": ["points"], "expiry": expiry}
    )
    sent(told("s", "sign_up", member="bob"), buy("1", 10_000))
    sent(
        told("to", "transfer", to="bob", points=100, days=90),
        told("fro", "transfer", member="bob", to="ada", points=100, days=90, seconds=1),
    )
    (lot,) = lots("ada")
    assert (lot[2], lot[3].date()) == (day(0), day(ends).date())
