"""Budgets and limits when many write at once: never more than there is, and all of it if asked."""

import pytest

from tests.rooms.earning.clubs import CODE, counting, founded, rule, send, sent, told, usable
from tests.rooms.ledger.test_races import at_once
from tests.rooms.till import broken, rows

HANDS = 8
GIVEN = "select coalesce(sum(points), 0) from ledger_lot where rule = %s"


def given(code="gift"):
    return rows(GIVEN, code)[0][0]


def visits(hand, count, kind="visit", people=5):
    """A batch of one hand: so many visits of people of its own."""
    return [told(f"{kind}{hand}-{n}", kind, member=f"m{hand}-{n % people}") for n in range(count)]


@pytest.mark.parametrize(
    ("budget", "each", "asked"),
    [(1_000, 7, 40), (30, 1, 8), (5, 7, 3), (100_000, 13, 40)],
    ids=["gone", "small", "less than one", "plenty"],
)
def test_never_more_than_the_budget_and_all_of_it(fresh_database, budget, each, asked):
    founded(rule("gift", "visit", each, budget={"points": budget}))

    def work(hand):
        for turn in range(3):
            sent(*visits(f"{hand}-{turn}", asked))

    at_once(*[lambda hand=hand: work(hand) for hand in range(HANDS)])
    assert given() == min(budget, each * asked * 3 * HANDS)
    used, size = rows("select sum(used), sum(size) from earning_budgetblock")[0]
    assert used == given()
    assert size <= budget
    assert broken() == {}


def test_two_budgets_do_not_block_each_other(fresh_database):
    founded(
        rule("first", "visit", 5, budget={"points": 300}),
        rule("second", "call", 3, budget={"points": 200}),
    )

    def work(hand):
        for turn in range(3):
            batch = visits(f"{hand}-{turn}", 10) + visits(f"{hand}-{turn}", 10, kind="call")
            sent(*(batch if hand % 2 else batch[::-1]))

    at_once(*[lambda hand=hand: work(hand) for hand in range(HANDS)])
    assert (given("first"), given("second")) == (300, 200)
    assert broken() == {}


@pytest.mark.django_db
@pytest.mark.usefixtures("sound")
def test_a_budget_begins_anew():
    founded(rule("gift", "visit", 30, budget={"points": 50, "each": "month"}))
    sent(*(told(f"{n}", "visit", days=n) for n in range(3)))
    assert usable("ada") == 50
    sent(told("next", "visit", days=31))
    assert usable("ada") == 80


@pytest.mark.django_db
@pytest.mark.usefixtures("sound")
def test_what_is_refused_takes_nothing(monkeypatch):
    founded(rule("gift", "visit", 30, budget={"points": 50}))
    sent(told("1", "visit"))
    assert [one.status for one in send(told("1", "visit"), told("b", "burn", points=99))] == [
        "duplicate",
        "refused",
    ]
    sent(told("2", "visit"), told("3", "visit"))
    assert usable("ada") == 50


@pytest.mark.django_db
@pytest.mark.usefixtures("sound")
@pytest.mark.parametrize("budget", [60, 10_000_000])
def test_statements_do_not_grow_with_a_budget(budget):
    founded(rule("gift", "visit", 30, budget={"points": budget}))
    sent(*visits("first", 5))
    counts = []
    for n in (5, 80):
        with counting() as queries:
            sent(*visits(f"{n}", n))
        counts.append(len(queries))
    assert counts[1] <= counts[0]


@pytest.mark.parametrize("limit", [{"points": 50, "each": "ever"}, {"times": 5, "each": "ever"}])
def test_a_members_limit_holds_when_many_write(fresh_database, limit):
    founded(rule("gift", "visit", 10, limits=[limit]))
    jobs = [lambda n=n: sent(told(f"{n}", "visit"), told(f"{n}b", "visit")) for n in range(HANDS)]
    at_once(*jobs)
    assert usable("ada") == 50
    assert broken() == {}


def test_two_who_hand_over_to_each_other_at_once(fresh_database):
    founded(rule("gift", "visit", 1_000), transfers={"units": ["points"]})
    sent(told("a", "visit"), told("b", "visit", member="bob"))

    def work(hand):
        one, other = ("ada", "bob") if hand % 2 else ("bob", "ada")
        for turn in range(4):
            pairs = [(one, other), (other, one)]
            sent(
                *(
                    told(f"{hand}-{turn}-{n}", "transfer", member=who, to=to, points=1, days=1)
                    for n, (who, to) in enumerate(pairs)
                )
            )

    at_once(*[lambda hand=hand: work(hand) for hand in range(HANDS)])
    assert usable("ada", "bob") == (1_000, 1_000)
    assert broken() == {}


def test_members_who_invite_each_other_at_once(fresh_database):
    founded(referrals={"trigger": "first_purchase"})
    names = [f"m{n}" for n in range(HANDS)]
    sent(*(told(f"s{name}", "sign_up", member=name) for name in names))
    ring = zip(names, [*names[1:], names[0]], strict=True)
    jobs = [
        lambda one=one, other=other: send(
            told(f"i{one}", "invited", member=one, referrer=other, days=1)
        )
        for one, other in ring
    ]
    statuses = [one.status for (one,) in at_once(*jobs)]
    assert sorted(statuses) == ["posted"] * (HANDS - 1) + ["refused"]
    assert broken() == {}
    assert CODE == "club"
