"""Time that passes: the daily jobs of a program, and a test clock that walks through the days.

Raises ClockError when a test clock is to go back.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from pointbook.controls.actors import Actor
from pointbook.controls.clock import clock, is_test, set_test_clock
from pointbook.controls.operations import change
from pointbook.engine.values.calendar import day_of, midnight
from pointbook.ledger.operations.expiring import expire
from pointbook.programs.queries import compiled
from pointbook.programs.queries import program as find_program

ONE_DAY = timedelta(days=1)


def run_daily(*, program_id: int, at: datetime) -> None:
    """Everything that is due by `at`; a day that was missed is made up."""
    expire(program_id=program_id, at=at)


def set_clock(*, program: str, at: datetime, actor: Actor) -> datetime:
    """Put a program on a test clock standing at `at`; one that stands walks there day by day.

    :raises ClockError: when the clock stands later already.
    """
    row = find_program(program)

    def run() -> datetime:
        if is_test(row.id):
            _walk(row.id, at)
        set_test_clock(program_id=row.id, at=at)
        run_daily(program_id=row.id, at=at)
        return at

    return change(
        actor=actor,
        action="clock.move",
        program_id=row.id,
        subject=row.code,
        body=at.isoformat(),
        run=run,
    )


def _walk(program_id: int, at: datetime) -> None:
    zone = compiled(program_id).zone
    day = day_of(clock(program_id), zone) + ONE_DAY
    while midnight(day, zone) <= at:
        set_test_clock(program_id=program_id, at=midnight(day, zone))
        run_daily(program_id=program_id, at=midnight(day, zone))
        day += ONE_DAY
