"""Rewards are read whole, kind by kind, or every mistake in them is told at once."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from pointbook.engine.rules.catalogue import (
    SIDES,
    USUAL,
    AutomaticBurn,
    Cause,
    Days,
    Gives,
    Paying,
    Prize,
    Redemption,
    Season,
    Slot,
    Times,
    Voucher,
)
from pointbook.engine.rules.predicates import Test
from pointbook.engine.rules.reading import blueprints as reading
from pointbook.engine.rules.reading.problems import BlueprintErrors
from tests.engine.rules.broken import SOUND
from tests.engine.rules.broken_rewards import CATALOGUE, SPOILED_REWARDS
from tests.engine.rules.shop import REWARDS

SHOP = reading.read(REWARDS)
ITEMS = {item.code: item for item in SHOP.rewards}


def mistakes(old, new):
    """What is said of the catalogue with something else in one place."""
    assert CATALOGUE.count(old) == 1, old
    with pytest.raises(BlueprintErrors) as caught:
        reading.read(CATALOGUE.replace(old, new))
    return caught.value


def other(old, new):
    """The catalogue with something else in one place."""
    assert CATALOGUE.count(old) == 1, old
    return reading.read(CATALOGUE.replace(old, new))


def other_gives(text):
    """What a reward gives that says so."""
    item = other('gives: {percent: 10, most: "5.00"}', f"value: 1, gives: {text}").rewards[1]
    return item.gives


def test_the_catalogue_is_sound():
    assert len(reading.read(CATALOGUE).rewards) == 16


def test_every_mistake_in_rewards_is_told(golden):
    told = []
    for name, (old, new) in SPOILED_REWARDS.items():
        error = mistakes(old, new)
        assert all(problem.message and problem.mend for problem in error.problems), name
        told.append(f"# {name}\n{error}\n")
    golden("broken_rewards.txt", "\n".join(told))


def test_every_kind_is_in_the_shop():
    assert {item.gives.kind for item in SHOP.rewards} == set(SIDES)
    assert {item.side for item in SHOP.rewards} >= {"own_goods", "cash", "agent", "charity", "none"}


def test_a_reward_without_kind_is_its_value_off():
    item = reading.read(SOUND).rewards[0]
    assert item.gives == Gives("discount", amount=1000)
    assert (item.side, item.voucher, item.limits, item.days) == ("own_goods", None, (), Days())
    nothing = reading.read(SOUND.replace('value: "10.00"', "value: 0")).rewards[0]
    assert (nothing.value, nothing.worth) == (0, 0)


COFFEE = Test("category", "is", "coffee")
SOCKS = Test("category", "is", "socks")


@pytest.mark.parametrize(
    ("code", "gives"),
    [
        ("five-off", Gives("discount", amount=500)),
        ("coffee-off", Gives("discount", amount=200, of="lines", lines=COFFEE)),
        ("ten-percent", Gives("percent", percent=Decimal(10), most=2000)),
        (
            "shoes-percent",
            Gives(
                "percent", percent=Decimal(15), of="lines", lines=Test("category", "is", "shoes")
            ),
        ),
        (
            "cheapest-half",
            Gives(
                "percent", percent=Decimal(50), of="cheapest", lines=Test("category", "is", "books")
            ),
        ),
        ("free-tea", Gives("product", most=400, of="lines", lines=Test("sku", "is", "TEA"))),
        ("mug", Gives("product")),
        ("free-delivery", Gives("shipping")),
        ("two-plus-one", Gives("buy_get", of="lines", lines=SOCKS, buy=2, buy_lines=SOCKS)),
        ("cash", Gives("cash_back", amount=500, to="money")),
        ("credit", Gives("cash_back", amount=500)),
        ("gift-card", Gives("stored_value", amount=2500, unit="gift")),
        ("engraving", Gives("service", options={"monogram": (), "colour": ("gold", "silver")})),
        ("early-access", Gives("access", text="the winter sale a day before it opens")),
        (
            "workshop",
            Gives(
                "experience",
                slots=(
                    Slot(
                        "jan-10",
                        datetime(2026, 1, 10, 23, tzinfo=UTC),
                        datetime(2026, 1, 11, 1, tzinfo=UTC),
                        2,
                        "Studio",
                    ),
                    Slot(
                        "jul-10",
                        datetime(2026, 7, 10, 22, tzinfo=UTC),
                        datetime(2026, 7, 11, 0, tzinfo=UTC),
                        12,
                    ),
                ),
                waiting=True,
                no_show="return",
            ),
        ),
        ("plant-trees", Gives("charity", amount=1000, causes=("trees",))),
        ("any-cause", Gives("charity", amount=500)),
        ("cinema", Gives("partner", partner="cinema-co")),
        (
            "bicycle-draw",
            Gives(
                "sweepstake",
                prizes=(Prize("Bicycle"), Prize("Helmet", 3)),
                draws_on=date(2026, 12, 24),
                countries=("US", "CA"),
            ),
        ),
        ("storage", Gives("quota", amount=500, text="MB", days=30)),
    ],
)
def test_a_kind_is_read(code, gives):
    assert ITEMS[code].gives == gives


@pytest.mark.parametrize(
    ("text", "gives"),
    [
        ("{percent: 5, of: order}", Gives("percent", percent=Decimal(5))),
        ("{percent: 5, of: cheapest}", Gives("percent", percent=Decimal(5), of="cheapest")),
        ("{product: {quantity: 3}}", Gives("product", quantity=3)),
        ("{buy: {}, get: {}}", Gives("buy_get", of="lines", buy=1)),
        (
            "{buy: {quantity: 2}, get: {lines: {field: category, is: socks}, percent: 12.5}}",
            Gives("buy_get", percent=Decimal("12.5"), of="lines", lines=SOCKS, buy=2),
        ),
        (
            "{buy: {lines: {field: category, is: socks}}, get: {quantity: 2}}",
            Gives("buy_get", of="lines", lines=SOCKS, buy=1, buy_lines=SOCKS, quantity=2),
        ),
        ("{stored_value: 5}", Gives("stored_value", amount=500, unit="gift")),
        ("{service: {}}", Gives("service")),
        ("{service: {options: {size: [1, XL]}}}", Gives("service", options={"size": ("1", "XL")})),
        ("{quota: {amount: 9, of: GB}}", Gives("quota", amount=9, text="GB")),
        (
            "{sweepstake: {prizes: [{prize: Mug, quantity: 2}], draws_on: 2026-05-01}}",
            Gives("sweepstake", prizes=(Prize("Mug", 2),), draws_on=date(2026, 5, 1)),
        ),
    ],
)
def test_a_kind_in_other_words(text, gives):
    assert other_gives(text) == gives


def test_the_terms_of_a_reward_are_read():
    item = ITEMS["five-off"]
    summer = Days(date(2026, 6, 1), date(2026, 8, 31))
    assert (item.price, item.value, item.worth) == (500, 500, 500)
    assert (item.price_by_tier, item.ladder) == ({"Gold": 400}, "status")
    assert item.price_by_segment == {"vip": 450}
    assert item.seasons == (Season(summer, 475, 600),)
    assert item.labels == ("popular",)
    item = ITEMS["free-delivery"]
    assert item.days == Days(date(2026, 1, 1), date(2026, 12, 31))
    assert item.blackouts == (Days(date(2026, 12, 20), date(2026, 12, 31)),)
    item = ITEMS["ten-percent"]
    assert (item.minimum, item.minimum_with_tax, item.exclusive) == (5000, True, True)
    item = ITEMS["mug"]
    assert (item.stock, item.totals, item.cost) == (20, (Times(5, "day"),), 310)
    assert (item.giftable, item.value) == (True, 1200)
    item = ITEMS["stamp-coffee"]
    assert (item.price, item.limits, item.earns) == (0, (Times(1, "month"),), True)
    assert item.when == Test("count.purchase", "above", 9)
    assert (ITEMS["pan"].cash, ITEMS["cash"].confirm) == (1000, True)
    assert ITEMS["early-access"].tiers == ("Silver", "Gold")
    item = ITEMS["vip-lounge"]
    assert (item.segments, item.side) == (("vip",), "own_goods")
    assert item.terms == "Bring your card. One guest may come along."
    assert (ITEMS["cinema"].pool, ITEMS["mug"].pool) == (True, False)


def test_a_quota_is_no_money():
    assert (ITEMS["storage"].gives.amount, ITEMS["storage"].worth) == (500, 0)
    assert (ITEMS["gift-card"].worth, ITEMS["mug"].worth) == (2500, 1200)


def test_vouchers_have_one_term():
    vouchers = [ITEMS[f"{code}-voucher"].voucher for code in ("ten", "five", "ever")]
    assert vouchers == [Voucher(days=90, unused="back"), Voucher(months=6), Voucher()]


def test_a_season_may_change_one_of_both():
    item = other("price: 700}", 'value: "9.00"}').rewards[0]
    assert (item.seasons[0].price, item.seasons[0].value) == (None, 900)


def test_how_points_are_used_besides():
    assert SHOP.paying == (
        Paying("points", 100, 100, share=Decimal(50), leave=100, tax=True, delivery=False),
    )
    assert SHOP.causes == (
        Cause("trees", "Trees for all", "Trees e.V.", Decimal(50)),
        Cause(
            "books",
            "Books for schools",
            "Books for schools",
            Decimal(100),
            "the Miller Foundation",
            Decimal(2),
        ),
    )
    assert SHOP.automatic == (AutomaticBurn("monthly", "five-voucher", 3000, "month", "no-auto"),)
    assert SHOP.redemption == Redemption(30, 30, (Times(5, "day"),))


def test_what_is_left_out_is_as_usual():
    old = reading.read(SOUND)
    assert (old.paying, old.causes, old.automatic, old.redemption) == ((), (), (), USUAL)
    assert other("redemption: {hold_minutes: 20, ", "redemption: {").redemption.hold_minutes == 30
    text = '[{unit: points, minimum: 10, step: 5, share: 50, leave: "1.00", of: [tax]}]'
    assert other(text, "{unit: points}").paying == (Paying("points"),)
    assert other(text, "[{unit: points, of: []}]").paying == (
        Paying("points", tax=False, delivery=False),
    )
    text = ", at_least: 100, each: month, unless: quiet"
    assert other(text, "").automatic == (AutomaticBurn("monthly", "mug", 7),)


def test_stored_value_is_no_second_unit():
    """Where there is one unit of points, nothing has to name it."""
    gift = "  gift: {name: gift cards, money: true}\nearn:\n"
    text = SOUND.replace('  stars: {name: stars, singular: star, decimals: 1, value: "1"}\n', "")
    text = text.replace("earn:\n", gift).replace("unit: points, ", "")
    blueprint = reading.read(text.replace("    unit: points\n", ""))
    assert (blueprint.earn[0].unit, blueprint.rewards[0].unit) == ("points", "points")
    assert reading.read(f"{text}pay_with_points: {{}}\n").paying == (Paying("points"),)


def test_money_is_in_the_currency():
    unit = reading.read(CATALOGUE).units["gift"]
    assert (unit.money, unit.decimals, unit.value, unit.spendable) == (True, 2, Decimal(1), True)
    assert unit.worth(2500, currency="USD") == 2500
    said = other("money: true", "money: true, decimals: 2, value: 1.0").units["gift"]
    assert said == unit
    assert not reading.read(SOUND.replace("decimals: 1", "money: false")).units["stars"].money


@pytest.mark.parametrize(
    "text",
    [
        "{code: a, reward: ten-off}",  # a voucher waits for its order
        "{code: a, reward: early}",
        "{code: a, reward: give}",
        "{code: a, reward: card}",
    ],
)
def test_what_can_be_had_without_asking(text):
    assert other("automatic: [", f"automatic: [{text}, ").automatic[0].code == "a"


def test_a_choice_of_causes_is_asked_for():
    given = 'gives: {charity: "10.00", causes: [trees]}'
    text = CATALOGUE.replace("automatic: [", "automatic: [{code: a, reward: give}, ")
    assert text.count(given) == 1
    with pytest.raises(BlueprintErrors, match="give asks for a cause, and nobody is asked"):
        reading.read(text.replace(given, 'gives: {charity: "10.00"}'))
    alone = text.replace(", {cause: sea, name: The sea}", "")
    assert reading.read(alone.replace(given, 'gives: {charity: "10.00"}')).automatic


def test_stored_value_needs_a_unit_of_money():
    text = SOUND.replace("price: 500", "price: 500, gives: {stored_value: 5}")
    with pytest.raises(BlueprintErrors, match=r"unit is missing\. Add a unit of stored value"):
        reading.read(text)
    gift, wallet = "  gift: {name: gift, money: true}\n", "  wallet: {name: wallet, money: true}\n"
    text = text.replace("earn:\n", f"{gift}{wallet}earn:\n")
    with pytest.raises(BlueprintErrors, match=r"unit is missing\. Write one of: gift, wallet"):
        reading.read(text)


def test_a_gift_needs_a_cause():
    text = SOUND.replace("price: 500", "price: 500, gives: {charity: 5}")
    with pytest.raises(BlueprintErrors, match="There is no cause to give to"):
        reading.read(text)


def test_the_hour_that_comes_twice_is_the_first():
    """Clocks are put back in Paris on 25 October 2026 at 03:00."""
    slots = (
        other(
            "from: 2026-03-28T18:00, until: 2026-03-28T20:00",
            "from: 2026-10-25T02:30, until: 2026-10-25T03:30",
        )
        .rewards[10]
        .gives.slots
    )
    assert slots[1].starts_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_the_lowest_tier_needs_nothing():
    """ERPNext refuses a programme whose lowest tier has a minimum [ER-12]."""
    error = mistakes("[{tier: Base}", '[{tier: Base, from: "50.00"}')
    assert "The first tier begins above 0." in str(error)


def test_points_that_are_worth_nothing_pay_nothing():
    """Sylius converts 0 points (SY-04); here the document says so before anybody asks."""
    error = mistakes("pay_with_points: [{unit: points", "pay_with_points: [{unit: chips")
    assert error.problems[0].path == "pay_with_points[0].unit"
    assert error.problems[0].message == "chips are worth nothing, so they pay nothing."
