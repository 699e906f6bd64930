"""Compiled conditions hold exactly where their words say, and nothing else decides."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointbook.engine.rules import conditions
from pointbook.engine.rules.fields import WEEKDAYS
from pointbook.engine.rules.predicates import All, Any, AnyLine, Named, Not, Test
from pointbook.engine.rules.who import Who
from pointbook.engine.values.facts import Fact, Line

NOBODY = Who()

BREAD = Line(sku="bread", category="bakery", labels=("fresh", "own"), amount=250)
MILK = Line(
    sku="milk", category="dairy", quantity=Decimal("1.5"), list_price=120, amount=180, discount=20
)
# A Saturday evening in UTC, a Sunday morning in Tokyo, the last day of a month in both.
FACT = Fact(
    source="till",
    id="1",
    type="purchase",
    occurred_at=datetime(2025, 8, 30, 18, 30, tzinfo=UTC),
    store="S1",
    channel="shop",
    currency="USD",
    total=1430,
    tax=100,
    lines=(BREAD, MILK),
    attributes={
        "size": 5,
        "rate": 1.50,
        "code": "007",
        "many": "12",
        "gift": True,
        "tags": ["a", 2],
        "none": None,
        "odd": {"x": 1},
        "endless": float("inf"),
    },
)

TRUE = [
    Test("store", "is", "S1"),
    Test("store", "in", ("S2", "S1")),
    Test("type", "is", "purchase"),
    Test("simulated", "is", False),
    Test("total", "at_least", 1430),
    Test("total", "at_most", 1430),
    Test("total", "above", 1429),
    Test("total", "below", 1431),
    Test("total", "between", (1430, 1430)),
    Test("spend", "is", 1330),
    Test("weekday", "is", "saturday"),
    Test("weekday", "in", ("sunday", "saturday")),
    Test("hour", "between", (18, 18)),
    Test("month", "in", (7, 8)),
    Test("attributes.size", "is", "5"),
    Test("attributes.size", "at_least", Decimal(5)),
    Test("attributes.rate", "is", "1.5"),
    Test("attributes.rate", "between", (Decimal(1), Decimal("1.5"))),
    Test("attributes.code", "in", ("7", "007")),
    Test("attributes.many", "above", Decimal(11)),
    Test("attributes.gift", "is", "true"),
    Test("attributes.tags", "has", "2"),
    AnyLine(Test("sku", "is", "milk")),
    AnyLine(Test("labels", "has", "own")),
    AnyLine(Test("list_price", "between", (100, 120))),
    AnyLine(Test("quantity", "above", Decimal(1))),
    AnyLine(All((Test("category", "is", "dairy"), Test("discount", "above", 0)))),
    Not(AnyLine(All((Test("category", "is", "bakery"), Test("discount", "above", 0))))),
]
FALSE = [
    Test("store", "is", "S2"),
    Test("channel", "in", ("web",)),
    Test("total", "above", 1430),
    Test("total", "below", 1430),
    Test("total", "between", (1431, 2000)),
    Test("weekday", "is", "sunday"),
    Test("attributes.code", "is", "7"),
    Test("attributes.gift", "above", Decimal(0)),
    Test("attributes.gift", "is", "1"),
    Test("attributes.missing", "is", ""),
    Test("attributes.none", "at_most", Decimal(9)),
    Test("attributes.odd", "is", "x"),
    Test("attributes.odd", "has", "x"),
    Test("attributes.code", "has", "007"),
    Test("attributes.tags", "above", Decimal(0)),
    Test("attributes.endless", "above", Decimal(0)),
    Test("attributes.store", "at_least", Decimal(0)),
    AnyLine(Test("sku", "is", "wine")),
    AnyLine(Test("list_price", "below", 100)),
]


@pytest.mark.parametrize("condition", TRUE, ids=str)
def test_holds(condition):
    assert conditions.compile(condition, zone=UTC)(FACT, NOBODY) is True
    assert conditions.compile(Not(condition), zone=UTC)(FACT, NOBODY) is False


@pytest.mark.parametrize("condition", FALSE, ids=str)
def test_does_not_hold(condition):
    assert conditions.compile(condition, zone=UTC)(FACT, NOBODY) is False
    assert conditions.compile(Not(condition), zone=UTC)(FACT, NOBODY) is True


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("second", [True, False])
def test_truth_tables(first, second):
    parts = tuple(Test("store", "is", "S1" if truth else "S2") for truth in (first, second))
    assert conditions.compile(All(parts), zone=UTC)(FACT, NOBODY) is (first and second)
    assert conditions.compile(Any(parts), zone=UTC)(FACT, NOBODY) is (first or second)


def test_days_and_hours_are_the_zones():
    tokyo = ZoneInfo("Asia/Tokyo")
    sunday = All((Test("weekday", "is", "sunday"), Test("hour", "is", 3)))
    assert conditions.compile(sunday, zone=tokyo)(FACT, NOBODY)
    assert not conditions.compile(sunday, zone=UTC)(FACT, NOBODY)


def test_text_that_is_no_number_is_never_in_order():
    words = Fact("s", "1", "note", FACT.occurred_at, attributes={"size": "large", "n": "NaN"})
    for name in ("size", "n"):
        for operator in ("above", "at_most"):
            leaf = Test(f"attributes.{name}", operator, Decimal(0))
            assert not conditions.compile(leaf, zone=UTC)(words, NOBODY)


GOLD = Who(
    tiers={"status": "Gold", "crew": "Mate"},
    segments={"vip", "student"},
    profile={"age": 42, "news": True, "likes": ["tea", 5]},
    joined_at=datetime(2025, 8, 1, 23, 0, tzinfo=UTC),
    counts={"purchase": 3},
    measures={"spend": 12000, "visits": 2}.__getitem__,
)
OF_MEMBERS = [
    (Test("member.tier", "is", "Gold"), Test("member.tier", "is", "Mate")),
    (Test("member.tier", "in", ("Silver", "Gold")), Test("member.tier", "in", ("Silver",))),
    (Test("member.tiers.crew", "is", "Mate"), Test("member.tiers.crew", "is", "Gold")),
    (Test("member.tiers.crew", "in", ("Mate",)), Test("member.tiers.club", "in", ("Mate",))),
    (Test("member.segments", "has", "vip"), Test("member.segments", "has", "staff")),
    (Test("member.days", "is", 29), Test("member.days", "above", 29)),
    (Test("member.days", "between", (0, 30)), Test("member.days", "in", (28, 30))),
    (Test("member.profile.age", "at_least", Decimal(42)), Test("member.profile.age", "is", "41")),
    (Test("member.profile.news", "is", "true"), Test("member.profile.shoe", "is", "")),
    (Test("member.profile.likes", "has", "5"), Test("member.profile.likes", "has", "coffee")),
    (Test("count.purchase", "is", 3), Test("count.purchase", "is", 1)),
    (Test("count.review", "is", 0), Test("count.review", "at_least", 1)),
    (Test("measures.spend", "at_least", 12000), Test("measures.spend", "above", 12000)),
    (Named("regular", Test("measures.visits", "is", 2)), Named("new", Test("count.x", "is", 1))),
]


@pytest.mark.parametrize(("true", "false"), OF_MEMBERS, ids=str)
def test_what_is_known_of_the_member(true, false):
    """Nothing is known of nobody: only a count is 0."""
    assert conditions.compile(true, zone=UTC)(FACT, GOLD) is True
    assert conditions.compile(false, zone=UTC)(FACT, GOLD) is False
    with_fact = All((Test("store", "is", "S1"), Any((false, true)), Not(false)))
    assert conditions.compile(with_fact, zone=UTC)(FACT, GOLD) is True
    unknown = isinstance(true, Test) and not true.field.startswith(("count.", "measures."))
    if unknown:
        assert conditions.compile(true, zone=UTC)(FACT, NOBODY) is False


def test_days_of_membership_are_days_of_the_calendar():
    """Joined at 23:00 in UTC, which was 8:00 of the next day in Tokyo; the fact is a day later."""
    days = Test("member.days", "is", 29)
    assert conditions.compile(days, zone=ZoneInfo("America/New_York"))(FACT, GOLD)
    assert conditions.compile(days, zone=ZoneInfo("Asia/Tokyo"))(FACT, GOLD)
    hours = Who(joined_at=datetime(2025, 8, 30, 3, 0, tzinfo=UTC))
    first = Test("member.days", "is", 0)
    assert conditions.compile(first, zone=UTC)(FACT, hours)
    assert not conditions.compile(first, zone=ZoneInfo("America/New_York"))(FACT, hours)


def test_what_is_found_in_a_field():
    found = [
        ("total", 1430),
        ("weekday", "saturday"),
        ("month", 8),
        ("attributes.size", 5),
        ("attributes.missing", None),
        ("member.tier", "Gold"),
        ("member.days", 29),
        ("measures.spend", 12000),
    ]
    for field, value in found:
        assert conditions.value_of(field, FACT, GOLD, zone=UTC) == value
    assert conditions.value_of("member.days", FACT, NOBODY, zone=UTC) is None


TEXTS = st.sampled_from(["", "a", "b", "S1"])
AMOUNTS = st.integers(0, 4)
ORDERS = st.sampled_from(["at_least", "at_most", "above", "below"])


def leaves_of(texts, amounts, many=()):
    """Random tests on the given fields of text and money."""
    options = [
        st.builds(Test, st.sampled_from(texts), st.just("is"), TEXTS),
        st.builds(Test, st.sampled_from(texts), st.just("in"), st.tuples(TEXTS, TEXTS)),
        st.builds(Test, st.sampled_from(amounts), ORDERS, AMOUNTS),
        st.builds(Test, st.sampled_from(amounts), st.just("between"), st.tuples(AMOUNTS, AMOUNTS)),
    ]
    return st.one_of(*options, *many)


def nested(leaves):
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds(All, st.lists(inner, min_size=1, max_size=3).map(tuple)),
            st.builds(Any, st.lists(inner, min_size=1, max_size=3).map(tuple)),
            st.builds(Not, inner),
        ),
        max_leaves=6,
    )


LABELS = st.builds(Test, st.just("labels"), st.just("has"), TEXTS)
ON_LINES = nested(leaves_of(["sku", "brand"], ["amount", "list_price", "tax"], [LABELS]))
DAYS = st.builds(Test, st.just("weekday"), st.just("is"), st.sampled_from(WEEKDAYS))
HOURS = st.builds(Test, st.just("hour"), ORDERS, st.integers(0, 23))
ON_FACTS = nested(
    leaves_of(["store", "channel"], ["total", "spend"], [DAYS, HOURS, st.builds(AnyLine, ON_LINES)])
)
LINES = st.builds(
    Line,
    sku=TEXTS,
    brand=TEXTS,
    labels=st.lists(TEXTS, max_size=2).map(tuple),
    list_price=st.none() | AMOUNTS,
    amount=AMOUNTS,
    tax=AMOUNTS,
)
FIRST = datetime(2020, 1, 1, tzinfo=UTC)
FACTS = st.builds(
    Fact,
    source=st.just("s"),
    id=st.just("1"),
    type=st.just("purchase"),
    occurred_at=st.timedeltas(timedelta(0), timedelta(days=3000)).map(FIRST.__add__),
    store=TEXTS,
    channel=TEXTS,
    total=AMOUNTS,
    tax=AMOUNTS,
    lines=st.lists(LINES, max_size=3).map(tuple),
)
ZONE = ZoneInfo("America/New_York")


def naive(condition, it):  # noqa: PLR0911 - a return for each form
    """The same answer the slow way: read each field by its name, each time."""
    match condition:
        case All(parts):
            return all(naive(part, it) for part in parts)
        case Any(parts):
            return any(naive(part, it) for part in parts)
        case Not(part):
            return not naive(part, it)
        case AnyLine(part):
            return any(naive(part, line) for line in it.lines)
        case Test("weekday", _, value):
            return WEEKDAYS[it.occurred_at.astimezone(ZONE).weekday()] == value
        case Test("hour", operator, value):
            return asked(it.occurred_at.astimezone(ZONE).hour, operator, value)
        case Test(field, operator, value):
            return asked(getattr(it, field), operator, value)


def asked(held, operator, value):
    if held is None:
        return False
    return {
        "is": lambda: held == value,
        "in": lambda: held in value,
        "has": lambda: value in held,
        "at_least": lambda: held >= value,
        "at_most": lambda: held <= value,
        "above": lambda: held > value,
        "below": lambda: held < value,
        "between": lambda: value[0] <= held <= value[1],
    }[operator]()


@settings(deadline=None)
@given(condition=ON_FACTS, fact=FACTS)
def test_compiled_equals_naive(condition, fact):
    assert conditions.compile(condition, zone=ZONE)(fact, NOBODY) == naive(condition, fact)


@settings(deadline=None)
@given(condition=ON_LINES, line=LINES)
def test_compiled_line_equals_naive(condition, line):
    assert conditions.compile_line(condition)(line) == naive(condition, line)
