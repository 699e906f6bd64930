"""The estimate of expected redemption: what is in force, working papers, and preparing one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from itertools import accumulate
from typing import Final

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from pointbook.accounting.operations.estimating import prepare_estimate
from pointbook.accounting.queries.estimates import PaperRow, next_open, paper, papers
from pointbook.accounting.queries.papers import Selected, Tested, UnitPaper
from pointbook.accounting.queries.settings import books_of
from pointbook.engine.revenue.estimating.estimates import Terms
from pointbook.engine.values.calendar import month_start
from pointbook.engine.values.errors import PointbookError
from pointbook.interfaces.console import formats
from pointbook.interfaces.console.approvals import METHODS, percent
from pointbook.interfaces.console.desk import Desk, page
from pointbook.interfaces.console.drilling import unit_named
from pointbook.interfaces.console.pages import estimates as pages
from pointbook.interfaces.console.pages.fields import Choice, Field
from pointbook.interfaces.console.rail import rail
from pointbook.programs.queries import EstimateRow
from pointbook.programs.queries import estimates as estimates_of

STATES: Final = {"": "waiting", "approved": "approved", "refused": "refused"}
DECIDED: Final = {**METHODS, "run_off": "Run off"}
RATES: Final = ("rate", "prior", "prior_error")
FIELDS: Final = frozenset({"method", "from", "rate", "prior", "prior_error", "young"})
HUNDRED: Final = Decimal(100)


@page("books", "console/estimates.html")
def estimate(desk: Desk) -> pages.Estimates:
    """The working paper that is asked for; else the one that waits, or the last one."""
    return _page(desk, {}, {})


@require_POST
@page("books", "console/estimates.html")
def prepare(desk: Desk) -> object:
    """Write a working paper; what is wrong stands under its field."""
    typed = {name: str(value).strip() for name, value in desk.request.POST.items()}
    wrong: dict[str, str] = {}
    rates = {name: _rate(typed, name, wrong) for name in RATES}
    young = typed.get("young", "")
    if young and not young.isdecimal():
        wrong["young"] = "This is no number of months. Give 0 or more."
    if typed.get("method") == "flat" and rates["rate"] is None and "rate" not in wrong:
        wrong["rate"] = "A flat estimate needs its rate. Give 88 for 88%."
    if wrong:
        return _page(desk, typed, wrong)
    try:
        number = _prepared(desk, typed, rates, int(young) if young else None)
    except PointbookError as refusal:
        field = str(refusal.field or "")
        where = field if field in FIELDS else "method"
        return _page(desk, typed, {where: str(refusal)})
    messages.success(desk.request, f"Working paper {number} is prepared.")
    return redirect(f"{reverse('console:estimate')}?paper={number}#paper")


def _prepared(
    desk: Desk, typed: Mapping[str, str], rates: Mapping[str, Decimal | None], young: int | None
) -> int:
    code, note = desk.program.code, typed.get("note", "")
    method, period = typed.get("method", ""), typed.get("from", "")
    return prepare_estimate(
        program=code,
        method=method,
        terms=Terms(
            rate=rates["rate"],
            prior=rates["prior"],
            prior_error=rates["prior_error"] or Decimal(0),
            young=young,
        ),
        from_period=period,
        actor=desk.actor,
        note=note,
    ).proposal


def _rate(typed: Mapping[str, str], name: str, wrong: dict[str, str]) -> Decimal | None:
    """A rate that was typed in per cent, from 0 to 1."""
    text = typed.get(name, "").removesuffix("%").strip()
    if not text:
        return None
    try:
        rate = Decimal(text) / HUNDRED
    except InvalidOperation:
        rate = Decimal(-1)
    if not (rate.is_finite() and 0 <= rate <= 1):
        wrong[name] = f"{text} is no share of points. Give 0 to 100: 88 is 88%."
        return None
    return rate


def _page(desk: Desk, typed: Mapping[str, str], wrong: Mapping[str, str]) -> pages.Estimates:
    code = desk.program.code
    rows = papers(program=code)
    asked = desk.request.GET.get("paper", "")
    chosen = next((one for one in rows if str(one.number) == asked), None)
    chosen = chosen or next((one for one in rows if not one.outcome), rows[0] if rows else None)
    current = _in_force(desk)
    return pages.Estimates(
        rail=rail(desk, here="Estimate"),
        entity=desk.program.entity,
        program=desk.program.name,
        code=code,
        answer=_answer(current, rows),
        in_force=current,
        paper=_shown(desk, chosen) if chosen else None,
        papers=tuple(_row(desk, one, chosen) for one in rows),
        form=_form(desk, typed, wrong),
        may_prepare=desk.may("estimate.set"),
        owner_run=not books_of(desk.program.entity).second_person,
        refused=bool(wrong),
    )


def _in_force(desk: Desk) -> pages.InForce | None:
    """The estimate in force in the first open period."""
    period = next_open(program=desk.program.code)
    rows = [one for one in estimates_of(desk.program.code) if one.from_period <= period]
    found: EstimateRow | None = max(rows, key=lambda row: row.number, default=None)
    if found is None:
        return None
    return pages.InForce(
        number=found.number,
        percent=found.rate * HUNDRED,
        low=None if found.low is None else found.low * HUNDRED,
        high=None if found.high is None else found.high * HUNDRED,
        method=METHODS.get(found.method, found.method),
        from_on=month_start(found.from_period),
        prepared_by=found.prepared_by,
        approved_by=found.approved_by,
    )


def _answer(current: pages.InForce | None, rows: Sequence[PaperRow]) -> str:
    waiting = sum(not one.outcome for one in rows)
    waits = f" {formats.counted(waiting, 'paper waits', 'papers wait')}." if waiting else ""
    if current is None:
        return f"Until one is approved, the books expect every point to be redeemed.{waits}"
    around = ""
    if current.low is not None and current.high is not None and current.low != current.high:
        low, high = (formats.number(one, places=1) for one in (current.low, current.high))
        around = f", between {low}% and {high}%"
    who = f"prepared by {current.prepared_by}, approved by {current.approved_by}"
    if current.prepared_by == current.approved_by:
        who = f"own approval of {current.approved_by}"
    since = f"{current.from_on:%B %Y}"
    return f"{current.method}, in force since {since}{around}; {who}.{waits}"


def _row(desk: Desk, row: PaperRow, chosen: PaperRow | None) -> pages.PaperRow:
    return pages.PaperRow(
        number=row.number,
        href=f"{reverse('console:estimate')}?paper={row.number}",
        from_on=month_start(row.period),
        method=METHODS.get(row.method, row.method),
        percent=row.rate * HUNDRED,
        low=None if row.low is None else row.low * HUNDRED,
        high=None if row.high is None else row.high * HUNDRED,
        prepared_by=row.prepared_by,
        on=desk.day(row.prepared_at),
        state=STATES[row.outcome],
        decided_by=row.decided_by,
        own=row.own,
        current=chosen is not None and row.number == chosen.number,
    )


def _shown(desk: Desk, row: PaperRow) -> pages.Paper:
    whole = paper(program=desk.program.code, number=row.number).paper
    return pages.Paper(
        row=_row(desk, row, row),
        until_on=month_start(whole.until) if whole.until else None,
        facts=whole.rows,
        digest=whole.digest,
        selected=_selected(whole.selected),
        units=tuple(_unit(desk, one) for one in whole.units),
        supposed=tuple(
            pages.Supposed(
                one.name.replace("-", formats.MINUS), one.liability, one.change, one.currency
            )
            for one in whole.sensitivity
        ),
        may_decide=desk.may("books.approve"),
        mine=row.prepared_by == desk.actor.name,
    )


def _selected(selected: Selected) -> str:
    said = []
    if selected.rate is not None:
        said.append(f"rate {percent(selected.rate)}")
    if selected.prior is not None:
        error = f" ± {percent(selected.prior_error)}" if selected.prior_error else ""
        said.append(f"prior {percent(selected.prior)}{error}")
    if selected.young is not None:
        said.append(f"young until {formats.counted(selected.young, 'month', 'months')}")
    return ", ".join(said)


def _unit(desk: Desk, one: UnitPaper) -> pages.PaperUnit:
    unit = unit_named(desk, one.unit)
    other = one.challenger
    return pages.PaperUnit(
        name=unit.name,
        unit=unit,
        heat=_heat(one),
        cohorts=tuple(
            pages.CohortRate(
                issued_on=month_start(row.month),
                issued=row.issued,
                redeemed=row.redeemed,
                percent=row.rate * HUNDRED,
                low=row.low * HUNDRED,
                high=row.high * HUNDRED,
                developed=row.credibility * HUNDRED,
                by=DECIDED.get(row.by, row.by),
            )
            for row in one.cohorts
        ),
        ahead=tuple(
            pages.Ahead(month_start(row.month), row.expected, row.low, row.high)
            for row in one.run_off
        ),
        tested=tuple(_tests(one.tested)),
        all_tested=_all_tested(one),
        challenger=f"{METHODS.get(other.method, other.method)} would say {percent(other.rate)}"
        if other is not None
        else "",
        notes=one.notes,
    )


def _heat(one: UnitPaper) -> pages.Heat:
    """What was redeemed of each month's points up to each age, cut where its life ends."""
    rows = []
    ages = max((len(row.redeemed) for row in one.triangle), default=0)
    ages = ages if one.life is None else min(ages, one.life)
    for row in one.triangle:
        used = list(accumulate(row.redeemed))[:ages]
        shares = tuple(HUNDRED * n / row.issued if row.issued else Decimal(0) for n in used)
        rows.append(pages.HeatRow(month_start(row.month), row.issued, shares, ages - len(shares)))
    return pages.Heat(tuple(range(ages)), tuple(rows))


