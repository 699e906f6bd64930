"""What a command about a file tells on stderr: warnings, a progress bar, what was refused."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from pointbook.interfaces.importers.fields import FileError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from pointbook.interfaces.importers.reading import Staged
    from pointbook.interfaces.importers.rejects import RejectFile


def warn_of_columns(name: str, ignored: Sequence[str]) -> None:
    """Say once which columns are read as nothing."""
    if ignored:
        print(f"pointbook: {name}: columns not read: {', '.join(ignored)}", file=sys.stderr)


class Telling:
    """Warns once of columns that are ignored; draws a bar when stderr is a terminal."""

    def __init__(self, staged: Staged, *, verb: str) -> None:
        self.name = staged.stage.path.name
        warn_of_columns(self.name, staged.ignored)
        console = Console(stderr=True)
        self.bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self.task = self.bar.add_task(f"{verb} {self.name}", total=staged.facts)

    def __enter__(self) -> Self:
        self.bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.bar.stop()

    def at(self, facts: int) -> None:
        """So many facts have been read."""
        self.bar.update(self.task, completed=facts)

    def refused(self, rejects: RejectFile, *, accepted: int) -> None:
        """Tell how many rows were refused and where the reasons are.

        :raises FileError: when no fact was accepted.
        """
        if not rejects.count:
            return
        said = f"{rejects.count:,} rows of {self.name} were refused"
        if not accepted:
            raise FileError(f"No fact was left; {said}.", mend=f"See {rejects.path}.")
        print(f"pointbook: {said}; see {rejects.path}", file=sys.stderr)
