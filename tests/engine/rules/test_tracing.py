"""Why each rule gave or did not give for a fact, one plain sentence each."""

from datetime import UTC, date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointbook.engine.rules.blueprint import Budget, Limit, Measure, Window
from pointbook.engine.rules.explaining.tracing import Trace, trace
from pointbook.engine.rules.explaining.unmet import Asked, unmet
from pointbook.engine.rules.predicates import All, Any, AnyLine, Named, Not, Test
from pointbook.engine.rules.who import Who
from tests.engine.rules.rulebook import (
    NOBODY,
    Till,
    buy,
    fixed,
    judge,
    line,
    per,
    sku,
    terms,
    times,
    told,
    unit,
)

GOLD = Who(tiers={"status": "gold", "crew": "mate"})


def why(blueprint, fact, who=NOBODY, *, till=None, **more):
    """The sentence for each rule."""
    room = Till(blueprint) if till is None else till
    traces = trace(blueprint, fact, who, room=room, zone=UTC, **more)
    return {one.rule: one.why for one in traces}


def missed(rule, fact, who=NOBODY):
    """The one sentence of a rule that did not match."""
    blueprint = terms(rule)
    (one,) = trace(blueprint, fact, who, room=Till(blueprint), zone=UTC)
    assert (one.matched, one.points) == (False, 0)
    return one.why


def test_every_rule_is_told_in_the_order_in_which_it_was_tried():
    blueprint = terms(per(), fixed("thanks", 5, on="review"), fixed("first", 1, priority=3))
    assert trace(blueprint, buy(4599), NOBODY, room=Till(blueprint), zone=UTC) == (
        Trace("first", "First", True, 1, "First: 1 point."),
        Trace(
            "purchases",
            "Purchases",
            True,
            45,
            "Purchases: 1 point for every $1.00 of $45.99 is 45 points, rounded down.",
        ),
        Trace("thanks", "Thanks", False, 0, "It listens to review, this is a purchase."),
    )


def test_a_fact_may_be_judged_as_one_of_another_type():
    blueprint = terms(fixed("visit", 5))
    claim = buy(100, kind="claim")
    assert why(blueprint, claim) == {"visit": "It listens to purchase, this is a claim."}
    assert why(blueprint, claim, kind="purchase") == {"visit": "Visit: 5 points."}


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"from_on": date(2026, 12, 1)}, "It began on 1 December 2026; this was on 3 March 2026."),
        ({"until_on": date(2026, 3, 2)}, "It ended on 2 March 2026; this was on 3 March 2026."),
        ({"stores": ("S2", "S3")}, "Only in store S2 or S3; this is store S1."),
        ({"channels": ("web",)}, "Only in channel web; this names no channel."),
        ({"weekdays": (0,)}, "Only on Mondays; 3 March 2026 is a Tuesday."),
        ({"hours": (900, 1080)}, "Only between 15:00 and 18:00; it was 12:00."),
        ({"stores": ("S2",), "weekdays": (0,)}, "Only in store S2; this is store S1."),
        (
            {"when": Test("total", "at_least", 5000), "hours": (720, 780), "stores": ("S1",)},
            "The total is $12.00, not at least $50.00.",
        ),
    ],
)
def test_what_a_rule_asks_and_the_fact_does_not_answer(asked, sentence):
    assert missed(per(**asked), buy(1200, store="S1")) == sentence


def test_days_and_hours_are_the_zones():
    blueprint = terms(per("p", weekdays=(1,)), per("q", hours=(0, 60)))
    fact = buy(100, when="2026-03-03 23:30")
    tokyo = ZoneInfo("Asia/Tokyo")
    first, second = trace(blueprint, fact, NOBODY, room=Till(blueprint), zone=tokyo)
    assert first.why == "Only on Tuesdays; 4 March 2026 is a Wednesday."
    assert second.why == "Only between 00:00 and 01:00; it was 08:30."


def test_a_tier_without_a_rate():
    rule = per(points=0, tiers={"gold": Decimal(2)})
    assert missed(rule, buy(100), Who(tiers={"status": "green"})) == "It gives nothing to Green."
    assert missed(rule, buy(100)) == "It gives nothing without a tier."


def test_a_rule_that_stops_the_others():
    blueprint = terms(fixed("a", 1, stop=True), fixed("b", 2), fixed("c", 3, stores=("S1",)))
    assert why(blueprint, buy(0)) == {
        "a": "A: 1 point.",
        "b": "“A” matched before and stopped the others.",
        "c": "Only in store S1; this names no store.",
    }


