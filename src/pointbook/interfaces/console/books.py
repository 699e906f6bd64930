"""The page of a period: its close, roll-forward, tie-outs and journal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import date_format

from pointbook.accounting.queries import closes, journals, statements
from pointbook.accounting.queries.approvals import proposals
from pointbook.accounting.queries.books import PeriodRow, periods
from pointbook.accounting.queries.checklist import Checklist, checklist
from pointbook.accounting.queries.settings import BooksSetting, books_of
from pointbook.interfaces.console import formats
from pointbook.interfaces.console.desk import Desk, page
from pointbook.interfaces.console.drilling import unit_named
from pointbook.interfaces.console.pages import books as pages
from pointbook.interfaces.console.pages.rail import State
from pointbook.interfaces.console.rail import rail
from pointbook.programs.queries import compiled

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
OPEN: Final = ("open", "reopened")
LIABILITIES: Final = ("2100", "2110", "2200", "2300")


@page("books", "console/books.html")
def period(desk: Desk, *, code: str) -> pages.Close:
    """A period of the entity, closed or as it would post now."""
    entity, setting = desk.program.entity, books_of(desk.program.entity)
    known = periods(entity_code=entity)
    view = closes.close_view(period=code, entity_code=entity)
    part = next((one for one in view.programs if one.program == desk.program.code), None)
    may = view.over and view.status != "closed" and in_turn(known, code)
    found = checklist(period=code, entity_code=entity) if may else None
    last = max((one.code for one in known if one.status == "closed"), default="")
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
        state=cast("State", view.status),
        answer=_answer(view, part, desk),
        rail=rail(
            desk,
            on=view.first_on,
            note="" if view.status in OPEN else f"{view.done} / {len(view.stages)}",
        ),
        stages=_stages(view, next_one=may, full=setting.full),
        rolls=tuple(_roll(desk, view, one) for one in part.statements) if part else (),
        tie_outs=tuple(
            pages.TieOut(
                tie.name,
                tie.this_side,
                tie.that_side,
                tie.currency,
                unit_named(desk, tie.unit).decimals,
            )
            for tie in (part.ties if part else ())
        ),
        entries=tuple(_entry(n, one) for n, one in enumerate(part.entries if part else (), 1)),
        can_close=may and desk.may("period.close"),
        full=setting.full,
        version=view.version or 1,
        versions=tuple(range(1, (view.version or 1) + 1)),
        blockers=found.blockers if found else (),
        warnings=found.warnings if found else (),
        waiting=_waiting(found, setting),
        reopening=_reopening(desk, setting, code) if code == last else None,
        pack="" if view.status in OPEN else reverse("console:pack", args=[code]),
        exports="" if view.status in OPEN else f"{reverse('console:exports')}?period={code}",
    )


@page("books", "console/books_empty.html")
def no_books(desk: Desk) -> pages.NoPeriods:
    """Before the first fact."""
    return pages.NoPeriods(desk.program.entity, desk.program.name, desk.program.code)


def turn(known: Sequence[PeriodRow]) -> HttpResponse:
    """To the first period that is not closed, or else the last; `known` has the latest first."""
    over = [one for one in known if one.status != "closed"]
    return redirect("console:period", code=(over[-1] if over else known[0]).code)


def in_turn(known: Sequence[PeriodRow], code: str) -> bool:
    """Whether every period before is closed; `known` has the latest first."""
    return all(one.status == "closed" for one in known if one.code < code)


def _waiting(found: Checklist | None, setting: BooksSetting) -> tuple[str, ...]:
    """What somebody has to do; whoever keeps the books alone need not be told of the seal."""
    said = found.waiting if found else ()
    return said if setting.second_person else tuple(x for x in said if not x.startswith("the seal"))


def _reopening(desk: Desk, setting: BooksSetting, code: str) -> pages.Reopening | None:
    """What is asked about the last closed period; in simple books nothing."""
    if not setting.full:
        return None
    rows = proposals(entity_code=desk.program.entity, waiting=True)
    asked = next((one for one in rows if one.kind == "reopen" and one.period == code), None)
    may = desk.may("period.reopen")
    if asked is None:
        return pages.Reopening(may_ask=True) if may else None
    mine = asked.prepared_by == desk.actor.name and setting.second_person
    return pages.Reopening(
        may_ask=False,
        number=asked.number,
        reason=asked.note,
        by=asked.prepared_by,
        may_decide=may and not mine,
    )


def _stages(view: closes.CloseView, *, next_one: bool, full: bool) -> tuple[pages.Stage, ...]:
    """The stages; the button stands at the first that waits."""
    waiting = [stage.number for stage in view.stages if stage.status == "waiting"]
    turn = waiting[0] if waiting and next_one else None
    last = len(view.stages)
    told = (
        "Posts the journal and fixes the figures. What comes later is late; a seal follows."
        if full
        else "Runs all seven. Once it is sealed, nothing can be posted in it."
    )
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
    if view.status in OPEN:
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
        unit=unit_named(desk, one.unit),
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
