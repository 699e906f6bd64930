"""The books' pages: a period and its close, and the way down from an entry to the facts."""

from __future__ import annotations

from datetime import date
from typing import Final, cast

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.views.decorators.http import require_POST

from pointbook.accounting.operations.closing import close as close_period
from pointbook.accounting.queries import closes, journals, statements
from pointbook.accounting.queries.books import PeriodRow, periods
from pointbook.accounting.queries.exports import export
from pointbook.earning.telling import called
from pointbook.engine.values.errors import PointbookError
from pointbook.engine.values.money import exponent, to_major
from pointbook.interfaces.console import formats
from pointbook.interfaces.console.desk import Desk, page, unit_of
from pointbook.interfaces.console.pages import books as pages
from pointbook.interfaces.console.pages.frame import Unit
from pointbook.members.queries import rows as member_rows
from pointbook.programs.queries import compiled

LIMIT: Final = 50
FAR: Final = 1_000_000_000  # movements into a cohort
POLICIES: Final = {"deferred_revenue": "policy (a) deferred revenue"}
# Lines of the engine's roll-forward by name: points, money, in words and for the chart.
LINES: Final = (
    ("earned", "new", "New", "New"),
    ("redeemed", "redeemed", "Redeemed", "Redeemed"),
    ("expired", "breakage", "Breakage, expiry step", "Breakage"),
    ("reinstated", "reinstated", "Reinstated", "Reinstated"),
    ("", "estimate_change", "Change of estimate", "Estimate"),
    ("clawed_back", "claw_back", "Claw-back", "Claw-back"),
    ("repaid", "", "Repaid debts of points", "Repaid"),
    ("", "acquired", "Acquired", "Acquired"),
    ("", "fx", "Currency translation", "FX"),
)
ALWAYS: Final = ("new", "redeemed", "breakage", "estimate_change", "claw_back")
EVENTS: Final = {
    "new": "new",
    "redeemed": "burn",
    "estimate_change": "estimate",
    "breakage": "expiry",
    "reinstated": "reinstatement",
}
LIABILITIES: Final = ("2100", "2110", "2200", "2300")


@page("books", "console/books.html")
def books(desk: Desk, *, code: str | None = None) -> object:
    """A period; the first that is not closed when none is named, or else the last."""
    entity = desk.program.entity
    known = periods(entity_code=entity)
    if not known:
        return redirect("console:no-books")
    if code is None:
        over = [one for one in known if one.status != "closed"]
        return redirect("console:period", code=(over[-1] if over else known[0]).code)
    view = closes.close_view(period=code, entity_code=entity)
    part = next((one for one in view.programs if one.program == desk.program.code), None)
    may = view.over and view.status != "closed" and _in_turn(known, code)
    blueprint = compiled(desk.program.id).version_at(desk.at).blueprint
    return pages.Close(
        entity=entity,
        program=desk.program.name,
        currency=desk.program.currency,
        unit=desk.unit,
        policy=POLICIES.get(blueprint.books.policy, blueprint.books.policy),
        first_on=view.first_on,
        last_on=view.posting_on,
        code=view.period,
        state=cast("pages.State", view.status),
        answer=_answer(view, part, desk),
        periods=tuple(_period(one, view) for one in known),
        stages=_stages(view, next_one=may),
        rolls=tuple(_roll(desk, view, one) for one in part.statements) if part else (),
        tie_outs=tuple(
            pages.TieOut(
                tie.name, tie.this_side, tie.that_side, tie.currency, _unit(desk, tie.unit).decimals
            )
            for tie in (part.ties if part else ())
        ),
        entries=tuple(_entry(n, one) for n, one in enumerate(part.entries if part else (), 1)),
        can_close=may and desk.may("period.close"),
        export=reverse("console:export", args=[code]) if view.status != "open" else "",
    )


@page("books", "console/books_empty.html")
def no_books(desk: Desk) -> pages.NoPeriods:
    """Before the first fact."""
    return pages.NoPeriods(desk.program.entity, desk.program.name, desk.program.code)


@page("books", "console/drill.html", part="console/parts/cohorts.html")
def cohorts(desk: Desk, *, entry: int, account: str) -> pages.Cohorts:
    """The months of issue behind a line of an entry."""
    found = journals.drill(entry, account=account)
    places = exponent(found.entry.currency)
    units = {row.unit for row in found.cohorts}
    return pages.Cohorts(
        number=found.entry.code,
        account=f"{account} {found.name}",
        what=found.entry.description,
        currency=found.entry.currency,
        unit=_unit(desk, units.pop() if len(units) == 1 else ""),
        rows=tuple(
            pages.CohortRow(
                issued_on=row.issued_on,
                points=row.points,
                each=abs(to_major(row.amount, places=places)) / abs(row.points)
                if row.points
                else None,
                change=row.amount,
                transfers=row.rows,
                opens=reverse("console:facts", args=[entry, account, row.id]),
            )
            for row in found.cohorts
        ),
        total=found.amount,
    )


@page("books", "console/drill.html", part="console/parts/facts.html")
def facts(desk: Desk, *, entry: int, account: str, cohort: int) -> pages.Facts:
    """The movements of points behind what an entry did to one month of issue."""
    asked = desk.request.GET.get("after", "")
    after = min(int(asked), FAR) if asked.isdecimal() else 0
    found = journals.cohort_rows(cohort, limit=LIMIT, offset=after)
    sign = -1 if found.points < 0 else 1
    here = reverse("console:facts", args=[entry, account, cohort])
    more = after + len(found.rows) < found.total
    people = {one.id: one for one in member_rows([row.member for row in found.rows if row.member])}
    return pages.Facts(
        number=journals.entry(entry).code,
        account=account,
        issued_on=found.key.issued_on,
        cohorts_href=reverse("console:cohorts", args=[entry, account]),
        unit=_unit(desk, found.key.unit),
        rows=tuple(
            pages.Moved(
                on=desk.day(row.occurred_at),
                member=people[row.member].shown_as if row.member in people else "",
                member_href=reverse("console:member", args=[row.member]) if row.member else "",
                what=called(row.fact_type) if row.fact_type else "Expiry",
                receipt=row.fact,
                points=sign * row.points,
            )
            for row in found.rows
        ),
        first=after + 1,
        total=found.total,
        all_points=found.points,
        following=f"{here}?after={after + LIMIT}" if more else "",
    )


