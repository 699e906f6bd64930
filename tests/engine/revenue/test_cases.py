"""Published figures, each with its public source, reproduced by the engine's own functions."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from pointbook.engine.revenue.allocation import PointsPromise, allocate, point_price
from pointbook.engine.revenue.policies import Event
from pointbook.engine.revenue.recognition import liability
from pointbook.engine.revenue.rollforward import foot
from pointbook.engine.values.money import to_major, to_minor
from tests.engine.revenue.books import post, state

CASES = {
    case["id"]: case for case in json.loads((Path(__file__).parent / "cases.json").read_text())
}


def of_kind(kind):
    return pytest.mark.parametrize(
        "case",
        [pytest.param(case, id=name) for name, case in CASES.items() if case["kind"] == kind],
    )


def near(found, expected, case):
    return abs(Decimal(found) - Decimal(str(expected))) <= Decimal(str(case["tolerance"]))


@of_kind("relative_ssp")
def test_relative_stand_alone_selling_price(case):
    inputs = case["inputs"]
    issued = inputs.get("points_issued", 10_000)
    worth = Decimal(inputs["ssp"]["points"])
    value = Decimal(inputs.get("point_value", 100))
    rate = worth / (issued * value)  # 95% of 10,000 points at 1; 80% of 10,000 points at 100
    promise = PointsPromise(issued, point_price(value=value, rate=rate, places=0))
    price = inputs["transaction_price"]
    (points,) = allocate(price=price, stand_alone=inputs["ssp"]["product"], points=[promise])
    assert near(points, case["expected"]["points"], case)
    assert near(price - points, case["expected"]["product"], case)


@of_kind("cumulative_catch_up")
def test_cumulative_catch_up(case):
    cohort, revenue = state(), []
    new = {"issued": 10_000, "allocated": case["inputs"]["allocated"]}
    for period in case["inputs"]["periods"]:
        rate = Decimal(period["expected_total"]) / 10_000
        posted = post(cohort, rate=rate, burned=period["redeemed"], **new)
        cohort, new = posted.after, {}
        revenue.append(
            -sum(entry.change for entry in posted.entries if entry.event is not Event.NEW)
        )
    assert revenue == case["expected"]["revenue"]
    assert liability(cohort) == case["expected"]["closing_liability"]


def test_a_prospective_rate_is_not_what_the_engine_does():
    case = CASES["IFRS15-IE52-trap-prospective"]
    given = case["inputs"]["vars"]
    used = given["red1"] + given["red2"]
    rate = Decimal(given["exp2"]) / 10_000
    cents = to_minor(given["A"], places=2)
    after = state(rate=rate, issued=10_000, redeemed=used, allocated=cents)
    recognised = to_major(cents - liability(after), places=2) - given["r1"]
    assert near(recognised, case["expected"]["catch_up_right"], case)
    assert not near(recognised, case["expected"]["prospective_wrong"], case)


def test_an_option_to_a_discount():
    case = CASES["OPTION-IFRSCOMMUNITY-SSP"]
    given = case["inputs"]["vars"]
    price = point_price(value=Decimal(1), rate=Decimal(given["prob"]), places=2)
    option = PointsPromise(given["d"] - given["other"], price)
    assert Decimal(option.points * price[0]) / price[1] == case["expected"]["option_ssp"] * 100
    paid = to_minor(given["tp"], places=2)
    (share,) = allocate(price=paid, stand_alone=to_minor(given["ssp"], places=2), points=[option])
    assert near(to_major(share, places=2), case["expected"]["alloc_option"], case)
    assert near(to_major(paid - share, places=2), case["expected"]["alloc_product"], case)


@of_kind("gift_card_breakage")
def test_breakage_in_proportion_stands_as_a_memo_in_what_was_used(case):
    given, expected = case["inputs"], case["expected"]
    paid = given["prepaid"]
    rate = 1 - Decimal(given["breakage_rate"])
    posted = post(state(rate=rate), issued=paid, allocated=paid, burned=given["redeemed"])
    used = posted.entries[-1]
    assert near(used.breakage, expected["breakage_revenue"], case)
    assert near(-used.change - used.breakage, expected["redemption_revenue"], case)
    assert near(liability(posted.after), expected["liability"], case)


def published(case):
    """A published table in tenths of its unit, tied to its closing balance."""
    given = case["inputs"]
    return foot(
        opening=to_minor(given["opening"], places=1),
        movements={name: to_minor(amount, places=1) for name, amount in given["movements"].items()},
        closing=to_minor(case["expected"]["closing"], places=1),
    )


@of_kind("roll_forward")
def test_published_roll_forwards_tie(case):
    table = published(case)
    assert near(to_major(table.closing, places=1), case["expected"]["closing"], case)


def test_gross_lines_of_consecutive_periods_add_up():
    half, third = published(CASES["SBUX-H1-FY2024"]), published(CASES["SBUX-Q3-FY2024"])
    assert half.then(third) == published(CASES["SBUX-9M-FY2024"])


@of_kind("cross_foot")
def test_published_notes_cross_foot(case):
    for name, parts in case["inputs"]["groups"].items():
        table = foot(
            opening=0,
            movements={str(place): part for place, part in enumerate(parts)},
            closing=case["expected"][name],
        )
        assert table.closing == case["expected"][name]
