"""What was announced and done. Nothing here raises."""

from __future__ import annotations

from pointbook.controls.models import AuditRow, Outbox, User
from pointbook.controls.permissions import ACTIONS


def last_seq(program_id: int) -> int:
    """The number of the last event of a program's sequence; 0 before the first."""
    last = Outbox.objects.filter(program_id=program_id).order_by("-seq").first()
    return 0 if last is None else last.seq


def recent_audit(*, limit: int = 50) -> list[AuditRow]:
    """The latest writes, newest first."""
    return list(AuditRow.objects.order_by("-id")[:limit])


def people_who_may(action: str) -> list[str]:
    """The names of the people of the team whose role may do something, in order."""
    people = User.objects.filter(is_active=True, role__in=ACTIONS[action])
    return list(people.order_by("username").values_list("username", flat=True))