@require_POST
@page("books", "console/books.html")
def close(desk: Desk, *, code: str) -> HttpResponse:
    """Draw a period up and seal it."""
    reason = desk.request.POST.get("reason", "").strip()
    try:
        done = close_period(
            entity_code=desk.program.entity, period=code, actor=desk.actor, reason=reason
        )
    except PointbookError as refusal:
        messages.error(desk.request, str(refusal))
    else:
        month = date_format(date.fromisoformat(f"{code}-01"), "F Y")
        words = formats.counted(done.posted, "entry", "entries")
        messages.success(desk.request, f"{month} is sealed. {words} posted, all tie-outs at zero.")
    return redirect("console:period", code=code)


@page("books", "console/books.html")
def journal(desk: Desk, *, code: str) -> HttpResponse:
    """The period's journal for Beancount."""
    text = export(period=code, format="beancount", entity_code=desk.program.entity)
    name = f"{desk.program.entity}-{code}.beancount"
    return HttpResponse(
        text,
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _unit(desk: Desk, code: str) -> Unit:
    """How a unit is written, the program's main one for ''."""
    terms = compiled(desk.program.id).versions[-1].units.get(code)
    return desk.unit if terms is None else unit_of(terms)


def _in_turn(known: list[PeriodRow], code: str) -> bool:
    """Whether every period before is closed; `known` has the latest first."""
    return all(one.status == "closed" for one in known if one.code < code)


def _period(row: PeriodRow, view: closes.CloseView) -> pages.Period:
    note = f"{view.done} / {len(view.stages)}" if row.code == view.period else "open"
    return pages.Period(
        row.first_on,
        cast("pages.State", row.status),
        note,
        reverse("console:period", args=[row.code]),
    )


def _stages(view: closes.CloseView, *, next_one: bool) -> tuple[pages.Stage, ...]:
    """The stages; the button stands at the first that waits."""
    waiting = [stage.number for stage in view.stages if stage.status == "waiting"]
    turn = waiting[0] if waiting and next_one else None
    last = len(view.stages)
    told = "Runs all seven. Once it is sealed, nothing can be posted in it."
    seals = "Locks the period. Nothing can be posted in it any more."
    return tuple(
        pages.Stage(
            stage.number,
            stage.name,
            "next" if stage.number == turn else cast("pages.StageState", stage.status),
            stage.summary
            or ((seals if stage.number == last else told) if stage.number == turn else ""),
            stage.by,
            stage.at,
        )
        for stage in view.stages
    )


def _answer(view: closes.CloseView, part: closes.ProgramClose | None, desk: Desk) -> str:
    if part is None or not part.statements:
        return "No points of this program were open in this period."
    closing = sum(one.roll.money.closing for one in part.statements)
    money = formats.cash(closing, currency=desk.program.currency)
    off = sum(1 for tie in part.ties if tie.off)
    ties = f"{off} of {len(part.ties)} tie-outs are off" if off else "every tie-out is at zero"
    if view.status == "open":
        when = "as it would post now" if view.over else "so far"
        return f"The contract liability stands at {money}, {when}; {ties}."
    return f"The contract liability closes at {money}; {ties}."


def _roll(desk: Desk, view: closes.CloseView, one: statements.Statement) -> pages.Roll:
    points, money = one.roll.points, one.roll.money
    lines = [
        pages.RollLine(
            f"Opening, {date_format(view.first_on, 'j F')}",
            "Opening",
            points.opening,
            money.opening,
            kind="opening",
        )
    ]
    for in_points, in_money, label, short in LINES:
        parts, minor = points.amount(in_points), money.amount(in_money)
        if in_money in ALWAYS or parts or minor:
            told = parts if in_points else None
            lines.append(pages.RollLine(label, short, told, minor, opens=_opens(view, in_money)))
    lines.append(
        pages.RollLine(
            f"Closing, {date_format(view.posting_on, 'j F')}",
            "Closing",
            points.closing,
            money.closing,
            kind="closing",
        )
    )
    memo = one.roll.breakage_in_redemptions
    note = (
        f"Breakage inside redemptions: {formats.cash(memo, currency=one.currency)}." if memo else ""
    )
    return pages.Roll(
        unit=_unit(desk, one.unit),
        lines=tuple(lines),
        note=note,
    )


def _opens(view: closes.CloseView, line: str) -> str:
    """The entry behind a money line, further down the page."""
    event = EVENTS.get(line)
    found = (
        entry
        for part in view.programs
        for entry in part.entries
        if entry.event == event and entry.id is not None
    )
    return next((f"#{entry.code}" for entry in found), "")


def _entry(place: int, row: journals.EntryRow) -> pages.JournalEntry:
    accounts = [line.account for line in row.lines]
    account = next((one for one in accounts if one in LIABILITIES), accounts[0])
    return pages.JournalEntry(
        id=row.id or -place,
        number=row.code,
        description=row.description,
        lines=tuple(
            pages.JournalLine(line.account, line.name, line.debit, line.credit)
            for line in sorted(row.lines, key=lambda line: line.credit > 0)
        ),
        opens="" if row.id is None else reverse("console:cohorts", args=[row.id, account]),
    )
