"""Any fact: what is stored is what was read, and two contents are equal as their facts are."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from pointbook.engine.values.facts import (
    FIRST,
    TENDERS,
    Coupon,
    Fact,
    FactError,
    Line,
    Returned,
    Tender,
    content,
    normalise,
    restore,
)
from pointbook.engine.values.money import to_major

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8).map(str.strip)
NAME = TEXT.filter(bool)
MONEY = st.integers(-(10**9), 10**9)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=3,
)
QUANTITY = st.builds(
    lambda digits, places: Decimal(digits).scaleb(-places), MONEY, st.integers(-5, 18)
)
LINES = st.builds(
    Line,
    *(TEXT, TEXT, TEXT, TEXT),
    labels=st.lists(TEXT, max_size=2).map(tuple),
    quantity=QUANTITY,
    list_price=st.none() | MONEY,
    amount=MONEY,
    discount=MONEY,
    tax=MONEY,
    reward=TEXT,
)
AMOUNTS = ("total", "tax", "delivery", "tenders", "coupons", "lines")


def sensible(fact):
    """A return takes back positive amounts; a fact of another type without any has no currency."""
    if fact.type == "return":
        lines = tuple(line._replace(amount=abs(line.amount)) for line in fact.lines)
        return replace(fact, total=abs(fact.total), lines=lines)
    if fact.type == "review" and not any(getattr(fact, name) for name in AMOUNTS):
        return replace(fact, currency="")
    return fact


ANYTHING = st.builds(
    Fact,
    source=NAME,
    id=NAME,
    type=st.sampled_from(["purchase", "return", "review"]),
    occurred_at=st.integers(0, 299 * 365 * 86400 * 10**6).map(
        lambda n: FIRST + timedelta(microseconds=n)
    ),
    member=st.none() | NAME,
    store=TEXT,
    channel=TEXT,
    currency=st.just("EUR"),
    total=st.just(0) | MONEY,
    tax=st.just(0) | MONEY,
    delivery=st.just(0) | MONEY,
    tenders=st.lists(st.builds(Tender, st.sampled_from(TENDERS), MONEY), max_size=2).map(tuple),
    coupons=st.lists(st.builds(Coupon, TEXT, MONEY), max_size=2).map(tuple),
    lines=st.lists(LINES, max_size=3).map(tuple),
    returns=st.builds(Returned, NAME, NAME),
    about=st.none() | st.builds(Returned, NAME, NAME),
    attributes=st.dictionaries(TEXT, TEXT, max_size=2),
    simulated=st.booleans(),
)
FACTS = ANYTHING.map(sensible)


def document(fact):
    """What a door would have been sent for this fact."""

    def amounts(entry):
        return {
            name: to_major(value, places=2) if type(value) is int else value
            for name, value in entry._asdict().items()
            if value is not None
        }

    fields = {name: getattr(fact, name) for name in Fact.__slots__}
    money = {name: to_major(fields[name], places=2) for name in ("total", "tax", "delivery")}
    listed = {
        name: [amounts(entry) for entry in fields[name]] for name in ("tenders", "coupons", "lines")
    }
    about = None if fact.about is None else fact.about._asdict()
    return {**fields, **money, **listed, "returns": fact.returns._asdict(), "about": about}


@given(FACTS)
def test_a_fact_comes_back_from_its_content_as_it_was(fact):
    assert restore(content(fact), member=fact.member) == fact
    assert content(restore(content(fact), member=None)) == content(fact)


@given(FACTS)
def test_a_document_of_a_fact_is_read_as_that_fact(fact):
    assert normalise(document(fact), currency="EUR") == fact


@given(FACTS, FACTS, st.sampled_from(sorted(Fact.__slots__)))
def test_contents_are_equal_when_the_facts_are_up_to_the_member(one, other, name):
    mixed = replace(one, **{name: getattr(other, name)})
    same = replace(mixed, member=one.member) == one
    assert (content(mixed) == content(one)) is same


@given(JSON)
def test_whatever_stands_in_attributes_is_stored_as_the_rules_saw_it(value):
    raw = {"source": "s", "id": "1", "type": "review", "occurred_at": "2025-01-01"}
    fact = normalise({**raw, "attributes": {"it": value}}, currency="EUR")
    assert restore(content(fact), member=None) == fact


@given(
    st.dictionaries(
        st.sampled_from(sorted(Fact.__slots__)),
        JSON
        | st.lists(
            st.dictionaries(st.sampled_from(Line._fields + Tender._fields), JSON, max_size=3),
            max_size=2,
        ),
    ),
)
def test_anything_is_read_or_refused(raw):
    raw = {"source": "s", "id": "1", "type": "purchase", "occurred_at": "2025-01-01", **raw}
    try:
        fact = normalise(raw, currency="EUR")
    except FactError as error:
        refused = error
        assert refused.field
    else:
        assert restore(content(fact), member=fact.member) == fact
