"""What a member brings from another system: lots, owed points, measures, and tiers with dates.

An opening tells a state and judges nothing: no rule gives points for it, and the tiers stand as
they are told until something that happens later moves them. Raises FactError.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from pointbook.engine.ledger.lots import AT_ONCE, FOREVER, Lot
from pointbook.engine.ledger.transfers import Transfer
from pointbook.engine.replay.awards import end_of, settle_debt, treat
from pointbook.engine.replay.cases import Case, count_earned
from pointbook.engine.replay.corrections import Placing, day_told, place_tier, placing_told
from pointbook.engine.replay.member import Record
from pointbook.engine.replay.points import positive
from pointbook.engine.replay.program import Version
from pointbook.engine.revenue.treatments import OPENING
from pointbook.engine.rules.blueprint import Measure
from pointbook.engine.rules.tiers.measures import TICK, source_of, starts_after
from pointbook.engine.values.calendar import day_of
from pointbook.engine.values.errors import PointbookError
from pointbook.engine.values.facts import FactError
from pointbook.engine.values.money import MoneyError, exponent, to_minor
from pointbook.engine.values.openings import LOT, TIER

PARTS: Final[Mapping[str, Sequence[str]]] = {"lots": LOT, "tiers": TIER}
TOLD: Final = ("joined_on", *TIER, *PARTS, "measures", "owed")
NEVER: Final = "never"
WAITING: Final = "waiting"
EVER: Final = datetime.min.replace(tzinfo=AT_ONCE.tzinfo)
RULE: Final = "opening:{}"


class _Measured(NamedTuple):
    """A measure that stands at `amount`; its window begins after `begins`."""

    begins: datetime
    name: str
    measure: Measure
    amount: int


class _Told(NamedTuple):
    """What an opening tells, read as a whole; owed points by unit."""

    lots: list[Lot]
    owed: Mapping[str, int]
    measured: Sequence[_Measured]
    placings: Sequence[Placing]


def bring(case: Case) -> None:
    """Open a member's account with what they had elsewhere.

    Attributes: `joined_on`; `lots` of unit, points, earned_on, expires_on (last day, or never),
    usable_from (a day, or waiting) and deferred (what the books carried for them); `owed` points
    by unit; `measures` by name; and one tier as `tier`, `ladder`, `since`, `until`, or several of
    these as `tiers`.
    """
    told = _read(case)
    member = case.member
    for lot in told.lots:
        member.wallet(lot.unit, case.version).add(lot)
        case.transfers.append(Transfer("award", lot.unit, lot.points, case.at, lot))
        count_earned(case, lot.unit, lot.points, at=lot.earned_at)
        settle_debt(case, lot.unit, [lot])
    if told.lots:
        # A void may name the opening: what was brought by mistake is taken back like an award.
        member.records[case.key] = Record(case.at, 0, told.lots, case.fact.type)
    for unit, points in told.owed.items():
        member.wallet(unit, case.version).debt += points
        case.transfers.append(Transfer("overdraft", unit, points, case.at))
    _count(case, told.measured)
    for placing in told.placings:
        place_tier(case, placing)


def _read(case: Case) -> _Told:
    """Everything that an opening tells; it is refused before anything has changed.

    Who joined elsewhere has lots and measures of that time, so the member joins first.
    """
    body, member = case.fact.attributes, case.member
    _known(body, TOLD, at="attributes")
    known = member.joined_at
    member.joined_at = _past(case, body, "joined_on") or known
    try:
        placings = []
        for place, told in enumerate(_objects(case, "tiers")):
            at = f"attributes.tiers[{place}]"
            _past(case, told, "since", at=at)
            placings.append(placing_told(case, kind="opening", told=told, path=at))
        if body.get("tier") is not None:
            _past(case, body, "since")
            placings.append(placing_told(case, kind="opening"))
        return _Told(
            lots=[_lot(case, one, place) for place, one in enumerate(_objects(case, "lots"))],
            owed={unit: _owed(case, unit, n) for unit, n in _mapping(case, "owed").items()},
            measured=[_measured(case, name, n) for name, n in _mapping(case, "measures").items()],
            placings=placings,
        )
    except PointbookError:
        member.joined_at = known
        raise


def measures_of(version: Version) -> dict[str, Measure]:
    """The measures of a version by the names under which an opening tells them.

    That is the code of a measure, and LADDER.CODE where another measure has the code already.
    """
    blueprint = version.blueprint
    found = {measure.code: measure for measure in blueprint.measures}
    for ladder in blueprint.ladders:
        for measure in ladder.measures:
            if found.setdefault(measure.code, measure) != measure:
                found[f"{ladder.code}.{measure.code}"] = measure
    return found


def decimals_of(measure: Measure, version: Version) -> int:
    """The decimals in which a measure is told: of the currency, of the unit, none of a count."""
    if measure.kind == "spend":
        return exponent(version.blueprint.currency)
    return version.units[measure.unit].decimals if measure.kind == "earned" else 0


def _objects(case: Case, name: str) -> list[Mapping[str, Any]]:
    held = case.fact.attributes.get(name) or []
    if isinstance(held, list) and all(isinstance(one, Mapping) for one in held):
        for place, one in enumerate(held):
            _known(one, PARTS[name], at=f"attributes.{name}[{place}]")
        return held
    raise FactError(
        f"{name} is not a list of objects",
        field=f"attributes.{name}",
        value=held,
        mend=f"Send a list of objects with {', '.join(PARTS[name])}.",
    )


def _known(told: Mapping[str, Any], names: Sequence[str], *, at: str) -> None:
    """Refuse what nobody would read: a date under another name would be lost in silence.

    :raises FactError: naming the first of them.
    """
    unknown = sorted(told.keys() - set(names))
    if unknown:
        raise FactError(
            f"an opening does not read {at}.{unknown[0]}",
            field=f"{at}.{unknown[0]}",
            value=told[unknown[0]],
            mend=f"Use one of: {', '.join(names)}.",
        )


def _mapping(case: Case, name: str) -> Mapping[str, Any]:
    held = case.fact.attributes.get(name) or {}
    if isinstance(held, Mapping):
        return held
    raise FactError(
        f"{name} is not an object",
        field=f"attributes.{name}",
        value=held,
        mend="Send an object of names and numbers.",
    )


def _past(
    case: Case, body: Mapping[str, Any], name: str, *, at: str = "attributes"
) -> datetime | None:
    """A day that has begun when the opening happens.

    :raises FactError: a later one.
    """
    begins = day_told(case, body, name, at=at)
    if begins is not None and begins > case.at:
        raise FactError(
            f"{name} {body[name]} lies after the opening",
            field=f"{at}.{name}",
            value=body[name],
            mend="Write a day up to that of the opening.",
        )
    return begins


def _unit(case: Case, unit: str, *, field: str) -> str:
    if unit in case.version.units:
        return unit
    raise FactError(
        f"no unit {unit!r}",
        field=field,
        value=unit,
        mend=f"Use one of: {', '.join(case.version.units)}.",
    )


def _lot(case: Case, told: Mapping[str, Any], place: int) -> Lot:
    """One lot: of its own age and end, an award of the month in which the opening happens."""
    at = f"attributes.lots[{place}]"
    unit = str(told.get("unit") or next(iter(case.version.units)))
    _unit(case, unit, field=f"{at}.unit")
    decimals = case.version.units[unit].decimals
    points = positive(told.get("points"), decimals, field=f"{at}.points")
    earned = _past(case, told, "earned_on", at=at) or case.at
    starts = _starts(case, told, earned, at=at)
    ends = _ends(case, told, unit, earned, starts, at=at)
    lot = Lot(
        fact=case.fact.id,
        rule=RULE.format(place + 1),
        unit=unit,
        earned_at=earned,
        expires_at=ends,
        points=points,
        remaining=points,
        starts_at=starts,
    )
    treat(case, lot, reasons=(OPENING,))
    lot.allocated = _deferred(case, told, lot, at=at)
    return lot


def _deferred(case: Case, told: Mapping[str, Any], lot: Lot, *, at: str) -> int:
    """What is deferred for a lot, minor units: what is told, else the face of stored value."""
    value = told.get("deferred")
    if value is None:
        return lot.points if case.version.units[lot.unit].money else lot.allocated
    try:
        amount = to_minor(value, places=exponent(case.program.currency))
    except MoneyError as error:
        raise FactError(
            error.message, field=f"{at}.deferred", value=value, mend=error.mend
        ) from None
    if amount < 0:
        raise FactError(
            f"{value} is less than nothing",
            field=f"{at}.deferred",
            value=value,
            mend="Write the amount that the books carried for these points, 0 or more.",
        )
    return amount


def _starts(case: Case, told: Mapping[str, Any], earned: datetime, *, at: str) -> datetime:
    if told.get("usable_from") == WAITING:
        return FOREVER
    starts = day_told(case, told, "usable_from", at=at)
    return AT_ONCE if starts is None or starts <= earned else starts


def _ends(
    case: Case, told: Mapping[str, Any], unit: str, earned: datetime, starts: datetime, *, at: str
) -> datetime:
    """The end that is told; else the one that the unit's terms give to points of that age."""
    if told.get("expires_on") == NEVER:
        return FOREVER
    ends = day_told(case, told, "expires_on", at=at, after=True)
    if ends is None:
        ends = end_of(case, unit, earned, starts=starts)
    if ends <= case.at:
        raise FactError(
            f"the points ended on {day_of(ends - TICK, case.version.zone)}, before the opening",
            field=f"{at}.expires_on",
            value=told.get("expires_on"),
            mend="Leave them out, write another last day, or open on an earlier day.",
        )
    return ends


