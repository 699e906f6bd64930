"""The other pages of the books with sample figures: simple books, estimates, reports, approvals."""

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import accumulate

from pointbook.interfaces.console import formats
from pointbook.interfaces.console.pages import (
    approvals,
    estimates,
    exports,
    fields,
    journals,
    keeping,
    reports,
    simple,
)
from pointbook.interfaces.console.pages.books import JournalLine
from tests.pages.sample_books import a_rail, a_roll
from tests.pages.samples import MONTHS, UNIT

AT = datetime(2018, 1, 1, 8, 2, tzinfo=UTC)
BY = {"entity": "main", "program": "Beauty tiers"}


def simple_books(*, closed: bool = False, blocked: bool = False) -> simple.Simple:
    return simple.Simple(
        **BY,
        currency="USD",
        unit=UNIT,
        owed=458822,
        in_books=896649,
        said="with what came since November was closed",
        first_on=date(2017, 12, 1),
        last_on=date(2017, 12, 31),
        code="2017-12",
        state="closed" if closed else "open",
        over=True,
        figures=(
            simple.Figure("Earned", 413110, "in 13,090 receipts"),
            simple.Figure("Spent", 400200, "96.9% of what was earned"),
            simple.Figure("Expired", 36720),
            simple.Figure("You owe at the end", 458822, "482,632 at the start"),
        ),
        lines=(
            JournalLine("4000", "Revenue, goods", 714688, 0),
            JournalLine("2100", "Contract liability, points", 83487, 0),
            JournalLine("4010", "Revenue, points redeemed", 0, 786770),
            JournalLine("4015", "Change of estimate", 0, 11405),
        ),
        files=tuple(
            simple.Handover(code, label)
            for code, label in (("csv", "CSV"), ("quickbooks", "QuickBooks"), ("xero", "Xero"))
        )
        if closed
        else (),
        months=tuple(
            simple.Month(
                date(2017, n, 1),
                "open" if n == 12 and not closed else "closed",
                MONTHS[n - 1][3],
                MONTHS[n - 1][3] * 88 // 100 * 2,
                f"/books/?month=2017-{n:02}",
                f"/books/2017-{n:02}/",
                current=n == 12,
            )
            for n in range(12, 0, -1)
        ),
        can_close=not closed,
        may_export=True,
        may_switch=True,
        stops=("The books do not tie by 0.02: ask who runs this server.",) if blocked else (),
        asks=()
        if closed or blocked
        else ("No estimate was made: every point is expected to be spent.",),
    )


RATES = (31, 24, 13, 8, 5, 3, 2)


def a_heat() -> estimates.Heat:
    rows = []
    for n in range(12):
        ages = min(12 - n, 7)
        shares = list(accumulate(Decimal(one + (n * 7 + one) % 4) for one in RATES[:ages]))
        rows.append(estimates.HeatRow(date(2017, n + 1, 1), MONTHS[n][0], tuple(shares), 7 - ages))
    return estimates.Heat(tuple(range(7)), tuple(rows))


def _paper_row(number: int, state: str, *, current: bool = False) -> estimates.PaperRow:
    return estimates.PaperRow(
        number=number,
        href=f"/books/estimate/?paper={number}",
        from_on=date(2017, number, 1),
        method="Bornhuetter-Ferguson" if number > 6 else "flat",
        percent=Decimal("87.5"),
        low=Decimal("85.9") if number > 6 else None,
        high=Decimal("89.2") if number > 6 else None,
        prepared_by="jonas",
        on=date(2018, 1, 1),
        state=state,
        decided_by="" if state == "waiting" else "ana",
        own=number == 6,
        current=current,
    )


def a_form(*, error: bool = False) -> tuple[fields.Field, ...]:
    choose = tuple(
        fields.Choice(code, label, chosen=code == "bornhuetter_ferguson")
        for code, label in (("flat", "Flat"), ("bornhuetter_ferguson", "Bornhuetter-Ferguson"))
    )
    return (
        fields.Field("method", "Method", choices=choose),
        fields.Field("from", "In force from", "2018-01", kind="month"),
        fields.Field("rate", "Flat rate", hint="For the flat method: 88 is 88%."),
        fields.Field(
            "prior",
            "Prior",
            "188" if error else "88",
            hint="What you expect of cohorts nobody knows yet.",
            error="prior cannot be 1.88. Give a rate from 0 to 1." if error else "",
        ),
        fields.Field("young", "Young until age", "3", hint="Months; younger cohorts lean on it."),
        fields.Field("note", "Note"),
    )


