"""Versions in force by date, rates by period, and the price that is frozen on a lot."""

from datetime import date
from decimal import Decimal

import pytest

from pointbook.engine.replay.program import (
    OTHER_MONTHS,
    Cost,
    Program,
    Rate,
    compile_version,
)
from tests.engine.sketches import (
    at,
    blueprint,
    buy,
    fact,
    live,
    moves,
    program,
    rule,
    unit,
    versions,
)


def test_ifrs_15_example_52_allocates_8676_to_the_points():
    """IFRS 15 IE267-IE270: CU100,000 of goods, 10,000 points of CU1, 95% expected: 8,676."""
    terms = program(
        currency="JPY",  # a currency without minor units, as the example has none
        units=(unit(value="1"),),
        earn=(rule(per=10),),
        rates=[("2025-01", "0.95")],
    )
    _, (verdict,) = live(terms, buy("p", "2025-01-15", 100_000))
    lot = verdict.transfers[0].lot
    assert (lot.points, lot.allocated, 100_000 - lot.allocated) == (10_000, 8_676, 91_324)


def test_a_rate_holds_from_its_period_on_and_what_was_allocated_stays():
    terms = program(
        rates=[("2025-02", "0.50"), ("2025-01", "1"), ("2025-03", "0")], zone="America/New_York"
    )
    whens = ["2024-12-31 12:00", "2025-01-31 23:59:59", "2025-02-01", "2025-02-28", "2025-03-01"]
    _, verdicts = live(terms, *(buy(when, when, 100_00, zone="America/New_York") for when in whens))
    # 100 points of $0.02: $2.00 beside $100.00, then $1.00, then nothing.
    assert [one.transfers[0].lot.allocated for one in verdicts] == [196, 196, 99, 99, 0]


def test_without_rates_nothing_is_allocated_and_without_an_estimate_everything_is_expected():
    for rates, allocated in ((None, 0), ([], 196), ([("2026-01", "0.1")], 196)):
        _, (verdict,) = live(program(rates=rates), buy("p", "2025-01-01", 10000))
        assert verdict.transfers[0].lot.allocated == allocated


def test_several_awards_of_a_basket_share_one_price():
    terms = program(
        units=(unit("points"), unit("cash", decimals=2, value="1")),
        earn=(rule("base"), rule("back", points="0.05", unit="cash")),
        rates=[],
    )
    _, (verdict,) = live(terms, buy("p", "2025-01-01", 10000))
    lots = [transfer.lot for transfer in verdict.transfers]
    # $2.00 of points and $5.00 of cash beside $100.00: 654 cents, 187 and 467 of them.
    assert [(lot.unit, lot.points, lot.allocated) for lot in lots] == [
        ("points", 100, 187),
        ("cash", 500, 467),
    ]


def test_points_for_no_sale_take_no_price():
    terms = program(earn=(rule("hello", on="sign_up", per=0, points=100),), rates=[])
    _, (hello, review) = live(
        terms, fact("1", "2025-01-01", "sign_up"), fact("2", "2025-01-01", "review")
    )
    assert moves(hello) == [("award", 100)]
    assert hello.transfers[0].lot.allocated == 0
    assert (review.reasons, review.transfers) == ((), [])


def test_a_basket_too_small_for_a_point_has_a_reason_and_no_lot():
    state, (verdict,) = live(program(), buy("p", "2025-01-01", 99))
    assert [reason.points for reason in verdict.reasons] == [0]
    assert (verdict.transfers, state.wallets) == ([], {})


