"""What the liability would be if expected redemption, or the cost of a point, were another.

IFRS 15.126 and IAS 1.125-129, ASC 606-10-50-20: the estimates and how much hangs on them. Nothing
here raises.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final, NamedTuple

from pointbook.engine.revenue.estimating.precision import ONE, ZERO, exact, held
from pointbook.engine.revenue.policies import AT_FACE
from pointbook.engine.revenue.recognition import liability

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pointbook.engine.revenue.cohorts import CohortState

# Percentage points of expected redemption.
RATE_POINTS: Final = (-5, -1, 1, 5)
# Percent of the cost of a point.
COST_PERCENT: Final = (-10, 10)


class Sensitivity(NamedTuple):
    """The liability under a supposition, and what that changes; minor units."""

    name: str
    liability: int
    change: int


def sensitivity(states: Iterable[CohortState]) -> tuple[Sensitivity, ...]:
    """The liability as it is, at other expected redemption rates, and at other costs of a point.

    Rates move by 1 and 5 percentage points, held within 0 to 1, but for stored value measured at
    its face; the cost (or value) of a point moves by 10 percent, where a policy measures by it.
    Allocated amounts stay: an estimate never allocates again (IFRS 15.88).
    """
    states = tuple(states)
    now = sum(map(liability, states))
    suppositions = [("as estimated", now)]
    for points in RATE_POINTS:
        moved = sum(liability(_at_rate(state, points)) for state in states)
        suppositions.append((f"expected redemption {points:+d} points", moved))
    for percent in COST_PERCENT:
        moved = sum(liability(_at_cost(state, percent)) for state in states)
        suppositions.append((f"cost of a point {percent:+d}%", moved))
    return tuple(Sensitivity(name, owed, owed - now) for name, owed in suppositions)


def _at_rate(state: CohortState, points: int) -> CohortState:
    if state.key.policy in AT_FACE and state.rate == 1:
        return state
    with exact():
        rate = held(state.rate + Decimal(points) / 100, least=ZERO, most=ONE)
    return replace(state, rate=rate)


def _at_cost(state: CohortState, percent: int) -> CohortState:
    with exact():
        return replace(state, each=state.each * (100 + percent) / 100)
