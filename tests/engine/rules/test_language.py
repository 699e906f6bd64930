"""What each word of the language becomes, and that old documents mean what they always meant."""

from datetime import date
from decimal import Decimal
from typing import Any as Value

import pytest

from pointbook.engine.rules.blueprint import (
    Award,
    Base,
    Benefit,
    Budget,
    Corrections,
    Expiry,
    Limit,
    Measure,
    Pending,
    Referrals,
    Rung,
    Transfers,
    Validity,
    Window,
)
from pointbook.engine.rules.fields import Field, field_of
from pointbook.engine.rules.predicates import All, Any, Named, Not, Test
from pointbook.engine.rules.reading import blueprints as reading
from pointbook.engine.rules.reading.documents import parse
from pointbook.engine.rules.reading.problems import BlueprintErrors
from pointbook.engine.rules.reading.shape import schema
from tests.engine.rules.booked import BOOKED, OF_AGENT
from tests.engine.rules.broken import SOUND
from tests.engine.rules.shop import REWARDS
from tests.engine.rules.whole import OTHERWISE, WHOLE

COAST = reading.read(WHOLE)
RULES = {rule.code: rule for rule in COAST.earn}
EXPIRES = "{membership_year: 0}"  # of the miles
VALIDITY = "{end_of_month: 0, plus_days: 7}"


def other(old, new):
    """The whole document with something else in one place."""
    assert WHOLE.count(old) >= 1
    return reading.read(WHOLE.replace(old, new, 1))


def small(**parts):
    """A program of one unit and one rule, with other parts in place of its own."""
    whole: dict[str, Value] = {
        "blueprint": 1,
        "program": {"code": "s", "name": "S", "currency": "USD", "time_zone": "UTC"},
        "units": {"points": {"name": "points", "value": 1}},
        "earn": [
            {"rule": "a", "name": "A", "on": "purchase", "award": {"points": 1, "per": 1}},
        ],
        "books": {"judgement": "Small."},
    }
    return reading.read_document(whole | parts)


# What old documents say


# What stands in the old document, and the same with what it leaves out.
SPELT_OUT = {
    "currency: USD,": "currency: USD, unknown_members: enrol, late_facts: leave,",
    "point, value": "point, decimals: 0, spendable: true, spend_order: oldest, value",
    "{after_days: 180}": "{after_days: 180, since: award}",
    "    on: purchase\n": """\
    on: purchase
    base: {tax: out, delivery: out, discounts: out, stored_value: out, points: out}
    rounding: floor
    rounding_of: order
    limits: []
    priority: 0
    stop: false
""",
    "tiers:\n": """\
tiers:
  code: tiers
  name: tiers
  upgrade: at_once
  downgrade: full
  validity: {until: purchase}
  grace_days: 0
  benefits: []
  moved: {}
""",
    '{tier: Base, from: "0"}': "{tier: Base, name: Base, lifetime: false, benefits: {}}",
    "{claw_back: clamp}": "{claw_back: clamp, burned: pro_rata}\ncompanies: false",
}


def test_what_was_published_before_means_the_same_as_with_every_default_written_out():
    new = SOUND
    for old, spelt in SPELT_OUT.items():
        assert new.count(old) == 1, old
        new = new.replace(old, spelt)
    assert reading.read(new) == reading.read(SOUND)


# Units


def test_units():
    points, miles, stars = (COAST.units[code] for code in ("points", "miles", "stars"))
    assert points.expiry == Expiry("inactivity_months", 12, rounded_up_to="month")
    assert points.expiry.sliding
    assert points.expiry_by_tier == {
        "Gold": Expiry(),
        "Silver": Expiry("end_of_year", 1, since="release"),
    }
    assert (points.ladder, points.activity) == ("status", ("purchase", "burn"))
    assert (points.most, points.reinstate_days, points.reinstated_for) == (100000, 10, 30)
    assert (miles.spendable, miles.value, miles.ladder) == (False, Decimal(0), "")
    assert (stars.most, stars.activity) == (None, ("purchase",))
    assert stars.expiry == Expiry("on_date", 1, month=12, day=31)


