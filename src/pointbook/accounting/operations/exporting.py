"""Hand a period's journal over and write down that it was: which version, as what, to whom.

Raises ExportRefused, FormatUnknown, EntityNotFound, PeriodError and PermissionRefused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from django.db import transaction

from pointbook.accounting.models import Exported
from pointbook.accounting.operations.locking import lock_books
from pointbook.accounting.queries.books import entity
from pointbook.accounting.queries.exports.formats import exporter
from pointbook.accounting.queries.exports.journal import ExportRefused, File, Journal
from pointbook.accounting.queries.exports.reading import journal_of, last_version
from pointbook.controls.actors import Actor
from pointbook.controls.clock import now
from pointbook.controls.operations import change
from pointbook.controls.permissions import require
from pointbook.programs.models import Entity


@dataclass(frozen=True, slots=True)
class Handed:
    """What was handed over. `marks` say what must be known before it is booked.

    `digest` is SHA-256 in hex: of the file, or of several files' digests and names, line by line as
    sha256sum writes them.
    """

    entity: str
    period: str
    version: int
    format: str
    files: tuple[File, ...]
    entries: int
    digest: str
    again: bool
    marks: tuple[str, ...]


def export_journal(
    *,
    period: str,
    format: str,  # noqa: A002
    actor: Actor,
    entity_code: str = "main",
    one_file: bool = False,
    only_new: bool = False,
) -> Handed:
    """The files of a closed period's journal, with a record of the export.

    `one_file` refuses a journal that needs several, for who has room for one. `only_new` is what
    was posted since the last export in this format.

    :raises FormatUnknown: naming the formats there are.
    :raises ExportRefused: a period without a close, or a journal that the format cannot hold.
    :raises PermissionRefused: when the actor's role may not.
    """
    require(actor=actor, action="journal.export")
    write, own = exporter(format), entity(entity_code)
    with transaction.atomic():
        # Of two exports at once the second one knows of the first.
        lock_books([own.id])
        journal = journal_of(
            period=period, entity_code=entity_code, new_as=format if only_new else None
        )
        files = write(journal)
        if one_file and len(files) > 1:
            raise ExportRefused(
                f"{period} is {len(files)} files as {format}",
                field="out",
                mend="Name a folder for them: --out FOLDER/.",
            )
        handed = Handed(
            entity=own.code,
            period=period,
            version=journal.version,
            format=format,
            files=files,
            entries=len(journal.entries),
            digest=digest_of(files),
            again=journal.again,
            marks=journal.marks,
        )
        change(
            actor=actor,
            action="journal.export",
            run=partial(_record, own, journal, handed, actor),
            body={"entity": own.code, "period": period, "format": format},
            subject=f"{own.code} {period} {format}",
            detail={
                "version": handed.version,
                "entries": handed.entries,
                "digest": handed.digest,
                "again": handed.again,
            },
        )
    return handed


def _record(own: Entity, journal: Journal, handed: Handed, actor: Actor) -> None:
    Exported.objects.create(
        entity=own,
        period=last_version(own, journal.period).period,
        version=handed.version,
        format=handed.format,
        entries=handed.entries,
        digest=bytes.fromhex(handed.digest),
        again=handed.again,
        exported_by=actor.name,
        exported_at=now(),
    )


def digest_of(files: Sequence[File]) -> str:
    """SHA-256 in hex: of the only file, or of the lines `digest  name` of several."""
    digests = [hashlib.sha256(file.data).hexdigest() for file in files]
    if len(files) == 1:
        return digests[0]
    lines = (f"{one}  {file.name}\n" for one, file in zip(digests, files, strict=True))
    return hashlib.sha256("".join(lines).encode()).hexdigest()
