"""Facts that make facts: posted with them, undone with them, never twice; and batches that wait."""

from datetime import date

import pytest
from django.db import OperationalError
from psycopg.errors import DeadlockDetected

from pointbook.earning.operations import ingesting
from pointbook.earning.states import states_of
from pointbook.programs.queries import compiled
from tests.rooms.earning.clubs import (
    CODE,
    counting,
    founded,
    kinds,
    rule,
    send,
    sent,
    shape,
    told,
    usable,
    whose,
)
from tests.rooms.till import buy, day, give_back, rows

pytestmark = pytest.mark.usefixtures("sound")
EVERYTHING = {
    "referrals": {"trigger": "every_purchase"},
    "households": {"pool": ["points"]},
    "transfers": {"units": ["points"]},
    "companies": True,
}
RULES = (
    rule("brought", "referral", 50),
    rule("welcome", "referred", 20),
    rule("share", "company_purchase", {"points": 1, "per": "2.00"}),
)


def crowd(count, first=0):
    """Members with friends, companies and households, and what they do."""
    names = [f"m{first + n}" for n in range(count)]
    sent(*(told(f"s{name}", "sign_up", member=name) for name in (*names, "acme", "head", "boss")))
    sent(
        *(
            fact
            for name in names
            for fact in (
                told(f"i{name}", "invited", member=name, referrer="boss", seconds=1),
                told(f"c{name}", "join_company", member=name, company="acme", seconds=2),
                told(f"h{name}", "join_household", member=name, head="head", seconds=3),
            )
        )
    )
    return names


def test_a_made_fact_that_cannot_be_refuses_its_origin():
    founded(*RULES, **EVERYTHING)
    crowd(2)
    # What nobody could post: an inviter who is no member any more.
    rows("select 1")
    from pointbook.earning.models import State

    state = State.objects.get(member_id=whose("m0"))
    state.body["invited"][0] = "0b9c0ac4-30a4-4d59-8e4d-6ac1d1d38c3f"
    state.save()
    before = shape()
    found = send(buy("1", 1_000, member="m0", days=1))
    assert [one.status for one in found] == ["refused"]
    assert str(found[0].error).startswith("there is no member '0b9c0ac4")
    assert found[0].error.status == 422
    assert shape() == before
    found = send(*(buy(f"2{name}", 1_000, member=name, days=1) for name in ("m1", "m0", "ada")))
    assert [one.status for one in found] == ["posted", "refused", "posted"]
    state.body["invited"][0] = str(whose("boss"))
    state.save()


def test_what_made_facts_is_a_duplicate_the_second_time():
    founded(*RULES, **EVERYTHING)
    names = crowd(3)
    facts = [buy(f"p{name}", 1_000, member=name, days=1) for name in names]
    facts += [give_back(f"r{name}", f"p{name}", 400, member=name, days=2) for name in names]
    facts += [told("g", "transfer", member="head", to="boss", points=5, days=3)]
    sent(*facts)
    before = kinds(), usable("boss", "acme", "head")
    assert {one.status for one in send(*facts)} == {"duplicate"}
    assert {one.status for fact in facts for one in send(fact)} == {"duplicate"}
    assert (kinds(), usable("boss", "acme", "head")) == before


@pytest.mark.parametrize("kind", ["received", "merged", "company_purchase", "passed_on"])
def test_nobody_sends_what_is_made(kind):
    founded(*RULES, **EVERYTHING)
    (found,) = send(told("1", kind, lots=[{"unit": "points", "points": 5}], into="x"))
    assert (found.status, found.error.field) == ("refused", "type")
    (found,) = send(told("1", kind, source="pointbook"))
    assert (found.status, found.error.field) == ("refused", "source")


def test_ids_that_read_the_same_are_two():
    founded(*RULES, **EVERYTHING)
    crowd(1)
    ids = ["a", "a:1", "b:2", "1"]
    sent(*(buy(own, 100, member="m0", days=1) for own in ids))
    sent(*(buy(own, 100, member="m0", days=1, source="till:a") for own in ids))
    assert kinds()["referral"] == kinds()["company_purchase"] == 8


def test_statements_do_not_grow_with_batches_of_everything():
    founded(*RULES, **EVERYTHING)
    names = crowd(12)

    def batch(n, mark):
        chosen = [names[k % len(names)] for k in range(n)]
        facts = [
            buy(f"{mark}p{k}", 1_000 + k, member=name, days=1) for k, name in enumerate(chosen)
        ]
        facts += [
            give_back(f"{mark}r{k}", f"{mark}p{k}", 300, member=name, days=2)
            for k, name in enumerate(chosen)
        ]
        facts += [
            told(f"{mark}b{k}", "burn", member=name, points=1, days=3, about=f"{mark}p{k}")
            for k, name in enumerate(chosen)
        ]
        facts += [
            told(f"{mark}x{k}", "cancel", member=name, about=f"{mark}p{k}", days=4)
            for k, name in enumerate(chosen)
        ]
        return facts

    sent(*batch(12, "warm"))
    counts = []
    for n in (12, 120):
        with counting() as queries:
            sent(*batch(n, f"{n}-"))
        counts.append(len(queries))
    assert counts[0] == counts[1]
    counts = []
    for n in (12, 120):
        back = [give_back(f"late{n}-{k}", f"{n}-p{k}", 100, member=None, days=5) for k in range(n)]
        with counting() as queries:
            sent(*back)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def deadlocks(times, monkeypatch):
    """Let so many tries meet a deadlock."""
    seen: list[int] = []
    post = ingesting._post

    def meet(batch, found):
        if len(seen) < times:
            seen.append(1)
            raise OperationalError("deadlock detected") from DeadlockDetected()
        post(batch, found)

    monkeypatch.setattr(ingesting, "_post", meet)
    return seen


def test_a_deadlock_is_tried_again(monkeypatch):
    founded()
    deadlocks(ingesting.TRIES - 1, monkeypatch)
    sent(buy("1", 1_000))
    assert usable("ada") == 10


def test_a_deadlock_that_stays_is_told(monkeypatch):
    founded()
    seen = deadlocks(99, monkeypatch)
    with pytest.raises(OperationalError):
        send(buy("1", 1_000))
    assert len(seen) == ingesting.TRIES
    assert kinds() == {}


def test_a_version_that_asks_more_is_told_of_what_came_before():
    """What is kept of members is folded again when a later version counts what none counted."""
    own = founded()
    sent(buy("1", 10_000), told("r", "review"), buy("2", 5_000, member="bob"))
    asks = rule("third", "review", 30, when={"field": "count.review", "is": 3})
    spent = {"spent": {"measure": "spend", "window": "lifetime"}}
    large = rule("large", "purchase", 40, when={"field": "measures.spent", "at_least": "120.00"})
    founded(asks, large, measures=spent, from_on=date(2017, 2, 1))
    program = compiled(own)
    bodies = "select count(*) from earning_state where body ->> 'shape' <> %s"
    assert rows(bodies, program.shape) == [(2,)]
    sent(told("r2", "review", days=40), told("r3", "review", days=41), buy("3", 2_000, days=42))
    assert usable("ada") == 100 + 30 + 20 + 40
    assert rows(bodies, program.shape) == [(1,)]
    found = states_of(
        program_id=own, program=program, members=[whose("ada"), whose("bob")], wallets={}
    )
    assert found[whose("ada")].counts == {"review": 3}
    assert CODE == "club"
    assert day(42)