@pytest.mark.parametrize(
    ("when", "number", "points"),
    [
        ("2024-05-01", 1, 10),  # before the first version: judged by it
        ("2025-01-01", 1, 10),
        ("2025-03-31 21:59:59", 1, 10),
        ("2025-03-31 22:00", 2, 20),  # midnight in Berlin
        ("2026-01-01", 3, 30),
    ],
)
def test_a_fact_is_judged_by_the_version_in_force_when_it_occurred(when, number, points):
    def terms(many):
        return blueprint(earn=(rule(points=many),), zone="Europe/Berlin")

    dated = (("2026-01-01", terms(3)), ("2025-01-01", terms(1)), ("2025-03-31 22:00", terms(2)))
    numbered = [
        compile_version(one, number=n, from_at=at(start))
        for n, (start, one) in zip((3, 1, 2), dated, strict=True)
    ]
    _, (verdict,) = live(Program(numbered), buy("p", when, 1000))
    assert (verdict.version, moves(verdict)) == (number, [("award", points)])


def test_new_terms_of_expiry_and_price_hold_for_new_points_only():
    terms = versions(
        ("", blueprint(units=(unit(expires=("days", 30), value="0.02"),))),
        ("2025-02-01", blueprint(units=(unit(expires=("days", 60), value="0.01"),))),
        rates=[],
    )
    _, verdicts = live(terms, buy("p", "2025-01-31", 10000), buy("q", "2025-02-01", 10000))
    lots = [one.transfers[0].lot for one in verdicts]
    assert [lot.expires_at for lot in lots] == [at("2025-03-02"), at("2025-04-02")]
    assert [lot.allocated for lot in lots] == [196, 99]


def test_of_two_rates_for_one_period_the_later_one_counts():
    rates = [Rate("2025-01", Decimal("0.9")), Rate("2025-01", Decimal("0.8"))]
    terms = Program([compile_version(blueprint())], rates=rates)
    assert terms.rate_in("2024-12") == Decimal(1)
    assert terms.rate_in("2025-06") == Decimal("0.8")


@pytest.mark.parametrize(
    ("currency", "decimals", "parts", "minor"),
    [("USD", 0, 500, 1000), ("USD", 2, 12345, 246), ("JPY", 0, 149, 2), ("KWD", 1, 15, 30)],
)
def test_points_are_worth_their_value_rounded_down(currency, decimals, parts, minor):
    assert unit(decimals=decimals, value="0.02").worth(parts, currency=currency) == minor


def test_a_cohort_has_the_rate_of_its_month_and_new_points_that_of_months_to_come():
    own = {"points": {"2024-12": Decimal("0.7"), OTHER_MONTHS: Decimal("0.6")}}
    rates = [Rate("2025-01", Decimal("0.8"), own, 1), Rate("2025-03", Decimal("0.5"), {}, 2)]
    terms = Program([compile_version(blueprint(units=(unit(value="1.00"),)))], rates=rates)
    months = {date(2024, 12, 1): "0.7", date(2025, 1, 1): "0.6"}
    for issued_on, rate in months.items():
        found = terms.rate_for(period="2025-02", unit="points", issued_on=issued_on)
        assert found == Decimal(rate)
        assert terms.rate_for(period="2024-12", unit="points", issued_on=issued_on) == 1
    december = date(2024, 12, 1)
    miles = terms.rate_for(period="2025-02", unit="miles", issued_on=december)
    assert miles == rates[0].value
    later = terms.rate_for(period="2025-03", unit="points", issued_on=december)
    assert later == rates[1].value
    top, bottom = terms.price(terms.versions[0], "points", at("2025-01-15"))
    assert Decimal(top) / bottom == 60
    assert terms.known_at(1).rate_in("2025-03") == rates[0].value


def test_a_point_costs_what_was_approved_else_its_value_at_the_end_of_the_period():
    versions = [
        compile_version(blueprint(units=(unit(value="0.02"),))),
        compile_version(blueprint(units=(unit(value="0.01"),)), number=2, from_at=at("2025-02-10")),
    ]
    costs = [Cost("points", "2025-03", Decimal("0.015")), Cost("miles", "2025-01", Decimal(9))]
    terms = Program(versions, costs=costs)
    found = [terms.cost_of(period=f"2025-0{month}", unit="points") for month in (1, 2, 3, 4)]
    assert found == [Decimal(text) for text in ("0.02", "0.01", "0.015", "0.015")]
