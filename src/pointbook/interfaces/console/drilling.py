"""The way down from a line of an entry: to the months of issue, and from one to its facts."""

from __future__ import annotations

from typing import Final

from django.urls import reverse

from pointbook.accounting.queries import journals
from pointbook.accounting.queries.names import ACCOUNTS
from pointbook.accounting.queries.reports.drilling import behind as moved_by
from pointbook.accounting.queries.reports.tables import Opens
from pointbook.earning.telling import called
from pointbook.engine.values.money import exponent, to_major
from pointbook.interfaces.console.desk import Desk, page, unit_of
from pointbook.interfaces.console.pages import books as pages
from pointbook.interfaces.console.pages.frame import Unit
from pointbook.members.queries import rows as member_rows
from pointbook.programs.queries import compiled

LIMIT: Final = 50
LAST: Final = 4  # digits of a version
FAR: Final = 1_000_000_000  # movements into a cohort


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
        unit=unit_named(desk, units.pop() if len(units) == 1 else ""),
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


@page("books", "console/drill.html", part="console/parts/cohorts.html")
def behind(desk: Desk, *, code: str) -> pages.Cohorts:
    """The months of issue behind a figure of a report."""
    asked = desk.request.GET
    version = asked.get("version", "")
    opens = Opens(
        column=asked.get("column", ""),
        to="cohorts",
        account=asked.get("account", ""),
        program=desk.program.code,
        period=code,
        version=int(version) if version.isdecimal() and len(version) <= LAST else None,
        unit=asked.get("unit", ""),
        events=tuple(asked.get("events", "").split(",")),
    )
    rows = moved_by(opens, entity=desk.program.entity)
    units = {row.unit for row in rows}
    account = opens.account
    currency = rows[0].currency if rows else desk.program.currency
    places = exponent(currency)
    return pages.Cohorts(
        number=code,
        account=f"{account} {ACCOUNTS[account].name}" if account in ACCOUNTS else "",
        what=opens.column.replace("_", " ").capitalize(),
        currency=currency,
        unit=unit_named(desk, units.pop() if len(units) == 1 else ""),
        rows=tuple(
            pages.CohortRow(
                issued_on=row.issued_on,
                points=row.points,
                each=abs(to_major(row.change, places=places)) / abs(row.points)
                if row.points
                else None,
                change=row.change,
                transfers=row.rows,
                opens=reverse("console:cohort", args=[row.id]),
            )
            for row in rows
        ),
        total=sum(row.change for row in rows),
    )


@page("books", "console/drill.html", part="console/parts/facts.html")
def cohort(desk: Desk, *, cohort: int) -> pages.Facts:
    """The movements of points behind what an event did to one month of issue."""
    return _facts(desk, cohort, here=reverse("console:cohort", args=[cohort]))


@page("books", "console/drill.html", part="console/parts/facts.html")
def facts(desk: Desk, *, entry: int, account: str, cohort: int) -> pages.Facts:
    """The movements of points behind what an entry did to one month of issue."""
    return _facts(
        desk,
        cohort,
        number=journals.entry(entry).code,
        account=account,
        back=reverse("console:cohorts", args=[entry, account]),
        here=reverse("console:facts", args=[entry, account, cohort]),
    )


def _facts(
    desk: Desk, cohort: int, *, here: str, number: str = "", account: str = "", back: str = ""
) -> pages.Facts:
    asked = desk.request.GET.get("after", "")
    after = min(int(asked), FAR) if asked.isdecimal() else 0
    found = journals.cohort_rows(cohort, limit=LIMIT, offset=after)
    sign = -1 if found.points < 0 else 1
    more = after + len(found.rows) < found.total
    people = {one.id: one for one in member_rows([row.member for row in found.rows if row.member])}
    return pages.Facts(
        number=number or found.period,
        account=account,
        issued_on=found.key.issued_on,
        cohorts_href=back,
        unit=unit_named(desk, found.key.unit),
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


def unit_named(desk: Desk, code: str) -> Unit:
    """How a unit is written, the program's main one for ''."""
    terms = compiled(desk.program.id).versions[-1].units.get(code)
    return desk.unit if terms is None else unit_of(terms)
