"""Every report foots, ties to the database, adds up over periods, and can be made again."""

from decimal import Decimal

import pytest


from pointbook.accounting.queries.reports import REPORTS, Asked
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
from pointbook.interfaces.cli.report import NAMES

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
