"""Programs, their versions in force, their estimates and stores, as the engine wants them.

Raises ProgramNotFound.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from functools import lru_cache

from django.db import connection

from pointbook.engine.replay.program import Cost, Rate, Version, compile_version
from pointbook.engine.replay.program import Program as Compiled
from pointbook.engine.rules.blueprint import Blueprint
from pointbook.engine.rules.reading import read
from pointbook.engine.values.errors import NotFoundError
from pointbook.programs.models import (
    BlueprintVersion,
    Entity,
    Estimate,
    Program,
    Store,
    UnitCost,
)


class ProgramNotFound(NotFoundError):
    """There is no program with this code."""


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A published version as people see it; `until_at` is None while it is the last."""

    number: int
    from_at: datetime
    until_at: datetime | None
    document: str
    published_by: str
    recorded_at: datetime
    blueprint: Blueprint
    books_approved_by: str = ""


@dataclass(frozen=True, slots=True)
class ProgramRow:
    """A program and the entity whose books it is in."""

    id: int
    code: str
    name: str
    currency: str
    time_zone: str
    entity: str


@dataclass(frozen=True, slots=True)
class EstimateRow:
    """One approved expected redemption rate; `low` and `high` are None where no range was given.

    `paper` numbers the working paper behind it, among the proposals of the program's entity.
    """

    number: int
    rate: Decimal
    from_period: str
    prepared_by: str
    approved_by: str
    recorded_at: datetime
    note: str
    method: str = "flat"
    low: Decimal | None = None
    high: Decimal | None = None
    paper: int | None = None
    data_rows: int = 0
    data_seq: int = 0


@dataclass(frozen=True, slots=True)
class CostRow:
    """What a whole point of a unit is expected to cost, major units, from a period on."""

    unit: str
    number: int
    amount: Decimal
    from_period: str
    prepared_by: str
    approved_by: str
    recorded_at: datetime
    note: str


def program(code: str) -> Program:
    """The program with this code.

    :raises ProgramNotFound: naming the codes there are.
    """
    try:
        return Program.objects.get(code=code)
    except Program.DoesNotExist:
        known = ", ".join(Program.objects.order_by("code").values_list("code", flat=True))
        raise ProgramNotFound(
            f"there is no program {code!r}",
            field="program",
            value=code,
            mend=f"Use one of: {known}." if known else "Publish one: pointbook program publish.",
        ) from None


def programs() -> list[ProgramRow]:
    """Every program, in order of code."""
    return [
        ProgramRow(row.id, row.code, row.name, row.currency, row.time_zone, row.entity.code)
        for row in Program.objects.select_related("entity").order_by("code")
    ]


def versions(code: str) -> list[VersionRow]:
    """The versions of a program, the latest first."""
    rows = BlueprintVersion.objects.filter(program=program(code)).order_by("from_at")
    found = list(rows)
    ends = [row.from_at for row in found[1:]]
    return [
        VersionRow(
            row.number,
            row.from_at,
            until,
            row.document,
            row.published_by,
            row.recorded_at,
            read_cached(row.document),
            row.books_approved_by,
        )
        for row, until in zip(found, [*ends, None], strict=True)
    ][::-1]


def estimates(code: str) -> list[EstimateRow]:
    """The estimates of a program, the latest first."""
    return [
        EstimateRow(
            number=row.number,
            rate=row.rate,
            from_period=row.from_period,
            prepared_by=row.prepared_by,
            approved_by=row.approved_by,
            recorded_at=row.recorded_at,
            note=row.note,
            method=row.method,
            low=row.low,
            high=row.high,
            paper=row.paper,
            data_rows=row.data_rows,
            data_seq=row.data_seq,
        )
        for row in Estimate.objects.filter(program=program(code)).order_by("-number")
    ]


def costs(code: str) -> list[CostRow]:
    """The approved costs of a program's points, the latest first."""
    return [
        CostRow(
            unit=row.unit,
            number=row.number,
            amount=row.amount,
            from_period=row.from_period,
            prepared_by=row.prepared_by,
            approved_by=row.approved_by,
            recorded_at=row.recorded_at,
            note=row.note,
        )
        for row in UnitCost.objects.filter(program=program(code)).order_by("-id")
    ]


