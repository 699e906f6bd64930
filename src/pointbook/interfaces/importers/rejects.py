"""What was refused and why, one JSON object a line, beside the file: FILE.rejects.ndjson."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Reject:
    """One refused row: `line` is the line of a text file or the row of a Parquet file, from 1."""

    line: int
    field: str
    value: object
    reason: str
    mend: str


class RejectFile:
    """FILE.rejects.ndjson, made with the first refusal; one of an earlier run is removed."""

    def __init__(self, path: Path) -> None:
        self.path = path.with_name(f"{path.name}.rejects.ndjson")
        self.path.unlink(missing_ok=True)
        self.count = 0

    def add(self, rejects: Iterable[Reject]) -> None:
        """Append refused rows."""
        rows = [
            orjson.dumps(asdict(reject), default=str, option=orjson.OPT_APPEND_NEWLINE)
            for reject in rejects
        ]
        if rows:
            self.count += len(rows)
            with self.path.open("ab") as file:
                file.write(b"".join(rows))
