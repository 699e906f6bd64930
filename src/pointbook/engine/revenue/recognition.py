"""Recognition by cumulative catch-up: what a cohort owes, and the entries of a period.

Every entry is the change of the cohort's liability made by one event, taken in the order of
`Event`, once per cohort and period: no minor unit depends on the order of members. Raises
CohortError when a movement takes more from a cohort than it holds.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final, NamedTuple

from pointbook.engine.revenue.cohorts import CohortError, CohortKey, CohortState, Movement, Use
from pointbook.engine.revenue.matrix import Amounts, Line, Redeemed, journal_lines, net
from pointbook.engine.revenue.policies import AT_FACE, ROLES, TIED, Event, Measure, Policy
from pointbook.engine.values.money import half_up

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortEntry:
    """What one event of a period did to one cohort; every number is a signed change.

    `points` outstanding in smallest parts; `change` of the liability and the frozen `share` on the
    other side in minor units (see matrix.Amounts). `breakage` is a memo: the part of a burn's
    release that belongs to points expected never to be used (IFRS 15 B46, ASC 606-10-55-48).
    Redemptions have a `side`, the `other` entity where they were used when it is another, and the
    `cost` of what was given. `unclaimed` is what of a release is owed as unclaimed property.
    """

    key: CohortKey
    event: Event
    points: int
    change: int
    share: int = 0
    breakage: int = 0
    side: str = ""
    other: str = ""
    cost: int = 0
    unclaimed: int = 0

    @property
    def amounts(self) -> Amounts:
        """What the matrix posts."""
        breakage = self.breakage if self.key.policy in AT_FACE else 0
        return Amounts(self.change, self.share, self.cost, breakage, self.unclaimed)


class InForce(NamedTuple):
    """What a period's cohort is measured by: see `post_period`.

    `rate` is the expected redemption rate, `each` the cost or value of one smallest part in minor
    units, `unclaimed` the share of breakage that is owed to others (IFRS 15 B47, 606-10-55-49).
    """

    rate: Decimal
    each: Decimal = Decimal(0)
    unclaimed: Decimal = Decimal(0)


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

    The face of what can still be used where A = I. Breakage is spread over what is used, as for
    points, only where an estimate shows it (IFRS 15 B46, ASC 606-10-55-48); else what expired
    leaves at its face.
    """
    if not state.outstanding:
        return 0
    if state.rate < 1:
        return deferred_revenue(state)
    return half_up(numerator=state.allocated * state.outstanding, denominator=state.issued)


def at_cost(state: CohortState) -> int:
    """Provision or refund liability in minor units: (E - R) x cost or value of a point, half up.

    The best estimate of what the points will cost (IAS 37.36, ASC 450-20-25-2), or of the money
    that will be given back (IFRS 15.55, ASC 606-10-32-10). Not discounted.
    """
    if not state.outstanding:
        return 0
    owed = (expected(state) - state.redeemed) * Fraction(state.each)
    return half_up(numerator=owed.numerator, denominator=owed.denominator)


def due(state: CohortState) -> int:
    """What a partner is to be paid for its points in minor units: I x price, half up.

    An agent owes it once the partner is obliged, whatever becomes of the points (IFRS 15 B34-B38,
    ASC 606-10-55-36 to 55-40); invoices settle it.
    """
    owed = state.issued * Fraction(state.each)
    return half_up(numerator=owed.numerator, denominator=owed.denominator)


LIABILITIES: Final[Mapping[Measure, Callable[[CohortState], int]]] = {
    "share": deferred_revenue,
    "cost": at_cost,
    "due": due,
    "face": stored_value,
}
ALL: Final = Decimal(1)


def rate_of(key: CohortKey, rate: Decimal) -> Decimal:
    """The expected redemption rate of a cohort: the program's for points, 1 for stored value."""
    return ALL if key.policy in AT_FACE else rate


def liability(state: CohortState) -> int:
    """What the entity owes for a cohort under its policy, in minor units; never negative.

    What is due to a partner is nobody's contract liability and counts as 0.
    """
    return measured(state) if state.key.policy in TIED else 0


def measured(state: CohortState) -> int:
    """What the account that owes carries for a cohort; for an agent, all that was ever due."""
    return LIABILITIES[ROLES[state.key.policy].measure](state)


def post_period(*, before: CohortState, movement: Movement, now: InForce) -> PeriodPosting:
    """Post one cohort's movement of a period; `now` is what is in force at its end.

    All steps but the last two use the rate and cost of `before`; the last change the estimate and
    the cost. A cohort that holds nothing yet starts with those of `now`. An agent's price stays
    what it was at the sale. Use CohortState(key=..., rate=...) before the first period and
    Movement(key=...) when nothing moved.

    :raises CohortError: when the movement is another cohort's or takes more than there is.
    """
    if movement.key != before.key:
        raise CohortError(
            f"the movement is of {movement.key}, the totals are of {before.key}",
            field="movement",
            value=movement.key,
            mend="Match movements and totals by key.",
        )
    measure = ROLES[before.key.policy].measure
    state = before
    if not before.issued:
        state = replace(before, rate=now.rate, each=now.each)
    elif measure == "due":
        now = now._replace(each=before.each)
    held = measured(state)
    entries = []
    for step in _steps(state, movement, now):
        worth = measured(step.state)
        broken = _breakage(state, step.state) if step.event in REDEMPTIONS else 0
        released = broken if step.event in REDEMPTIONS else held - worth
        entry = CohortEntry(
            key=before.key,
            event=step.event,
            points=step.state.outstanding - state.outstanding,
            change=worth - held,
            share=step.share,
            breakage=broken,
            side=step.use.side,
            other=step.use.other,
            cost=_cost(step),
            unclaimed=_part(released, now.unclaimed) if measure == "face" else 0,
        )
        if entry.points or entry.change or entry.share or entry.cost:
            entries.append(entry)
        state, held = step.state, worth
    stale = state.outstanding > 0 and expected(state) == state.redeemed
    return PeriodPosting(after=state, entries=tuple(entries), stale_estimate=stale)


