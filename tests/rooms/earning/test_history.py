"""A history that agrees with the balance, before the expiry task ran as after it."""

import random
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pointbook.analytics import queries as analytics
from pointbook.analytics.queries import months, overview
from pointbook.controls.clock import set_test_clock
from pointbook.earning.queries import UnitUnknown, balance, history
from pointbook.ledger.operations.expiring import expire
from pointbook.ledger.queries import entries
from tests.rooms.earning.clubs import CODE, founded, rule, send, sent, told, whose
from tests.rooms.till import buy, day, give_back, rows

pytestmark = pytest.mark.usefixtures("sound")
TEN_DAYS = {"expires": {"after_days": 10}}
# Gone at the first midnight of the month after next: many lots end at one instant.
MONTHS = {"expires": {"end_of_month": 1}}


def lines(at, *, member="ada", **more):
    return [
        (one.kind, one.points, one.balance) for one in history(CODE, member, at=day(at), **more)
    ]


def agrees(at, *, member="ada"):
    """The newest line's balance is what is held, usable or not, less what is owed."""
    held = balance(CODE, member, at=at)
    newest = history(CODE, member, limit=1, at=at)
    assert [one.balance for one in newest] == [held.points + held.pending - held.owed]


def pages(size, at, between=lambda: None):
    """Every page of a history; something happens between two pages."""
    found, before = [], ""
    while page := history(CODE, "ada", limit=size, before=before, at=at):
        found += page
        before = page[-1].cursor
        between()
    return found


def test_points_that_ended_are_told_at_once():
    founded(points=TEN_DAYS)
    sent(buy("1", 10_000), told("b", "burn", points=30, days=1))
    assert lines(9) == [("burn", -30, 70), ("award", 100, 100)]
    assert lines(10) == [("expiry", -70, 0), ("burn", -30, 70), ("award", 100, 100)]
    (ended, *_) = history(CODE, "ada", at=day(10))
    assert (ended.at, ended.fact) == (day(10).replace(hour=0), None)
    assert ended.why == ("70 points reached the end of their time without being used.",)
    agrees(day(9))
    agrees(day(10))


def test_the_task_changes_nothing_that_was_told():
    own = founded(points=MONTHS)
    sent(*[buy(f"{n}", 1_000, days=n) for n in range(5)])
    sent(buy("next", 1_000, days=40))
    before = {size: pages(size, day(120)) for size in (1, 2, 3, 50)}
    assert [(one.points, one.balance) for one in before[50][:3]] == [(-10, 0), (-50, 10), (10, 60)]
    assert before[1] == before[2] == before[3] == before[50]
    expire(program_id=own, at=day(120))
    assert {size: pages(size, day(120)) for size in before} == before


@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_page_turned_while_the_task_runs_loses_and_repeats_nothing(size):
    own = founded(points=MONTHS)
    sent(*[buy(f"{n}", 1_000, days=n * 20) for n in range(5)])
    whole = history(CODE, "ada", at=day(200))
    assert pages(size, day(200), lambda: expire(program_id=own, at=day(200))) == whole


def test_what_comes_late_joins_its_line():
    own = founded(points=MONTHS)
    sent(buy("1", 1_000))
    expire(program_id=own, at=day(100))
    sent(buy("2", 500, days=2))
    assert lines(100) == [("expiry", -15, 0), ("award", 5, 15), ("award", 10, 10)]
    agrees(day(100))
    expire(program_id=own, at=day(100))
    assert lines(100)[0] == ("expiry", -15, 0)


def test_points_that_came_back_after_their_end_go_when_they_came():
    own = founded(points=TEN_DAYS)
    sent(buy("1", 10_000), told("b", "burn", about="o", points=30, days=1))
    sent(buy("o", 1_000, days=2))
    expire(program_id=own, at=day(11))
    sent(told("c", "cancel", about="o", days=12))
    told_now = lines(12)
    assert told_now[:2] == [("expiry", -30, 0), ("refund", 30, 30)]
    assert min(held for _, _, held in told_now) >= 0
    agrees(day(12))
    expire(program_id=own, at=day(12))
    assert lines(12) == told_now


def test_a_unit_of_its_own_and_members_of_their_own():
    founded(
        rule("star", "purchase", 1, unit="stars"),
        points=TEN_DAYS,
        units={"stars": {"name": "stars", "decimals": 0, "value": "1", "expires": {"never": True}}},
    )
    sent(buy("1", 1_000), buy("2", 2_000, member="bob"))
    assert lines(20)[0] == ("expiry", -10, 0)
    assert lines(20, unit="stars") == [("award", 1, 1)]
    assert lines(20, member="bob")[0] == ("expiry", -20, 0)


