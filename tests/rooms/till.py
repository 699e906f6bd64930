"""A shop of one line each for the rooms' tests: a program, what happened in it, what it left.

Amounts are minor units, points whole; `days` count from START at noon.
"""

from datetime import UTC, datetime, timedelta

from django.db import connection

from pointbook.controls.actors import SYSTEM
from pointbook.earning.operations import ingest
from pointbook.earning.operations import publish as publish_document
from pointbook.engine.values.facts import Fact, Returned
from pointbook.interfaces.cli.verify import invariants
from pointbook.ledger.models import Account
from pointbook.programs.queries import program

START = datetime(2017, 1, 1, 12, tzinfo=UTC)
BEAUTY = """
blueprint: 1
program: {code: beauty, name: Beauty tiers, currency: USD, time_zone: UTC, unknown_members: enrol}
units:
  points: {name: points, singular: point, decimals: 0, value: "0.02", expires: {after_days: 180},
           spend_order: oldest}
earn:
  - {rule: purchases, name: Purchases, on: purchase, award: {points: 1, per: "1.00"},
     rounding: floor}
tiers:
  measure: spend
  window: {rolling_days: 365}
  ladder: [{tier: Insider, from: "0"}, {tier: VIB, from: "350.00"}, {tier: Rouge, from: "1000.00"}]
rewards: [{reward: ten-off, name: Ten off, price: 500, value: "10.00"}]
returns: {claw_back: clamp}
books: {policy: deferred_revenue, judgement: "Points are a material right."}
"""


def publish(document=BEAUTY, *, from_on=None, **changed):
    """Publish the beauty program (or another) with some of its words changed; its id."""
    for before, after in changed.values():
        assert before in document
        document = document.replace(before, after)
    return program(publish_document(document=document, actor=SYSTEM, from_on=from_on).program).id


KEEPS = ("unknown_members: enrol", "unknown_members: keep")
REFUSES = ("unknown_members: enrol", "unknown_members: refuse")
OWES = ("claw_back: clamp", "claw_back: allow_negative")


def day(days, seconds=0):
    return START + timedelta(days=days, seconds=seconds)


def fact(key, kind, *, member="ada", days=0, seconds=0, source="till", **more):
    return Fact(source, key, kind, day(days, seconds), member, **more)


def buy(key, total, **more):
    return fact(key, "purchase", currency="USD", total=total, **more)


def burn(key, points, **more):
    return fact(key, "burn", attributes={"points": points}, **{"seconds": 1, **more})


def give_back(key, of, total, **more):
    more = {"seconds": 2, **more}
    return fact(key, "return", currency="USD", total=total, returns=Returned("till", of), **more)


def post(*facts, code="beauty", **more):
    return ingest(program=code, facts=facts, actor=SYSTEM, **more)


def posted(*facts, **more):
    """Post what must be posted."""
    outcomes = post(*facts, **more)
    assert [(one.id, one.error) for one in outcomes if one.status != "posted"] == []
    return outcomes


def balance(kind="wallet", unit="points"):
    """The points of everybody's accounts of a kind."""
    held = Account.objects.filter(kind=kind, unit=unit).values_list("balance", flat=True)
    return sum(held)


def broken():
    """What `pointbook verify` would find, by invariant."""
    return {one.name: found for one in invariants() if (found := one.check())}


def rows(query, *values):
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()


def ledger():
    """Everything that was posted, told without ids and recording times."""
    return {
        "facts": rows(
            """select f.seq, f.source, f.key, f.type, i.value, r.key, f.spend from ledger_fact f
            left join members_identifier i using (member_id)
            left join ledger_fact r on r.id = f.returns_id order by f.seq"""
        ),
        "accounts": rows(
            """select i.value, a.unit, a.kind, a.balance from ledger_account a
            join members_identifier i using (member_id) where a.balance <> 0 order by 1, 2, 3"""
        ),
        "lots": rows(
            """select f.key, l.rule, l.points, l.remaining, l.base, l.allocated, l.issued_on,
            l.earned_at, l.expires_at from ledger_lot l join ledger_fact f on f.id = l.fact_id
            order by f.source, f.key, l.rule"""
        ),
        "transfers": rows(
            """select t.kind, t.points, t.settled, f.key, t.occurred_at, g.key, d.points,
            d.allocated from ledger_transfer t
            left join ledger_fact f on f.id = t.fact_id
            left join ledger_draw d on d.transfer_id = t.id
            left join ledger_lot l on l.id = d.lot_id left join ledger_fact g on g.id = l.fact_id
            order by t.seq, t.id, d.id"""
        ),
        "recoveries": rows(
            """select f.key, g.key, r.base, r.points, r.recovered, r.owed, r.share, r.unrecovered
            from ledger_recovery r join ledger_fact f on f.id = r.fact_id
            join ledger_lot l on l.id = r.lot_id join ledger_fact g on g.id = l.fact_id
            order by r.id"""
        ),
        "standings": rows(
            """select f.key, s.at, s.before, s.tier, s.measure, s.step from tiers_standing s
            join ledger_fact f on f.id = s.fact_id order by f.seq"""
        ),
    }
