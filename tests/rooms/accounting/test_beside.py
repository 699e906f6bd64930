"""What the books post beside cohorts: fees by the day, points sold, tenders, sales, exchange."""

from decimal import Decimal

import pytest

from pointbook.accounting.models import ExchangeRate, JournalEntry, Schedule, Setting
from pointbook.accounting.queries.closes import close_view
from pointbook.controls.clock import now
from pointbook.engine.values.baskets import Tender
from pointbook.programs.models import Entity
from tests.rooms.accounting.conftest import Shop
from tests.rooms.accounting.periods import balances, closed, events
from tests.rooms.till import broken


@pytest.fixture
def shop(db):
    """Points worth a dollar, all of which are expected to be used."""
    own = Shop().open()
    own.estimate("1", "2017-01")
    return own


def kept(**more):
    """How the entity keeps its books from now on."""
    own = Entity.objects.get(code="main")
    Setting.objects.create(entity=own, number=1, recorded_by="ana", recorded_at=now(), **more)


def fee(shop, at, total, *, key=None, kind="membership", **attributes):
    return shop._fact(kind, at, "m1", key, currency="USD", total=total, attributes=attributes)


def said(period):
    return {
        one.description: [(line.account, line.debit, line.credit) for line in one.lines]
        for one in close_view(period=period).programs[0].entries
    }


def test_a_fee_is_earned_by_the_day_to_the_last_cent(shop):
    shop.happened(
        fee(shop, "2017-01-15", 10_000, **{"from": "2017-01-15", "until": "2017-04-15"}),
    )
    closed(shop, "2017-01")
    # 17 of 90 days: 10,000 x 17 / 90 = 1,888.9.
    assert said("2017-01") == {
        "Membership fees, 1 paid": [("1000", 10_000, 0), ("2120", 0, 10_000)],
        "Membership of the days that passed": [("2120", 1_889, 0), ("4040", 0, 1_889)],
    }
    closed(shop, "2017-02", "2017-03", "2017-04")
    assert balances() == {"1000": -10_000, "2120": 0, "4040": 10_000}
    assert Schedule.objects.count() == 1


def test_a_fee_comes_back_for_the_days_that_are_left(shop):
    shop.happened(
        fee(shop, "2017-01-01", 9_000, key="f", until="2017-04-01"),
        fee(shop, "2017-01-01", 3_000, key="g", until="2017-04-01"),
    )
    closed(shop, "2017-01")
    shop.happened(shop.give_back("2017-03-02", "f", 9_000))
    shop.happened(shop.give_back("2017-03-03", "f", 9_000))
    shop.happened(shop.tell("cancel", "2017-02-02", about="g"))
    closed(shop, "2017-02", "2017-03", "2017-04")
    # 60 of 90 days were used of the first, 32 of the second: 3,000 x 32 / 90 = 1,066.7.
    assert balances() == {"1000": -7_067, "2120": 0, "4040": 7_067}
    assert events("2017-02")["prepaid"] == [("1000", 0, 1_933), ("2120", 1_933, 0)]


def test_points_sold_are_split_and_marketing_runs(shop):
    sale = {"partner": "air", "redemption": "75.00", "service": "20.00", "brand": "5.00"}
    shop.happened(fee(shop, "2017-01-01", 10_000, kind="points_sale", until="2017-02-01", **sale))
    closed(shop, "2017-01")
    assert balances() == {"1150": -2_500, "2150": 0, "4050": 2_500}


def test_bills_that_points_paid_are_taken_off_gross_sales(shop):
    kept(sales=True, gross_tender=True)
    shop.happened(shop.buy("2017-01-05", 100_000))
    bill = shop._fact(
        "purchase",
        "2017-01-20",
        "m1",
        "bill",
        currency="USD",
        total=5_000,
        tax=800,
        tenders=(Tender("points", 1_000), Tender("card", 4_000)),
    )
    shop.happened(bill)
    closed(shop, "2017-01")
    assert said("2017-01")["Sales less returns, 2 facts"] == [
        ("1000", 105_000, 0),
        ("2500", 0, 800),
        ("4000", 0, 104_200),
    ]


def test_balances_that_are_settled_in_money_follow_the_rate(shop):
    kept(currency="EUR")
    own = Entity.objects.get(code="main")
    for period, rate in [("2017-01", "0.90"), ("2017-02", "0.95")]:
        ExchangeRate.objects.create(
            entity=own,
            currency="USD",
            period=period,
            rate=Decimal(rate),
            recorded_by="ana",
            recorded_at=now(),
        )
    shop.happened(
        fee(
            shop,
            "2017-01-01",
            10_000,
            kind="points_sale",
            until="2017-02-01",
            partner="air",
            service="1.00",
        )
    )
    shop.happened(shop.buy("2017-01-05", 100_000))
    closed(shop, "2017-01", "2017-02")
    # 100.00 receivable of the partner: 90.00 at the end of January, 95.00 of February.
    (one,) = JournalEntry.objects.filter(event="exchange")
    assert (one.currency, one.description) == ("EUR", "Account 1150, USD from 0.9 to 0.95 EUR")
    assert events("2017-02")["exchange"] == [("1150", 500, 0), ("7000", 0, 500)]
    assert broken() == {}


@pytest.mark.parametrize("policy", ["deferred_revenue", "incremental_cost"])
def test_what_points_paid_leaves_the_clearing_whatever_they_are(db, policy):
    own = Shop(more="pay_with_points: {unit: points, minimum: 10, step: 10, share: 50}\n")
    own.books = f'policy: {policy}, judgement: "As it is."'
    own.open()
    own.estimate("1", "2017-01")
    kept(gross_tender=True)
    own.happened(own.buy("2017-01-05", 100_000))
    own.happened(
        own.tell("reserve", "2017-01-20", key="r", about="o", pay=True, points="40"),
        own.tell("capture", "2017-01-20T00:05", about="r", member=None),
        own.buy("2017-01-20T00:10", 9_000, key="o", tenders=(Tender("points", 4_000),)),
    )
    closed(own, "2017-01")
    assert balances()["1000"] == 4_000
    own.happened(own.tell("cancel", "2017-02-03", about="o"))
    closed(own, "2017-02")
    assert balances()["1000"] == 0
    assert broken() == {}