@pytest.mark.parametrize(
    ("text", "expiry"),
    [
        ("{never: true}", Expiry()),
        ("{after_days: 5}", Expiry("days", 5)),
        ("{after_months: 6, rounded_up_to: year}", Expiry("months", 6, rounded_up_to="year")),
        ("{end_of_month: 0, since: award}", Expiry("end_of_month", 0)),
        ("{end_of_year: 1}", Expiry("end_of_year", 1)),
        ("{membership_year: 2}", Expiry("membership_year", 2)),
        ("{on_date: {month: 2, day: 29}}", Expiry("on_date", 0, month=2, day=29)),
        ("{on_day: {day: 15, months: 4}}", Expiry("on_day", 4, day=15)),
        ("{inactivity: {days: 90}, activity: [stay]}", Expiry("inactivity_days", 90)),
    ],
)
def test_terms(text, expiry):
    assert other(EXPIRES, text).units["miles"].expiry == expiry


def test_activity_may_serve_the_terms_of_rules_alone():
    unit = {"name": "points", "value": 1, "expires": {"never": True, "activity": ["burn"]}}
    rule = {"rule": "a", "name": "A", "on": "purchase", "award": {"points": 1}}
    with pytest.raises(BlueprintErrors, match="without inactivity"):
        small(units={"points": unit}, earn=[rule | {"expires": {"after_days": 1}}])
    sliding = rule | {"expires": {"inactivity": {"days": 9}}}
    blueprint = small(units={"points": unit}, earn=[sliding])
    assert blueprint.earn[0].expiry == Expiry("inactivity_days", 9)
    assert blueprint.units["points"].activity == ("burn",)


# Rules


@pytest.mark.parametrize(
    ("rule", "award"),
    [
        (
            "purchases",
            Award(
                "per_amount",
                Decimal(0),
                per=100,
                by_tier={"Base": Decimal(1), "Silver": Decimal("1.2"), "Gold": Decimal("1.5")},
                ladder="status",
            ),
        ),
        ("coffee", Award("counted", Decimal(2), per=1, each="item")),
        ("back", Award("percent", Decimal("3.5"))),
        (
            "more-back",
            Award("percent", Decimal(0), by_tier={"Gold": Decimal(1)}, ladder="status"),
        ),
        ("double", Award("multiply", Decimal(2), of=("purchases",))),
        (
            "gold-miles",
            Award("multiply", Decimal(1), by_tier={"Captain": Decimal("1.25")}, ladder="crew"),
        ),
        ("stays", Award("per_amount", Decimal("1.55"), per=50)),
        ("nights", Award("counted", Decimal(5000), per=2, each="attributes.nights")),
        ("join", Award("fixed", Decimal(100))),
    ],
)
def test_awards(rule, award):
    assert RULES[rule].award == award


def test_a_fixed_award_by_tier_may_leave_some_out():
    award = other("award: {points: 100}", "award: {by_tier: {Base: 0, Gold: 5}}").earn[8].award
    assert award == Award(
        "fixed", Decimal(0), by_tier={"Base": Decimal(0), "Gold": Decimal(5)}, ladder="status"
    )


def test_what_else_a_rule_says():
    rule, coffee = RULES["purchases"], RULES["coffee"]
    assert rule.base == Base(tax=True, delivery=True, discounts=True, stored_value=True)
    assert (rule.rounding, rule.rounding_of) == ("nearest", "line")
    assert rule.limits == (
        Limit("purchases[0]", "day", points=500, rules=("purchases",)),
        Limit("purchases[1]", "fact", times=1, whole=True, rules=("purchases",)),
    )
    assert (rule.pending, coffee.pending) == (Pending(days=14), Pending(on="shipped"))
    assert (coffee.from_on, coffee.until_on) == (date(2026, 12, 1), date(2026, 12, 31))
    assert (coffee.weekdays, coffee.hours) == ((0, 1), (900, 1440))
    assert (coffee.stores, coffee.channels) == (("S1", "17"), ("online",))
    assert (coffee.priority, coffee.stop, coffee.group) == (10, True, "promos")
    assert coffee.expiry == Expiry("days", 30, since="release")
    assert RULES["back"].budget == Budget(10000025, "month")
    assert COAST.groups == {"promos": "best_of"}
    assert COAST.limits == (
        Limit("bonus-cap", "year", points=100, times=5, rules=("join", "brought")),
    )


