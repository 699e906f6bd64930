"""The only clock: the real time, or a program's test clock that moves only when told.

Doors and tasks ask it once and hand `at` down. Raises ClockError when it is to go back.
"""

from __future__ import annotations

from datetime import UTC, datetime

from pointbook.controls.models import Clock
from pointbook.engine.values.errors import ConflictError


class ClockError(ConflictError):
    """A test clock cannot go back: what was judged by it would lie in the future."""


def now() -> datetime:
    """The real time; `recorded_at` is always this."""
    return datetime.now(tz=UTC)


def clock(program_id: int) -> datetime:
    """The time of a program, for everything that depends on when it is."""
    stands_at = Clock.objects.filter(program_id=program_id).values_list("at", flat=True).first()
    return now() if stands_at is None else stands_at


def is_test(program_id: int) -> bool:
    """Whether the program runs on a test clock."""
    return Clock.objects.filter(program_id=program_id).exists()


def walk(*, program_id: int, at: datetime) -> None:
    """Move a test clock forward to a midnight on its way; one that stands later stays."""
    Clock.objects.filter(program_id=program_id, at__lt=at).update(at=at)


def set_test_clock(*, program_id: int, at: datetime) -> None:
    """Put a program on a test clock, or move it forward.

    :raises ClockError: when it stands later already.
    """
    stands_at = Clock.objects.filter(program_id=program_id).values_list("at", flat=True).first()
    if stands_at is not None and at < stands_at:
        raise ClockError(
            f"the test clock stands at {stands_at:%Y-%m-%d %H:%M} already",
            field="at",
            value=at.isoformat(),
            mend="Choose a later time.",
        )
    Clock.objects.update_or_create(program_id=program_id, defaults={"at": at})