def _owed(case: Case, unit: str, told: object) -> int:
    """Points that the member owes: the next award repays them."""
    field = f"attributes.owed.{unit}"
    _unit(case, unit, field=field)
    return positive(told, case.version.units[unit].decimals, field=field)


def _measured(case: Case, name: str, value: object) -> _Measured:
    """One measure as it is told, and when its window begins."""
    known = measures_of(case.version)
    if name not in known:
        raise FactError(
            f"no measure {name!r}",
            field=f"attributes.measures.{name}",
            value=value,
            mend=f"Use one of: {', '.join(known) or 'none yet'}.",
        )
    measure = known[name]
    amount = _amount(case, measure, value, field=f"attributes.measures.{name}")
    begins = starts_after(
        measure.window, at=case.at, zone=case.version.zone, joined_at=case.member.joined_at
    )
    return _Measured(begins or EVER, name, measure, amount)


def _count(case: Case, told: Iterable[_Measured]) -> None:
    """Let the measures stand as they are told: what the lots counted already is a part of them.

    Windows of one history lie in each other: what a longer one has beyond a shorter one is dated
    just before the shorter one begins.
    """
    member, at = case.member, case.at
    dated: dict[str, datetime] = {}
    for begins, _, measure, amount in sorted(told, key=lambda one: one[:2], reverse=True):
        source = source_of(measure)
        missing = amount - member.measure(measure, at=at, program=case.program)
        if missing:
            member.histories.add(source, at=dated.get(source, at), amount=missing)
        dated[source] = begins


def _amount(case: Case, measure: Measure, value: object, *, field: str) -> int:
    try:
        return to_minor(value, places=decimals_of(measure, case.version))
    except MoneyError as error:
        raise FactError(error.message, field=field, value=value, mend=error.mend) from None
