"""What a member holds of each unit: usable, on its way, owed, and what ends when.

Points are in smallest parts of their unit, money in minor units of the program's currency. Nothing
is written. Raises ProgramNotFound, MemberNotFound, and UnitUnknown.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from pointbook.controls.clock import clock
from pointbook.engine.replay.program import Program
from pointbook.engine.rules.blueprint import Blueprint, Pending, Unit
from pointbook.engine.values.calendar import day_of
from pointbook.engine.values.errors import PointbookError
from pointbook.ledger import queries as ledger
from pointbook.members.queries import member as find_member
from pointbook.programs.queries import compiled
from pointbook.programs.queries import program as find_program


class UnitUnknown(PointbookError):
    """The program has no unit of this code."""

    status = 422


@dataclass(frozen=True, slots=True)
class Ending:
    """Points whose last day is the day before `on` (00:00 of `on` in the program's zone)."""

    on: date
    points: int


@dataclass(frozen=True, slots=True)
class Coming:
    """Points that can be used from the day `on`; None: `pending` says after what.

    `of` is the type of the fact that gave them.
    """

    on: date | None
    points: int
    pending: Pending | None = None
    of: str = ""


@dataclass(frozen=True, slots=True)
class Balance:
    """A member's points of one unit at an instant.

    `points` can be used, `owed` are owed (one of them is 0), `worth` is their money value, `lots`
    are the open lots in spend order and `calendar` says which points end when. `waiting` are lots
    that cannot be used yet, and `coming` says when they can.
    """

    at: datetime
    unit: Unit
    currency: str
    points: int
    owed: int
    worth: int
    lots: tuple[ledger.OpenLot, ...]
    calendar: tuple[Ending, ...]
    waiting: tuple[ledger.OpenLot, ...] = ()
    coming: tuple[Coming, ...] = ()

    @property
    def pending(self) -> int:
        """The points that cannot be used yet."""
        return sum(lot.remaining for lot in self.waiting)

    @property
    def next_ending(self) -> Ending | None:
        """The points that end first."""
        return self.calendar[0] if self.calendar else None


def balance(
    program: str, member: str | uuid.UUID, *, unit: str | None = None, at: datetime | None = None
) -> Balance:
    """What a member holds of a unit (the program's main one by default) at the program's time.

    :raises UnitUnknown: naming the units there are.
    """
    row = find_program(program)
    own = find_member(row.id, str(member)).id
    return held_by(compiled(row.id), own, unit=unit, at=at or clock(row.id))


def balances(
    program: str, member: str | uuid.UUID, *, at: datetime | None = None
) -> tuple[Balance, ...]:
    """What a member holds of every unit of the version in force, the main one first."""
    row = find_program(program)
    own = find_member(row.id, str(member)).id
    at = at or clock(row.id)
    folded = compiled(row.id)
    units = ordered(folded.version_at(at).blueprint)
    return tuple(held_by(folded, own, unit=unit.code, at=at) for unit in units)


def main_unit(blueprint: Blueprint) -> Unit:
    """The unit that members think of first: the first that can be spent, or else the first."""
    return ordered(blueprint)[0]


def ordered(blueprint: Blueprint) -> list[Unit]:
    """The units of a program: those that can be spent first, then as the document has them."""
    return sorted(blueprint.units.values(), key=lambda unit: not unit.spendable)


def unit_of(program: Program, code: str | None, *, at: datetime) -> Unit:
    """A unit of the program as it is at `at`; its main one when none is named.

    :raises UnitUnknown: naming the units there are.
    """
    blueprint = program.version_at(at).blueprint
    # A unit never goes, but it may belong to a version that is not in force yet.
    units = {**program.versions[-1].units, **blueprint.units}
    if code is None:
        return main_unit(blueprint)
    if code not in units:
        raise UnitUnknown(
            f"there is no unit {code!r}",
            field="unit",
            value=code,
            mend=f"Use one of: {', '.join(units)}.",
        )
    return units[code]


def held_by(program: Program, member: uuid.UUID, *, unit: str | None, at: datetime) -> Balance:
    """What a member holds of a unit at an instant."""
    terms = unit_of(program, unit, at=at)
    blueprint = program.version_at(at).blueprint
    lots = ledger.open_lots(member, unit=terms.code, at=at, spend_order=terms.spend_order)
    points = sum(lot.remaining for lot in lots)
    endings: dict[date, int] = {}
    for lot in lots:
        if lot.expires_at is not None:
            day = day_of(lot.expires_at, program.zone)
            endings[day] = endings.get(day, 0) + lot.remaining
    waiting = tuple(ledger.pending_lots(member, unit=terms.code, at=at))
    return Balance(
        at=at,
        unit=terms,
        currency=blueprint.currency,
        points=points,
        owed=ledger.owed(member, unit=terms.code),
        worth=terms.worth(points, currency=blueprint.currency),
        lots=tuple(lots),
        calendar=tuple(Ending(day, endings[day]) for day in sorted(endings)),
        waiting=waiting,
        coming=_coming(program, waiting),
    )


def _coming(program: Program, waiting: tuple[ledger.OpenLot, ...]) -> tuple[Coming, ...]:
    """Lots that wait, together where they wait for the same day or for the same event."""
    found: dict[tuple[date | None, Pending | None, str], int] = {}
    for lot in waiting:
        on = None if lot.starts_at is None else day_of(lot.starts_at, program.zone)
        rule = program.version_at(lot.earned_at).rules.get(lot.rule) if on is None else None
        key = (on, None, "") if rule is None else (on, rule.pending, rule.on)
        found[key] = found.get(key, 0) + lot.remaining
    return tuple(Coming(on, points, pending, of) for (on, pending, of), points in found.items())
