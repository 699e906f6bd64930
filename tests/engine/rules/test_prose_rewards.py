"""What points can buy in sentences: every kind, every term, and whatever changes of it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from pointbook.engine.rules.catalogue import Cause, Days, Gives, Paying, Prize, Season
from pointbook.engine.rules.prose import chapters as prose
from pointbook.engine.rules.prose import differences, rewards
from pointbook.engine.rules.reading import blueprints as reading
from tests.engine.rules.shop import REWARDS
from tests.engine.rules.test_differences import variants

SHOP = reading.read(REWARDS)
ITEMS = {item.code: item for item in SHOP.rewards}
CODES = list(ITEMS)
DAY = date(2026, 1, 2)
# Of what has a figure or a word for every kind, what a kind has a use for.
USES = {
    "percent": ("percent",),
    "product": ("quantity",),
    "buy_get": ("percent", "quantity"),
    "cash_back": ("to",),
    "experience": ("waiting", "no_show"),
}
# What stands in the shop, and what stands there a year later.
YEAR = (
    (
        'price: 500\n    value: "5.00"\n    by_tier: {Gold: 400}',
        'price: 550\n    value: "6.00"\n    by_tier: {Gold: 300}',
    ),
    ("by_segment: {vip: 450}", "by_segment: {vip: 425, no-auto: 500}"),
    ("labels: [popular]", "labels: [popular, sale]"),
    ('price: 475, value: "6.00"}', "price: 470}"),
    ('gives: {percent: 10, most: "20.00"}', "gives: {percent: 12}"),
    ('minimum: "50.00"\n    minimum_with_tax: true\n    exclusive: true', 'minimum: "40.00"'),
    ("when: {field: store, in: [S1, S2]}", "when: {field: store, is: S1}"),
    (
        'stock: 20\n    totals: [{times: 5, each: day}]\n    cost: "3.10"\n    giftable: true',
        'stock: 1\n    totals: [{times: 9, each: week}]\n    cost: "3.20"',
    ),
    ("limits: [{times: 1, each: month}]\n    earns: true", "limits: [{times: 2, each: month}]"),
    (
        "until: 2026-12-31\n    blackouts: [{from: 2026-12-20, until: 2026-12-31}]",
        "until: 2027-12-31",
    ),
    ('cash: "10.00"', 'cash: "11.00"'),
    ("voucher: {days: 90, unused: back}", "voucher: {days: 60}"),
    ("    confirm: true\n", ""),
    ("to: money", "to: credit"),
    ("colour: [gold, silver]", "colour: [gold]"),
    ("tiers: [Silver, Gold]\n    ladder: status", "tiers: [Gold]"),
    ("capacity: 2, place: Studio", "capacity: 3"),
    ("waiting: true\n        no_show: return", "no_show: keep"),
    ('cost: "7.00"\n    codes: pool', 'cost: "7.50"'),
    ("countries: [US, CA]", "countries: [US]"),
    ("of: MB, days: 30", "of: MB"),
    (
        "segments: [vip]\n    side: own_goods\n    terms: Bring your card.",
        "terms: Bring your own card.",
    ),
    (
        '{unit: points, minimum: 100, step: 100, share: 50, leave: "1.00", of: [tax]}',
        "{unit: points}",
    ),
    ("payee: Trees e.V., match: 50", "match: 60"),
    ("match: 100, matched_by: the Miller Foundation, fee: 2", "fee: 1"),
    ("at_least: 3000, each: month, unless: no-auto", "at_least: 500"),
    (
        "hold_minutes: 30\n  returned_for_days: 30\n  suspicious: [{times: 5, each: day}]",
        "hold_minutes: 60",
    ),
    (
        (
            "money: true, expires: {after_months: 60,"
            " by_country: {DE: {end_of_year: 3}, US: {never: true}}}"
        ),
        "money: true",
    ),
)


def later():
    text = REWARDS
    for old, new in YEAR:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return reading.read(text)


def told(blueprint):
    return "\n".join(
        line for part in prose.tell(blueprint) for line in (f"# {part.title}", *part.sentences, "")
    )


def changes(old, new):
    found = differences.compare(old, new)
    return "\n".join(f"{change.path}: {change.sentence}" for change in found) + "\n"


def test_every_kind_and_every_term_is_said(golden):
    golden("rewards_prose.txt", told(SHOP))


def test_a_year_later_in_prose(golden):
    golden("rewards_prose_later.txt", told(later()))


def test_what_changes_in_a_year(golden):
    golden("rewards_changed.txt", changes(SHOP, later()))
    golden("rewards_changed_back.txt", changes(later(), SHOP))


def test_rewards_come_and_go(golden):
    none = replace(SHOP, rewards=(), paying=(), causes=(), automatic=())
    golden("rewards_new.txt", changes(none, SHOP))
    golden("rewards_gone.txt", changes(SHOP, none))


def test_whatever_changes_of_rewards_is_told():
    """Every figure, word and flag, one by one; but for what a kind does not use."""
    silent = [
        f"{name}{path}"
        for name in ("rewards", "paying", "causes", "automatic", "redemption")
        for path, other in variants(getattr(SHOP, name))
        if not differences.compare(SHOP, replace(SHOP, **{name: other}))
    ]
    used = [path for path in silent if not says_nothing(path)]
    assert used == [f"rewards[{CODES.index('ever-voucher')}].voucher.unused"]  # of what never ends


def says_nothing(path):
    """Whether it is a figure or a word of what a reward gives that its kind has no use for."""
    place, inside, field = path.partition("].gives.")
    kind = SHOP.rewards[int(place.removeprefix("rewards["))].gives.kind if inside else ""
    return bool(inside) and field not in USES.get(kind, ())


def reward(code, **terms):
    """A reward of the shop in a sentence, with other terms."""
    return rewards.reward(replace(ITEMS[code], **terms), blueprint=SHOP)


@pytest.mark.parametrize(
    ("code", "gives", "said"),
    [
        ("mug", Gives("product", quantity=3), "You get 3 of it, handed over or sent to you."),
        ("engraving", Gives("service"), "We do it for you."),
        ("storage", Gives("quota", amount=5, text="GB"), "You get 5 GB."),
        ("cash", Gives("percent", of="cheapest"), "It takes 100% off the cheapest item."),
        (
            "two-plus-one",
            Gives("buy_get", buy=1, lines=SHOP.rewards[1].gives.lines, quantity=2),
            "For every 1 item that you buy, you get 2 items of lines where the category is",
        ),
        (
            "two-plus-one",
            Gives("buy_get", buy=3, percent=Decimal("12.5")),
            "For every 3 items that you buy, you get 1 more at 12.5% off.",
        ),
        ("plant-trees", Gives("charity", amount=5, causes=("gone",)), "$0.05 goes to gone."),
        (
            "bicycle-draw",
            Gives("sweepstake", prizes=(Prize("Mug"),), draws_on=date(2026, 5, 1)),
            "You get one chance in the draw of 1 May 2026: Mug.",
        ),
    ],
)
def test_what_a_kind_gives(code, gives, said):
    assert said in reward(code, gives=gives)


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"price": 0, "price_by_tier": {"Gold": 5}}, "0 points (5 points as Gold) buy A mug"),
        ({"price": 1, "cash": 100}, "1 point and $1.00 buy A mug, worth $12.00."),
        ({"price": 0, "cash": 100}, "0 points and $1.00 buy A mug, worth $12.00."),
        ({"price": 0}, "You can have A mug for nothing, worth $12.00."),
        (
            {"tiers": ("Gold",), "ladder": "status", "segments": ("vip", "no-auto")},
            ", if you are Gold and you are in the group vip or no auto.",
        ),
        ({"stock": 1}, "There is 1 of it."),
        ({"days": Days(date(2026, 1, 2))}, "You can have it from 2 January 2026."),
        ({"days": Days(None, DAY)}, "You can have it until the end of 2 January 2026."),
        (
            {"blackouts": (Days(DAY, DAY),)},
            "You cannot have it from 2 January 2026 until the end of 2 January 2026.",
        ),
        ({"seasons": (Season(Days(DAY), value=100),)}, "From 2 January 2026 it is worth $1.00."),
        ({"minimum": 100}, "The order must come to at least $1.00 without tax."),
        ({"terms": "one each"}, "One each."),
    ],
)
def test_a_term_of_a_reward(terms, said):
    assert said in reward("mug", **terms)


def test_paying_with_points_on_other_terms():
    def told(**terms):
        return " ".join(rewards.paying(Paying("points", **terms), blueprint=SHOP))

    assert told() == "You can pay for an order with points, each worth $0.01."
    assert told(tax=False, delivery=False).endswith(
        "They pay all of the order without its tax and delivery."
    )
    assert told(share=Decimal(20)).endswith("They pay at most 20% of the order.")
    assert "in steps of 5 points." in told(step=5)


def test_a_cause_that_nobody_matches():
    assert rewards.cause(Cause("sea", "The sea", "The sea")) == "You can give to The sea."
