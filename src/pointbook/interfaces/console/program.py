"""The program page: a version as prose and as its document, all versions, the estimates."""

from __future__ import annotations

from difflib import ndiff
from typing import Final, Literal

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format

from pointbook.engine.rules.prose import tell
from pointbook.engine.rules.prose.differences import compare
from pointbook.engine.values.calendar import month_start
from pointbook.engine.values.facts import FIRST
from pointbook.interfaces.console import formats
from pointbook.interfaces.console.desk import Desk, page
from pointbook.interfaces.console.pages.program import (
    Chapter,
    CodeLine,
    Estimate,
    Program,
    Version,
)
from pointbook.programs.queries import VersionRow, estimates, versions

_MARKS: Final[dict[str, Literal["", "new", "gone"]]] = {"  ": "", "+ ": "new", "- ": "gone"}


@page("program", "console/program.html")
def program(desk: Desk, *, number: int | None = None) -> Program:
    """A version of the program, the one in force when none is named."""
    rows = versions(desk.program.code)
    row, before = _chosen(desk, rows, number)
    changes = compare(before.blueprint, row.blueprint) if before else ()
    with_changes = before is not None and "changes" in desk.request.GET
    old = before.document if before is not None and with_changes else row.document
    shown = _version(desk, row)
    return Program(
        name=row.blueprint.name,
        code=desk.program.code,
        version=shown,
        answer=_answer(shown, row),
        chapters=tuple(Chapter(one.title, one.sentences) for one in tell(row.blueprint)),
        changes=tuple(change.sentence for change in changes),
        lines=_lines(old, row.document),
        with_changes=with_changes,
        versions=tuple(_version(desk, one) for one in rows),
        estimates=_estimates(desk),
        download=reverse("console:document", args=[row.number]),
    )


@page("program", "console/program.html")
def document(desk: Desk, *, number: int) -> HttpResponse:
    """The document of a version as it was published."""
    row, _ = _chosen(desk, versions(desk.program.code), number)
    name = f"{desk.program.code}-{row.number}.yaml"
    return HttpResponse(
        row.document,
        content_type="application/yaml; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _chosen(
    desk: Desk, rows: list[VersionRow], number: int | None
) -> tuple[VersionRow, VersionRow | None]:
    """The version asked for and the one before it; `rows` have the latest first."""
    for place, row in enumerate(rows):
        in_force = row.from_at <= desk.at or place == len(rows) - 1
        if row.number == number or (number is None and in_force):
            return row, rows[place + 1] if place + 1 < len(rows) else None
    raise Http404


def _version(desk: Desk, row: VersionRow) -> Version:
    ended = row.until_at is not None and row.until_at <= desk.at
    return Version(
        number=row.number,
        from_on=None if row.from_at <= FIRST else desk.day(row.from_at),
        until_on=None if row.until_at is None else desk.day(row.until_at),
        by=row.published_by,
        state="coming" if row.from_at > desk.at else "past" if ended else "in force",
        href=reverse("console:version", args=[row.number]),
    )


def _answer(shown: Version, row: VersionRow) -> str:
    plan = row.blueprint
    ladder = plan.tiers.ladder if plan.tiers else ()
    parts = [
        formats.counted(len(plan.earn), "rule", "rules"),
        formats.counted(len(ladder), "tier", "tiers") if ladder else "no tiers",
        formats.counted(len(plan.rewards), "reward", "rewards") if plan.rewards else "no rewards",
    ]
    verb = {"coming": "Starts on", "past": "Began on", "in force": "In force since"}[shown.state]
    since = date_format(shown.from_on, "j F Y") if shown.from_on else "the beginning"
    return f"{verb} {since}: {', '.join(parts)}."


def _lines(old: str, new: str) -> tuple[CodeLine, ...]:
    found = ndiff(old.splitlines(), new.splitlines())
    return tuple(CodeLine(line[2:], _MARKS[line[:2]]) for line in found if line[:2] in _MARKS)


def _estimates(desk: Desk) -> tuple[Estimate, ...]:
    return tuple(
        Estimate(
            row.number,
            row.rate,
            month_start(row.from_period),
            row.prepared_by,
            row.approved_by,
            row.note,
        )
        for row in estimates(desk.program.code)
    )
