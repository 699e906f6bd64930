"""Two public data sets through the database: every month as plain loops computed it.

The expected tables and where they come from: tests/analytics/README.md.
"""

import csv
from pathlib import Path

import pytest

from pointbook.analytics.queries import months
from pointbook.engine.replay.months import header
from pointbook.interfaces.cli.verify import invariants

EXPECTED = Path(__file__).parents[2] / "analytics"


@pytest.mark.parametrize("data", ["journey", "cdnow"])
def test_every_column_of_every_month(public, data):
    expected = csv.reader((EXPECTED / f"oracle_{data}_month.csv").read_text().splitlines())
    table = [[str(cell) for cell in month.cells()] for month in months(data)]
    assert [header(["Insider", "VIB", "Rouge"]), *table] == list(expected)


def test_everything_holds(public):
    assert {one.name: one.check() for one in invariants()} == {one.name: [] for one in invariants()}
