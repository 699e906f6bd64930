"""What every midnight brings: birthdays and anniversaries as facts, then automatic burns.

Dates are told for programs whose rules listen to them, each once a year at the midnight that
begins the day; days that were missed are made up.
Raises nothing of its own.
"""

from __future__ import annotations

import uuid
from calendar import isleap
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

from django.db import connection

from pointbook.controls.actors import SYSTEM
from pointbook.earning.models import DatesTold
from pointbook.earning.operations.ending import burn_automatically
from pointbook.earning.operations.ingesting import ingest
from pointbook.engine.replay.world import dated_fact
from pointbook.engine.values.calendar import day_of, midnight
from pointbook.engine.values.facts import Fact
from pointbook.members.queries import born_on
from pointbook.programs.models import Program
from pointbook.programs.queries import compiled

KINDS: Final = ("birthday", "anniversary")
BATCH: Final = 5_000
# What fell due longer ago than this is not made up: a greeting that late is none.
LONGEST: Final = 31


def tell_dates(*, program_id: int, at: datetime) -> None:
    """Tell the dates of every day up to that of `at` that were not told yet."""
    program = compiled(program_id)
    burning = any(version.blueprint.automatic for version in program.versions)
    telling = any(kind in version.judges for version in program.versions for kind in KINDS)
    if not telling and not burning:
        return
    today = day_of(at, program.zone)
    told, _ = DatesTold.objects.get_or_create(
        program_id=program_id, defaults={"until_on": today - timedelta(days=1)}
    )
    first = max(told.until_on + timedelta(days=1), today - timedelta(days=LONGEST))
    days = [first + timedelta(days=n) for n in range((today - first).days + 1)]
    if not days:
        return
    code = Program.objects.values_list("code", flat=True).get(id=program_id)
    facts = list(_facts(program_id, days))
    for start in range(0, len(facts), BATCH):
        ingest(program=code, facts=facts[start : start + BATCH], actor=SYSTEM, at=at, own=True)
    if burning:
        # What was missed is not made up: nobody asked for it, and points were used since.
        burn_automatically(program_id=program_id, at=midnight(today, program.zone))
    DatesTold.objects.filter(program_id=program_id).update(until_on=today)


def _facts(program_id: int, days: list[date]) -> Iterator[Fact]:
    program = compiled(program_id)
    for day in days:
        at = midnight(day, program.zone)
        judges = program.version_at(at).judges
        if "birthday" in judges:
            for member in born_on(program_id, day):
                yield dated_fact("birthday", str(member), at=at, year=day.year)
        if "anniversary" in judges:
            for member in _joined_on(program_id, day, str(program.zone)):
                yield dated_fact("anniversary", str(member), at=at, year=day.year)


def _joined_on(program_id: int, day: date, zone: str) -> list[uuid.UUID]:
    """Members who joined years ago on this day of the program's calendar, here or elsewhere."""
    leap = (day.month, day.day) == (2, 28) and not isleap(day.year)
    days = [f"{day:%m-%d}", "02-29"] if leap else [f"{day:%m-%d}"]
    with connection.cursor() as cursor:
        cursor.execute(
            """with since as (
                select m.id, (coalesce((s.body ->> 'joined')::timestamptz, m.enrolled_at)
                    at time zone %s)::date as day
                from members_member m left join earning_state s on s.member_id = m.id
                where m.program_id = %s and m.merged_into_id is null and not m.bearer)
            select id from since where to_char(day, 'MM-DD') = any(%s) and day < %s order by id""",
            [zone, program_id, days, day],
        )
        return [own for (own,) in cursor.fetchall()]
