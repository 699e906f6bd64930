"""Every report foots, ties to the database, adds up over periods, and can be made again."""

import json
import random
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from pointbook.accounting.models import Close, JournalLine
from pointbook.accounting.queries.journals import cohort_rows
from pointbook.accounting.queries.reports import REPORTS, Asked
from pointbook.accounting.queries.reports.drilling import behind
from pointbook.accounting.queries.reports.rendering import as_csv, as_document
from pointbook.accounting.queries.reports.rolling import LINES
from pointbook.accounting.queries.reports.tables import (
    Column,
    Foots,
    Kind,
    ReportUntied,
    Row,
    Table,
    footed,
)
from pointbook.analytics.reports import REPORTS as EVERY
from pointbook.analytics.reports import ReportError, report
from pointbook.earning.operations import ingest
from pointbook.engine.revenue.estimating.run_off import bands
from pointbook.engine.values.money import to_major
from pointbook.interfaces.cli.report import NAMES
from tests.rooms.accounting.conftest import OWNER

MONTHS = ("2017-01", "2017-02", "2017-03")


@pytest.fixture
def told(shop):
    """Three closed months: bought, used, taken back, an estimate that changed, a late fact."""
    shop.happened(
        shop.buy("2017-01-10", 123_456, key="first"),
        shop.buy("2017-01-20", 50_000, member="m2"),
    )
    shop.estimate("0.9", "2017-01")
    shop.close("2017-01")
    shop.happened(shop.burn("2017-02-10", 23), shop.buy("2017-02-11", 70_000))
    shop.happened(shop.buy("2017-01-31", 9_900, member="m3"))
    shop.estimate("0.8", "2017-02")
    shop.close("2017-02", reason="late")
    shop.happened(shop.give_back("2017-03-05", "first", 23_456), shop.burn("2017-03-09", 40))
    shop.close("2017-03")
    return shop


def made(name, **asked):
    return report(name, Asked(program="shop", **asked))


def test_the_command_names_every_report():
    assert sorted(EVERY) == sorted(NAMES)


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_a_report_foots_and_is_the_same_again(told, name):
    table = made(name, start="2017-01", end="2017-03")
    assert table.name == name
    assert {len(row.cells) for row in table.rows} <= {len(table.columns)}
    assert table.sha256 == made(name, start="2017-01", end="2017-03").sha256
    assert as_csv(table).splitlines()[0] == ",".join(one.name for one in table.columns)
    assert as_document(table)["row_count"] == len(table.rows)
    if name not in {"schedules", "tax", "intercompany", "provisions", "refund-liability"}:
        assert table.rows


def rows(table, *names):
    return [tuple(row.cells[table.place(name)] for name in names) for row in table.rows]


def test_a_figure_opens_to_cohorts_that_add_up_to_it_and_to_facts(told):
    table = made("liability-rollforward", start="2017-01", end="2017-03")
    opened = [(row, opens) for row in table.rows for opens in row.opens]
    assert len(opened) > 5
    for row, opens in opened:
        found = behind(opens)
        assert (
            to_major(sum(one.change for one in found), places=2)
            == row.cells[table.place(opens.column)]
        )
        for one in found:
            assert len(cohort_rows(one.id, limit=500).rows) == one.rows


def test_the_trial_balance_of_any_day_is_what_was_posted_and_known(told):
    first, second, third = Close.objects.order_by("id")
    lines = JournalLine.objects.filter(entry__posting_on__lte=date(2017, 2, 28))
    posted = sum(line.debit for line in lines)
    table = made("trial-balance", start="2017-01", end="2017-03", as_of=date(2017, 2, 28))
    assert table.totals[0].cells[table.place("debit")] == to_major(posted, places=2)
    known = made("trial-balance", start="2017-01", end="2017-03", known_at=first.closed_at)
    of_first = JournalLine.objects.filter(entry__close=first)
    assert known.totals[0].cells[known.place("debit")] == to_major(
        sum(line.debit for line in of_first), places=2
    )
    assert second.closed_at < third.closed_at


def test_a_version_is_told_again_byte_for_byte(told):
    names = [name for name in REPORTS if name != "approvals"]
    before = {name: as_csv(made(name, start="2017-02", end="2017-02", version=1)) for name in names}
    told.happened(told.buy("2017-02-20", 10_000), told.burn("2017-03-30", 10))
    told.estimate("0.7", "2017-04")
    told.close("2017-04", reason="late")
    after = {name: as_csv(made(name, start="2017-02", end="2017-02", version=1)) for name in names}
    assert after == before
    with pytest.raises(ReportError, match="no close with version 2"):
        made("cohorts", start="2017-02", end="2017-02", version=2)
    with pytest.raises(ReportError, match="one period"):
        made("cohorts", version=1)


