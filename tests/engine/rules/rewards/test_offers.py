"""Everything that a member could have."""

from dataclasses import replace

from pointbook.engine.rules.catalogue import Cause, Slot
from pointbook.engine.rules.rewards.offers import offers
from tests.engine.rules.rewards.shop import line, noon, order, program, reward, situation, unit

FACT = order(line("a", 1000))


def slot(code, day):
    return Slot(code, noon(day), noon(day).replace(hour=14), 5)


def test_offers_come_by_unit_then_price_then_code():
    rewards = (
        reward("z", price=100),
        reward("stars", unit="stars", price=1),
        reward("b", price=300),
        reward("a", price=300),
        reward("dear", price=900),
    )
    blueprint = program(*rewards, units=(unit(), unit("stars")))
    found = offers(situation(blueprint, FACT, points=350))
    assert [(one.reward.code, one.short) for one in found] == [
        ("z", 0),
        ("a", 0),
        ("b", 0),
        ("dear", 550),
        ("stars", 0),
    ]
    assert [[lack.code for lack in one.missing] for one in found] == [
        [],
        [],
        [],
        ["insufficient_balance"],
        [],
    ]
    assert found[0].effect.amount == 500
    assert found[0].price.points == 100


def test_what_is_chosen_later_is_not_missing():
    rewards = (
        reward("print", "service", options={"name": (), "colour": ("red",)}, price=1),
        reward("give", "charity", amount=500, price=2),
        reward("seas", "charity", amount=500, causes=("seas",), price=3),
    )
    blueprint = program(*rewards, causes=(Cause("trees", "Trees"), Cause("seas", "Seas")))
    found = offers(situation(blueprint, FACT))
    assert [(one.missing, one.effect.text) for one in found] == [((), "")] * 3


def test_the_next_slot_with_a_free_place_is_offered():
    slots = (slot("past", "2026-01-01"), slot("late", "2026-04-01"), slot("soon", "2026-03-05"))
    own = reward("class", "experience", slots=slots)
    here = situation(program(own), FACT, left=3)
    (offer,) = offers(here)
    assert (offer.missing, offer.effect.text) == ((), "5 March 2026 at 12:00")

    def left(_reward, code):
        return 0 if code == "soon" else 3

    (offer,) = offers(replace(here, left=left))
    assert (offer.missing, offer.effect.text) == ((), "1 April 2026 at 12:00")
    (offer,) = offers(replace(here, left=lambda _reward, _code: 0))
    assert [one.code for one in offer.missing] == ["sold_out"]
    over = replace(own, gives=replace(own.gives, slots=slots[:1]))
    (offer,) = offers(situation(program(over), FACT))
    assert [one.code for one in offer.missing] == ["slot"]


def test_without_an_order_rewards_are_shown_with_what_they_need():
    found = offers(situation(program(reward("a"), reward("b", "percent")), order()))
    assert [[lack.code for lack in one.missing] for one in found] == [[], ["order_needed"]]
