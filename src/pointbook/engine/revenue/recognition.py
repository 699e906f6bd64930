"""Recognition by cumulative catch-up: what a cohort owes, and the entries of a period.

Every entry is the change of the cohort's liability made by one event, taken in the order of
`Event`, once per cohort and period: no minor unit depends on the order of members. Raises
CohortError when a movement takes more from a cohort than it holds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final, NamedTuple

from pointbook.engine.revenue.cohorts import CohortError, CohortKey, CohortState, Movement
from pointbook.engine.revenue.policies import (
    AT_FACE,
    Amounts,
    Event,
    Line,
    Policy,
    journal_lines,
)
from pointbook.engine.values.money import half_up

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortEntry:
    """What one event of a period did to one cohort; every number is a signed change.

    `points` outstanding in smallest parts; `change` of the liability and the frozen `share` on the
    other side in minor units (see policies.Amounts). `breakage` is a memo: the part of a burn's
    release that belongs to points expected never to be used (IFRS 15 B46, ASC 606-10-55-48).
    """

    key: CohortKey
    event: Event
    points: int
    change: int
    share: int = 0
    breakage: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodPosting:
    """A period of one cohort: its totals after it, and its entries in the order of posting.

    `stale_estimate`: as many points were used as were ever expected to be, yet some are left
    (E = R, O > 0). The close warns: nothing more would be recognised before they are gone.
    """

    after: CohortState
    entries: tuple[CohortEntry, ...]
    stale_estimate: bool


def expected(state: CohortState) -> Fraction:
    """E = min(max(u x I, R), R + O): the points expected to be used in the end.

    The estimate, held between what was used and what still can be (Example 52's denominator:
    IFRS 15 IE267-IE270, ASC 606-10-55-353 to 356).
    """
    ceiling = state.redeemed + state.outstanding
    return min(
        max(Fraction(state.rate) * state.issued, Fraction(state.redeemed)), Fraction(ceiling)
    )


def deferred_revenue(state: CohortState) -> int:
    """Contract liability in minor units: A - round(A x R / E), rounded half up.

    A while nothing is expected to be used yet (E = 0) but can be; exactly 0 when nothing is
    outstanding. Cumulative catch-up of a material right in proportion to the rights exercised:
    IFRS 15 B46 and IE267-IE270, ASC 606-10-55-48 and 55-353 to 356.
    """
    if not state.outstanding:
        return 0
    # E as a whole number of 1 / bottom points keeps every step in integers.
    top, bottom = state.rate.as_integer_ratio()
    used = state.redeemed * bottom
    ceiling = used + state.outstanding * bottom
    expectation = min(max(top * state.issued, used), ceiling)
    if not expectation:
        return state.allocated
    return state.allocated - half_up(numerator=state.allocated * used, denominator=expectation)


def stored_value(state: CohortState) -> int:
    """Liability for stored value in minor units: its share of the face, A x O / I, half up.

    The face of what can still be used where A = I. Nothing is taken off for cards that may never
    be used: breakage only as far as an entity can show it (IFRS 15 B46, ASC 606-10-55-48); until
    then what expired leaves at its face, and none of it is spread over other cards.
    """
    if not state.outstanding:
        return 0
    return half_up(numerator=state.allocated * state.outstanding, denominator=state.issued)


LIABILITIES: Final[Mapping[Policy, Callable[[CohortState], int]]] = {
    Policy.DEFERRED_REVENUE: deferred_revenue,
    Policy.STORED_VALUE: stored_value,
    Policy.EXCHANGED_VALUE: stored_value,
}
ALL: Final = Decimal(1)


def rate_of(key: CohortKey, rate: Decimal) -> Decimal:
    """The expected redemption rate of a cohort: the program's for points, 1 for stored value."""
    return ALL if key.policy in AT_FACE else rate


def liability(state: CohortState) -> int:
    """What the entity owes for a cohort under its policy, in minor units; never negative."""
    return LIABILITIES[state.key.policy](state)


