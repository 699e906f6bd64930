"""Who is active, what is earned and burned, what is about to end: set-based reads over the rooms.

Points are in smallest parts of the program's first unit unless a unit is named, money in minor
units, months are the program's. Raises ProgramNotFound.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from django.db import connection

from pointbook.controls.clock import clock, is_test
from pointbook.earning.queries import main_unit
from pointbook.engine.replay.months import Month, Table
from pointbook.engine.replay.program import Program
from pointbook.engine.rules.blueprint import Unit
from pointbook.engine.values.calendar import first_of_month, midnight, month_start
from pointbook.ledger.queries.ended import ENDED
from pointbook.programs.models import Program as ProgramRow
from pointbook.programs.queries import compiled
from pointbook.programs.queries import program as find_program

_MONTHS: dict[tuple[int, str], tuple[tuple[Any, ...], list[Month]]] = {}


@dataclass(frozen=True, slots=True)
class TierCount:
    """How many members stand in a tier, and how many moved into it from below this month."""

    code: str
    name: str
    members: int


@dataclass(frozen=True, slots=True)
class EndingWeek:
    """Points that end in the days `first` to `last` (their last usable day), and whose they are."""

    first: date
    last: date
    points: int
    members: int
    worth: int


@dataclass(frozen=True, slots=True)
class Overview:
    """The state of a program at a time, for its manager.

    `outstanding` are points that can be used less points owed, `worth` their money value;
    `month` is the current calendar month's row, None before the first fact.
    """

    program: ProgramRow
    at: datetime
    on_test_clock: bool
    zone: tzinfo
    unit: Unit
    currency: str
    members: int
    outstanding: int
    worth: int
    months: tuple[Month, ...]
    tiers: tuple[TierCount, ...]
    ending: tuple[EndingWeek, ...]
    ending_points: int
    ending_members: int
    ending_worth: int

    @property
    def month(self) -> Month | None:
        """The latest month that has ended or begun."""
        return self.months[-1] if self.months else None


def months(program: str, *, unit: str | None = None, at: datetime | None = None) -> list[Month]:
    """The month table from the first fact to the clock's month or the last thing that happened.

    The definitions are the fold's (engine.replay.months); the phase is data up to the month of the
    last fact that was not simulated. Points that ended by `at` (the program's time) have expired,
    whether a job has emptied their lots or not.
    """
    row = find_program(program)
    at = at or clock(row.id)
    folded = compiled(row.id)
    code = unit or next(iter(folded.versions[-1].units))
    (state,) = _rows(STATE, {"program": row.id, "at": at})
    known = _MONTHS.get((row.id, code))
    if known is not None and known[0] == state:
        return known[1]
    rows = _months(row, folded, code, at)
    _MONTHS[row.id, code] = (state, rows)
    return rows


def _months(row: ProgramRow, folded: Program, unit: str, at: datetime) -> list[Month]:
    table = Table()
    asked: dict[str, Any] = {"program": row.id, "zone": row.time_zone, "unit": unit, "at": at}
    asked["ladder"] = folded.ladder
    for first, enrolled in _rows(ENROLLED, asked):
        table.flows[first].enrolled = enrolled
    for first, baskets, spend, active in _rows(SALES, asked):
        flow = table.flows[first]
        flow.baskets, flow.spend, flow.active_members = baskets, int(spend), active
    for first, points in _rows(SHORTFALL, asked):
        table.flows[first].shortfall = int(points)
    _count_moved(table, asked)
    _count_standings(table, asked)
    last = _one(
        "select max(occurred_at) from ledger_fact where program_id = %s and not simulated", row.id
    )
    ladder = folded.versions[-1].ladder
    return table.rows(
        tiers=() if ladder is None else ladder.codes,
        last_data=date.min if last is None else first_of_month(last, folded.zone),
    )


def _count_moved(table: Table, asked: dict[str, Any]) -> None:
    for first, points in _rows(NOT_EMPTIED, asked):
        table.flows[first].expired += int(points)
    for first, kind, points, burners in _rows(MOVED, asked):
        flow = table.flows[first]
        if kind == "award":
            flow.earned = int(points)
        elif kind == "redeemed":
            flow.redeemed += int(points)
            flow.redeeming_members = burners
        elif kind == "refund":
            flow.redeemed -= int(points)
        elif kind in ("expiry", "lapse"):
            flow.expired += int(points)
        elif kind == "reinstatement":
            flow.expired -= int(points)
        elif kind in ("claw_back", "overdraft", "deduction"):
            flow.clawed_back += int(points)


def _count_standings(table: Table, asked: dict[str, Any]) -> None:
    for first, before, tier, step, count in _rows(STANDINGS, asked):
        moved = table.arrivals[first]
        moved[tier] += count
        if before:
            moved[before] -= count
        if step > 0:
            table.flows[first].tier_ups += count
        elif step < 0:
            table.flows[first].tier_downs += count


_MONTH_OF = "(date_trunc('month', {} at time zone %(zone)s))::date"
# When the last event was recorded tells a sequence from another one as long. Between two events
# lots only end: their number tells.
STATE = """select (select seq from controls_outbox where program_id = %(program)s
    order by seq desc limit 1), (select recorded_at from controls_outbox
    where program_id = %(program)s order by seq desc limit 1),
    (select count(*) from members_member where program_id = %(program)s and not bearer),
    (select count(*) from ledger_lot l join ledger_account a on a.id = l.account_id
    where a.program_id = %(program)s and l.remaining > 0 and l.expires_at <= %(at)s)"""
ENROLLED = f"""select {_MONTH_OF.format("enrolled_at")}, count(*) from members_member
    where program_id = %(program)s and not bearer group by 1"""
SALES = f"""select {_MONTH_OF.format("occurred_at")}, count(*), sum(spend),
    count(distinct member_id) from ledger_fact
    where program_id = %(program)s and type = 'purchase' and member_id is not null group by 1"""
# Points that are held for a redemption are outstanding until they are captured.
MOVED = f"""select {_MONTH_OF.format("t.occurred_at")},
    case when t.kind in ('burn', 'capture') then 'redeemed' else t.kind end, sum(t.points),
    count(distinct a.member_id) from ledger_transfer t
    join ledger_account a on a.id = t.source_id
    where t.program_id = %(program)s and a.unit = %(unit)s group by 1, 2"""
NOT_EMPTIED = f"""select {_MONTH_OF.format("e.ended_at")}, sum(e.remaining) from ({ENDED}) e
    join ledger_account a on a.id = e.account_id
    where a.program_id = %(program)s and a.unit = %(unit)s group by 1"""
SHORTFALL = f"""select {_MONTH_OF.format("f.occurred_at")}, sum(r.points - r.recovered - r.owed)
    from ledger_recovery r join ledger_fact f on f.id = r.fact_id
    join ledger_lot l on l.id = r.lot_id join ledger_account a on a.id = l.account_id
    where f.program_id = %(program)s and a.unit = %(unit)s group by 1"""
STANDINGS = f"""select {_MONTH_OF.format("at")}, before, tier, step, count(*) from tiers_standing
    where program_id = %(program)s and ladder = %(ladder)s and before <> tier
    group by 1, 2, 3, 4"""


def overview(program: str, *, unit: str | None = None, at: datetime | None = None) -> Overview:
    """Everything the overview page tells, at the program's time, of its main unit or another."""
    row = find_program(program)
    at = at or clock(row.id)
    folded = compiled(row.id)
    version = folded.version_at(at)
    terms = version.blueprint.units.get(unit or "") or main_unit(version.blueprint)
    table = months(program, unit=terms.code, at=at)
    outstanding = held(row.id, unit=terms.code, at=at)
    weeks = ending(row.id, unit=terms, currency=row.currency, zone=folded.zone, at=at)
    soon = _ending_sum(row.id, terms.code, at, weeks[-1].last if weeks else None, folded.zone)
    return Overview(
        program=row,
        at=at,
        on_test_clock=is_test(row.id),
        zone=folded.zone,
        unit=terms,
        currency=row.currency,
        members=table[-1].members if table else 0,
        outstanding=outstanding,
        worth=terms.worth(outstanding, currency=row.currency),
        months=tuple(table),
        tiers=_tier_counts(folded, table),
        ending=tuple(weeks),
        ending_points=soon[0],
        ending_members=soon[1],
        ending_worth=terms.worth(soon[0], currency=row.currency),
    )


def held(program_id: int, *, unit: str, at: datetime) -> int:
    """Points of all members that can be used at `at`, less what they owe."""
    return int(
        _one(
            """with held as materialized (
                select account_id, sum(remaining) as points from ledger_lot
                where remaining > 0 and (expires_at is null or expires_at > %s) group by 1)
            select coalesce(sum(coalesce(h.points, 0) + least(a.balance, 0)), 0)
            from ledger_account a left join held h on h.account_id = a.id
            where a.program_id = %s and a.unit = %s and a.member_id is not null""",
            *(at, program_id, unit),
        )
    )


def ending(
    program_id: int, *, unit: Unit, currency: str, zone: tzinfo, at: datetime, days: int = 31
) -> list[EndingWeek]:
    """The points that end in the next `days`, by week from today; weeks without any are left out.

    A member is counted once a week.
    """
    today = at.astimezone(zone).date()
    weeks = []
    for offset in range(0, days, 7):
        first = today + timedelta(days=offset)
        last = today + timedelta(days=min(offset + 7, days) - 1)
        points, members = _ending(program_id, unit.code, max(at, midnight(first, zone)), last, zone)
        if points:
            worth = unit.worth(points, currency=currency)
            weeks.append(EndingWeek(first, last, points, members, worth))
    return weeks


def _ending_sum(
    program_id: int, unit: str, at: datetime, last: date | None, zone: tzinfo
) -> tuple[int, int]:
    return (0, 0) if last is None else _ending(program_id, unit, at, last, zone)


def _ending(
    program_id: int, unit: str, after: datetime, last: date, zone: tzinfo
) -> tuple[int, int]:
    """Points usable at `after` whose last usable day is `last` or before, and their members."""
    until = midnight(last + timedelta(days=1), zone)
    (row,) = _rows(
        """select coalesce(sum(l.remaining), 0), count(distinct a.member_id) from ledger_lot l
        join ledger_account a on a.id = l.account_id
        where a.program_id = %(program)s and a.unit = %(unit)s and l.remaining > 0
        and l.expires_at > %(after)s and l.expires_at <= %(until)s""",
        {"program": program_id, "unit": unit, "after": after, "until": until},
    )
    return int(row[0]), int(row[1])


def _tier_counts(folded: Program, table: list[Month]) -> tuple[TierCount, ...]:
    tiers = folded.versions[-1].blueprint.tiers
    if tiers is None or not table:
        return ()
    return tuple(
        TierCount(rung.code, rung.name, count)
        for rung, count in zip(tiers.ladder, table[-1].tiers, strict=True)
    )


def months_between(table: Iterable[Month], *, first: str | None, last: str | None) -> list[Month]:
    """The rows from month `first` to month `last`, both included (codes YYYY-MM)."""
    for name in (first, last):
        if name is not None:
            month_start(name)
    return [
        row
        for row in table
        if (first is None or row.month >= first) and (last is None or row.month <= last)
    ]


def _rows(sql: str, asked: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, asked)
        return list(cursor.fetchall())


def _one(sql: str, *parameters: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchone()[0]