def _tests(tested: Tested | None) -> Iterator[pages.Tested]:
    for row in tested.cohorts if tested else ():
        ratio = None if row.ratio is None else row.ratio * HUNDRED
        yield pages.Tested(month_start(row.month), row.expected, row.actual, ratio)


def _all_tested(one: UnitPaper) -> pages.Tested | None:
    tested = one.tested
    if tested is None or not tested.cohorts:
        return None
    ratio = None if tested.ratio is None else tested.ratio * HUNDRED
    first = month_start(tested.cohorts[0].month)
    return pages.Tested(first, tested.expected, tested.actual, ratio)


def _form(desk: Desk, typed: Mapping[str, str], wrong: Mapping[str, str]) -> tuple[Field, ...]:
    method = typed.get("method", "flat")
    period = typed.get("from") or next_open(program=desk.program.code)
    return (
        Field(
            "method",
            "Method",
            choices=tuple(Choice(one, told, chosen=one == method) for one, told in METHODS.items()),
            error=wrong.get("method", ""),
        ),
        Field("from", "In force from", period, kind="month", error=wrong.get("from", "")),
        Field(
            "rate",
            "Flat rate, per cent",
            typed.get("rate", ""),
            hint="For the flat method only: 88.",
            error=wrong.get("rate", ""),
        ),
        Field(
            "prior",
            "Prior, per cent",
            typed.get("prior", ""),
            hint="What you expect of months that nobody has seen run off.",
            error=wrong.get("prior", ""),
        ),
        Field(
            "prior_error",
            "Error of the prior, points",
            typed.get("prior_error", ""),
            hint="How far it may be off, one standard error: 2. It makes the range.",
            error=wrong.get("prior_error", ""),
        ),
        Field(
            "young",
            "Lean on the prior until",
            typed.get("young", ""),
            hint="Months since issue. Empty: until a month has run off.",
            error=wrong.get("young", ""),
        ),
        Field("note", "Note", typed.get("note", ""), hint="Read by whoever approves."),
    )