def _part(amount: int, share: Decimal) -> int:
    top, bottom = share.as_integer_ratio()
    sign = -1 if amount < 0 else 1
    return sign * half_up(numerator=abs(amount) * top, denominator=bottom)


def _cost(step: _Step) -> int:
    """The cost of a redemption's points: known, or the expected cost of each."""
    worth = abs(step.uncosted) * Fraction(step.state.each)
    expected_cost = half_up(numerator=worth.numerator, denominator=worth.denominator)
    return step.cost + (-expected_cost if step.uncosted < 0 else expected_cost)


REDEMPTIONS: Final = frozenset({Event.CANCELLED_BURN, Event.BURN})


_PLAIN: Final = Use()


class _Step(NamedTuple):
    event: Event
    state: CohortState
    share: int = 0
    use: Use = _PLAIN
    cost: int = 0
    uncosted: int = 0


def _steps(state: CohortState, movement: Movement, now: InForce) -> Iterator[_Step]:
    """The totals after each event of the period, in the stated order."""
    state = replace(
        state,
        issued=state.issued + movement.issued,
        allocated=state.allocated + movement.allocated,
    )
    yield _Step(Event.NEW, state, movement.allocated)
    # What comes back comes before what leaves: that of this very period can only reduce it.
    burns = []
    for use in movement.by_use:
        undone = min(use.back, state.redeemed)
        state = replace(state, redeemed=state.redeemed - undone)
        if undone:
            cost, rest = -use.cost_back, use._replace(back=use.back - undone)
            yield _Step(Event.CANCELLED_BURN, state, 0, use, cost, -use.uncosted_back)
            burns.append(rest._replace(cost_back=0, uncosted_back=0))
        else:
            burns.append(use)
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
    # Those that only come back stand last: what was used elsewhere is there to come back by then.
    for use in sorted(burns, key=lambda one: one.burned < one.back):
        state = replace(state, redeemed=state.redeemed + use.burned - use.back)
        uncosted = use.uncosted - use.uncosted_back
        yield _Step(Event.BURN, state, 0, use, use.cost - use.cost_back, uncosted)
    expired = movement.expired - (movement.reinstated - revived)
    state = replace(state, expired=state.expired + expired)
    yield _Step(Event.EXPIRY, state)
    state = replace(state, rate=now.rate)
    yield _Step(Event.ESTIMATE, state)
    yield _Step(Event.COST, replace(state, each=now.each))


def _breakage(before: CohortState, after: CohortState) -> int:
    """What a change of R released beyond A x R / I, the points' own part of the price."""
    measure = ROLES[after.key.policy].measure
    if measure in ("cost", "due") or (measure == "face" and after.rate == 1):
        return 0
    return _beyond(after) - _beyond(before)


def _beyond(state: CohortState) -> int:
    own = half_up(numerator=state.allocated * state.redeemed, denominator=max(state.issued, 1))
    return state.allocated - liability(state) - own


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """The entries of all cohorts of one event, as balanced lines of one entity's journal.

    Redemptions have a side. `other` is the entity on the other side of an intercompany pair; with
    `here` it is that entity which gave the points, and `entity` where they were used.
    """

    entity: str
    program: str
    currency: str
    event: Event
    policy: Policy
    lines: tuple[Line, ...]
    side: str = ""
    other: str = ""
    here: bool = False


class _Group(NamedTuple):
    """What is summed into one entry; sorts in the order of posting."""

    entity: str
    program: str
    currency: str
    place: int
    policy: Policy
    side: str
    other: str
    here: bool = False


def journal(
    entries: Iterable[CohortEntry], *, costs: frozenset[str] = frozenset()
) -> tuple[JournalEntry, ...]:
    """Journal entries of cohort entries, summed by entity, program, currency, event and policy.

    Redemptions also by side and, where points were used at another entity, by that entity, which
    has the other half of the pair in its own books. `costs` are the entities whose own goods' cost
    is booked. In a fixed order: by entity, program and currency, then in the order of posting. The
    lines are the sums of every cohort's own lines, so that each can be opened; what moves no
    account makes no entry.
    """
    totals: dict[_Group, Counter[str]] = {}
    for entry in entries:
        key = entry.key
        kind = (key.program, key.currency, _ORDER[entry.event], key.policy, entry.side)
        groups = [_Group(key.entity, *kind, entry.other)]
        if entry.other:
            groups.append(_Group(entry.other, *kind, key.entity, here=True))
        for group in groups:
            balances = totals.setdefault(group, Counter())
            for line in journal_lines(
                event=entry.event,
                policy=key.policy,
                amounts=entry.amounts,
                redeemed=Redeemed(
                    group.side, group.other, here=group.here, costs=group.entity in costs
                ),
            ):
                balances[line.account] += line.debit - line.credit
    return tuple(_entry(group, lines) for group in sorted(totals) if (lines := net(totals[group])))


def _entry(group: _Group, lines: tuple[Line, ...]) -> JournalEntry:
    return JournalEntry(
        entity=group.entity,
        program=group.program,
        currency=group.currency,
        event=_EVENTS[group.place],
        policy=group.policy,
        lines=lines,
        side=group.side,
        other=group.other,
        here=group.here,
    )


_EVENTS: Final = tuple(Event)
_ORDER: Final = {event: place for place, event in enumerate(_EVENTS)}
