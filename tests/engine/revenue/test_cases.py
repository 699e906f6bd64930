"""Published figures, each with its public source, reproduced by the engine's own functions."""

import json
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from pointbook.engine.revenue.allocation import PointsPromise, allocate, point_price
from pointbook.engine.revenue.coalition import Elements, breakage_of, share_price
from pointbook.engine.revenue.cohorts import CohortState, Movement, Use
from pointbook.engine.revenue.over_time import part
from pointbook.engine.revenue.policies import Event, Policy
from pointbook.engine.revenue.recognition import InForce, journal, liability, post_period
from pointbook.engine.revenue.rollforward import foot
from pointbook.engine.revenue.tax import when_used
from pointbook.engine.values.money import to_major, to_minor
from tests.engine.revenue.books import key, post, state

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


def under(policy, *, rate="1", each="0"):
    """A cohort of 1,000,000 points, or of 100,000 cents, that begins."""
    return CohortState(key=replace(key(), policy=policy), rate=Decimal(rate), each=Decimal(each))


def lived(before, *, rate, each, **moved):
    return post_period(
        before=before,
        movement=Movement(key=before.key, **moved),
        now=InForce(Decimal(rate), Decimal(each)),
    )


def posted_on(*periods):
    found = Counter()
    for period in periods:
        for entry in journal(period.entries):
            for one in entry.lines:
                found[one.account] += one.credit - one.debit
    return found


def test_cash_back_is_less_revenue_and_a_refund_liability():
    case = CASES["POLICY-C-cashback"]
    given, expected = case["inputs"]["vars"], case["expected"]
    points = to_minor(given["sale"], places=2) * Decimal(given["rate"])  # cents to be given back
    new = lived(under(Policy.CASH_BACK), rate=given["take"], each=1, issued=int(points))
    assert near(to_major(liability(new.after), places=2), expected["refund_liability"], case)
    revenue = to_minor(given["sale"], places=2) + posted_on(new)["4000"]
    assert near(to_major(revenue, places=2), expected["revenue"], case)
    # What is expected in the end is 40.00 by now, of which 20.00 are paid.
    paid = to_minor(given["paid"], places=2)
    use = Use("cash", "", burned=paid, cost=paid)
    later = lived(new.after, rate=given["take2"], each=1, burned=paid, uses=(use,))
    (changed,) = [one for one in later.entries if one.event is Event.ESTIMATE]
    assert near(to_major(-changed.change, places=2), expected["revenue_true_up"], case)
    assert near(to_major(liability(later.after), places=2), expected["closing"], case)
    whole = liability(later.after) + paid
    assert near(to_major(whole, places=2), expected["revised_total"], case)
    assert posted_on(later)["1000"] == paid


def test_points_of_a_partner_as_agent_and_as_principal():
    case = CASES["IFRIC13-IE2-agent-net"]
    given, expected = case["inputs"]["vars"], case["expected"]
    points = given["points"]
    allocated = to_minor(points * Decimal(given["fv"]), places=2)
    each = Decimal(given["price"]) * 100
    assert near(to_major(allocated, places=2), expected["allocated"], case)
    new = {"issued": points, "allocated": allocated}
    agent = posted_on(lived(under(Policy.AGENT), rate=1, each=each, **new))
    assert near(to_major(agent["2400"], places=2), expected["paid_to_partner"], case)
    assert near(to_major(agent["4030"], places=2), expected["commission_if_agent"], case)
    assert -agent["4000"] == allocated
    cost = to_minor(points * Decimal(given["price"]), places=2)
    use = Use("principal", "", burned=points, cost=cost)
    sale = lived(under(Policy.DEFERRED_REVENUE), rate=1, each=0, **new)
    used = lived(sale.after, rate=1, each=0, burned=points, uses=(use,))
    principal = posted_on(used)
    assert near(to_major(principal["4010"], places=2), expected["revenue_if_principal"], case)
    assert near(to_major(-principal["5000"], places=2), expected["expense_if_principal"], case)


def test_tax_of_points_that_are_a_discount():
    case = CASES["VAT-UK-POINTS-AS-DISCOUNT"]
    given, expected = case["inputs"]["vars"], case["expected"]
    taxed = when_used(
        price=to_minor(given["price"], places=2),
        points_value=to_minor(given["points_value"], places=2),
        rate=Decimal(given["rate"]),
        award="discount",
    )
    assert near(to_major(taxed.tax, places=2), expected["vat"], case)
    assert near(to_major(taxed.net, places=2), expected["net"], case)


def test_points_sold_by_a_coalition_over_their_life():
    case = CASES["AIRMILES-BREAKAGE-42M"]
    given, expected = case["inputs"]["vars"], case["expected"]
    share = Decimal(given["redemption_share"])
    price = to_minor(given["fee"], places=6)  # millionths, as a month's part is shown in tenths
    alone = Elements(int(share * 100), int((1 - share) * 100))
    elements = share_price(price=price, alone=alone)
    broken = breakage_of(element=elements.redemption, rate=1 - Decimal(given["brk"]))
    months = {"passed": 1, "whole": given["m"]}
    found = {
        "redemption_element": elements.redemption,
        "breakage_total": broken,
        "breakage_per_month": part(amount=broken, **months),
        "service_per_month": part(amount=elements.running, **months),
    }
    assert found.keys() == expected.keys()
    for name, amount in found.items():
        assert near(to_major(amount, places=6), expected[name], case), name
