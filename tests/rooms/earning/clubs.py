"""Clubs of one line each: a program in parts, facts about members of it, and what they hold.

Points are whole, amounts minor units of USD, days count from the till's START at noon UTC.
"""

import json
from contextlib import contextmanager

from django.db import connection
from django.test.utils import CaptureQueriesContext

from pointbook.controls.actors import SYSTEM
from pointbook.earning.operations import ingest
from pointbook.earning.operations import publish as publish_document
from pointbook.engine.values.facts import Fact, Returned
from pointbook.ledger import queries as ledger
from pointbook.members.queries import resolve
from pointbook.programs.queries import program
from tests.rooms.till import day, rows

CODE = "club"
PURCHASES = {
    "rule": "purchases",
    "name": "Purchases",
    "on": "purchase",
    "unit": "points",
    "award": {"points": 1, "per": "1.00"},
}
POINTS = {
    "name": "points",
    "singular": "point",
    "decimals": 0,
    "value": "0.01",
    "expires": {"never": True},
}


def rule(code, on, award, **more):
    """A rule of the club's points."""
    given = {"points": award} if isinstance(award, int) else award
    return {"rule": code, "name": code, "on": on, "unit": "points", "award": given, **more}


def club(*rules, unknown="enrol", late="leave", units=None, points=None, **parts):
    """The document of a club: purchases give a point for each dollar, and these rules."""
    document = {
        "blueprint": 1,
        "program": {
            "code": CODE,
            "name": "Club",
            "currency": "USD",
            "time_zone": "UTC",
            "unknown_members": unknown,
            "late_facts": late,
        },
        "units": {"points": {**POINTS, **(points or {})}, **(units or {})},
        "earn": [PURCHASES, *rules],
        "books": {"policy": "deferred_revenue", "judgement": "Points are a material right."},
        **parts,
    }
    return json.dumps({name: part for name, part in document.items() if part is not None})


def founded(*rules, from_on=None, **parts):
    """Publish a club; its program id."""
    document = club(*rules, **parts)
    return program(publish_document(document=document, actor=SYSTEM, from_on=from_on).program).id


def told(key, kind, *, member="ada", days=0, seconds=0, about=None, source="till", **attributes):
    """A fact of any type; `about` is the id of a fact of the till, or a key."""
    named = (
        None if about is None else Returned(*(("till", about) if isinstance(about, str) else about))
    )
    return Fact(source, key, kind, day(days, seconds), member, about=named, attributes=attributes)


def send(*facts, **more):
    """Post facts; what became of each."""
    return ingest(program=CODE, facts=facts, actor=SYSTEM, **more)


def sent(*facts, **more):
    """Post what must be posted."""
    outcomes = send(*facts, **more)
    wrong = [(one.id, one.status, str(one.error)) for one in outcomes if one.status != "posted"]
    assert not wrong, wrong
    return outcomes


def refusal(fact, **more):
    """Why a fact is refused, and the field."""
    (outcome,) = send(fact, **more)
    assert outcome.status == "refused", outcome
    return str(outcome.error), outcome.error.field


def whose(member):
    """The id of a member."""
    return resolve(program(CODE).id, [member]).get(member)


def held(member, *, unit="points", days=1000):
    """What a member can use, what waits, and what is owed."""
    own = whose(member)
    if own is None:
        return (0, 0, 0)
    at = day(days)
    return (
        sum(lot.remaining for lot in ledger.open_lots(own, unit=unit, at=at)),
        sum(lot.remaining for lot in ledger.pending_lots(own, unit=unit, at=at)),
        ledger.owed(own, unit=unit),
    )


def usable(*members, **more):
    """What each of these members can use."""
    found = [held(member, **more)[0] for member in members]
    return found[0] if len(members) == 1 else tuple(found)


def lots(member):
    """A member's open lots: points, cents that the price deferred for them, earned, ends."""
    return rows(
        """select l.remaining, l.allocated, l.earned_at, l.expires_at from ledger_lot l
        join ledger_account a on a.id = l.account_id where a.member_id = %s and l.remaining > 0
        order by l.earned_at, l.id""",
        whose(member),
    )


def kinds():
    """How many facts of each type were posted."""
    return dict(rows("select type, count(*) from ledger_fact group by 1"))


def shape():
    """Everything that stands in the tables, but for when it was recorded and budgets in blocks."""
    return {
        name: rows(f"select count(*), max(md5(t::text)) from {name} t")
        for (name,) in rows(
            """select tablename::text from pg_tables where schemaname = 'public'
            and tablename ~ '^(ledger|earning|tiers|members|controls_outbox)'"""
        )
    }


@contextmanager
def counting():
    """The statements that are executed within."""
    with CaptureQueriesContext(connection) as queries:
        yield queries
