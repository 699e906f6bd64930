"""Which policy an award has: the first row that fits, else what is usual."""

from decimal import Decimal

import pytest

from pointbook.engine.revenue.policies import Policy
from pointbook.engine.revenue.treatments import Treatment, price_of, reasons_of, treatment
from pointbook.engine.rules.books import AwardRow, Books

ROWS = (
    AwardRow("goodwill", "1", rule="sorry", unit="miles"),
    AwardRow(
        "funded", "2", rule="cinema", unit="points", partner="cinema-co", price=Decimal("0.8")
    ),
    AwardRow("agent", "3", unit="miles", partner="airline", price=Decimal("0.009")),
    AwardRow("incremental_cost", "4", reason="referral"),
    AwardRow("goodwill", "5", reason="adjustment"),
    AwardRow("deferred_revenue", "6", unit="stars"),
)
BOOKS = Books(judgement="all", awards=ROWS)


def policy(*, rule="basket", unit="points", sale=True, reasons=(), books=BOOKS):
    return treatment(books, rule=rule, unit=unit, sale=sale, reasons=reasons).policy


def test_the_first_row_that_fits_counts():
    assert policy() == "deferred_revenue"
    assert policy(rule="sorry") == "deferred_revenue"  # of another unit
    assert policy(rule="sorry", unit="miles") == "goodwill"
    assert policy(unit="miles") == "agent"
    assert policy(rule="", sale=False, reasons=("adjustment", "mistake")) == "goodwill"
    own = treatment(BOOKS, rule="cinema", unit="points", sale=True)
    assert own == Treatment(Policy.FUNDED, "cinema-co", Decimal("0.8"), "2")


def test_rules_on_referrals_give_for_that_reason():
    assert [reasons_of(kind) for kind in ("referral", "referred", "review")] == [
        ("referral",),
        ("referral",),
        (),
    ]
    assert policy(sale=False, reasons=reasons_of("referred")) == "incremental_cost"


@pytest.mark.parametrize(
    ("own", "no_sale", "goodwill"),
    [
        ("deferred_revenue", "no_sale", "goodwill"),
        ("incremental_cost", "no_sale", "incremental_cost"),
        ("cash_back", "no_sale", "cash_goodwill"),
        ("agent", "agent_goodwill", "agent_goodwill"),
        ("employee", "employee", "employee"),
    ],
)
def test_what_is_usual(own, no_sale, goodwill):
    books = Books(policy=own, partner="p" if own == "agent" else "")
    assert policy(books=books) == own
    assert policy(books=books, sale=False) == no_sale
    assert policy(books=books, sale=False, reasons=("adjustment", "goodwill")) == goodwill
    assert policy(books=books, sale=False, reasons=("opening",)) == "brought"


def test_without_a_sale_there_is_no_price_to_share():
    assert policy(unit="miles", sale=False) == "agent_goodwill"
    assert policy(unit="stars", sale=False) == "no_sale"


def test_a_partner_has_a_price():
    def price(**of):
        return price_of(BOOKS, **of)

    assert price(policy=Policy.AGENT, funder="airline", unit="miles") == Decimal("0.009")
    assert price(policy=Policy.AGENT_GOODWILL, funder="airline", unit="miles") == Decimal("0.009")
    assert price(policy=Policy.FUNDED, funder="cinema-co", unit="points") == Decimal("0.8")
    assert price(policy=Policy.FUNDED, funder="airline", unit="miles") is None
    assert price(policy=Policy.NO_SALE, funder="", unit="stars") is None
    own = Books(policy="agent", partner="airline", price=Decimal("0.01"))
    assert price_of(own, policy=Policy.AGENT_GOODWILL, funder="airline", unit="x") == Decimal(
        "0.01"
    )
