"""The overview page: what is owed, the month, points in and out, what needs somebody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import date_format

from pointbook.accounting.queries.approvals import proposals
from pointbook.accounting.queries.books import PeriodRow, periods
from pointbook.accounting.queries.settings import books_of
from pointbook.accounting.queries.statements import Liability, liability_now
from pointbook.analytics.listing import has_simulated
from pointbook.analytics.queries import Overview as State
from pointbook.analytics.queries import held
from pointbook.analytics.queries import overview as state_of
from pointbook.earning.queries import ordered
from pointbook.engine.replay.months import Month
from pointbook.engine.values.calendar import midnight, month_start, next_month
from pointbook.interfaces.console import formats, rewards
from pointbook.interfaces.console.desk import Desk, page, unit_of
from pointbook.interfaces.console.pages.frame import UnitTab
from pointbook.interfaces.console.pages.overview import (
    Coming,
    Expiring,
    Flow,
    MonthFigures,
    Need,
    Overview,
    TierCount,
)
from pointbook.programs.queries import estimates, versions

FIRST_WEEK = 7  # until then the last whole month is shown, not one that has hardly begun
SHOWN = 12
SOON = timedelta(days=30)


@page("overview", "console/overview.html")
def overview(desk: Desk) -> Overview:
    """The state of the chosen program."""
    code = desk.program.code
    terms = desk.terms
    state = state_of(code, unit=terms.code, at=desk.at)
    months = _shown(state.months, desk.today)
    books = periods(entity_code=desk.program.entity)
    owed = next((one for one in liability_now(program=code) if one.unit == state.unit.code), None)
    return Overview(
        program=desk.program.name,
        code=code,
        currency=state.currency,
        units=tuple(_tabs(desk, state)),
        unit=unit_of(terms),
        spendable=terms.spendable,
        today=desk.today,
        members=state.members,
        owed=state.outstanding,
        worth=state.worth if terms.value else None,
        liability=None if owed is None else owed.money,
        books=_closed_until(owed),
        month=_figures(months) if months else None,
        flows=tuple(
            Flow(month_start(one.month), one.earned, one.redeemed, one.expired, one.outstanding)
            for one in months[-SHOWN:]
        ),
        simulated=has_simulated(code),
        expiring=tuple(
            Expiring(week.first, week.last, week.points, week.members, week.worth)
            for week in state.ending
        ),
        expiring_until=desk.today + SOON,
        expiring_members=state.ending_members,
        tiers=_tiers(state, months),
        moved_up=months[-1].tier_ups if months else 0,
        needs=tuple(_needs(desk, books)),
        coming=tuple(_coming(desk, books)),
    )


def _tabs(desk: Desk, state: State) -> Iterator[UnitTab]:
    """The units of the program with what members hold of each, when there are several."""
    units = ordered(desk.blueprint)
    for unit in units if len(units) > 1 else ():
        current = unit.code == state.unit.code
        points = state.outstanding if current else held(desk.program.id, unit=unit.code, at=desk.at)
        href = f"{reverse('console:overview')}?{urlencode({'unit': unit.code})}"
        yield UnitTab(unit.name, points, unit.decimals, href, current)


def _shown(months: tuple[Month, ...], today: date) -> tuple[Month, ...]:
    """The months up to the one that the page tells of."""
    until = today - timedelta(days=today.day) if today.day <= FIRST_WEEK else today
    return tuple(one for one in months if month_start(one.month) <= until) or months


def _figures(months: tuple[Month, ...]) -> MonthFigures:
    last = months[-1]
    return MonthFigures(
        first_on=month_start(last.month),
        active=last.active_members,
        members=last.members,
        earned=last.earned,
        earned_before=months[-2].earned if len(months) > 1 else 0,
        spent=last.redeemed,
        spenders=last.redeeming_members,
        expired=last.expired,
        held=last.opening + last.earned,
    )


def _tiers(state: State, months: tuple[Month, ...]) -> tuple[TierCount, ...]:
    if not months:
        return ()
    counts = zip(state.tiers, state.months[-1].tiers, strict=True)
    return tuple(TierCount(tier.name, count) for tier, count in counts)[::-1]


def _closed_until(owed: Liability | None) -> str:
    if owed is None:
        return ""
    if owed.closed_until is None:
        return "no month closed yet"
    return f"with what came since {date_format(month_start(owed.closed_until), 'F Y')} was closed"


def _needs(desk: Desk, books: list[PeriodRow]) -> list[Need]:
    needs, setting = [], books_of(desk.program.entity)
    worth = any(unit.value for unit in desk.blueprint.units.values())
    if worth and not estimates(desk.program.code):
        needs.append(
            Need(
                "alert-circle",
                "No redemption estimate",
                "Until one is approved, the books expect every point to be spent.",
                "See the estimates",
                reverse("console:estimate"),
            )
        )
    waits = rewards.waiting(desk)
    if waits:
        count = formats.counted(len(waits), "redemption", "redemptions")
        needs.append(
            Need(
                "alert-triangle",
                f"{count} to look at",
                "So many in so short a time that somebody looks before they can be used.",
                "Look at them",
                reverse("console:rewards") + "#review",
            )
        )
    asked = proposals(entity_code=desk.program.entity, waiting=True) if setting.full else []
    if asked:
        count = formats.counted(len(asked), "proposal waits", "proposals wait")
        needs.append(
            Need(
                "hourglass",
                f"{count} for a decision",
                "What changes the books is in force once somebody approves it.",
                "Decide",
                reverse("console:approvals"),
            )
        )
    due = [one for one in books if one.status != "closed" and _over(desk, one)]
    if due:
        first = due[-1]
        more = f" {len(due) - 1} more after it." if len(due) > 1 else ""
        drawn = first.status == "soft_closed"
        needs.append(
            Need(
                "book-2",
                f"{'Seal' if drawn else 'Close'} {date_format(first.first_on, 'F Y')}",
                f"{'Its figures are drawn up.' if drawn else 'It is over.'}{more}",
                "Go to the close",
                reverse("console:period", args=[first.code])
                if setting.full
                else f"{reverse('console:books')}?month={first.code}",
            )
        )
    return needs


def _over(desk: Desk, period: PeriodRow) -> bool:
    return desk.at >= midnight(next_month(period.first_on), desk.zone)


def _coming(desk: Desk, books: list[PeriodRow]) -> list[Coming]:
    coming = [
        Coming(desk.day(one.from_at), f"Version {one.number} of the program starts")
        for one in versions(desk.program.code)
        if one.from_at > desk.at
    ]
    if books:
        ends = next_month(desk.today)
        coming.append(Coming(ends, f"{date_format(desk.today, 'F')} can be closed"))
    return sorted(coming, key=lambda one: one.on)