def test_a_budget_is_for_ever_unless_it_says_otherwise():
    assert other(", each: month}", "}").earn[2].budget == Budget(10000025, "ever")


def test_a_multiplier_has_the_unit_of_its_rules():
    assert RULES["double"].unit == "points"
    assert other("of: [purchases]}", "of: [back, more-back]}").earn[4].unit == "stars"


def test_rules_of_one_unit_need_not_name_it():
    double = {"rule": "b", "name": "B", "on": "purchase", "award": {"multiply": 2}}
    first = {"rule": "a", "name": "A", "on": "purchase", "award": {"percent": 2}}
    assert [rule.unit for rule in small(earn=[double, first]).earn] == ["points", "points"]
    named = {"rule": "b", "name": "B", "on": "purchase", "award": {"multiply": 2, "of": ["a"]}}
    assert small(earn=[first, named]).earn[1].unit == "points"


@pytest.mark.parametrize("on", ["purchase", "company_purchase", "stay"])
def test_amounts_of_any_fact_that_may_have_them_earn(on):
    rule = {"rule": "a", "name": "A", "on": on, "award": {"points": 1, "per": 1}}
    assert small(earn=[rule]).earn[0].on == on


def test_an_attribute_of_any_fact_may_be_counted():
    award = {"points": "0.5", "each": "attributes.spend", "per": 10}
    rule = {"rule": "a", "name": "A", "on": "referral", "award": award}
    assert small(earn=[rule]).earn[0].award == Award(
        "counted", Decimal("0.5"), per=10, each="attributes.spend"
    )


# Conditions and measures


def test_conditions_by_name():
    big = Test("total", "at_least", 10000)
    regular = All((Test("measures.visits", "above", 3), Named("big-basket", big)))
    assert COAST.conditions == {"big-basket": big, "regular": regular}
    assert RULES["brought"].when == All(
        (
            Named("regular", regular),
            Test("member.tiers.crew", "is", "Mate"),
            Test("member.days", "at_most", 365),
            Test("member.profile.city", "is", "Porto"),
            Test("count.referral", "below", 10),
            Test("measures.miles", "between", (105, 200)),
        )
    )
    assert RULES["coffee"].when == Not(
        Any((Test("member.tier", "in", ("Base",)), Test("member.segments", "has", "vip")))
    )


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("{field: measures.spent, is: 10.5}", Test("measures.spent", "is", 1050)),
        ("{field: measures.reviews, in: [1, 2]}", Test("measures.reviews", "in", (1, 2))),
        (
            "{field: member.profile.age, above: 5.5}",
            Test("member.profile.age", "above", Decimal("5.5")),
        ),
        ("{field: member.profile.tags, has: a}", Test("member.profile.tags", "has", "a")),
        ("{field: member.tiers.status, in: [Base]}", Test("member.tiers.status", "in", ("Base",))),
        ("{field: count.sign_up, is: 1}", Test("count.sign_up", "is", 1)),
    ],
)
def test_what_is_asked_of_a_member(text, read):
    assert other('{field: total, at_least: "100.00"}', text).conditions["big-basket"] == read


def test_an_old_condition_of_many_parts_is_not_too_large():
    tests = [{"field": "store", "is": f"S{n}"} for n in range(12_000)]
    rule = {
        "rule": "a",
        "name": "A",
        "on": "sign_up",
        "award": {"points": 1},
        "when": {"any": tests},
    }
    assert isinstance(small(earn=[rule]).earn[0].when, Any)


