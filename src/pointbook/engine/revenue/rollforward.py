"""The roll-forward of a contract liability, in points and in money: opening, movements, closing.

Gross lines add up over consecutive periods (IFRS 15.116-118, ASC 606-10-50-8 to 50-10). Raises
RollForwardError when a table does not tie or would add unlike things.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from pointbook.engine.revenue.policies import TIED, Event, Policy
from pointbook.engine.revenue.recognition import CohortEntry, liability
from pointbook.engine.values.errors import PointbookError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pointbook.engine.revenue.cohorts import CohortState


class RollForwardError(PointbookError):
    """A roll-forward does not tie."""

    status = 500


class Step(NamedTuple):
    """One line between opening and closing; signed, a rise of the balance is positive."""

    name: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RollForward:
    """A table that foots: closing = opening + the sum of its steps (minor units, or points)."""

    opening: int
    steps: tuple[Step, ...]
    closing: int

    def amount(self, name: str) -> int:
        """The amount of the line of that name; 0 when there is none."""
        return sum(step.amount for step in self.steps if step.name == name)

    def then(self, following: RollForward) -> RollForward:
        """This period and the following one as one: gross lines of one name are added.

        :raises RollForwardError: when the following does not open where this closes.
        """
        if following.opening != self.closing:
            raise _untied(self.closing, following.opening)
        names = dict.fromkeys(step.name for step in (*self.steps, *following.steps))
        moved = {name: self.amount(name) + following.amount(name) for name in names}
        return foot(opening=self.opening, movements=moved, closing=following.closing)


def foot(*, opening: int, movements: Mapping[str, int], closing: int | None = None) -> RollForward:
    """A roll-forward of named movements in their order; `closing` is checked when it is known.

    :raises RollForwardError: when opening and movements do not come to `closing`.
    """
    total = opening + sum(movements.values())
    if closing is not None and closing != total:
        raise _untied(total, closing)
    steps = tuple(Step(name, amount) for name, amount in movements.items())
    return RollForward(opening=opening, steps=steps, closing=total)


class Holding(NamedTuple):
    """Points outstanding (smallest parts) and the liability for them (minor units)."""

    points: int
    money: int


def holding(states: Iterable[CohortState]) -> Holding:
    """What cohorts hold together, from their totals and the formula."""
    points = money = 0
    for state in states:
        points += state.outstanding
        money += liability(state)
    return Holding(points, money)


# The line of each event. Points that nobody could take back leave no lot and have no line.
MONEY: Final[Mapping[Event, str]] = {
    Event.NEW: "new",
    Event.BURN: "redeemed",
    Event.CANCELLED_BURN: "redeemed",
    Event.EXPIRY: "breakage",
    Event.REINSTATEMENT: "reinstated",
    Event.ESTIMATE: "estimate_change",
    Event.COST: "estimate_change",
    Event.CLAW_BACK: "claw_back",
    Event.REPAYMENT: "claw_back",
}
MONEY_LINES: Final = (
    "new", "redeemed", "breakage", "reinstated", "estimate_change", "claw_back", "acquired", "fx"
)  # fmt: skip
POINTS: Final[Mapping[Event, str]] = {
    Event.NEW: "earned",
    Event.BURN: "redeemed",
    Event.CANCELLED_BURN: "redeemed",
    Event.EXPIRY: "expired",
    Event.REINSTATEMENT: "reinstated",
    Event.CLAW_BACK: "clawed_back",
    Event.REPAYMENT: "repaid",
}
POINTS_LINES: Final = ("earned", "redeemed", "expired", "reinstated", "clawed_back", "repaid")


@dataclass(frozen=True, slots=True, kw_only=True)
class LiabilityRollForward:
    """Both tables of a period, or of several.

    Points are those in lots: the ledger's outstanding points are these less what members owe.
    `breakage_in_redemptions` is a memo of what of the redeemed line is breakage (IFRS 15 B46), a
    release shown positive.
    """

    money: RollForward
    points: RollForward
    breakage_in_redemptions: int


def roll_forward(
    *, opening: Holding, entries: Iterable[CohortEntry], closing: Holding | None = None
) -> LiabilityRollForward:
    """The roll-forward of cohort entries; tie it by giving `closing` from the cohorts' totals.

    Breakage is what the expiry step changed, estimate_change what the estimate and cost steps did,
    acquired what opening balances brought. The line for currency translation stands at 0.

    :raises RollForwardError: when it does not tie, or entries are of several units or currencies.
    """
    money = dict.fromkeys(MONEY_LINES, 0)
    points = dict.fromkeys(POINTS_LINES, 0)
    breakage = 0
    kinds = set()
    for entry in entries:
        kinds.add((entry.key.program, entry.key.unit, entry.key.currency))
        breakage += entry.breakage
        if entry.event in MONEY and entry.key.policy in TIED:
            money[money_line(entry.event, entry.key.policy)] += entry.change
        if entry.event in POINTS:
            points[POINTS[entry.event]] += entry.points
    if len(kinds) > 1:
        raise RollForwardError(
            f"these cannot be added: {sorted(kinds)}",
            field="entries",
            value=sorted(kinds),
            mend="Make one roll-forward for each unit and currency.",
        )
    return LiabilityRollForward(
        money=foot(
            opening=opening.money,
            movements=money,
            closing=None if closing is None else closing.money,
        ),
        points=foot(
            opening=opening.points,
            movements=points,
            closing=None if closing is None else closing.points,
        ),
        breakage_in_redemptions=breakage,
    )


def money_line(event: Event, policy: Policy | None = None) -> str:
    """The line of the liability on which an event stands; '' where it moves none."""
    if event is Event.NEW and policy is Policy.BROUGHT:
        return "acquired"
    return MONEY.get(event, "")


def _untied(expected: int, found: int) -> RollForwardError:
    return RollForwardError(
        f"the roll-forward comes to {expected}, but the balance is {found}: {found - expected} off",
        field="closing",
        value=found,
        mend="Run pointbook verify to find the entry that is missing.",
    )