def compiled(program_id: int) -> Compiled:
    """The versions, rates and costs of a program, compiled for the engine.

    Compiled again only when one of them was added: they only ever grow. Their times tell one
    database from another of its name; alone they would miss what a clock set back dates.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """select
            (select (max(number), max(recorded_at))::text
                from programs_blueprintversion where program_id = %s),
            (select (max(number), max(recorded_at))::text
                from programs_estimate where program_id = %s),
            (select (max(id), max(recorded_at))::text
                from programs_unitcost where program_id = %s)""",
            [program_id, program_id, program_id],
        )
        state = cursor.fetchone()
    key = (connection.settings_dict["NAME"], program_id)
    known = _COMPILED.get(key)
    if known is None or known[0] != state:
        known = _COMPILED[key] = (state, _compile(program_id))
    return known[1]


_COMPILED: dict[tuple[str, int], tuple[tuple[str, str, str], Compiled]] = {}


def _compile(program_id: int) -> Compiled:
    versions = [
        _version(row.document, row.number, row.from_at)
        for row in BlueprintVersion.objects.filter(program_id=program_id).order_by("number")
    ]
    rates = Estimate.objects.filter(program_id=program_id).order_by("number")
    costs = UnitCost.objects.filter(program_id=program_id).order_by("number")
    return Compiled(
        versions,
        rates=[_rate(row) for row in rates],
        costs=[Cost(row.unit, row.from_period, row.amount, row.recorded_at) for row in costs],
    )


def _rate(row: Estimate) -> Rate:
    cohorts = {
        unit: {month: Decimal(rate) for month, rate in months.items()}
        for unit, months in row.cohorts.items()
    }
    return Rate(row.from_period, row.rate, cohorts, row.number)


def rates_by_seq(program_id: int) -> list[tuple[int, Compiled]]:
    """The program as it was compiled over time: from which event's number on, with which rates.

    An estimate prices the facts that are posted after it was approved.
    """
    versions = compiled(program_id).versions
    known: list[Rate] = []
    stages = [(0, Compiled(versions, rates=known))]
    for row in Estimate.objects.filter(program_id=program_id).order_by("number"):
        known = [*known, _rate(row)]
        stages.append((row.data_seq, Compiled(versions, rates=known)))
    return stages


def zone(program_id: int) -> tzinfo:
    """The program's time zone."""
    return compiled(program_id).zone


def entities() -> dict[int, str]:
    """Entity codes by id."""
    return dict(Entity.objects.values_list("id", "code"))


@dataclass(frozen=True, slots=True)
class EntityRow:
    """A legal person with books; its programs and stores as text, in order."""

    code: str
    name: str
    programs: str
    stores: str


def entity_rows() -> list[EntityRow]:
    """Every entity, in order of code."""
    programs: dict[int, list[str]] = {}
    placed: dict[int, list[str]] = {}
    for owner, code in Program.objects.order_by("code").values_list("entity_id", "code"):
        programs.setdefault(owner, []).append(code)
    rows = Store.objects.order_by("program__code", "code")
    for owner, program_code, code in rows.values_list("entity_id", "program__code", "code"):
        placed.setdefault(owner, []).append(f"{program_code} {code}")
    return [
        EntityRow(
            one.code,
            one.name,
            ", ".join(programs.get(one.id, [])),
            ", ".join(placed.get(one.id, [])),
        )
        for one in Entity.objects.order_by("code")
    ]


def stores(program_id: int) -> dict[str, int]:
    """The entity id of every store that names one."""
    return dict(Store.objects.filter(program_id=program_id).values_list("code", "entity_id"))


@lru_cache(maxsize=256)
def read_cached(document: str) -> Blueprint:
    """A published document, read once."""
    return read(document)


@lru_cache(maxsize=256)
def _version(document: str, number: int, from_at: datetime) -> Version:
    return compile_version(read_cached(document), number=number, from_at=from_at)