def test_rules_of_a_group():
    groups = {"promos": "best_of", "hello": "first_match"}
    blueprint = terms(
        fixed("a", 1, group="promos"),
        fixed("b", 2, group="promos"),
        fixed("c", 2, group="promos"),
        fixed("d", 1, group="hello"),
        fixed("e", 9, group="hello"),
        groups=groups,
    )
    traces = trace(blueprint, buy(0), NOBODY, room=Till(blueprint), zone=UTC)
    assert [(one.rule, one.matched, one.points, one.why) for one in traces] == [
        ("a", True, 0, "“B” gives more, and of promos only the best counts."),
        ("b", True, 2, "B: 2 points."),
        ("c", True, 0, "“B” gives as much and comes first, and of promos only the best counts."),
        ("d", True, 1, "D: 1 point."),
        ("e", False, 0, "“D” of hello matched before, and only the first counts."),
    ]


def test_limits_that_are_used_up():
    shared = Limit("cap", "month", times=1, rules=("b",))
    blueprint = terms(
        fixed("a", 60, limits=(Limit("a[0]", "year", points=100),)),
        fixed("b", 5),
        fixed("c", 30, limits=(Limit("c[0]", "day", points=50, whole=True),)),
        fixed("d", 60, budget=Budget(60, "month")),
        fixed("e", 1, unit="stars"),
        limits=(shared,),
        units=(unit(), unit("stars", most=2)),
    )
    till = Till(blueprint, budgets={"d": 60})
    told_first = why(blueprint, buy(0), till=Till(blueprint, budgets={"d": 60}))
    assert told_first["a"] == "A: 60 points."
    till.judge(buy(0))
    assert why(blueprint, buy(0), till=till)["a"] == (
        "A: 60 points, 40 of them given: at most 100 points a year."
    )
    till.judge(buy(0))
    assert why(blueprint, buy(0), till=till) == {
        "a": "The limit of 100 points a year is used up.",
        "b": "The limit of once a month is used up.",
        "c": "It would go above the limit of 50 points a day, and less is not given.",
        "d": "The budget of 60 points a month for all members together is used up.",
        "e": "The balance is full: at most 2 stars can be held.",
    }


def test_multipliers():
    blueprint = terms(
        per("a"),
        per("b", unit="stars"),
        per("c", when=Test("total", "at_least", 10**6), on="purchase"),
        times("double", 2),
        times("card", 0, lines=sku("card")),
        times("tea", 3, lines=sku("tea")),
        times("half", "0.5", "a", "b"),
        times("none", 2, "c"),
        times("one", 1, tiers={"gold": Decimal("0.8")}),
        units=(unit(), unit("stars")),
    )
    fact = buy(None, line("card", 1000), line("rice", 2000))
    traces = {
        one.rule: (one.matched, one.points, one.why)
        for one in trace(blueprint, fact, GOLD, room=Till(blueprint), zone=UTC)
    }
    assert traces["double"] == (
        True,
        8,
        "Double: “A” counts 2 times for $8.00, that is 8 points more.",
    )
    assert traces["card"] == (True, 0, "What it chooses counts 0 times for “A”.")
    assert traces["tea"] == (True, 0, "There is nothing in the basket that it multiplies.")
    assert traces["half"] == (True, 0, "What it chooses counts 0.5 times for “A” and “B”.")
    assert traces["none"] == (True, 0, "None of the rules that it multiplies gave anything.")
    assert traces["one"] == (True, 0, "What it chooses counts 0.8 times for “A”.")
    rice = trace(blueprint, buy(None, line("rice", 2000)), NOBODY, room=Till(blueprint), zone=UTC)
    whys = {one.rule: one.why for one in rice}
    assert whys["card"] == "There is nothing in the basket that it multiplies."
    assert whys["one"] == "What it chooses counts 1 times for “A”."


