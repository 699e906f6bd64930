"""What commands print on: rich's console, but a reader who went away is told like everywhere.

Raises BrokenPipeError, which `main` turns into status 141; rich by itself ends with status 1,
which means something else here.
"""

from __future__ import annotations

from typing import NoReturn

from rich.console import Console


class Paper(Console):
    """Standard output for people."""

    def on_broken_pipe(self) -> NoReturn:
        """Leave it to `main`."""
        raise BrokenPipeError
