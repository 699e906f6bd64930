"""The month table of a program: what came in, what went out, who stands where.

One row a month from the first fact to the last one (phase data) and on until nothing can change
any more (phase runoff). Counting is additive, so tables of parts of the members add up to the
table of all of them, in any order. Nothing here raises.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from pointbook.engine.values.calendar import month_name, next_month

COLUMNS = (
    "month phase members active_members baskets spend_minor opening earned redeemed"
    " redeeming_members expired clawed_back clawback_shortfall outstanding"
).split()
MOVES = ("tier_ups", "tier_downs")


@dataclass(slots=True)
class Flow:
    """What happened in one month: counts of members and baskets, minor units, smallest parts."""

    enrolled: int = 0
    active_members: int = 0
    baskets: int = 0
    spend: int = 0
    earned: int = 0
    redeemed: int = 0
    redeeming_members: int = 0
    expired: int = 0
    clawed_back: int = 0
    shortfall: int = 0
    tier_ups: int = 0
    tier_downs: int = 0

    def add(self, other: Flow) -> None:
        """Add another part's month."""
        for name in Flow.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


QUIET = Flow()


@dataclass(frozen=True, slots=True)
class Month:
    """One row of the table; `tiers` counts members at month end by tier in ladder order."""

    month: str
    phase: str
    members: int
    active_members: int
    baskets: int
    spend_minor: int
    opening: int
    earned: int
    redeemed: int
    redeeming_members: int
    expired: int
    clawed_back: int
    clawback_shortfall: int
    outstanding: int
    tiers: tuple[int, ...]
    tier_ups: int
    tier_downs: int

    def cells(self) -> tuple[object, ...]:
        """The row in the order of `header`."""
        return (
            *(getattr(self, name) for name in COLUMNS),
            *self.tiers,
            self.tier_ups,
            self.tier_downs,
        )


def header(tiers: Sequence[str]) -> list[str]:
    """The column names for a ladder."""
    return [*COLUMNS, *tiers, *MOVES]


@dataclass(slots=True)
class Table:
    """The sums of a fold by month (first day), before they are rolled into rows."""

    flows: defaultdict[date, Flow] = field(default_factory=lambda: defaultdict(Flow))
    arrivals: defaultdict[date, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def arrive(self, month: date, before: str, after: str) -> None:
        """A member's tier changed in a month; '' is no tier yet."""
        moved = self.arrivals[month]
        moved[after] += 1
        if before:
            moved[before] -= 1

    def merge(self, other: Table) -> None:
        """Add the table of other members."""
        for month, flow in other.flows.items():
            self.flows[month].add(flow)
        for month, moved in other.arrivals.items():
            self.arrivals[month].update(moved)

    def rows(self, *, tiers: Sequence[str], last_data: date, opening: int = 0) -> list[Month]:
        """The table's rows; `last_data` is the month (first day) of the last fact."""
        if not self.flows:
            return []
        busy = [month for month, flow in self.flows.items() if flow != QUIET]
        month, last = min(busy, default=last_data), max([last_data, *busy])
        rows, members = [], 0
        standing: Counter[str] = Counter()
        while month <= last:
            flow = self.flows.get(month, QUIET)
            members += flow.enrolled
            standing.update(self.arrivals.get(month, Counter()))
            closing = opening + flow.earned - flow.redeemed - flow.expired - flow.clawed_back
            counts = [standing[tier] for tier in tiers]
            if counts:
                counts[0] += members - sum(counts)
            rows.append(
                Month(
                    month=month_name(month),
                    phase="data" if month <= last_data else "runoff",
                    members=members,
                    active_members=flow.active_members,
                    baskets=flow.baskets,
                    spend_minor=flow.spend,
                    opening=opening,
                    earned=flow.earned,
                    redeemed=flow.redeemed,
                    redeeming_members=flow.redeeming_members,
                    expired=flow.expired,
                    clawed_back=flow.clawed_back,
                    clawback_shortfall=flow.shortfall,
                    outstanding=closing,
                    tiers=tuple(counts),
                    tier_ups=flow.tier_ups,
                    tier_downs=flow.tier_downs,
                )
            )
            opening, month = closing, next_month(month)
        return rows
