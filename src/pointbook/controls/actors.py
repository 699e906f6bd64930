"""Who acts: a person of the team, a key, a member, or Pointbook itself. Nothing here raises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is responsible for a write; `role` decides what they may do."""

    kind: Literal["user", "key", "member", "system"]
    name: str
    role: str


SYSTEM: Final = Actor("system", "pointbook", "owner")