FACT = buy(
    1200,
    line("tea", 1200),
    store="S1",
    attributes={"size": 5, "tags": ["a", "b"], "gift": True, "odd": {}},
)
MEMBER = Who(
    tiers={"status": "gold", "crew": "mate"},
    segments={"vip", "student"},
    profile={"city": "Ulm"},
    joined_at=FACT.occurred_at - timedelta(days=3),
    counts={"purchase": 1200},
    measures={"spent": 1200, "seen": 3, "lost": 4}.__getitem__,
)
UNMET = [
    (Test("total", "between", (100, 200)), "The total is $12.00, not between $1.00 and $2.00."),
    (Test("total", "above", 1200), "The total is $12.00, not above $12.00."),
    (Test("store", "in", ("S2", "S3")), "The store is S1, not S2 or S3."),
    (Test("channel", "is", "web"), "The channel is not said."),
    (Test("month", "is", 5), "The month is March, not May."),
    (Test("weekday", "in", ("monday", "sunday")), "The day is Tuesday, not Monday or Sunday."),
    (Test("hour", "below", 9), "The hour is 12, not below 9."),
    (Test("simulated", "is", True), "The fact is not simulated."),
    (Test("attributes.size", "at_most", Decimal(4)), "Size is 5, not at most 4."),
    (Test("attributes.gift", "is", "false"), "Gift is true, not false."),
    (Test("attributes.odd", "is", "x"), "Odd is {}, not x."),
    (Test("attributes.big_one", "is", "x"), "Big one is not said."),
    (Test("attributes.tags", "has", "c"), "There is no c among tags, only a and b."),
    (Test("attributes.size", "has", "c"), "There is no c among size."),
    (
        Test("member.segments", "has", "staff"),
        "There is no staff among the segments, only student and vip.",
    ),
    (Test("member.tier", "in", ("green", "lead")), "The tier is Gold, not Green or lead."),
    (Test("member.tiers.crew", "is", "captain"), "Mate in Crew, not Captain in Crew."),
    (Test("member.days", "above", 3), "The number of days since joining is 3, not above 3."),
    (Test("member.profile.city", "is", "Bonn"), "City in the profile is Ulm, not Bonn."),
    (Test("count.purchase", "is", 1), "facts of type purchase so far is 1,200, not 1."),
    (Test("measures.spent", "at_least", 5000), "spent is $12.00, not at least $50.00."),
    (Test("measures.seen", "is", 2), "seen is 3 purchases, not 2 purchases."),
    (Test("measures.lost", "is", 2), "lost is 4, not 2."),
    (Named("big", Test("total", "above", 1200)), "The total is $12.00, not above $12.00."),
    (
        All((Test("store", "is", "S1"), Test("hour", "is", 9), Test("total", "is", 1))),
        "The hour is 12, not 9.",
    ),
    (
        Any((Test("hour", "is", 9), Test("total", "is", 100))),
        "The hour is 12, not 9. The total is $12.00, not $1.00.",
    ),
    (Not(Test("store", "is", "S1")), "Against the rule, the store is S1."),
    (AnyLine(sku("cake")), "There is no line where the item is cake."),
]


@pytest.mark.parametrize(("condition", "sentence"), UNMET, ids=str)
def test_what_a_condition_missed(condition, sentence):
    lifetime = Window("lifetime")
    measures = Measure("spent", "spend", lifetime), Measure("seen", "visits", lifetime)
    asked = Asked(FACT, MEMBER, UTC, terms(measures=measures))
    assert not asked.holds(condition)
    assert sentence in unmet(condition, asked=asked)


RULES = st.lists(
    st.sampled_from(
        [
            per("a"),
            per("b", lines=sku("tea"), stores=("S1",)),
            fixed("c", 40, group="g", when=Test("total", "at_least", 500)),
            per("d", 3, group="g", limits=(Limit("d[0]", "fact", points=20),)),
            fixed("e", 5, stop=True, channels=("web",)),
            times("f", 2, priority=1),
            times("g", "0.5", "a", lines=sku("tea")),
            fixed("h", 1, group="k"),
            per("i", group="k"),
        ]
    ),
    unique_by=lambda rule: rule.code,
)


@settings(deadline=None)
@given(RULES, st.integers(0, 2000), st.sampled_from(["", "S1"]), st.sampled_from(["", "web"]))
def test_a_trace_says_what_the_judge_gives(rules, tea, store, channel):
    blueprint = terms(*rules, groups={"g": "best_of", "k": "first_match"})
    fact = buy(None, line("tea", tea), line("rice", 700), store=store, channel=channel)
    traces = trace(blueprint, fact, NOBODY, room=Till(blueprint), zone=UTC)
    points = {one.rule: one.points for one in traces if one.points}
    assert points == {code: n for code, n in told(judge(blueprint, fact)).items() if n}
    assert all(one.why.endswith(".") and (one.matched or not one.points) for one in traces)
