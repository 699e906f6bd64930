"""A member's standing on one ladder: what is kept between facts. Nothing here raises.

The tier that members see is the highest of four: the one they earned, a lifetime tier they once
reached, the floor that somebody set by hand, and the match of a status held elsewhere.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple, Self

INSTANTS: Final = (
    *("since", "until", "own_until", "floor_until", "match_until", "began_at"),
    *("reviewed_at", "last_at", "joined_at"),
)
TEXTS: Final = ("tier", "own", "lasting", "floor", "match")
# The longest span of benefits that is not for ever.
A_YEAR: Final = timedelta(days=366)


class Move(NamedTuple):
    """A standing that changed at `at`: from a tier ('' at the first) to another, with the measure.

    `step` is how many rungs up (positive) or down (negative); 0 for the first standing and when
    only the date changed. `measure` is the value of the ladder's first measure, 0 when nothing was
    measured. `kind` is reached, renewed, review, floor, match, moved or opening; `until` is where
    the tier's validity ends (exclusive), None when it has no date.
    """

    at: datetime
    before: str
    after: str
    measure: int
    step: int
    ladder: str = ""
    kind: str = ""
    until: datetime | None = None


class Held(NamedTuple):
    """A tier that is held from `at` on."""

    at: datetime
    tier: str


class Standing:
    """A member's tier on one ladder; the working copy of a fold.

    - `tier`, `since`, `until`: what members see; '' before the first standing.
    - `own`, `own_until`: what was earned and where its validity ends (exclusive).
    - `lasting`: the highest lifetime tier that was reached.
    - `floor`, `floor_until` and `match`, `match_until`: given by hand and by status match.
    - `began_at`: the first standing; `reviewed_at`: the last review that decided; `last_at`: the
      latest instant at which the standing was judged; `joined_at`: as of then, where it matters.
    - `timeline`: every tier that was seen, in order.
    - `used`: benefit -> first day of its span -> how many were used.
    """

    __slots__ = (*INSTANTS, *TEXTS, "plain", "timeline", "used")

    def __init__(self, *, tier: str = "", last_at: datetime | None = None) -> None:
        self.tier = tier
        self.since: datetime | None = None
        self.until: datetime | None = None
        self.own = tier
        self.own_until: datetime | None = None
        self.lasting = ""
        self.floor = ""
        self.floor_until: datetime | None = None
        self.match = ""
        self.match_until: datetime | None = None
        self.began_at: datetime | None = None
        self.reviewed_at: datetime | None = None
        self.last_at = last_at
        self.joined_at: datetime | None = None
        self.timeline: list[Held] = []
        self.used: dict[str, dict[date, int]] = {}
        # Whether the tier is the earned one and nothing else holds it.
        self.plain = True

    @property
    def given(self) -> bool:
        """Whether something else than the earned tier holds."""
        return bool(self.floor or self.match or self.lasting)

    def settle_plain(self) -> None:
        """Set `plain` after what holds the tier changed."""
        self.plain = self.own_until is None and not self.given

    def hold(self, at: datetime, tier: str) -> None:
        """Note that `tier` is held from `at` on; never before the last one."""
        timeline = self.timeline
        timeline.append(Held(max(at, timeline[-1].at) if timeline else at, tier))

    def tier_before(self, at: datetime) -> str:
        """The tier held just before `at`; '' when there was none yet."""
        timeline = self.timeline
        if not timeline:
            return self.tier
        if timeline[-1].at < at:
            return timeline[-1].tier
        place = bisect_left(timeline, (at,))
        return timeline[place - 1].tier if place else ""

    def trim(self, at: datetime) -> None:
        """Forget what no fact at `at` or later asks for."""
        gone = bisect_left(self.timeline, (at,)) - 1
        if gone > 0:
            del self.timeline[:gone]
        oldest = (at - A_YEAR).date()
        for benefit, spans in [*self.used.items()]:
            kept = {day: n for day, n in spans.items() if day >= oldest or day == date.min}
            if kept:
                self.used[benefit] = kept
            else:
                del self.used[benefit]

    def dump(self) -> dict[str, object]:
        """What is set, as JSON: ISO instants and days, pairs of the timeline."""
        dumped: dict[str, object] = {}
        for name in TEXTS:
            text = getattr(self, name)
            if text:
                dumped[name] = text
        for name in INSTANTS:
            instant = getattr(self, name)
            if instant is not None:
                dumped[name] = instant.isoformat()
        if self.timeline:
            dumped["timeline"] = [[held.at.isoformat(), held.tier] for held in self.timeline]
        if self.used:
            dumped["used"] = {
                benefit: {day.isoformat(): n for day, n in spans.items()}
                for benefit, spans in self.used.items()
            }
        return dumped

    @classmethod
    def load(cls, dumped: Mapping[str, object]) -> Self:
        """The standing that was dumped."""
        standing = cls()
        for name in TEXTS:
            setattr(standing, name, dumped.get(name, ""))
        for name in INSTANTS:
            text = dumped.get(name)
            setattr(standing, name, None if text is None else datetime.fromisoformat(str(text)))
        timeline: list[list[str]] = dumped.get("timeline", [])  # type: ignore[assignment]
        standing.timeline = [Held(datetime.fromisoformat(at), tier) for at, tier in timeline]
        used: dict[str, dict[str, int]] = dumped.get("used", {})  # type: ignore[assignment]
        standing.used = {
            benefit: {date.fromisoformat(day): n for day, n in spans.items()}
            for benefit, spans in used.items()
        }
        standing.settle_plain()
        return standing
