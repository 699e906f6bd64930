"""Time that passes: the daily jobs of a program, and a test clock that walks through the days.

Raises ClockError when a test clock is to go back.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction

from pointbook.controls.actors import Actor
from pointbook.controls.clock import ClockError, clock, is_test, set_test_clock, walk
from pointbook.controls.operations import change
from pointbook.earning.operations.dates import tell_dates
from pointbook.earning.operations.ending import end_holds
from pointbook.earning.operations.reviewing import review_standings
from pointbook.engine.values.calendar import day_of, midnight
from pointbook.ledger.operations.expiring import expire
from pointbook.ledger.queries import last_posted
from pointbook.programs.queries import compiled
from pointbook.programs.queries import program as find_program
from pointbook.redemption.operations.queueing import offer_places

ONE_DAY = timedelta(days=1)


# Whether a lot or a hold has ended or a standing is due: nearly every day is a quiet one.
DUE: Final = """
    select exists (select from ledger_lot l join ledger_account a on a.id = l.account_id
        where a.program_id = %(program)s and l.remaining > 0 and l.expires_at <= %(at)s)
    or exists (select from earning_state where program_id = %(program)s and due_at <= %(at)s)
    or exists (select from ledger_hold
        where program_id = %(program)s and state = 'reserved' and until <= %(at)s)
"""


def run_daily(*, program_id: int, at: datetime) -> None:
    """Everything that is due by `at`; a day that was missed is made up."""
    with connection.cursor() as cursor:
        cursor.execute(DUE, {"program": program_id, "at": at})
        (due,) = cursor.fetchone()
    if due:
        expire(program_id=program_id, at=at)
        end_holds(program_id=program_id, at=at)
        review_standings(program_id=program_id, at=at)
    tell_dates(program_id=program_id, at=at)
    offer_places(program_id=program_id, at=at)


def set_clock(*, program: str, at: datetime, actor: Actor) -> datetime:
    """Put a program on a test clock standing at `at`; one that stands walks there day by day.

    Every day is a transaction of its own, so that a till waits for one day's expiries at most. The
    audit tells of the whole walk, when it begins.

    :raises ClockError: when the clock stands later, or something was posted that is later.
    """
    row = find_program(program)
    latest = last_posted(row.id)
    if latest is not None and at < latest:
        raise ClockError(
            f"something of {latest:%Y-%m-%d %H:%M:%S} UTC was posted already",
            field="at",
            value=at.isoformat(),
            mend="Choose a later time.",
        )
    first, *others = (*_midnights(row.id, at), at)

    def begin() -> None:
        set_test_clock(program_id=row.id, at=first)
        run_daily(program_id=row.id, at=first)

    change(
        actor=actor,
        action="clock.move",
        program_id=row.id,
        subject=row.code,
        body=at.isoformat(),
        run=begin,
    )
    for stop in others:
        with transaction.atomic():
            walk(program_id=row.id, at=stop)
            run_daily(program_id=row.id, at=stop)
    return at


def _midnights(program_id: int, at: datetime) -> Iterator[datetime]:
    """The midnights from where the test clock stands to `at`; none on real time."""
    if not is_test(program_id):
        return
    zone = compiled(program_id).zone
    day = day_of(clock(program_id), zone) + ONE_DAY
    while midnight(day, zone) < at:
        yield midnight(day, zone)
        day += ONE_DAY
