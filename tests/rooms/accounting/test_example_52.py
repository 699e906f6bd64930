"""IFRS 15 Example 52 from purchases to closed books (IE267-IE270; ASC 606-10-55-353 to 356)."""

import pytest

from pointbook.accounting.queries.journals import entries
from pointbook.accounting.queries.statements import liability_now, statements, trial_balance
from tests.rooms.accounting.conftest import Shop


@pytest.fixture
def example(db):
    """One point for every 10 currency units, worth 1 unit; the currency has no smaller one."""
    return Shop(currency="JPY", value="1", per="10").open()


def lines(period):
    return {
        entry.event: [(line.account, line.debit, line.credit) for line in entry.lines]
        for entry in entries(period=period)
    }


def test_from_sales_to_closed_books(example):
    example.estimate("0.95", "2017-01")
    example.happened(
        example.buy("2017-01-10", 100_000),
        example.burn("2017-01-20", 4_500),
        example.burn("2017-02-10", 4_000),
    )
    example.close("2017-01")
    example.estimate("0.97", "2017-02")
    example.close("2017-02")
    # Of 100,000 received 91,324 stay with the products and 8,676 are deferred for the points.
    assert lines("2017-01") == {
        "new": [("2100", 0, 8_676), ("4000", 8_676, 0)],
        "burn": [("2100", 4_110, 0), ("4010", 0, 4_110)],
    }
    # The second year's 3,493 are the burns at the old estimate and the change to the new one.
    assert lines("2017-02") == {
        "burn": [("2100", 3_653, 0), ("4010", 0, 3_653)],
        "estimate": [("2100", 0, 160), ("4015", 160, 0)],
    }
    assert 3_653 - 160 == 3_493
    first, second = (statement.roll.money for statement in statements(program="shop"))
    assert (first.closing, second.opening, second.closing) == (4_566, 4_566, 1_073)
    assert liability_now(program="shop")[0].money == 1_073
    balances = {row.account: row.closing for row in trial_balance(program="shop")}
    assert balances == {"2100": -1_073, "4000": 8_676, "4010": -7_763, "4015": 160}