def test_measures():
    assert COAST.measures == (
        Measure("visits", "visits", Window("rolling_days", 90)),
        Measure("miles", "earned", Window("calendar_year"), unit="miles"),
        Measure("reviews", "count", Window("lifetime"), type="review"),
        Measure("spent", "spend", Window("membership_year")),
    )


# Ladders


def test_ladders():
    status, crew = COAST.ladders
    assert COAST.tiers is status
    assert (status.code, status.name, crew.code, crew.name) == ("status", "Status", "crew", "crew")
    assert status.measures == (
        Measure("points", "earned", Window("calendar_month"), unit="points"),
        Measure("baskets", "visits", Window("since_review")),
        Measure("stays", "count", Window("since_review"), type="stay"),
    )
    assert status.ladder == (
        Rung("Base", "Base"),
        Rung("Silver", "Silver", {"points": 1000, "baskets": 10}, benefits={"lounge": 2}),
        Rung(
            "Gold",
            "Pure gold",
            {"points": 2000, "baskets": 10, "stays": 1},
            every=True,
            lifetime=True,
        ),
    )
    assert (status.upgrade, status.downgrade, status.grace_days) == ("at_review", "one_step", 30)
    assert (status.benefits, status.moved) == (
        (Benefit("lounge", "Lounge visit", "year"),),
        {"Old": "Silver"},
    )
    assert (crew.validity, crew.measures) == (Validity("for_ever"), (COAST.measures[1],))
    assert crew.ladder == (Rung("Mate", "Mate"), Rung("Captain", "Captain", {"miles": 1005}))


@pytest.mark.parametrize(
    ("text", "validity"),
    [
        ("{end_of_month: 0, plus_days: 7}", Validity("end_of_month", 0, 7)),
        ("{end_of_year: 1}", Validity("end_of_year", 1)),
        ("{days: 30}", Validity("days", 30)),
        ("{months: 12, plus_days: 1}", Validity("months", 12, 1)),
        ("{membership_year: 0}", Validity("membership_year", 0)),
    ],
)
def test_validities(text, validity):
    assert other(VALIDITY, text).ladders[0].validity == validity


@pytest.mark.parametrize(
    ("text", "measure"),
    [
        ("measure: visits\n    window: lifetime", Measure("visits", "visits", Window("lifetime"))),
        # Without a window of the ladder's own it is the program's.
        ("measure: visits", Measure("visits", "visits", Window("rolling_days", 90))),
        (
            "measure: {measure: count, of: stay}\n    window: membership_year",
            Measure("count", "count", Window("membership_year"), type="stay"),
        ),
        (
            "measures: {m: miles}\n    window: lifetime",
            Measure("m", "earned", Window("calendar_year"), unit="miles"),
        ),
    ],
)
def test_what_a_ladder_measures(text, measure):
    text = WHOLE.replace("measure: miles", text).replace("from: 100.5", "from: 100")
    assert reading.read(text).ladders[1].measures == (measure,)


@pytest.mark.parametrize(
    ("lower", "upper", "rises"),
    [
        ("any: {points: 10, baskets: 5}", "any: {points: 20}", True),
        ("any: {points: 10, baskets: 5}", "all: {points: 10, baskets: 5}", True),
        ("any: {points: 10}", "any: {baskets: 5}", True),
        ("all: {points: 10, baskets: 5}", "any: {points: 10, baskets: 5}", False),
        ("any: {points: 10, baskets: 5}", "any: {points: 20, baskets: 4}", False),
        ("all: {points: 10}", "all: {points: 10}", False),
        ("all: {points: 10}", "any: {points: 10, baskets: 5}", False),
    ],
)
def test_tiers_rise(lower, upper, rises):
    text = WHOLE.replace("any: {points: 1000, baskets: 10}", lower).replace(
        "all: {points: 2000, baskets: 10, stays: 1}", upper
    )
    if rises:
        assert len(reading.read(text).ladders[0].ladder) == 3
    else:
        with pytest.raises(BlueprintErrors, match="Gold begins no higher than Silver"):
            reading.read(text)


