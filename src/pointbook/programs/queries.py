"""Programs, their versions in force, their estimates and stores, as the engine wants them.

Raises ProgramNotFound.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from functools import lru_cache

from django.db import connection

from pointbook.engine.replay.program import Program as Compiled
from pointbook.engine.replay.program import Rate, Version, compile_version
from pointbook.engine.rules.blueprint import Blueprint
from pointbook.engine.rules.reading import read
from pointbook.engine.values.errors import NotFoundError
from pointbook.programs.models import BlueprintVersion, Entity, Estimate, Program, Store


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
    """One approved expected redemption rate."""

    number: int
    rate: Decimal
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
            row.number,
            row.rate,
            row.from_period,
            row.prepared_by,
            row.approved_by,
            row.recorded_at,
            row.note,
        )
        for row in Estimate.objects.filter(program=program(code)).order_by("-number")
    ]


def compiled(program_id: int) -> Compiled:
    """The versions and rates of a program, compiled for the engine.

    Compiled again only when a version or an estimate was added: both only ever grow. Their times
    tell one database from another of its name; alone they would miss what a clock set back dates.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """select
            (select (max(number), max(recorded_at))::text
                from programs_blueprintversion where program_id = %s),
            (select (max(number), max(recorded_at))::text
                from programs_estimate where program_id = %s)""",
            [program_id, program_id],
        )
        state = cursor.fetchone()
    key = (connection.settings_dict["NAME"], program_id)
    known = _COMPILED.get(key)
    if known is None or known[0] != state:
        known = _COMPILED[key] = (state, _compile(program_id))
    return known[1]


_COMPILED: dict[tuple[str, int], tuple[tuple[str, str], Compiled]] = {}


def _compile(program_id: int) -> Compiled:
    versions = [
        _version(row.document, row.number, row.from_at)
        for row in BlueprintVersion.objects.filter(program_id=program_id).order_by("number")
    ]
    rates = Estimate.objects.filter(program_id=program_id).order_by("number")
    return Compiled(versions, rates=[Rate(row.from_period, row.rate) for row in rates])


def rates_by_seq(program_id: int) -> list[tuple[int, Compiled]]:
    """The program as it was compiled over time: from which event's number on, with which rates.

    An estimate prices the facts that are posted after it was approved.
    """
    versions = compiled(program_id).versions
    known: list[Rate] = []
    stages = [(0, Compiled(versions, rates=known))]
    for row in Estimate.objects.filter(program_id=program_id).order_by("number"):
        known = [*known, Rate(row.from_period, row.rate)]
        stages.append((row.data_seq, Compiled(versions, rates=known)))
    return stages


def zone(program_id: int) -> tzinfo:
    """The program's time zone."""
    return compiled(program_id).zone


def entities() -> dict[int, str]:
    """Entity codes by id."""
    return dict(Entity.objects.values_list("id", "code"))


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
