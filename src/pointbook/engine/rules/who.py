"""What rules may know of a member when a fact is judged. Nothing here raises.

Everything was made by earlier facts: the profile and the segments they told, the tiers held just
before this fact, and counts and measures, in which the fact itself is counted already.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime


def _nothing(_: str) -> int:
    return 0


class Who:
    """A member as conditions see them; `measures` answers the value of a named measure."""

    __slots__ = ("counts", "joined_at", "measures", "profile", "segments", "tiers")

    def __init__(
        self,
        *,
        tiers: Mapping[str, str] | None = None,
        segments: AbstractSet[str] = frozenset(),
        profile: Mapping[str, object] | None = None,
        joined_at: datetime | None = None,
        counts: Mapping[str, int] | None = None,
        measures: Callable[[str], int] = _nothing,
    ) -> None:
        self.tiers = tiers or {}
        self.segments = segments
        self.profile = profile or {}
        self.joined_at = joined_at
        self.counts = counts or {}
        self.measures = measures
