"""What stands between a member and a reward, in words and in a fixed order."""

from dataclasses import replace

import pytest

from pointbook.engine.rules.catalogue import Cause, Days, Slot, Times, Voucher
from pointbook.engine.rules.predicates import Test
from pointbook.engine.rules.rewards.missing import Missing, missing
from pointbook.engine.rules.who import Who
from tests.engine.rules.rewards.shop import (
    claim,
    line,
    noon,
    order,
    program,
    reward,
    situation,
    sku,
)

FACT = order(line("a", 10_000))
DAY = noon("2026-03-02").date()


def slot(code, day, *, capacity=12):
    return Slot(code, noon(day), noon(day).replace(hour=14), capacity)


SLOTS = (slot("past", "2026-03-01"), slot("now", "2026-03-02"), slot("next", "2026-03-09"))


def found(own, *others, fact=FACT, wants=None, causes=(), **more):
    here = situation(program(own, *others, causes=causes), fact, **more)
    return missing(own, wants or claim(own.code), here)


def codes(own, *others, **more):
    return [one.code for one in found(own, *others, **more)]


def test_nothing_is_missing_of_what_asks_nothing():
    assert found(reward()) == ()
    assert found(reward(blackouts=(Days(None, noon("2026-03-01").date()),))) == ()


@pytest.mark.parametrize(
    ("own", "told"),
    [
        (
            reward(days=Days(noon("2026-03-03").date())),
            Missing(
                "not_yet",
                "Five off: it begins on 3 March 2026",
                "attributes.reward",
                "five-off",
                "Come back then.",
            ),
        ),
        (
            reward("win", "sweepstake", draws_on=DAY),
            Missing(
                "ended",
                "Win: it is drawn on 2 March 2026",
                "attributes.reward",
                "win",
                "Choose another reward.",
            ),
        ),
        (
            reward(blackouts=(Days(), Days())),
            Missing(
                "blackout",
                "Five off: not at any time",
                "attributes.reward",
                "five-off",
                "Choose another day.",
            ),
        ),
        (
            reward(tiers=("gold",), ladder="status"),
            Missing(
                "tier",
                "Five off: only for Gold members",
                "attributes.reward",
                "five-off",
                "Reach Gold.",
            ),
        ),
        (
            reward(segments=("vip", "big_fans")),
            Missing(
                "segment",
                "Five off: only for members in “vip” or “big fans”",
                "attributes.reward",
                "five-off",
                "Choose another reward.",
            ),
        ),
        (
            reward(when=Test("channel", "is", "web")),
            Missing(
                "condition",
                "Five off: The channel is not said",
                "attributes.reward",
                "five-off",
                "Meet its condition.",
            ),
        ),
        (
            reward(minimum=10_001),
            Missing(
                "minimum_order",
                "Five off: the order comes to $100.00 without tax, at least $100.01 is needed",
                "attributes.reward",
                "five-off",
                "Order for $0.01 more.",
            ),
        ),
        (
            reward(price=10_001),
            Missing(
                "insufficient_balance",
                "Five off: it costs 10,001 points, 10,000 points can be used",
                "attributes.quantity",
                1,
                "Collect 1 point more.",
            ),
        ),
    ],
)
def test_what_is_missing_is_told_with_what_mends_it(own, told):
    assert found(own) == (told,)


def test_who_is_in_a_tier_or_a_segment_may_have_it():
    own = reward(tiers=("gold",), ladder="status", segments=("vip",))
    assert codes(own, who=Who(tiers={"status": "gold"}, segments={"vip", "x"})) == []


@pytest.mark.parametrize(
    ("own", "lacking"),
    [
        (reward(), []),  # the same off any order
        (reward(minimum=1), ["order_needed"]),
        (reward(lines=sku("a")), ["order_needed"]),
        (reward("five-off", "percent"), ["order_needed"]),
        (reward("five-off", "percent", voucher=Voucher(90)), []),  # for an order to come
        (reward("five-off", "product", lines=sku("a")), []),  # it is handed over
    ],
)
def test_some_rewards_need_an_order(own, lacking):
    assert codes(own, fact=order()) == lacking


@pytest.mark.parametrize(
    ("own", "lacking"),
    [
        (reward(lines=sku("b")), ["no_line"]),
        (reward("five-off", "product", lines=sku("b")), ["no_line"]),
        (reward("five-off", "buy_get", buy=2), ["no_line"]),
        (reward("five-off", "shipping"), ["nothing_left_to_pay"]),
        (reward(lines=sku("a")), ["nothing_left_to_pay"]),
        (reward("five-off", "buy_get", buy=2), ["nothing_left_to_pay"]),
    ],
)
def test_there_must_be_something_to_take_it_off(own, lacking):
    whole = reward("whole", "percent", percent=100)
    claimed = ("whole",) if lacking == ["nothing_left_to_pay"] else ()
    assert codes(own, whole, claimed=claimed) == lacking


def test_exclusive_rewards_stand_alone():
    alone, other = reward("alone", exclusive=True), reward("other")
    assert codes(alone, other) == []
    (told,) = found(alone, other, claimed=("other",))
    assert told.message == "Alone: it cannot be combined with other rewards"
    (told,) = found(other, alone, claimed=("gone", "alone"))
    assert told.message == "Other: it cannot be combined with Alone"
    assert codes(other, reward("third"), claimed=("third",)) == []


