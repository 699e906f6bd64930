"""What changes the books once another person approves it: what waits, and what was decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pointbook.interfaces.console.pages.rail import Rail


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal: `what` says it in words, `details` line by line; `outcome` is '' while it waits.

    `mine`: the person who looks prepared it. `own`: who prepared it decided.
    """

    number: int
    kind: str
    what: str
    details: tuple[str, ...]
    note: str
    by: str
    on: date
    href: str = ""
    may_decide: bool = False
    mine: bool = False
    outcome: str = ""
    decided_by: str = ""
    decided_on: date | None = None
    reason: str = ""
    own: bool = False


@dataclass(frozen=True, slots=True)
class Approvals:
    """All proposals of an entity. `owner_run`: preparers may approve their own work."""

    rail: Rail
    entity: str
    program: str
    owner_run: bool
    waiting: tuple[Proposal, ...]
    decided: tuple[Proposal, ...]
