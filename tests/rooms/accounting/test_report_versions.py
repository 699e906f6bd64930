"""Reports of a period that was opened again, and accounts that people post to by hand."""

from decimal import Decimal

import pytest

from pointbook.accounting.operations.proposing import approve
from pointbook.accounting.operations.reopening import reopen
from pointbook.accounting.queries.reports import REPORTS, Asked
from pointbook.accounting.queries.reports.pack import about, pack
from pointbook.accounting.queries.reports.rendering import as_csv
from pointbook.accounting.queries.reports.workbooks import workbook
from pointbook.analytics.reports import report
from tests.rooms.accounting.conftest import ANA
from tests.rooms.accounting.keeping import BEN
from tests.rooms.accounting.test_manual import write

ADJUSTED = (("4090", "12.34", ""), ("2100", "", "12.34"))


def made(name, **asked):
    return report(name, Asked(**{"start": "2017-02", "end": "2017-02", **asked}))


@pytest.fixture
def quarter(shop):
    shop.estimate("0.9", "2017-01")
    shop.happened(shop.buy("2017-01-10", 100_000), shop.buy("2017-02-03", 10_000, key="a"))
    shop.happened(shop.burn("2017-02-04", 20))
    shop.close("2017-01")
    number = write(actor=BEN, lines=ADJUSTED, adjusts="A test adjusts this.").number
    if number is not None:
        waits(number)
    shop.close("2017-02", reason="a test")
    return shop


def waits(number):
    """Approve what still waits."""
    from pointbook.accounting.queries.approvals import proposal

    row = proposal(number=number)
    if row is not None and not row.outcome:
        approve(entity_code="main", number=number, actor=ANA)


def balances(**asked):
    """The closings of the roll-forward, and of the trial balance, by account."""
    found: dict[str, Decimal] = {}
    for name in ("liability-rollforward", "provisions", "refund-liability"):
        table = made(name, **asked)
        for row in table.rows:
            account = str(row.cells[table.place("account")])
            amount = row.cells[table.place("closing")]
            assert isinstance(amount, Decimal)
            found[account] = found.get(account, Decimal(0)) + amount
    trial = made("trial-balance", **asked)
    booked = {
        str(row.cells[0]): -Decimal(str(row.cells[trial.place("closing")])) for row in trial.rows
    }
    return found, {account: booked[account] for account in found}


def test_the_roll_forward_comes_to_the_accounts_with_what_was_booked_by_hand(quarter):
    found, booked = balances()
    assert found == booked
    table = made("liability-rollforward")
    assert Decimal("12.34") in table.values("other")


def test_a_version_stays_when_the_period_is_closed_anew(quarter):
    asked = Asked(start="2017-02", end="2017-02", version=1)
    before = {name: as_csv(REPORTS[name](asked)) for name in REPORTS}
    file = workbook(pack(asked), about=about(asked))
    known, booked = balances()
    reopen(entity_code="main", period="2017-02", reason="a till came late", actor=ANA)
    quarter.happened(
        quarter.buy("2017-02-15", 50_000, member="m3"), quarter.give_back("2017-02-25", "a", 5_000)
    )
    live = made("liability-rollforward")
    assert {row.cells[1] for row in live.rows} == {"open"}
    quarter.close("2017-02", reason="a test")
    assert {name: as_csv(REPORTS[name](asked)) for name in REPORTS} == before
    assert workbook(pack(asked), about=about(asked)) == file
    assert balances(version=1) == (known, booked)
    found, now = balances()
    assert found == now != known
    second = made("cohorts")
    assert second.sha256 == made("cohorts", version=2).sha256 != made("cohorts", version=1).sha256
    assert [row.cells[-1] for row in live.rows] == [
        row.cells[-1] for row in made("liability-rollforward").rows
    ]