@pytest.mark.parametrize(
    ("own", "left", "lacking", "told"),
    [
        (reward(stock=9), 2, "sold_out", "only 2 are left"),
        (reward(pool=True, totals=(Times(1),)), 0, "sold_out", "none is left"),
        (
            reward(totals=(Times(9, "day"),)),
            1,
            "total_limit",
            "all members together had as many as there are; only 1 is left",
        ),
    ],
)
def test_what_is_left_for_all(own, left, lacking, told):
    wants = claim(quantity=3)
    assert [(one.code, one.message, one.value) for one in found(own, wants=wants, left=left)] == [
        (lacking, f"Five off: {told}", 3)
    ]
    assert codes(own, wants=wants, left=3) == []


@pytest.mark.parametrize(
    ("used", "told"),
    [
        (2, "a member can have it twice a month; you had it twice"),
        (0, "a member can have it twice a month"),
    ],
)
def test_what_a_member_may_have(used, told):
    own = reward(limits=(Times(9, "year"), Times(2, "month"), Times(2)))
    (one,) = found(own, wants=claim(quantity=3), used=used)
    assert (one.code, one.message) == ("member_limit", f"Five off: {told}")


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        ("", "no slot is chosen"),
        ("none", "there is no slot 'none'"),
        ("past", "the slot has begun"),
        ("now", "the slot has begun"),
        ("next", ""),
    ],
)
def test_a_slot_to_come_is_chosen(chosen, told):
    own = reward("class", "experience", slots=SLOTS)
    lacks = found(own, wants=claim("class", slot=chosen))
    assert [(one.code, one.message, one.mend, one.field) for one in lacks] == (
        [("slot", f"Class: {told}", "Choose one of: next.", "attributes.slot")] if told else []
    )
    over = replace(own, gives=replace(own.gives, slots=SLOTS[:1]))
    assert found(over)[0].mend == "Choose another reward."


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"name": "AB", "colour": "red"}, []),
        ({"colour": "red"}, [("options.name", "Say name in your own words.")]),
        ({"name": "AB"}, [("options.colour", "Choose one of: red, blue.")]),
        ({"name": "AB", "colour": "pink"}, [("options.colour", "Choose one of: red, blue.")]),
        (
            {"name": "AB", "colour": "red", "size": "L"},
            [("options.size", "Choose one of: name, colour.")],
        ),
    ],
)
def test_options_are_chosen_from_what_there_is(options, told):
    own = reward("print", "service", options={"name": (), "colour": ("red", "blue")})
    lacks = found(own, wants=claim("print", options=options))
    assert {one.code for one in lacks} == ({"options"} if told else set())
    assert [(one.field, one.mend) for one in lacks] == [
        (f"attributes.{field}", mend) for field, mend in told
    ]


def test_of_many_choices_some_are_named():
    own = reward("print", "service", options={"size": tuple(map(str, range(30)))})
    assert found(own)[0].mend == "Choose one of: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, ...."


@pytest.mark.parametrize(
    ("causes", "known", "chosen", "told"),
    [
        (("trees",), (), "", []),  # the only one
        (("trees", "seas"), (), "seas", []),
        (("trees", "seas"), (), "", ["no cause is chosen"]),
        (("trees", "seas"), ("trees",), "seas", ["there is no cause 'seas'"]),
        ((), (), "trees", ["there is no cause 'trees'"]),
        ((), (), "", []),
    ],
)
def test_a_cause_is_one_of_the_rewards(causes, known, chosen, told):
    own = reward("give", "charity", amount=1000, causes=known)
    lacks = found(
        own, wants=claim("give", cause=chosen), causes=[Cause(one, one) for one in causes]
    )
    assert [one.message for one in lacks] == [f"Give: {one}" for one in told]
    assert {one.code for one in lacks} <= {"cause"}


@pytest.mark.parametrize(
    ("said", "profile", "told"),
    [
        ("US", {}, []),
        ("", {"country": "CA"}, []),
        ("DE", {"country": "CA"}, ["Win: it is not for DE"]),
        ("", {}, ["Win: no country is said"]),
        ("", {"country": ["US"]}, ["Win: it is not for ['US']"]),
    ],
)
def test_a_sweepstake_is_for_some_countries(said, profile, told):
    own = reward("win", "sweepstake", countries=("US", "CA"))
    lacks = found(own, wants=claim("win", country=said), who=Who(profile=profile))
    assert [one.message for one in lacks] == told


def test_a_gift_to_another_member():
    wants = claim(receiver="bea")
    (told,) = found(reward(), wants=wants)
    assert (told.code, told.field, told.value) == ("not_giftable", "attributes.for", "bea")
    assert found(reward(giftable=True), wants=wants) == ()
    stored = reward("five-off", "stored_value", amount=500, giftable=True)
    assert [one.code for one in found(stored, wants=wants)] == ["not_giftable"]


def test_everything_is_told_at_once_and_in_order():
    own = reward(
        "five-off",
        "experience",
        slots=SLOTS,
        options={"size": ("S",)},
        price=99_999,
        days=Days(None, noon("2026-01-01").date()),
        blackouts=(Days(),),
        tiers=("gold",),
        ladder="status",
        segments=("vip",),
        when=Test("total", "above", 10**9),
        minimum=10**9,
        stock=1,
        limits=(Times(1),),
        countries=("US",),
        exclusive=True,
    )
    wants = claim(receiver="bea", quantity=2)
    assert codes(own, reward("x"), wants=wants, used=1, left=1, claimed=("x",)) == [
        "ended",
        "blackout",
        "tier",
        "segment",
        "condition",
        "minimum_order",
        "exclusive",
        "insufficient_balance",
        "sold_out",
        "member_limit",
        "slot",
        "options",
        "country",
        "not_giftable",
    ]