@pytest.mark.parametrize("read", [balance, history])
def test_a_unit_that_is_none_is_named(read):
    founded(units={"stars": {"name": "stars", "decimals": 0, "value": "1"}})
    sent(buy("1", 1_000))
    with pytest.raises(UnitUnknown) as caught:
        read(CODE, "ada", unit="coins")
    assert str(caught.value) == "there is no unit 'coins'. Use one of: points, stars."
    assert (caught.value.field, caught.value.value) == ("unit", "coins")


def test_it_is_one_statement():
    founded(points=TEN_DAYS)
    sent(buy("1", 1_000))
    own = whose("ada")
    with CaptureQueriesContext(connection) as seen:
        found = entries(own, unit="points", at=day(20), limit=50)
    assert (len(seen), [one.kind for one in found]) == (1, ["expiry", "award"])


def test_a_debt_and_points_that_wait_are_in_it():
    founded(
        rule("later", "visit", 7, pending={"days": 30}),
        points=TEN_DAYS,
        returns={"claw_back": "allow_negative"},
    )
    sent(buy("1", 1_000), told("b", "burn", points=8, days=1), told("v", "visit", days=2))
    sent(give_back("r", "1", 1_000, days=3))
    for at in range(0, 60, 5):
        agrees(day(at))


def _happening(dice, key, order, when):
    """Anything that may happen; burns are for orders that came or are yet to come."""
    return dice.choice(
        [
            buy(key, dice.randrange(100, 9_000), **when),
            buy(key, dice.randrange(100, 9_000), **when),
            told(key, "burn", about=dice.choice([order, f"{int(key) + 3}"]), points=9, **when),
            give_back(key, order, dice.randrange(100, 4_000), **when),
            told(key, "cancel", about=order, **when),
            told(key, "visit", **when),
            told(key, "shipped", about=order, **when),
            told(key, "transfer", to="bob", points=4, **when),
        ]
    )


@pytest.mark.parametrize("seed", range(8))
def test_it_agrees_whatever_happened(seed):
    """Random lives with holds, debts, refunds and ends; the task runs now and then."""
    dice = random.Random(seed)
    own = founded(
        rule("later", "visit", 7, pending={"days": 6}),
        rule("parcel", "purchase", 3, pending={"until": "shipped"}),
        points=dice.choice([TEN_DAYS, MONTHS]),
        returns={"claw_back": dice.choice(["clamp", "allow_negative", "carry_forward"])},
        transfers={"units": ["points"]},
    )
    sent(buy("first", 5_000), told("hello", "sign_up", member="bob"))
    orders = ["first"]
    for turn in range(40):
        when = {"days": turn * 3, "seconds": turn}
        order, key = dice.choice(orders), f"{turn}"
        fact = _happening(dice, key, order, when)
        send(fact)
        orders += [key] if fact.type == "purchase" else []
        at = fact.occurred_at + timedelta(days=dice.randrange(3))
        if dice.random() < 0.2:
            expire(program_id=own, at=at)
        for member in ("ada", "bob"):
            agrees(at, member=member)
    end = day(400)
    before = [history(CODE, name, limit=500, at=end) for name in ("ada", "bob")]
    month = months(CODE, at=end)
    expire(program_id=own, at=end)
    assert [history(CODE, name, limit=500, at=end) for name in ("ada", "bob")] == before
    assert months(CODE, at=end) == month


def test_months_and_the_overview_tell_it_too():
    own = founded(points=TEN_DAYS)
    sent(buy("1", 10_000), buy("2", 5_000, days=25))
    seen = overview(CODE, at=day(34))
    assert [(row.month, row.expired, row.outstanding) for row in seen.months] == [
        ("2017-01", 100, 50)
    ]
    assert seen.outstanding == 50
    later = overview(CODE, at=day(36))
    assert [(row.month, row.expired, row.outstanding) for row in later.months] == [
        ("2017-01", 100, 50),
        ("2017-02", 50, 0),
    ]
    assert later.outstanding == 0
    expire(program_id=own, at=day(36))
    assert months(CODE, at=day(36)) == list(later.months)


def test_months_are_counted_again_when_points_end(monkeypatch):
    own = founded(points=TEN_DAYS)
    sent(buy("1", 10_000))
    counted = []
    count = analytics._months

    def counting(*asked):
        counted.append(1)
        return count(*asked)

    monkeypatch.setattr(analytics, "_months", counting)
    for at in (5, 6, 10, 11):
        months(CODE, at=day(at))
    assert len(counted) == 2
    set_test_clock(program_id=own, at=day(12))
    assert months(CODE)[-1].expired == 100
    assert rows("select count(*) from ledger_transfer where kind = 'expiry'") == [(0,)]
