"""Reports: the list of them, one as a table whose figures open, and its files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Final, Literal

from django.http import Http404, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.http import urlencode

from pointbook.accounting.queries.books import periods
from pointbook.accounting.queries.reports import REPORTS, Asked, Column, Kind, Opens, Row, Table
from pointbook.accounting.queries.reports.rendering import as_csv, as_document
from pointbook.accounting.queries.reports.tables import Cell, Foots, ReportError
from pointbook.accounting.queries.reports.workbooks import workbook
from pointbook.engine.values.errors import PointbookError
from pointbook.engine.values.money import exponent
from pointbook.interfaces.console import formats
from pointbook.interfaces.console.desk import Desk, page
from pointbook.interfaces.console.exports import SHEET, download
from pointbook.interfaces.console.pages import reports as pages
from pointbook.interfaces.console.pages.books import Fall
from pointbook.interfaces.console.pages.fields import Field
from pointbook.interfaces.console.rail import rail

SHELVES: Final = (
    (
        "What is owed",
        (
            ("liability-rollforward", "Liability roll-forward", "Opening to closing, gross"),
            ("liability-rollforward-net", "Liability roll-forward, net", "The range as one"),
            ("points-rollforward", "Points roll-forward", "Points in lots, opening to closing"),
            ("cohorts", "Cohorts", "Every month of issue that is open"),
            ("partners", "By funding partner", "Whose points they are"),
            ("provisions", "Provisions", "Points for no sale, at cost"),
            ("refund-liability", "Refund liability", "Cash back in money"),
        ),
    ),
    (
        "For the notes",
        (
            ("revenue-from-opening", "Revenue from the opening", "IFRS 15.116 (b)"),
            ("remaining-obligation", "Remaining obligation", "When it will be redeemed, in bands"),
            ("current-non-current", "Current and non-current", "Within a year, and later"),
            ("tax", "Tax", "By jurisdiction"),
            ("schedules", "Earned over time", "Memberships and services, by day"),
            ("intercompany", "Intercompany", "Points of one entity, used at another"),
        ),
    ),
    (
        "The estimate",
        (
            ("estimates", "Estimates", "Every version and who answers for it"),
            ("triangle", "Triangle", "Redeemed by month of issue and age"),
            ("back-test", "Back-test", "Actual over expected"),
            ("sensitivity", "Sensitivity", "What hangs on the estimate"),
        ),
    ),
    (
        "The proof",
        (
            ("journals", "Journals", "Every entry with its lines"),
            ("trial-balance", "Trial balance", "At any date, as known at any date"),
            ("tie-outs", "Tie-outs", "Figures that must be equal"),
            ("late-facts", "Late facts", "What came after its month was closed"),
            ("approvals", "Approvals", "Who prepared, who decided"),
            ("months", "Months", "Earned, spent, expired"),
            ("tiers", "Tiers", "Members by tier"),
        ),
    ),
)
TITLES: Final = {name: title for _, rows in SHELVES for name, title, _ in rows}
RAILED: Final = {"late-facts": "Late facts", "trial-balance": "Trial balance"}
FALLS: Final = frozenset(
    {"liability-rollforward", "liability-rollforward-net", "provisions", "refund-liability"}
)
FILES: Final = ("csv", "json", "xlsx")
MOST: Final = 500  # rows on a page; a file has all
CLOSING, OPENING = "closing", "opening"


@page("books", "console/reports.html")
def reports(desk: Desk) -> pages.Reports:
    """All reports there are."""
    closed = [one.code for one in periods(entity_code=desk.program.entity) if one.version]
    known = {name for _, rows in SHELVES for name, *_ in rows}
    others = tuple((name, name.replace("-", " ").capitalize(), "") for name in REPORTS)
    more = ("More", tuple(one for one in others if one[0] not in known))
    return pages.Reports(
        rail=rail(desk, here="Reports"),
        entity=desk.program.entity,
        program=desk.program.name,
        shelves=tuple(
            pages.Shelf(title, shown)
            for title, rows in (*SHELVES, more)
            if (shown := tuple(_named(*one) for one in rows if one[0] in REPORTS))
        ),
        pack=reverse("console:pack", args=closed[:1]) if closed else "",
    )


def _named(name: str, title: str, says: str) -> pages.Named:
    return pages.Named(name, title, says, reverse("console:report", args=[name]))


@page("books", "console/report.html")
def report(desk: Desk, *, name: str) -> pages.Report:
    """One report of the periods that are asked for; what cannot be asked is said in its place."""
    if name not in REPORTS:
        raise Http404
    try:
        return _shown(desk, name, REPORTS[name](_asked(desk)))
    except PointbookError as refusal:
        return _page(desk, name, refused=str(refusal))


@page("books", "console/report.html")
def file(desk: Desk, *, name: str, form: str) -> HttpResponse:
    """A report as CSV, JSON or a workbook."""
    if name not in REPORTS or form not in FILES:
        raise Http404
    try:
        table = REPORTS[name](_asked(desk))
    except PointbookError as refusal:
        raise Http404 from refusal
    stem = f"{desk.program.entity}-{name}.{form}"
    if form == "csv":
        return download(as_csv(table), name=stem, kind="text/csv; charset=utf-8")
    if form == "json":
        response = JsonResponse(as_document(table), json_dumps_params={"indent": 1})
        response["Content-Disposition"] = f'attachment; filename="{stem}"'
        return response
    return download(workbook([table]), name=stem, kind=SHEET)


def _asked(desk: Desk) -> Asked:
    """What the address asks for.

    :raises ReportError: what is no number, day or instant.
    """
    said = {name: str(value).strip() for name, value in desk.request.GET.items()}
    version, known = said.get("version", ""), said.get("known_at", "")
    try:
        return Asked(
            entity=desk.program.entity,
            program=desk.program.code,
            start=said.get("start") or None,
            end=said.get("end") or None,
            version=int(version) if version else None,
            known_at=_end_of(date.fromisoformat(known)) if known else None,
            as_of=date.fromisoformat(said["as_of"]) if said.get("as_of") else None,
        )
    except ValueError:
        raise ReportError(
            "this cannot be read", field="version", mend="Write a number, and days as YYYY-MM-DD."
        ) from None


def _end_of(day: date) -> datetime:
    """The last instant of a day: what was recorded on it is known."""
    return datetime.combine(day, time.max, tzinfo=UTC)


def _form(desk: Desk, name: str, table: Table | None = None) -> tuple[Field, ...]:
    said, span = desk.request.GET, dict(table.parameters) if table else {}
    fields = [
        Field("start", "From", said.get("start") or span.get("from", ""), kind="month"),
        Field("end", "To", said.get("end") or span.get("to", ""), kind="month"),
        Field("version", "Version", said.get("version", "")),
        Field("known_at", "Known at", said.get("known_at", ""), kind="date"),
    ]
    if name == "trial-balance":
        fields.append(Field("as_of", "As of", said.get("as_of", ""), kind="date"))
    return tuple(fields)


def _page(desk: Desk, name: str, *, refused: str) -> pages.Report:
    return pages.Report(
        rail=rail(desk, here=RAILED.get(name, "Reports")),
        entity=desk.program.entity,
        program=desk.program.name,
        name=name,
        title=TITLES.get(name, name),
        index=reverse("console:reports"),
        form=_form(desk, name),
        heads=(),
        lines=(),
        alike=(),
        left_out="",
        notes=(),
        parameters=(),
        rows=0,
        digest="",
        files=(),
        refused=refused,
    )


def _shown(desk: Desk, name: str, table: Table) -> pages.Report:
    alike = [place for place in range(len(table.columns)) if _is_alike(table, place)]
    empty = [place for place in range(len(table.columns)) if _is_empty(table, place)]
    shown = [n for n in range(len(table.columns)) if n not in {*alike, *empty}]
    query = f"?{urlencode(desk.request.GET)}" if desk.request.GET else ""
    currency = desk.program.currency
    notes = list(table.notes)
    if len(table.rows) > MOST:
        notes.append(f"The first {MOST} of {len(table.rows)} rows; a file has all of them.")
    return pages.Report(
        rail=rail(desk, here=RAILED.get(name, "Reports")),
        entity=desk.program.entity,
        program=desk.program.name,
        name=name,
        title=table.title,
        index=reverse("console:reports"),
        form=_form(desk, name, table),
        heads=tuple(
            pages.Head(_head(table.columns[n]), figure=_is_figure(table.columns[n])) for n in shown
        ),
        lines=tuple(_lines(table, shown)),
        alike=tuple(
            pages.Said(table.columns[n].head, _text(table.columns[n], table.rows[0].cells[n]))
            for n in alike
            if table.rows[0].cells[n] not in ("", None)
        ),
        left_out=", ".join(table.columns[n].head for n in empty),
        notes=tuple(notes),
        parameters=tuple(pages.Said(*one) for one in table.parameters),
        rows=len(table.rows),
        digest=table.sha256,
        files=tuple(
            pages.File(form.upper(), reverse("console:report-file", args=[name, form]) + query)
            for form in FILES
        ),
        currency=currency,
        falls=tuple(_falls(table, currency)),
    )


def _is_figure(column: Column) -> bool:
    return column.kind in (Kind.POINTS, Kind.MONEY, Kind.RATE, Kind.COUNT)


def _is_alike(table: Table, place: int) -> bool:
    """A word that every row says, told once above; not where there is one row to tell of."""
    column = table.columns[place]
    if column.kind is not Kind.TEXT or not table.rows or column.name == "period":
        return False
    return len({row.cells[place] for row in table.rows}) == 1


def _is_empty(table: Table, place: int) -> bool:
    """A movement that has no figure in any row; opening and closing always stand."""
    column = table.columns[place]
    if column.name in (OPENING, CLOSING) or not _is_figure(column) or not column.adds:
        return False
    return bool(table.rows) and not any(row.cells[place] for row in table.rows)


def _head(column: Column) -> str:
    return (
        f"{column.head}, {column.currency}" if column.currency and not column.adds else column.head
    )


def _lines(table: Table, shown: Sequence[int]) -> Iterator[pages.Line]:
    for row in table.rows[:MOST]:
        opens = {one.column: one for one in row.opens}
        yield pages.Line(
            tuple(
                _cell(table.columns[n], row.cells[n], address(opens, table.columns[n]))
                for n in shown
            )
        )
    first = shown[0] if len(table.totals) == 1 else -1
    for row in table.totals if len(table.rows) > 1 or _adds(table) else ():
        yield pages.Line(tuple(_total(table, row, n, first=first) for n in shown), total=True)


def _adds(table: Table) -> bool:
    return any(column.foots is Foots.SUM for column in table.columns)


def _total(table: Table, row: Row, place: int, *, first: int) -> pages.Cell:
    column = table.columns[place]
    if not column.foots and place == first:
        return pages.Cell("Total")
    if not column.foots:
        said = row.cells[place] if column.name in (*table.groups, *table.grand) else ""
        return pages.Cell(_text(column, said) if said else "", figure=_is_figure(column))
    return pages.Cell(
        _text(column, row.cells[place]),
        figure=True,
        points=column.kind is Kind.POINTS,
        foots=True,
    )


def _cell(column: Column, cell: Cell, opens: str) -> pages.Cell:
    return pages.Cell(
        _text(column, cell),
        figure=_is_figure(column),
        points=column.kind is Kind.POINTS,
        opens=opens,
    )


def _text(column: Column, cell: Cell) -> str:
    if cell is None or cell == "":
        return ""
    if isinstance(cell, date):
        return f"{cell.day} {cell:%b %Y}"
    if isinstance(cell, str):
        return cell
    if column.kind is Kind.RATE:
        return f"{formats.number(Decimal(cell) * 100, places=1)}%"
    if column.kind is Kind.MONEY:
        places = column.decimals or (exponent(column.currency) if column.currency else 2)
        return formats.number(cell, places=places)
    return formats.number(cell, places=column.decimals)


def address(opens: dict[str, Opens], column: Column) -> str:
    """The page behind a figure, '' where there is none."""
    one = opens.get(column.name)
    return _ADDRESSES[one.to](one) if one is not None and one.to in _ADDRESSES else ""


def _cohorts(one: Opens) -> str:
    said = {
        "column": one.column,
        "unit": one.unit,
        "account": one.account,
        "events": ",".join(one.events),
        "version": str(one.version or ""),
    }
    kept = {key: value for key, value in said.items() if value}
    return f"{reverse('console:behind', args=[one.period])}?{urlencode(kept)}"


def _entries(one: Opens) -> str:
    here = reverse("console:report", args=["journals"])
    said = {"start": one.period, "end": one.period} if one.period else {}
    return f"{here}?{urlencode(said)}" if said else here


_ADDRESSES: Final[dict[str, Callable[[Opens], str]]] = {
    "entry": lambda one: reverse("console:cohorts", args=[one.id, one.account]),
    "facts": lambda one: reverse("console:cohort", args=[one.id]),
    "cohorts": _cohorts,
    "entries": _entries,
    "estimate": lambda _: reverse("console:estimate"),
    "proposal": lambda one: f"{reverse('console:approvals')}#p-{one.id}",
}
_WAYS: Final[dict[bool, Literal["up", "down"]]] = {True: "up", False: "down"}


def _falls(table: Table, currency: str) -> Iterator[Fall]:
    """The money of a roll-forward as steps: over all its rows, or of its one total."""
    names = [column.name for column in table.columns]
    money = [one for one in table.columns if one.kind is Kind.MONEY]
    if (
        table.name not in FALLS
        or not table.totals
        or OPENING not in names
        or CLOSING not in names
        or not money
    ):
        return
    whole = [row for row in table.totals if _is_of(table, row, currency)]
    if len(whole) != 1:
        return
    row, level, places = whole[0], 0, exponent(currency)

    def minor(name: str) -> int:
        return int(Decimal(row.cells[names.index(name)] or 0).scaleb(places))  # type: ignore[arg-type]

    yield Fall("Opening", "Opening", 0, level := minor(OPENING), "total")
    for column in table.columns:
        if column.adds and column.name != OPENING and minor(column.name):
            end = level + column.adds * minor(column.name)
            label = column.head.capitalize()
            yield Fall(label, label.split()[0], level, end, _WAYS[end > level])
            level = end
    yield Fall("Closing", "Closing", 0, minor(CLOSING), "total")


def _is_of(table: Table, row: Row, currency: str) -> bool:
    place = next((n for n, one in enumerate(table.columns) if one.name == "currency"), None)
    return place is None or row.cells[place] in ("", currency)
