"""Counted benefits: how many a tier gives for each span of time, and how many are left."""

import json

import pytest

from pointbook.engine.rules.blueprint import Benefit, Rung, Tiers
from pointbook.engine.rules.tiers import BenefitError, Standing
from tests.engine.rules.ladders import CALENDAR_YEAR, Life, at, spend

BENEFITS = (
    Benefit("lounge", "Lounge visit", "year"),
    Benefit("parking", "Parking", "month"),
    Benefit("upgrade", "Upgrade", "membership_year"),
    Benefit("welcome", "Welcome gift", "ever"),
    Benefit("drink", "Drink", "fact"),
)
LADDER = (
    Rung("basic", "Basic"),
    Rung("silver", "Silver", {"spend": 100}, benefits={"lounge": 2, "welcome": 1}),
    Rung(
        *("gold", "Gold", {"spend": 500}),
        benefits={"lounge": 5, "parking": 1, "upgrade": 2, "welcome": 1, "drink": 3},
    ),
)
TERMS = Tiers("tiers", "Tiers", (spend(CALENDAR_YEAR),), LADDER, benefits=BENEFITS)


class Guest(Life):
    def __init__(self, **more):
        super().__init__(TERMS, **more)

    def left(self, benefit, when):
        return self.ladder.benefit_left(
            self.standing, benefit, at=at(when), joined_at=self.joined_at
        )

    def use(self, benefit, when):
        return self.ladder.use_benefit(
            self.standing, benefit, at=at(when), joined_at=self.joined_at
        )


def test_a_tier_gives_so_many_for_each_span_of_time():
    guest = Guest()
    assert guest.left("lounge", "2026-01-01") == 0
    guest.buy("2026-02-01", 100)
    assert [guest.use("lounge", day) for day in ("2026-03-01", "2026-12-31")] == [1, 0]
    with pytest.raises(BenefitError) as none_left:
        guest.use("lounge", "2026-12-31 23:59")
    assert none_left.value.value == "lounge"
    assert "next span" in none_left.value.mend
    assert guest.left("lounge", "2027-01-01") == 2


def test_a_higher_tier_adds_what_it_gives_more_and_a_lower_one_takes_nothing_back():
    guest = Guest()
    guest.buy("2026-02-01", 500)
    for left in (4, 3, 2):
        assert guest.use("lounge", "2026-03-01") == left
    guest.bring_back("2026-02-01", 400)
    guest.buy("2026-04-01", 0)
    assert (guest.tier, guest.left("lounge", "2026-05-01")) == ("silver", 0)
    guest.buy("2026-06-01", 400)
    assert guest.left("lounge", "2026-07-01") == 2


@pytest.mark.parametrize(
    ("benefit", "used", "same", "next_one"),
    [
        ("parking", "2026-03-01", "2026-03-31", "2026-04-01"),
        ("upgrade", "2026-03-01", "2026-06-09", "2026-06-10"),
        ("welcome", "2026-03-01", "2126-03-01", None),
    ],
)
def test_spans_of_time(benefit, used, same, next_one):
    guest = Guest(joined="2024-06-10")
    guest.buy("2026-02-01", 500)
    given = guest.left(benefit, used)
    guest.use(benefit, used)
    assert guest.left(benefit, same) == given - 1
    if next_one:
        assert guest.left(benefit, next_one) == given


def test_a_benefit_of_each_visit_never_runs_out():
    guest = Guest()
    guest.buy("2026-02-01", 500)
    assert [guest.use("drink", "2026-03-01") for _ in range(5)] == [2] * 5
    assert guest.standing.used == {}


def test_a_benefit_is_used_with_the_tier_that_was_held_then():
    guest = Guest()
    guest.buy("2026-02-01", 100)
    guest.buy("2026-05-01", 400)
    assert guest.left("lounge", "2026-05-01") == 5  # standing comes before benefits
    assert guest.left("lounge", "2026-04-30") == 2


def test_a_benefit_that_the_ladder_does_not_have():
    with pytest.raises(BenefitError, match="no benefit 'spa'") as unknown:
        Guest().left("spa", "2026-01-01")
    assert "lounge, parking" in unknown.value.mend
    bare = Life(Tiers("tiers", "Tiers", (spend(CALENDAR_YEAR),), LADDER[:1]))
    with pytest.raises(BenefitError, match="none yet"):
        bare.ladder.use_benefit(bare.standing, "spa", at=at("2026-01-01"))


def test_what_was_used_is_dumped_and_the_old_forgotten():
    guest = Guest()
    guest.buy("2024-02-01", 500)
    for benefit, when in (
        *(("parking", "2024-03-01"), ("lounge", "2024-03-01"), ("welcome", "2024-03-01")),
        ("lounge", "2026-03-01"),
    ):
        guest.buy(when, 500)
        guest.use(benefit, when)
    dumped = json.loads(json.dumps(guest.standing.dump()))
    assert dumped["used"] == {
        "parking": {"2024-03-01": 1},
        "lounge": {"2024-01-01": 1, "2026-01-01": 1},
        "welcome": {"0001-01-01": 1},
    }
    guest.standing = Standing.load(dumped)
    guest.standing.trim(at("2026-12-31 23:00"))
    assert guest.standing.dump()["used"] == {
        "lounge": {"2026-01-01": 1},
        "welcome": {"0001-01-01": 1},
    }
    assert guest.left("lounge", "2026-12-31") == 4
