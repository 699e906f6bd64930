"""Paying part of an order with points: how many may be used, and what they pay.

Each point pays its unit's value. A payment lowers nothing that a discount or a tax is computed on.
Nothing here raises.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final, NamedTuple

from pointbook.engine.rules.blueprint import Blueprint, Unit
from pointbook.engine.rules.catalogue import Paying
from pointbook.engine.rules.prose import wording
from pointbook.engine.rules.rewards.bills import Bill
from pointbook.engine.rules.rewards.effects import bill_before
from pointbook.engine.rules.rewards.missing import Missing
from pointbook.engine.rules.rewards.situations import Situation
from pointbook.engine.values.money import exponent

POINTS: Final = "attributes.points"
# So many digits of a value are no accident: 0.00009009009 is one of 11,100.
TELLING: Final = 6


class Payable(NamedTuple):
    """What may be paid with points of a unit: from `least` to `most`, in steps of `step`.

    Points are in smallest parts, `amount` is what `most` pays in minor units. Where something is
    `missing`, nothing may be paid and `most` is 0.
    """

    unit: str
    least: int
    most: int
    step: int
    amount: int
    missing: tuple[Missing, ...]


def payable(terms: Paying, situation: Situation) -> Payable:
    """What may be paid of the order of the fact, after the rewards claimed for it before.

    Without an order only the member's points are a limit.
    """
    bill = bill_before(situation) if situation.ordered else None
    return payable_on(terms, situation, bill=bill)


def payable_on(terms: Paying, situation: Situation, *, bill: Bill | None, paid: int = 0) -> Payable:
    """What may be paid of a bill of which `paid` minor units are paid by other means.

    At most `share` percent of what counts, and so much that `leave` is left to pay.
    """
    unit = situation.blueprint.units[terms.unit]
    rate = _rate(unit, situation.blueprint)
    usable = situation.usable.get(terms.unit, 0)
    limit = None if bill is None else limit_of(terms, bill=bill, paid=paid)
    least = _step_up(max(terms.minimum, 1 if not rate else _smallest(1, rate)), terms.step)
    most = _most(usable, limit, rate=rate, step=terms.step)
    if most >= least:
        return Payable(terms.unit, least, most, terms.step, _worth(most, rate), ())
    lacks = _lacks(terms.unit, least=least, usable=usable, limit=limit, unit=unit)
    return Payable(terms.unit, least, 0, terms.step, 0, (lacks,))


def limit_of(terms: Paying, *, bill: Bill, paid: int = 0) -> int:
    """The most that may be paid of a bill in points, in minor units."""
    counts = bill.goods - (0 if terms.tax else bill.tax) + (bill.delivery if terms.delivery else 0)
    part = Fraction(terms.share) * max(0, counts) // 100
    return max(0, min(part, bill.total - paid - terms.leave))


def amount_for(terms: Paying, points: int, *, blueprint: Blueprint) -> int:
    """What points pay, in minor units; a part of one is left out."""
    return _worth(points, _rate(blueprint.units[terms.unit], blueprint))


def points_for(terms: Paying, amount: int, *, blueprint: Blueprint) -> int:
    """The smallest points that pay an amount of minor units; 0 where points are worth nothing."""
    rate = _rate(blueprint.units[terms.unit], blueprint)
    return _smallest(amount, rate) if rate else 0


def _rate(unit: Unit, blueprint: Blueprint) -> Fraction:
    """Minor units that one smallest part pays.

    So many points for a minor unit may be no decimal: a value with the digits of such a fraction
    is that fraction, so that 111 points pay one cent and 11,100 a dollar.
    """
    scale = Fraction(10) ** (exponent(blueprint.currency) - unit.decimals)
    exact = Fraction(unit.value) * scale
    digits = unit.value.as_tuple()
    if not exact or exact >= 1 or len(digits.digits) < TELLING:
        return exact
    whole = Fraction(1, round(1 / exact))
    # The last digit that is written may be rounded either way.
    return whole if abs(whole - exact) <= scale * Fraction(10) ** int(digits.exponent) else exact


def _worth(points: int, rate: Fraction) -> int:
    return int(points * rate)


def _smallest(amount: int, rate: Fraction) -> int:
    return int(-(-amount // rate))


def _step_up(points: int, step: int) -> int:
    return -(-points // step) * step


def _most(usable: int, limit: int | None, *, rate: Fraction, step: int) -> int:
    """The fewest points that pay the most, within what can be used and up to a limit."""
    if not rate:
        return 0
    points = usable if limit is None else min(usable, _smallest(limit + 1, rate) - 1)
    points -= points % step
    if limit is None:
        return points
    return min(points, _step_up(_smallest(_worth(points, rate), rate), step))


def _lacks(name: str, *, least: int, usable: int, limit: int | None, unit: Unit) -> Missing:
    """Why nothing may be paid with points: worthless, too few, or too small an order."""
    if not unit.value:
        message, mend = f"{unit.name} pay nothing", "Pay by other means."
        return Missing("unit", message, "attributes.unit", name, mend)
    needed = wording.points(least, unit=unit)
    if usable < least:
        has = wording.points(usable, unit=unit)
        message = f"at least {needed} are needed, {has} can be used"
        mend = f"Collect {wording.points(least - usable, unit=unit)} more."
        return Missing("insufficient_balance", message, POINTS, usable, mend)
    if not limit:
        message = "there is nothing left to pay with points"
        return Missing("nothing_left_to_pay", message, POINTS, 0, "Keep them for another order.")
    message = f"the order is too small to be paid with {needed}, the fewest that can be used"
    return Missing("minimum_order", message, POINTS, 0, "Order for more, or pay by other means.")


def refused(can: Payable, points: int, *, situation: Situation) -> tuple[Missing, ...]:
    """Why so many points of what can be paid are refused; nothing: they are not."""
    if can.missing:
        return can.missing
    unit, usable = situation.blueprint.units[can.unit], situation.usable.get(can.unit, 0)
    least, most = (wording.points(parts, unit=unit) for parts in (can.least, can.most))
    mend = f"Pay with {least} to {most}."
    if points > usable:
        message = f"only {wording.points(usable, unit=unit)} can be used"
        return (Missing("insufficient_balance", message, POINTS, points, mend),)
    if points < can.least:
        return (Missing("too_few", f"at least {least} must be used", POINTS, points, mend),)
    if points > can.most:
        message = f"{most} pay all of the order that points may pay"
        return (Missing("too_many", message, POINTS, points, mend),)
    if points % can.step:
        step = wording.points(can.step, unit=unit)
        message = f"points are used in steps of {step}"
        return (Missing("step", message, POINTS, points, f"Use a multiple of {step}."),)
    return ()
