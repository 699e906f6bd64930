"""Publish a blueprint as an immutable, dated version of its program.

Raises BlueprintErrors for the document, and VersionRefused for a change that may never happen or
a start that is too early.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, tzinfo
from typing import Final

from pointbook.controls.clock import now
from pointbook.engine.replay.program import zone_of
from pointbook.engine.rules.blueprint import Blueprint
from pointbook.engine.values.calendar import midnight
from pointbook.engine.values.errors import ConflictError
from pointbook.programs.models import BlueprintVersion, Entity, Program
from pointbook.programs.queries import read_cached

SINCE_EVER: Final = datetime(1900, 1, 1, tzinfo=UTC)


class VersionRefused(ConflictError):
    """The new version contradicts what the program promised before."""


def publish_version(
    *,
    blueprint: Blueprint,
    document: str,
    from_on: date | None,
    judged_until: datetime | None,
    published_by: str,
) -> BlueprintVersion:
    """Store a version; the program itself is made with the first one.

    The first version is in force since ever, a later one from 00:00 of `from_on` (program's zone),
    which may not lie before `judged_until`, the last fact that was judged. The same document as
    the latest version's is that version again.

    :raises VersionRefused: naming what may not change or the first date that is free.
    """
    program = Program.objects.select_for_update().filter(code=blueprint.code).first()
    if program is None:
        program = _create(blueprint)
    digest = hashlib.sha256(document.encode()).digest()
    last = BlueprintVersion.objects.filter(program=program).order_by("-from_at").first()
    if last is not None and bytes(last.digest) == digest:
        return last
    from_at = SINCE_EVER
    if last is not None:
        _refuse_change(blueprint, last)
        from_at = _start(from_on, last.from_at, judged_until, zone_of(blueprint))
    program.name = blueprint.name
    program.save(update_fields=["name"])
    return BlueprintVersion.objects.create(
        program=program,
        number=1 if last is None else last.number + 1,
        from_at=from_at,
        document=document,
        digest=digest,
        published_by=published_by,
        recorded_at=now(),
    )


def _create(blueprint: Blueprint) -> Program:
    entity, _ = Entity.objects.get_or_create(code="main", defaults={"name": "Main"})
    return Program.objects.create(
        code=blueprint.code,
        name=blueprint.name,
        currency=blueprint.currency,
        time_zone=blueprint.time_zone,
        entity=entity,
        created_at=now(),
    )


def _refuse_change(blueprint: Blueprint, last: BlueprintVersion) -> None:
    before = read_cached(last.document)
    for name in ("currency", "time_zone"):
        if getattr(before, name) != getattr(blueprint, name):
            raise VersionRefused(
                f"{name} cannot change from {getattr(before, name)}",
                field=f"program.{name}",
                value=getattr(blueprint, name),
                mend=f"Keep {getattr(before, name)}, or start another program.",
            )
    for code, unit in before.units.items():
        later = blueprint.units.get(code)
        if later is None or later.decimals != unit.decimals:
            raise VersionRefused(
                f"unit {code} cannot go or change its {unit.decimals} decimals",
                field=f"units.{code}",
                value=None if later is None else later.decimals,
                mend=f"Keep {code} with {unit.decimals} decimals.",
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
