"""What the liability hangs on: expected redemption by 1 and 5 points, costs by a tenth."""

from dataclasses import replace
from decimal import Decimal

from pointbook.engine.revenue.estimating.sensitivity import Sensitivity, sensitivity
from pointbook.engine.revenue.policies import Policy
from tests.engine.revenue.books import state


def under(policy, **totals):
    one = state(**totals)
    return replace(one, key=replace(one.key, policy=policy))


def test_a_material_right():
    # Half of 8,000 expected points are used: A - A x R / E.
    rows = sensitivity([state(rate="0.8", issued=10_000, redeemed=4_000, allocated=10_000)])
    assert rows == (
        Sensitivity("as estimated", 5_000, 0),
        Sensitivity("expected redemption -5 points", 4_667, -333),
        Sensitivity("expected redemption -1 points", 4_937, -63),
        Sensitivity("expected redemption +1 points", 5_062, 62),
        Sensitivity("expected redemption +5 points", 5_294, 294),
        Sensitivity("cost of a point -10%", 5_000, 0),
        Sensitivity("cost of a point +10%", 5_000, 0),
    )


def test_rates_end_at_nothing_and_at_all():
    rows = sensitivity([state(rate="0.98", issued=100, allocated=100)])
    assert [row.change for row in rows] == [0] * 7
    high = sensitivity([state(rate="0.98", issued=100, redeemed=50, allocated=10_000)])
    assert high[4].liability == 5_000
    assert sensitivity([])[0] == Sensitivity("as estimated", 0, 0)


def test_a_provision_at_cost():
    # 4,000 of 10,000 points are still expected, at 2 each.
    totals = {"rate": "0.8", "issued": 10_000, "redeemed": 4_000}
    one = replace(under(Policy.NO_SALE, **totals), each=Decimal(2))
    assert [(row.liability, row.change) for row in sensitivity([one])] == [
        (8_000, 0),
        (7_000, -1_000),
        (7_800, -200),
        (8_200, 200),
        (9_000, 1_000),
        (7_200, -800),
        (8_800, 800),
    ]


def test_stored_value_at_its_face_hangs_on_nothing():
    card = under(Policy.STORED_VALUE, rate="1", issued=100, redeemed=40, allocated=100)
    assert {row.liability for row in sensitivity([card])} == {60}
    # With an estimate of its own it does.
    card = under(Policy.STORED_VALUE, rate="0.8", issued=100, redeemed=40, allocated=1_000)
    assert [row.change for row in sensitivity([card])][1:5] == [-33, -6, 6, 29]


def test_cohorts_add_up():
    right = state(rate="0.8", issued=10_000, redeemed=4_000, allocated=10_000)
    cost = replace(
        under(Policy.NO_SALE, rate="0.8", issued=10_000, redeemed=4_000), each=Decimal(2)
    )
    both, first, second = (sensitivity(states) for states in ([right, cost], [right], [cost]))
    for whole, *parts in zip(both, first, second, strict=True):
        assert whole.change == sum(part.change for part in parts)
