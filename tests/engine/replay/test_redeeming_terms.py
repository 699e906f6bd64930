"""Points pay within the terms, and are burned by themselves as often as the terms allow."""

import pytest

from pointbook.engine.values.facts import Fact, instant
from tests.engine.replay.redeeming_shop import DAY_ONE, buy, refusal, shop, usable, world

PAYS = "pay_with_points: {unit: points, minimum: 100, step: 50, share: 50}\n"


@pytest.mark.parametrize(
    ("points", "total", "told"),
    [
        ("200", 1000, ""),
        ("50", 1000, "cannot pay for this"),
        ("130", 1000, "cannot pay for this"),
        ("550", 1000, "cannot pay for this"),
        ("600", 0, ""),
    ],
)
def test_points_pay_within_the_terms(points, total, told):
    found = world(shop(more=PAYS))
    paying = Fact(
        "till",
        "r",
        "reserve",
        instant(DAY_ONE),
        "ann",
        currency="USD",
        total=total,
        attributes={"points": points},
    )
    if told:
        assert told in refusal(found, paying)
    else:
        found.post(paying)
        assert found.members["ann"].holds["till", "r"].amount == int(points)


def test_who_has_too_little_cannot_pay_at_all():
    found = world(shop(more=PAYS), points=60)
    paying = Fact(
        "till",
        "r",
        "reserve",
        instant(DAY_ONE),
        "ann",
        currency="USD",
        total=1000,
        attributes={"points": "100"},
    )
    assert refusal(found, paying)


MONTHLY = "[{code: monthly, reward: REWARD, at_least: 100, each: EACH, unless: never}]"


@pytest.mark.parametrize(
    ("reward", "each", "when", "left", "became"),
    [
        ("card", "month", "2026-02-01 00:00", 0, None),  # the points ended with January
        ("card", "day", "2026-01-02 00:00", 150, None),  # four cards of 200 out of 950
        ("mug", "day", "2026-01-02 00:00", 750, "captured"),  # two in a month, no more
        ("gone", "day", "2026-01-02 00:00", 0, "reserved"),  # 19 vouchers
    ],
)
def test_points_are_burned_by_themselves(reward, each, when, left, became):
    terms = MONTHLY.replace("REWARD", reward).replace("EACH", each)
    found = world(shop(automatic=terms, more="segments: [never]\n"), points=950)
    found.post(buy("b", DAY_ONE, 99, member="bob"))
    found.pass_to(instant(when))
    assert usable(found, when) == left
    assert usable(found, when, member="bob") == (0 if each == "month" else 99)
    holds = list(found.members["ann"].holds.values())
    if became:
        assert [one.state for one in holds] == [became]