# The rest


def test_other_terms():
    reward = COAST.rewards[0]
    assert (reward.price, reward.price_by_tier) == (1000, {"Gold": 900})
    assert (reward.tiers, reward.ladder) == (("Silver", "Gold"), "status")
    assert COAST.referrals == Referrals("first_purchase", 2000, 90, ("email", "phone"))
    assert COAST.transfers == Transfers(
        ("points",), keep=False, limits=(Limit("transfers[0]", "year", points=50000),)
    )
    assert (COAST.pooled, COAST.companies) == (("points", "stars"), True)
    assert COAST.corrections == Corrections(("goodwill", "mistake"), {"points": 500}, "clamp")
    assert (COAST.claw_back, COAST.burned) == ("carry_forward", "whole")
    assert (COAST.segments, COAST.late_facts) == (("vip", "student"), "re_evaluate")


def test_what_other_terms_leave_out():
    blueprint = small(
        referrals={"trigger": "sign_up"},
        transfers={"units": ["points"]},
        corrections={"most": {"points": 0}},
    )
    assert blueprint.referrals == Referrals("sign_up", 0, 0, ("email", "phone", "card"))
    assert blueprint.transfers == Transfers(("points",))
    assert blueprint.corrections == Corrections((), {"points": 0}, "refuse")


def test_habits_burn_what_can_be_burned():
    text = """
    behaviour: 1
    name: Misers
    burn: [{at: month_end, unit: miles, when_balance_at_least: 5, in_steps_of: 1}]
    """
    with pytest.raises(BlueprintErrors, match="miles are status points"):
        reading.read_behaviour(text, blueprint=COAST)


# The schema


def used(rule, value, *, parts, name="top"):
    """Every key of the schema that a document uses, with the part it is of."""
    if "$ref" in rule:
        name = rule["$ref"].rpartition("/")[2]
        yield from used(parts[name], value, parts=parts, name=name)
    elif "type" in rule.get("if", ()):
        fits = isinstance(value, {"array": list, "string": str, "object": dict}[rule["if"]["type"]])
        yield from used(rule["then" if fits else "else"], value, parts=parts, name=name)
    elif isinstance(value, list):
        for item in value:
            yield from used(rule["items"], item, parts=parts, name=name)
    elif isinstance(value, dict):
        for key, held in value.items():
            if "properties" in rule:
                yield name, key
            inner = rule.get("properties", {}).get(key) or rule["additionalProperties"]
            yield from used(inner, held, parts=parts, name=name)


def test_every_key_is_used_by_a_sound_document():
    whole = schema("blueprint")
    parts = whole["$defs"]
    texts = [SOUND, BOOKED, OF_AGENT, WHOLE, REWARDS]
    texts += [WHOLE.replace(old, new, 1) for old, new in OTHERWISE]
    seen = set()
    for text in texts:
        assert reading.read(text)
        seen |= set(used(whole, parse(text, title="it").value, parts=parts))
    known = {
        (name, key)
        for name, part in {"top": whole, **parts}.items()
        for key in part.get("properties", {})
    }
    assert known - seen == set()


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("total", Field("money", "the total")),
        ("attributes.size", Field("free", "size")),
        ("member.tier", Field("text", "the tier")),
        ("member.tiers.crew", Field("text", "the tier of crew")),
        ("member.segments", Field("texts", "the segments")),
        ("member.days", Field("count", "the number of days since joining")),
        ("member.profile.city", Field("free", "city in the profile")),
        ("count.review", Field("count", "the number of facts of type review so far")),
        ("measures.miles", Field("measure", "the measure miles")),
    ],
)
def test_fields_have_a_kind_and_words(name, field):
    assert field_of(name, line=False) == field