def test_bands_and_provisions_foot_and_the_opening_is_followed(told):
    table = made("remaining-obligation", start="2017-03", end="2017-03")
    owed = made("liability-rollforward", start="2017-03", end="2017-03")
    assert table.totals[0].cells[-1] == owed.totals[-1].cells[owed.place("closing")]
    halves = made("current-non-current", start="2017-03", end="2017-03")
    assert halves.totals[0].cells[-1] == table.totals[0].cells[-1]
    ((opening, revenue, closing),) = rows(
        made("revenue-from-opening", start="2017-02", end="2017-03"),
        *("opening", "revenue_from_opening", "closing"),
    )
    assert 0 < revenue < opening
    assert closing < opening - revenue  # a return took its part
    ((net, additions),) = rows(
        made("liability-rollforward-net", start="2017-02", end="2017-03"),
        *("revenue_from_opening", "additions_not_redeemed"),
    )
    assert net == -revenue
    assert additions > 0


def test_what_does_not_foot_is_refused():
    def column(name, foots, **more):
        return Column(name, Kind.MONEY, "USD", 2, foots, **more)

    columns = (
        column("opening", Foots.FIRST, adds=1),
        column("moved", Foots.SUM, adds=1),
        column("closing", Foots.LAST, result=True),
    )

    def table(*cells, chained=True):
        return Table(
            name="t",
            title="t",
            columns=columns,
            rows=tuple(Row(tuple(map(Decimal, one))) for one in cells),
            chained=chained,
        )

    assert footed(table((1, 2, 3), (3, -1, 2))).totals[0].cells == (1, 1, 2)
    with pytest.raises(ReportUntied, match="3 is not 4"):
        footed(table((1, 2, 4)))
    with pytest.raises(ReportUntied, match="opens"):
        footed(table((1, 2, 3), (4, -1, 3)))


@pytest.mark.parametrize("seed", range(6))
def test_months_add_up_to_quarters_and_years(shop, seed):
    """Gross lines of months equal those of quarters and of the year, over random histories."""
    rng = random.Random(seed)
    for month in range(1, 7):
        code = f"2017-{month:02d}"
        for _ in range(rng.randint(1, 4)):
            at = f"{code}-{rng.randint(1, 28):02d}"
            member = rng.choice(["m1", "m2"])
            fact = shop.buy(at, rng.randint(1_000, 90_000), member=member)
            shop.happened(fact)
            shop.bought.append((fact.id, member, fact.total))
        if rng.random() < 0.7:
            ingest(program="shop", facts=[shop.burn(f"{code}-28T10", 30)], actor=OWNER)
        if rng.random() < 0.5:
            key, member, total = rng.choice(shop.bought)
            given = shop.give_back(f"{code}-28T12", key, rng.randint(1, total), member=member)
            ingest(program="shop", facts=[given], actor=OWNER)
        shop.estimate(str(rng.choice([Decimal("0.5"), Decimal("0.8"), 1])), code)
        if month < 5:
            shop.close(code, reason="a test")

    def lines(start, end):
        table = made("liability-rollforward", start=start, end=end)
        (total, _) = (*table.totals, None) if len(table.totals) == 1 else table.totals
        return [total.cells[table.place(name)] for name in (*LINES, "breakage_in_redemptions")]

    months = [lines(f"2017-{m:02d}", f"2017-{m:02d}") for m in range(1, 7)]
    quarters = [lines("2017-01", "2017-03"), lines("2017-04", "2017-06")]
    half = lines("2017-01", "2017-06")
    assert [sum(one) for one in zip(*months, strict=True)] == half
    assert [sum(one) for one in zip(*quarters, strict=True)] == half


def test_bands_that_a_company_published_foot_as_a_report():
    """Super Hi International's remaining obligation (20-F of 2024): by row, and in all."""
    cases = json.loads(Path("tests/engine/revenue/cases.json").read_text())
    (case,) = [one for one in cases if one["id"] == "SUPERHI-RPO-BANDS"]
    groups, expected = case["inputs"]["groups"], case["expected"]
    for year in ("2023", "2024"):
        rows = []
        for name in ("loyalty", "prepaid"):
            parts = [*groups[f"{name}_{year}"], 0, 0][:3]
            owed = bands(liability=sum(parts), expected_by_month=by_month(parts))
            assert list(owed) == parts
            rows.append(Row((name, *map(Decimal, owed), Decimal(expected[f"{name}_{year}"]))))
        names = ("within_one_year", "one_to_two_years", "beyond_two_years")
        columns = (
            Column("what"),
            *(Column(one, Kind.MONEY, foots=Foots.SUM, adds=1) for one in names),
            Column("total", Kind.MONEY, foots=Foots.SUM, result=True),
        )
        table = footed(Table(name="bands", title="", columns=columns, rows=tuple(rows)))
        total = [*groups[f"total_{year}"], expected[f"total_{year}"]]
        assert list(table.totals[0].cells[1:]) == total


def by_month(parts):
    """Points expected in 36 months, in proportion to three bands."""
    return [part if not month else 0 for part in parts for month in range(12)]
