"""Lots that wait, slide and come back: what is posted, what expires when, and what members see."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pointbook.engine.ledger.lots import AT_ONCE, FOREVER
from pointbook.engine.values.facts import Returned
from pointbook.ledger.cohorts import cohort_of
from pointbook.ledger.models import Lot
from pointbook.ledger.operations import expiring
from pointbook.ledger.operations.expiring import expire
from pointbook.ledger.queries import available, entries, lots, open_lots, pending_lots
from pointbook.ledger.receipts import moved_by
from pointbook.members.queries import resolve
from tests.rooms.till import balance, broken, burn, buy, day, fact, post, posted, publish, rows

pytestmark = pytest.mark.django_db
MORE = """
transfers: {units: [points]}
corrections: {reasons: [goodwill]}
"""
WAITS = (
    "rounding: floor}\n",
    """rounding: floor}
  - {rule: parcel, name: Parcel, on: purchase, award: {points: 7},
     when: {field: channel, is: online}, pending: {until: shipped}}
  - {rule: later, name: Later, on: review, award: {points: 5}, pending: {days: 3}}
""",
)
SLIDES = ("expires: {after_days: 180}", "expires: {inactivity: {days: 10}}")
BACK = ("spend_order: oldest}", "spend_order: oldest, reinstate: {within_days: 9, for_days: 9}}")
OTHERS = ("books:", MORE.strip() + "\nbooks:")


def member(name="ada"):
    own = rows("select id from programs_program")[0][0]
    return resolve(own, {name})[name]


def told(key, kind, *, of=None, **more):
    return fact(key, kind, about=None if of is None else Returned("till", of), **more)


def points(found):
    return [(lot.rule, lot.remaining) for lot in found]


def test_points_that_wait_are_held_but_cannot_be_used():
    own = publish(more=WAITS)
    posted(buy("o", 10_000, channel="online"), fact("r", "review", days=1))
    ada = member()
    assert points(open_lots(ada, unit="points", at=day(1))) == [("purchases", 100)]
    assert points(pending_lots(ada, unit="points", at=day(1))) == [("later", 5), ("parcel", 7)]
    assert rows("select rule, starts_at is null, starts_at = earned_at from ledger_lot")[1:] == [
        ("parcel", True, None),
        ("later", False, False),
    ]
    assert balance() == 112
    assert available(own, unit="points", at=day(1), least=1) == [(ada, 100)]
    (refused,) = post(burn("b", 101, days=2))
    assert "the balance is 100" in str(refused.error)
    # The days pass, and the parcel is shipped.
    assert points(pending_lots(ada, unit="points", at=day(4))) == [("parcel", 7)]
    posted(told("s", "shipped", of="o", days=5))
    assert pending_lots(ada, unit="points", at=day(5)) == []
    posted(burn("b", 112, days=5))
    assert (balance(), broken()) == (0, {})


def test_the_engine_gets_a_lot_as_it_gave_it():
    publish(more=WAITS)
    posted(buy("o", 10_000, channel="online"), fact("r", "review", days=1))
    held = lots([member()], [])
    assert [one.lot.starts_at for one in held][:2] == [AT_ONCE, FOREVER]
    assert held[2].lot.starts_at > held[2].lot.earned_at
    assert {one.awarded for one in held} == {True}
    of_sale, _, of_review = cohorts = [cohort_of(one.lot) for one in held]
    assert {(one.currency, one.funder) for one in cohorts} == {("USD", "")}
    assert (of_sale.policy, of_review.policy) == ("deferred_revenue", "no_sale")
    assert [(one.lot.policy, one.lot.funder) for one in held] == [
        (one.policy, one.funder) for one in cohorts
    ]
    assert (of_sale.issued_on.isoformat(), of_sale.back_at) == ("2017-01-01", None)


def test_activity_puts_the_end_off():
    own = publish(expires=SLIDES)
    posted(buy("1", 1_000))
    (first,) = Lot.objects.values_list("expires_at", flat=True)
    posted(buy("2", 1_000, days=5))
    assert (
        rows("select distinct expires_at - %s::timestamptz from ledger_lot", first)[0][0].days == 5
    )
    assert first is not None
    assert expire(program_id=own, at=first).points == 0
    assert expire(program_id=own, at=day(16)).points == 20
    assert broken() == {}


def test_an_expiry_looks_again_once_it_holds_the_lock(monkeypatch):
    own = publish(expires=SLIDES)
    posted(buy("1", 1_000))
    # What it read before the lock, when the end was not put off yet.
    monkeypatch.setattr(expiring, "DUE", expiring.DUE.replace("l.expires_at <=", "l.earned_at <="))
    assert expire(program_id=own, at=day(5)) == (0, 0)
    assert (balance(), broken()) == (10, {})


def test_the_history_tells_every_kind_with_its_balance():
    own = publish(back=BACK, others=OTHERS)
    posted(
        buy("0", 100, member="bob", days=-300),
        buy("1", 10_000, days=-200),
        told("b", "burn", of="2", days=-199, attributes={"points": 30}),
        buy("2", 1_000, days=-198),
    )
    assert expire(program_id=own, at=day(-10)).points == 81
    posted(
        told("i", "reinstate", days=-12, seconds=1),
        told("c", "cancel", of="2", days=-11),
        told("t", "transfer", days=-11, seconds=1, attributes={"to": "bob", "points": 20}),
        told(
            "a",
            "adjustment",
            days=-11,
            seconds=2,
            attributes={"points": "-15", "reason": "goodwill"},
        ),
    )
    shown = entries(member(), unit="points", at=day(-10), limit=50)
    assert [(line.kind, line.points, line.balance) for line in shown] == [
        ("deduction", -15, 65),
        ("transfer_out", -20, 80),
        ("refund", 30, 100),
        ("claw_back", -10, 70),
        ("reinstatement", 80, 80),
        ("expiry", -10, 0),
        ("expiry", -70, 10),
        ("award", 10, 80),
        ("burn", -30, 70),
        ("award", 100, 100),
    ]
    other = entries(member("bob"), unit="points", at=day(-10), limit=9)
    assert [(line.kind, line.balance) for line in other] == [
        ("transfer_in", 20),
        ("expiry", 0),
        ("award", 1),
    ]
    assert (balance(), broken()) == (85, {})


def test_a_receipt_says_from_when_points_can_be_used():
    publish(more=WAITS)
    (bought, reviewed) = posted(buy("o", 10_000, channel="online"), fact("r", "review", days=1))
    moved = moved_by([bought.fact_id, reviewed.fact_id])
    assert [(one.points, one.starts_at) for one in moved[bought.fact_id]] == [
        (100, day(0)),
        (7, None),
    ]
    assert moved[reviewed.fact_id][0].starts_at > day(3)


@pytest.mark.parametrize("kind", ["order", "transfer", "reinstate"])
def test_a_batch_takes_as_many_statements_whatever_its_size(kind):
    own = publish(back=BACK, others=OTHERS)

    def batch(names):
        start = [buy(f"s{name}", 10_000, member=name, days=-200) for name in names]
        if kind == "order":
            return start, [
                one
                for name in names
                for one in (
                    told(
                        f"b{name}",
                        "burn",
                        of=f"s{name}",
                        member=name,
                        days=-199,
                        attributes={"points": 30},
                    ),
                    told(f"c{name}", "cancel", of=f"s{name}", member=name, days=-198),
                )
            ]
        if kind == "transfer":
            return start, [
                told(
                    f"t{name}",
                    "transfer",
                    member=name,
                    days=-199,
                    attributes={"to": names[place - 1], "points": 5},
                )
                for place, name in enumerate(names)
            ]
        return start, [told(f"i{name}", "reinstate", member=name, days=-18) for name in names]

    counts = []
    for names in (["a0", "a1"], [f"c{n}" for n in range(30)]):
        start, facts = batch(names)
        posted(*start)
        if kind == "reinstate":
            expire(program_id=own, at=day(-19))
        with CaptureQueriesContext(connection) as seen:
            posted(*facts)
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert broken() == {}
