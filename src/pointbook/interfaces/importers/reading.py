"""From a file to facts: a file is staged once, then read in batches.

    with open_facts(request, currency="USD", zone=UTC) as staged:
        for batch in staged.batches():
            ...

Batches come in order of (occurred_at, id), or as parts that share no member, for a fold on many
cores. Memory stays flat: what is not being read is on disk. A refused fact is in no batch; its rows
are, each with its reason. Raises FileError.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pointbook.interfaces.importers import documents, rows
from pointbook.interfaces.importers.facts import Reader
from pointbook.interfaces.importers.fields import FileError, Request

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime, tzinfo

    from pointbook.interfaces.importers.batches import Batch
    from pointbook.interfaces.importers.stage import Stage

BATCH = 10_000
KINDS = {
    ".ndjson": documents.prepare,
    ".jsonl": documents.prepare,
    ".csv": rows.prepare,
    ".parquet": rows.prepare,
}


@dataclass(frozen=True, slots=True)
class Staged:
    """A file made ready for reading; can be sent to another process while the first holds it."""

    stage: Stage

    @property
    def facts(self) -> int:
        """How many fact keys there are to read."""
        return self.stage.facts

    @property
    def ignored(self) -> tuple[str, ...]:
        """The columns that are read as nothing."""
        return self.stage.layout.ignored

    def batches(self, *, size: int = BATCH, positions: range | None = None) -> Iterator[Batch]:
        """All facts, or those at some positions, in order of position."""
        whole = range(self.stage.facts) if positions is None else positions
        with Reader(self.stage) as reader:
            for first in range(whole.start, whole.stop, size):
                yield reader.read(first, min(first + size, whole.stop))

    def parts(self) -> list[range]:
        """The positions of each part of the members, in order."""
        with Reader(self.stage) as reader:
            return reader.parts()

    def part(self, positions: range) -> Batch:
        """The facts of one part."""
        with Reader(self.stage) as reader:
            return reader.read(positions.start, positions.stop)

    def lines_of(self, keys: Sequence[tuple[str, str]]) -> list[int]:
        """The line of the file on which each fact (source, id) begins."""
        with Reader(self.stage) as reader:
            return reader.lines_of(keys)

    def last(self) -> datetime | None:
        """When the last readable fact of a member occurred."""
        with Reader(self.stage) as reader:
            for position in reader.latest():
                for fact in reader.read(position, position + 1).facts:
                    if fact.member is not None:
                        return fact.occurred_at
        return None


@contextmanager
def open_facts(
    request: Request,
    *,
    currency: str,
    zone: tzinfo,
    before: datetime | None = None,
    parts: int | None = 1,
) -> Iterator[Staged]:
    """Stage a file for as long as the context lasts; facts at or after `before` are left out.

    Amounts are decimals in major units of `currency`, naive times are in `zone`. More than one of
    `parts` (None: as many as fit the memory) share no member, each in order of time.

    :raises FileError: a file that cannot be read, or columns that do not fit the request.
    """
    suffixes = [suffix for suffix in request.path.suffixes if suffix != ".gz"]
    prepare = KINDS.get(suffixes[-1].lower() if suffixes else "")
    if prepare is None:
        raise FileError(
            f"{request.path.name} is no kind of file that can be read.",
            mend=f"Its name should end in {', '.join(KINDS)}, or that with .gz.",
        )
    if not request.path.is_file():
        raise FileError(f"There is no file {request.path}.", mend="Name a file that is there.")
    folder = Path(tempfile.mkdtemp(prefix="pointbook-"))
    try:
        yield Staged(
            prepare(
                request,
                folder=folder,
                currency=currency,
                zone=zone,
                parts=parts,
                before=before,
            )
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
