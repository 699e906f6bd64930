"""Random programs and lives: however facts are cut and redelivered, tables and World agree.

What is told of a member is told by the name they joined with, also when they were merged since.
"""

import json
from collections import defaultdict
from datetime import datetime

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pointbook.controls.actors import SYSTEM
from pointbook.earning.operations import ingest, publish
from pointbook.earning.operations.days import run_daily
from pointbook.engine.ledger.lots import FOREVER
from pointbook.engine.values.calendar import day_of, midnight
from pointbook.engine.values.people import Person
from pointbook.members.operations import enrol_person
from pointbook.programs.queries import compiled
from pointbook.programs.queries import program as find_program
from tests.engine.replay.lives import STRANGER
from tests.engine.replay.worlds import Watched, programs_and_lives
from tests.rooms.till import broken, rows

pytestmark = pytest.mark.django_db
CODE = "p"
PATIENT = settings(
    deadline=None,
    phases=[Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
LOTS = """select a.member_id, f.key, l.rule, a.unit, l.points, l.remaining, l.allocated,
    l.earned_at, l.starts_at, l.expires_at
    from ledger_lot l join ledger_account a on a.id = l.account_id
    join ledger_fact f on f.id = l.fact_id"""
OWED = """select member_id, unit, -balance from ledger_account
    where kind = 'debt' and balance <> 0"""
TIERS = """select distinct on (member_id, ladder) member_id, ladder, tier, until
    from tiers_standing s join members_member m on m.id = s.member_id
    where m.merged_into_id is null order by member_id, ladder, s.id desc"""
REASONS = """select f.key, d.reasons::text from earning_decision d
    join ledger_fact f on f.id = d.fact_id"""


class Again(Exception):
    """Undo what was posted."""


def played(drawn, *, cuts, twice=(), jobs=False):
    """What the tables say after a life in these batches, and what a world says; all is undone.

    `cuts` are the places before which a batch ends; facts at the places in `twice` are delivered
    again with the batch after. With `jobs` the daily jobs run before every batch.
    """
    document, life = drawn
    try:
        with transaction.atomic():
            publish(document=json.dumps(document), actor=SYSTEM)
            own = find_program(CODE).id
            names = _enrolled(own, life)
            refused, wrong = _posted(own, life, cuts, twice, jobs=jobs)
            run_daily(program_id=own, at=life.ends_at)
            found = {**_told(names), "refused": refused}
            world = Watched(compiled(own)).live(life, daily=jobs)
            result = found, _said(world), broken(), wrong
            raise Again  # noqa: TRY301 -- the way out of a transaction
    except Again:
        return result


def _enrolled(own, life):
    """Let everybody join; the name of each member, and of whoever comes by a fact alone."""
    names = defaultdict(lambda: STRANGER)
    for one in life.people:
        person = Person(member=one.name, birthday=one.birthday)
        names[enrol_person(program_id=own, person=person, at=one.joined_at).member] = one.name
    return names


def _posted(own, life, cuts, twice, *, jobs):
    """Post a life; the facts that were refused, and what was answered wrongly to a repetition."""
    zone = compiled(own).zone
    ends = [*sorted({cut for cut in cuts if 0 < cut < len(life.happenings)}), len(life.happenings)]
    refused, wrong, start = set(), [], 0
    for end in ends:
        part = list(life.happenings[start:end])
        at = part[-1].at
        if jobs:
            run_daily(program_id=own, at=midnight(day_of(at, zone), zone))
        # What was refused may be taken the second time: only what was posted is a repetition.
        again = [
            one
            for n, one in enumerate(life.happenings[:start])
            if n in twice and one.fact.id not in refused
        ]
        facts = [one.fact for one in (*part, *again)]
        answers = ingest(program=CODE, facts=facts, actor=SYSTEM, at=at)
        refused |= {one.id for one in answers[: len(part)] if one.status != "posted"}
        wrong += [
            (one.id, one.status, str(one.error))
            for one in answers[len(part) :]
            if one.status != "duplicate"
        ]
        start = end
    return refused, wrong


def _told(names):
    return {
        "lots": sorted(_lot(names[own], *row) for own, *row in rows(LOTS)),
        "owed": sorted((names[own], *row) for own, *row in rows(OWED)),
        "tiers": sorted(((names[own], *row) for own, *row in rows(TIERS)), key=str),
        "reasons": {
            key: [(one["rule"], one["unit"], one["points"]) for one in told]
            for key, body in rows(REASONS)
            if (told := json.loads(body))
        },
    }


def _lot(name, *told):
    """A lot as both sides tell it; the last three are when it was earned, begins and ends."""
    *what, earned, starts, ends = told
    began = "waits" if starts is None else starts.isoformat()
    return (name, *what, earned.isoformat(), began, _end(ends))


def _end(at: datetime | None):
    return "never" if at is None or at == FOREVER else at.isoformat()


def _said(world):
    lots = []
    for name, lot in world.lots:
        began = None if lot.starts_at == FOREVER else max(lot.starts_at, lot.earned_at)
        lots.append(
            _lot(
                *(name, lot.fact, lot.rule, lot.unit, lot.points, lot.remaining, lot.allocated),
                *(lot.earned_at, began, lot.expires_at),
            )
        )
    return {
        "lots": sorted(lots),
        "owed": sorted(
            (name, unit, wallet.debt)
            for name, member in world.members.items()
            for unit, wallet in member.wallets.items()
            if wallet.debt
        ),
        "tiers": sorted(
            (
                (name, code, standing.tier, standing.until)
                for name, member in world.members.items()
                for code, standing in member.standings.items()
                if standing.tier and not member.merged_into
            ),
            key=str,
        ),
        "reasons": {
            one.fact.id: [(why.rule, why.unit, why.points) for why in one.reasons]
            for one in world.heard
            if one.reasons
        },
        "refused": set(world.refused),
    }


def agree(drawn, **how):
    told, said, found, wrong = played(drawn, **how)
    assert wrong == []
    assert found == {}
    for part in ("refused", "reasons", "lots", "owed", "tiers"):
        assert told[part] == said[part], part
    return told


PLACES = st.sets(st.integers(0, 32), max_size=6)
LIVES = programs_and_lives(dated=False, late=True)
IN_TIME = programs_and_lives(dated=False)


@settings(PATIENT, max_examples=8)
@given(LIVES, PLACES, PLACES)
def test_however_facts_are_cut_and_redelivered_the_tables_say_the_same(drawn, cuts, twice):
    in_one = agree(drawn, cuts=())
    assert agree(drawn, cuts=range(40)) == in_one
    assert agree(drawn, cuts=cuts, twice=twice) == in_one


@settings(PATIENT, max_examples=8)
@given(IN_TIME)
def test_with_the_daily_jobs_the_tables_say_what_the_world_says(drawn):
    agree(drawn, cuts=range(40), jobs=True)