def post_period(*, before: CohortState, movement: Movement, rate: Decimal) -> PeriodPosting:
    """Post one cohort's movement of a period; `rate` is the estimate in force at its end.

    All steps but the last use the rate of `before`; the last changes the estimate. A cohort that
    holds nothing yet starts at `rate`, and stored value has one of its own (`rate_of`). Use
    CohortState(key=..., rate=...) before its first period and Movement(key=...) when nothing moved.

    :raises CohortError: when the movement is another cohort's or takes more than there is.
    """
    if movement.key != before.key:
        raise CohortError(
            f"the movement is of {movement.key}, the totals are of {before.key}",
            field="movement",
            value=movement.key,
            mend="Match movements and totals by key.",
        )
    rate = rate_of(before.key, rate)
    own = not before.issued or before.key.policy in AT_FACE
    state = replace(before, rate=rate) if own else before
    held = liability(state)
    entries = []
    for step in _steps(state, movement, rate):
        now = liability(step.state)
        entry = CohortEntry(
            key=before.key,
            event=step.event,
            points=step.state.outstanding - state.outstanding,
            change=now - held,
            share=step.share,
            breakage=_breakage(state, step.state) if step.event in REDEMPTIONS else 0,
        )
        if entry.points or entry.change or entry.share:
            entries.append(entry)
        state, held = step.state, now
    stale = state.outstanding > 0 and expected(state) == state.redeemed
    return PeriodPosting(after=state, entries=tuple(entries), stale_estimate=stale)


REDEMPTIONS: Final = frozenset({Event.CANCELLED_BURN, Event.BURN})


class _Step(NamedTuple):
    event: Event
    state: CohortState
    share: int = 0


def _steps(state: CohortState, movement: Movement, rate: Decimal) -> Iterator[_Step]:
    """The totals after each event of the period, in the stated order."""
    state = replace(
        state,
        issued=state.issued + movement.issued,
        allocated=state.allocated + movement.allocated,
    )
    yield _Step(Event.NEW, state, movement.allocated)
    # What comes back comes before what leaves: that of this very period can only reduce it.
    undone = min(movement.cancelled_burns, state.redeemed)
    state = replace(state, redeemed=state.redeemed - undone)
    yield _Step(Event.CANCELLED_BURN, state)
    revived = min(movement.reinstated, state.expired)
    state = replace(state, expired=state.expired - revived)
    yield _Step(Event.REINSTATEMENT, state)
    state = replace(
        state,
        issued=state.issued - movement.clawed_back,
        allocated=state.allocated - movement.clawed_back_allocated,
    )
    yield _Step(Event.CLAW_BACK, state, movement.returned_share)
    yield _Step(Event.SHORTFALL_OWED, state, movement.owed_share)
    yield _Step(Event.SHORTFALL_FORGONE, state, movement.forgone_share)
    state = replace(
        state,
        issued=state.issued - movement.repaid,
        allocated=state.allocated - movement.repaid_allocated,
    )
    yield _Step(Event.REPAYMENT, state, movement.settled)
    burned = movement.burned - (movement.cancelled_burns - undone)
    state = replace(state, redeemed=state.redeemed + burned)
    yield _Step(Event.BURN, state)
    expired = movement.expired - (movement.reinstated - revived)
    state = replace(state, expired=state.expired + expired)
    yield _Step(Event.EXPIRY, state)
    yield _Step(Event.ESTIMATE, replace(state, rate=rate))


def _breakage(before: CohortState, after: CohortState) -> int:
    """What a change of R released beyond A x R / I, the points' own part of the price."""
    return _beyond(after) - _beyond(before)


def _beyond(state: CohortState) -> int:
    own = half_up(numerator=state.allocated * state.redeemed, denominator=max(state.issued, 1))
    return state.allocated - liability(state) - own


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """The entries of all cohorts of one event, as balanced lines of one entity's journal."""

    entity: str
    program: str
    currency: str
    event: Event
    policy: Policy
    lines: tuple[Line, ...]


def journal(entries: Iterable[CohortEntry]) -> tuple[JournalEntry, ...]:
    """Journal entries of cohort entries, summed by entity, program, currency, event and policy.

    In a fixed order: by entity, program and currency, then in the order of posting. A sum that
    moves no account makes no entry.
    """
    totals: dict[tuple[str, str, str, int, Policy], Amounts] = {}
    for entry in entries:
        key = entry.key
        group = (key.entity, key.program, key.currency, _ORDER[entry.event], key.policy)
        known = totals.get(group, Amounts(0))
        totals[group] = Amounts(known.change + entry.change, known.share + entry.share)
    made = []
    for group in sorted(totals):
        entity, program, currency, place, policy = group
        lines = journal_lines(event=_EVENTS[place], policy=policy, amounts=totals[group])
        if lines:
            made.append(
                JournalEntry(
                    entity=entity,
                    program=program,
                    currency=currency,
                    event=_EVENTS[place],
                    policy=policy,
                    lines=lines,
                )
            )
    return tuple(made)


_EVENTS: Final = tuple(Event)
_ORDER: Final = {event: place for place, event in enumerate(_EVENTS)}