def a_unit() -> estimates.PaperUnit:
    heat = a_heat()
    return estimates.PaperUnit(
        name="points",
        unit=UNIT,
        heat=heat,
        cohorts=tuple(
            estimates.CohortRate(
                row.issued_on,
                row.issued,
                int(row.issued * row.shares[-1] / 100),
                Decimal(87 + row.unseen % 3),
                Decimal(85),
                Decimal(90),
                Decimal(100 - 14 * row.unseen),
                "run off" if not row.unseen else "Bornhuetter-Ferguson",
            )
            for row in heat.rows
        ),
        ahead=tuple(
            estimates.Ahead(date(2018, n, 1), 180000 // n, 150000 // n, 210000 // n)
            for n in range(1, 7)
        ),
        tested=tuple(
            estimates.Tested(date(2017, n, 1), 40000 + n, 41000 - 700 * n, Decimal(102 - 2 * n))
            for n in range(6, 12)
        ),
        all_tested=estimates.Tested(date(2017, 6, 1), 240000, 228000, Decimal(95)),
        challenger="discrete hazards say 86.9%",
        notes=("Seven months of points have run off; the others lean on the prior of 88%.",),
    )


def an_estimate(*, error: bool = False, mine: bool = False) -> estimates.Estimates:
    paper = estimates.Paper(
        row=_paper_row(12, "waiting", current=True),
        until_on=date(2017, 12, 1),
        facts=155848,
        digest="9c1e55fa10d2b6c39c1e55fa10d2b6c39c1e55fa10d2b6c39c1e55fa10d2b6c3",
        selected="prior 88.0%, young until age 3",
        units=(a_unit(),),
        supposed=tuple(
            estimates.Supposed(name, 396649 + change, change, "USD")
            for name, change in (
                ("as estimated", 0),
                ("expected redemption -5 points", -25011),
                ("expected redemption -1 points", -4903),
                ("expected redemption +1 points", 4903),
                ("expected redemption +5 points", 23970),
            )
        ),
        may_decide=True,
        mine=mine,
    )
    return estimates.Estimates(
        rail=a_rail("Estimate"),
        **BY,
        code="beauty",
        answer="In force since December 2017, between 85.9% and 89.2%. One paper waits.",
        in_force=estimates.InForce(
            9, Decimal("87.5"), Decimal("85.9"), Decimal("89.2"), "BF", date(2017, 12, 1), "j", "a"
        ),
        paper=paper,
        papers=tuple(
            _paper_row(n, "waiting" if n == 12 else "approved", current=n == 12) for n in (12, 9, 6)
        ),
        form=a_form(error=error),
        may_prepare=True,
        owner_run=False,
    )


def no_estimate() -> estimates.Estimates:
    return estimates.Estimates(
        rail=a_rail("Estimate"),
        **BY,
        code="beauty",
        answer="Until one is approved, the books expect every point to be redeemed.",
        in_force=None,
        paper=None,
        papers=(),
        form=a_form(),
        may_prepare=True,
        owner_run=True,
    )


def a_list_of_reports() -> reports.Reports:
    return reports.Reports(
        rail=a_rail("Reports"),
        **BY,
        shelves=(
            reports.Shelf(
                "What is owed",
                (
                    reports.Named(
                        "liability-rollforward",
                        "Liability roll-forward",
                        "Opening, new, redeemed, breakage, estimate, closing",
                        "/books/reports/liability-rollforward/",
                    ),
                    reports.Named("cohorts", "Cohorts", "By month of issue", "/books/reports/x/"),
                ),
            ),
        ),
        pack="/books/2017-12/pack.xlsx",
    )


def a_report(*, refused: str = "") -> reports.Report:
    heads = ("Period", "Opening", "New", "Redeemed", "Estimate change", "Closing")
    figures = ((480136, 714688, -786770, -11405, 396649), (396649, 600000, -500000, 0, 496649))

    def line(period: str, row: tuple[int, ...], *, total: bool = False) -> reports.Line:
        return reports.Line(
            (
                reports.Cell(period),
                *(
                    reports.Cell(
                        formats.money(one, currency="USD"),
                        figure=True,
                        opens="" if total or n in (0, 4) else "/books/entries/2/",
                        foots=total,
                    )
                    for n, one in enumerate(row)
                ),
            ),
            total=total,
        )

    return reports.Report(
        rail=a_rail("Reports"),
        **BY,
        name="liability-rollforward",
        title="Contract liability roll-forward of beauty",
        index="/books/reports/",
        form=(
            fields.Field("start", "From", "2017-11", kind="month"),
            fields.Field("end", "To", "2017-12", kind="month"),
            fields.Field("version", "Version", hint=""),
            fields.Field("known_at", "Known at", kind="date"),
        ),
        heads=tuple(reports.Head(one, figure=n > 0) for n, one in enumerate(heads)),
        lines=(
            line("2017-11", figures[0]),
            line("2017-12", figures[1]),
            line("", (480136, 1314688, -1286770, -11405, 496649), total=True),
        ),
        alike=(reports.Said("unit", "points"), reports.Said("currency", "USD")),
        left_out="fx, acquired, claw back",
        notes=("Gross: every line adds up over periods.",),
        parameters=(reports.Said("entity", "main"), reports.Said("from", "2017-11")),
        rows=2,
        digest="9c1e55fa10d2b6c39c1e55fa10d2b6c39c1e55fa10d2b6c39c1e55fa10d2b6c3",
        files=(reports.File("CSV", "?"), reports.File("JSON", "?"), reports.File("XLSX", "?")),
        currency="USD",
        falls=a_roll().falls,
        refused=refused,
    )


def _proposal(number: int, what: str, **more: object) -> approvals.Proposal:
    return approvals.Proposal(
        number=number,
        kind="estimate",
        what=what,
        details=("87.5%, 85.9 to 89.2%, from December 2017",),
        note="November ran off",
        by="jonas",
        on=date(2018, 1, 1),
        href="/books/estimate/?paper=12",
        **more,
    )


def some_approvals(*, nothing: bool = False) -> approvals.Approvals:
    decided = {"outcome": "approved", "decided_by": "ana", "decided_on": date(2018, 1, 1)}
    return approvals.Approvals(
        rail=a_rail("Approvals"),
        **BY,
        owner_run=nothing,
        waiting=()
        if nothing
        else (
            _proposal(12, "Estimate by Bornhuetter-Ferguson", may_decide=True),
            _proposal(11, "Journal: legal costs", may_decide=True, mine=True),
        ),
        decided=()
        if nothing
        else (
            _proposal(9, "Estimate, flat", **decided),
            _proposal(6, "Reopen September 2017", own=True, reason="a file was late", **decided),
        ),
    )


def some_journals(*, nothing: bool = False, error: bool = False) -> journals.Journals:
    lines = (
        JournalLine("6100", "Marketing", 25000, 0),
        JournalLine("2300", "Provision for points", 0, 25000),
    )
    common = {"period": "2017-12", "currency": "USD", "lines": lines, "on": date(2018, 1, 1)}
    accounts = (("6100", "6100 Marketing"), ("2300", "2300 Provision for points"))
    return journals.Journals(
        rail=a_rail("Journals"),
        **BY,
        currency="USD",
        owner_run=False,
        entries=()
        if nothing
        else (
            journals.Manual(
                11, "", "Prize of the autumn draw", by="ana", state="waiting", may_decide=True,
                mine=True, **common,
            ),
            journals.Manual(
                8, "M-2017-12-0001", "Provision for a claim", by="jonas", state="posted",
                decided_by="ana", may_reverse=True, **common,
            ),
        ),
        may_propose=True,
        fields=(
            fields.Field("period", "Period", "2017-12", kind="month"),
            fields.Field("description", "Description", required=True),
            fields.Field("note", "Why", hint="Read by whoever approves."),
        ),
        accounts=tuple(fields.Choice(*one) for one in accounts),
        rows=tuple(
            journals.TypedLine(n, "6100", "250.00", "", "No account." * error * (n == 2))
            for n in range(1, 5)
        ),
        error="debits are 250.00, credits 0.00" if error else "",
    )  # fmt: skip


def some_exports(*, nothing: bool = False) -> exports.Exports:
    return exports.Exports(
        rail=a_rail("Exports"),
        **BY,
        period="" if nothing else "2017-12",
        periods=(fields.Choice("2017-12", "December 2017", chosen=True),),
        formats=(
            exports.Format("beancount", "Beancount", "Plain text, with assertions"),
            exports.Format("xero", "Xero", "Manual journal CSV, 300 lines a file"),
        ),
        handed=()
        if nothing
        else (
            exports.Handed("2017-12", 2, "xero", 3, "ana", AT, "9c1e55fa10d2b6c3", again=True),
            exports.Handed("2017-12", 1, "xero", 3, "ana", AT, "8a1e55fa10d2b6c3", again=False),
        ),
        accounts=(
            exports.Account("2100", "Contract liability, points", "24200", "Treuepunkte"),
            exports.Account("4010", "Revenue, points redeemed", "", ""),
        ),
        may_export=True,
        may_name=True,
        needs_approval=False,
        before="" if nothing else "2017-12 was handed over to Xero on 1 January by ana.",
    )


def some_settings(*, full: bool = True) -> keeping.Keeping:
    return keeping.Keeping(
        rail=a_rail("Settings"),
        **BY,
        full=full,
        owner_run=not full,
        switches=(
            keeping.Switch("owner_run", "The owner approves own work", "Each is recorded.", False),
            keeping.Switch("costs", "Pointbook books the cost of own goods", "1400, 5000.", True),
        ),
        may_switch=True,
        may_set=True,
    )
