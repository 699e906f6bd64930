"""What a member is told: balance, history, progress; and an order evaluated without a trace."""

from datetime import date

import pytest

from pointbook.earning.queries import balance, evaluate, history, progress
from pointbook.ledger.operations.expiring import expire
from tests.rooms.till import OWES, burn, buy, day, give_back, posted, publish, rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def owing(db):
    """100 earned, 80 burned, all returned, 90 earned, the first 20 of them expired."""
    own = publish(claw_back=OWES)
    posted(
        buy("1", 10_000),
        burn("b", 80, days=1),
        give_back("r", "1", 10_000, days=2),
        buy("2", 9_000, days=3),
        buy("3", 40_000, days=4),
    )
    return own


def test_a_balance_says_what_ends_when(owing):
    held = balance("beauty", "ada", at=day(5))
    assert (held.points, held.owed, held.worth) == (410, 0, 820)
    assert [lot.remaining for lot in held.lots] == [10, 400]
    assert [(one.on, one.points) for one in held.calendar] == [
        (date(2017, 7, 3), 10),
        (date(2017, 7, 4), 400),
    ]
    # Ended points are gone at their instant, whether the task ran or not.
    later = balance("beauty", "ada", at=day(183).replace(hour=0))
    assert later.next_ending is not None
    assert (later.points, later.next_ending.on) == (400, date(2017, 7, 4))


def test_a_balance_may_be_owed(db):
    publish(claw_back=OWES)
    posted(buy("1", 10_000), burn("b", 80), give_back("r", "1", 10_000))
    held = balance("beauty", "ada", at=day(1))
    assert (held.points, held.owed, held.next_ending) == (0, 80, None)


def test_a_history_says_why_and_what_was_left(owing):
    expire(program_id=owing, at=day(400))
    found = history("beauty", "ada")
    assert [(one.kind, one.points, one.balance) for one in found] == [
        ("expiry", -400, 0),
        ("expiry", -10, 400),
        ("award", 400, 410),
        ("award", 90, 10),
        ("overdraft", -80, -80),
        ("claw_back", -20, 0),
        ("burn", -80, 20),
        ("award", 100, 100),
    ]
    assert [one.why for one in found[2:]] == [
        ("Purchases: 1 point for every $1.00 of $400.00 is 400 points, rounded down.",),
        ("Purchases: 1 point for every $1.00 of $90.00 is 90 points, rounded down.",),
        ("80 points taken back for a return of $100.00. They were used already and are owed now.",),
        ("20 points taken back for a return of $100.00.",),
        ("80 points spent.",),
        ("Purchases: 1 point for every $1.00 of $100.00 is 100 points, rounded down.",),
    ]
    assert all("end of their time" in one.why[0] for one in found[:2])


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_pages_of_a_history_lose_nothing(owing, size):
    expire(program_id=owing, at=day(400))
    pages, before = [], ""
    while page := history("beauty", "ada", limit=size, before=before):
        pages += page
        before = page[-1].cursor
    assert pages == history("beauty", "ada")


def test_progress_says_what_is_missing(owing):
    found = progress("beauty", "ada", at=day(5))
    assert (found.tier, found.measure, found.next_tier, found.missing) == (
        "VIB",
        49_000,
        "Rouge",
        51_000,
    )
    assert found.next_reward is not None
    assert found.next_reward.missing == 90


def test_an_order_is_evaluated_without_a_trace(owing):
    tables = [
        name
        for (name,) in rows("select tablename::text from pg_tables where schemaname = 'public'")
    ]

    def state():
        return [rows(f"select count(*), max(t::text) from {name} t") for name in tables]

    before = state()
    seen = evaluate("beauty", buy("9", 60_000, days=6))
    assert (seen.earned, seen.tier_before, seen.tier_after) == ({"points": 600}, "VIB", "Rouge")
    assert seen.rewards[0].missing == 0
    assert seen.why == (
        "Purchases: 1 point for every $1.00 of $600.00 is 600 points, rounded down.",
    )
    stranger = evaluate("beauty", buy("9", 60_000, member="nobody", days=6))
    assert (stranger.earned, stranger.tier_after) == ({"points": 600}, "VIB")
    assert evaluate("beauty", burn("c", 400, days=6)).earned == {"points": -400}
    assert state() == before
