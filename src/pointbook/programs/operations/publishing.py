"""Publish a blueprint as an immutable, dated version of its program.

Raises BlueprintErrors for the document, and VersionRefused for a change that may never happen or
a start that is too early.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Final

from pointbook.controls.actors import Actor
from pointbook.controls.clock import now
from pointbook.engine.replay.program import zone_of
from pointbook.engine.rules.blueprint import Blueprint
from pointbook.engine.values.calendar import midnight
from pointbook.programs.models import BlueprintVersion, Program
from pointbook.programs.operations.changing import VersionRefused, approver_of, refuse_change
from pointbook.programs.operations.entities import FIRST, entity_row
from pointbook.programs.queries import read_cached

__all__ = ["Approved", "Known", "VersionRefused", "publish_version"]
SINCE_EVER: Final = datetime(1900, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Approved:
    """Who publishes a version, and who agrees to what it changes in the books."""

    publisher: Actor
    books: Actor | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What members were promised: what was judged until when, and the units they hold or owe."""

    judged_until: datetime | None = None
    held: frozenset[str] = frozenset()


def publish_version(
    *,
    blueprint: Blueprint,
    document: str,
    from_on: date | None,
    known: Known,
    approved: Approved,
    entity_code: str | None = None,
) -> BlueprintVersion:
    """Store a version; the program itself is made with the first one.

    The first version is in force since ever, a later one from 00:00 of `from_on` (program's zone),
    which may not lie before what was judged last. The same document as the latest version's is
    that version again. `entity_code` says whose books a new program is in; it never changes.

    :raises VersionRefused: naming what may not change, the first date that is free, or the
        approval that is missing.
    """
    program = Program.objects.select_for_update().filter(code=blueprint.code).first()
    if program is None:
        program = _create(blueprint, entity_code or FIRST)
    elif entity_code is not None and program.entity.code != entity_code:
        raise VersionRefused(
            f"{program.code} is in the books of {program.entity.code}",
            field="entity",
            value=entity_code,
            mend="Leave the entity out; place stores instead: pointbook entity store.",
        )
    digest = hashlib.sha256(document.encode()).digest()
    versions = list(BlueprintVersion.objects.filter(program=program).order_by("from_at"))
    last = versions[-1] if versions else None
    if last is not None and bytes(last.digest) == digest:
        return last
    from_at = SINCE_EVER
    if last is not None:
        before = [read_cached(version.document) for version in versions]
        refuse_change(blueprint, versions=before, held=known.held)
        from_at = _start(from_on, last.from_at, known.judged_until, zone_of(blueprint))
    agreed = approver_of(
        blueprint,
        None if last is None else read_cached(last.document),
        publisher=approved.publisher,
        approver=approved.books,
    )
    program.name = blueprint.name
    program.save(update_fields=["name"])
    return BlueprintVersion.objects.create(
        program=program,
        number=1 if last is None else last.number + 1,
        from_at=from_at,
        document=document,
        digest=digest,
        published_by=approved.publisher.name,
        books_approved_by=agreed,
        recorded_at=now(),
    )


def _create(blueprint: Blueprint, entity_code: str) -> Program:
    entity = entity_row(entity_code)
    return Program.objects.create(
        code=blueprint.code,
        name=blueprint.name,
        currency=blueprint.currency,
        time_zone=blueprint.time_zone,
        entity=entity,
        created_at=now(),
    )


def _start(
    from_on: date | None, last_from: datetime, judged_until: datetime | None, zone: tzinfo
) -> datetime:
    if from_on is None:
        raise VersionRefused(
            "a later version needs the day from which it is in force",
            field="from",
            mend="Add --from YYYY-MM-DD, over HTTP ?from=YYYY-MM-DD.",
        )
    from_at = midnight(from_on, zone)
    earliest = max(last_from, judged_until or last_from)
    if from_at <= earliest:
        raise VersionRefused(
            f"facts up to {earliest:%Y-%m-%d %H:%M} were judged already",
            field="from",
            value=from_on.isoformat(),
            mend=f"Start after {earliest.astimezone(zone).date()}.",
        )
    return from_at
