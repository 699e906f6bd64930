"""What was handed over: the exports of an entity's journals, the latest first.

Raises EntityNotFound.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pointbook.accounting.models import Exported
from pointbook.accounting.queries.books import entity


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One export; `again` when the same version was exported before. `digest` is in hex."""

    period: str
    version: int
    format: str
    entries: int
    by: str
    at: datetime
    digest: str
    again: bool


def exports(
    *, entity_code: str = "main", period: str | None = None, limit: int = 100
) -> list[ExportRow]:
    """The exports of an entity, or of one of its periods.

    :raises EntityNotFound: no such entity.
    """
    found = Exported.objects.filter(entity=entity(entity_code)).select_related("period")
    if period is not None:
        found = found.filter(period__code=period)
    return [
        ExportRow(
            period=row.period.code,
            version=row.version,
            format=row.format,
            entries=row.entries,
            by=row.exported_by,
            at=row.exported_at,
            digest=bytes(row.digest).hex(),
            again=row.again,
        )
        for row in found.order_by("-id")[:limit]
    ]
