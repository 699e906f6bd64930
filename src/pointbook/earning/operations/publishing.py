"""Publish a program: read the document, date it, open its accounts.

Raises BlueprintErrors for the document and VersionRefused for its date or its changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from pointbook.controls.actors import Actor
from pointbook.controls.operations import announce, change, next_seq
from pointbook.earning.states import look_at_all
from pointbook.engine.rules.reading import read
from pointbook.ledger.operations.accounts import open_system_accounts
from pointbook.ledger.queries import held_units, last_judged
from pointbook.programs.models import BlueprintVersion, Program
from pointbook.programs.operations.holding import change_rules, hold_code
from pointbook.programs.operations.publishing import Approved, Known, publish_version
from pointbook.tiers.queries import last_review


@dataclass(frozen=True, slots=True)
class Published:
    """The version that is now part of the program; `new` is False for the same document again."""

    program: str
    number: int
    from_at: datetime
    new: bool


def publish(
    *,
    document: str,
    actor: Actor,
    from_on: date | None = None,
    approved_by: Actor | None = None,
    entity_code: str | None = None,
) -> Published:
    """Publish a blueprint, in force from 00:00 of `from_on` in its time zone.

    The first version is in force since ever. The same document twice is one version. A change of
    the books needs `approved_by`, another person than who publishes, controller or owner.

    `entity_code` says whose books a new program is in (main).

    :raises BlueprintErrors: naming every mistake in the document.
    :raises VersionRefused: when facts were judged after `from_on`, or for a change that may not be.
    """
    blueprint = read(document)
    detail: dict[str, object] = {}

    def run() -> Published:
        hold_code(blueprint.code)
        row = Program.objects.filter(code=blueprint.code).first()
        last = (
            None
            if row is None
            else BlueprintVersion.objects.filter(program=row).order_by("-number").first()
        )
        if row is not None:
            change_rules(row.id)
        version = publish_version(
            blueprint=blueprint,
            document=document,
            from_on=from_on,
            known=Known() if row is None else _known(row.id),
            approved=Approved(actor, approved_by),
            entity_code=entity_code,
        )
        if version.books_approved_by:
            detail["books_approved_by"] = version.books_approved_by
        open_system_accounts(program_id=version.program_id, units=blueprint.units)
        new = last is None or version.number > last.number
        if new and last is not None and read(last.document).ladders != blueprint.ladders:
            # Time may change what no version asked it to: everybody is looked at when it begins.
            look_at_all(program_id=version.program_id, at=version.from_at)
        if new:
            seq = next_seq(version.program_id)
            row_of = ("program.published", version.number, None)
            announce(program_id=version.program_id, start=seq, rows=[row_of])
        return Published(blueprint.code, version.number, version.from_at, new)

    return change(
        actor=actor,
        action="program.publish",
        subject=blueprint.code,
        body=document,
        detail=detail,
        run=run,
    )


def _known(program_id: int) -> Known:
    """What was judged until when, by facts and by time alone, and the units that members hold."""
    judged = (last_judged(program_id), last_review(program_id))
    return Known(
        judged_until=max((at for at in judged if at is not None), default=None),
        held=held_units(program_id),
    )
