"""What a fact claims, and what one of a reward costs whom, when."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from pointbook.engine.rules.catalogue import Days, Season
from pointbook.engine.rules.predicates import Test
from pointbook.engine.rules.rewards.compiling import compile_rewards
from pointbook.engine.rules.rewards.pricing import points_of, price_of, span_of, worth_of
from pointbook.engine.rules.rewards.situations import Claim, claim_of
from pointbook.engine.rules.who import Who
from pointbook.engine.values.facts import FactError
from tests.engine.rules.rewards.shop import claim, line, noon, order, program, reward, situation

SUMMER = Days(noon("2026-06-01").date(), noon("2026-08-31").date())
GOLD = Who(tiers={"status": "gold"}, segments={"vip", "staff"})


def said(**attributes):
    return claim_of(order(attributes=attributes))


def test_a_fact_says_what_it_claims():
    assert said(reward="tee") == Claim("tee")
    assert said(
        reward="tee",
        quantity=3,
        slot="jan-10",
        options={"colour": " red "},
        cause="trees",
        country="US",
        **{"for": "bea"},
    ) == Claim("tee", 3, "jan-10", {"colour": "red"}, "trees", "US", "bea")


@pytest.mark.parametrize(
    ("attributes", "field"),
    [
        ({}, "reward"),
        ({"reward": 5}, "reward"),
        ({"reward": "tee", "quantity": 0}, "quantity"),
        ({"reward": "tee", "quantity": True}, "quantity"),
        ({"reward": "tee", "quantity": 1.5}, "quantity"),
        ({"reward": "tee", "quantity": "2"}, "quantity"),
        ({"reward": "tee", "quantity": 1_000_001}, "quantity"),
        ({"reward": "tee", "slot": ["a"]}, "slot"),
        ({"reward": "tee", "for": 7}, "for"),
        ({"reward": "tee", "options": ["red"]}, "options"),
        ({"reward": "tee", "options": {"colour": 1}}, "options"),
    ],
)
def test_what_cannot_be_read_is_told_by_its_field(attributes, field):
    with pytest.raises(FactError) as told:
        said(**attributes)
    assert told.value.field == f"attributes.{field}"
    assert told.value.mend


@pytest.mark.parametrize(
    ("who", "day", "points", "why"),
    [
        (None, "2026-03-02", 500, ""),
        (GOLD, "2026-03-02", 400, "for Gold members"),
        (GOLD, "2026-07-01", 350, "from 1 June 2026 to 31 August 2026"),
        (None, "2026-07-01", 350, "from 1 June 2026 to 31 August 2026"),
    ],
)
def test_the_lowest_price_that_applies_counts(who, day, points, why):
    own = reward(
        ladder="status",
        price_by_tier={"gold": 400},
        price_by_segment={"vip": 450, "staff": 1},  # the first one the member is in
        seasons=(Season(SUMMER, 350, 600),),
        cash=250,
    )
    here = situation(program(own), order(at=noon(day)), who=who)
    price = price_of(own, here)
    assert (price.points, price.why, price.cash) == (points, why, 250)
    assert price.value == (600 if day == "2026-07-01" else 500)
    assert points_of(own, claim(quantity=3), here) == 3 * points


def test_a_season_may_be_dearer_and_a_segment_has_its_price():
    own = reward(seasons=(Season(Days(), 800),), price_by_segment={"big_fans": 0})
    here = situation(program(own), order())
    assert price_of(own, here) == (800, 500, 0, "at any time")
    here = situation(program(own), order(), who=Who(segments={"big_fans"}))
    assert price_of(own, here) == (0, 500, 0, "for members in “big fans”")


def test_what_a_reward_comes_to_is_that_of_the_season():
    own = reward(amount=700, seasons=(Season(SUMMER, None, 900), Season(Days(), None, None)))
    assert worth_of(own, situation(program(own), order())) == 700
    assert worth_of(own, situation(program(own), order(at=noon("2026-06-01")))) == 900


def test_days_in_words():
    assert span_of(SUMMER) == "from 1 June 2026 to 31 August 2026"
    assert span_of(Days(SUMMER.from_on)) == "from 1 June 2026 on"
    assert span_of(Days(None, SUMMER.until_on)) == "until 31 August 2026"


def test_days_are_those_of_the_programs_zone():
    own = reward(seasons=(Season(SUMMER, 1),))
    late = order(at=datetime(2026, 5, 31, 23, tzinfo=UTC))
    east = timezone(timedelta(hours=2))
    assert price_of(own, situation(program(own), late)).points == 500
    assert price_of(own, situation(program(own), late, zone=east)).points == 1


def test_rewards_are_compiled_once_for_all_situations():
    own = reward(when=Test("total", "at_least", 1000))
    other = reward("other")
    compiled = compile_rewards(program(own), zone=UTC)
    here = situation(program(own, other), order(line("a", 900)), compiled=compiled)
    assert here.asks(own) is compiled["five-off"]
    assert not here.asks(own).when(here.fact, here.who)
    # One that is not among them is compiled when it is asked for.
    assert here.asks(other).when(here.fact, here.who)
    assert here.reward("none") is None
