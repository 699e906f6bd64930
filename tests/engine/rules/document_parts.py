"""Parts of the documents that `documents.blueprints` draws: terms, conditions, limits, measures.

Strategies that need no names of the program are made once and kept: making them is what takes the
time.
"""

from decimal import Decimal
from functools import cache
from typing import Any as Document
from typing import NamedTuple

from hypothesis import strategies as st

PLACES = {"USD": 2, "EUR": 2, "JPY": 0, "KWD": 3}
ZONES = ("UTC", "Europe/Paris", "America/New_York", "Asia/Tokyo")
STORES, CHANNELS = ("S1", "S2"), ("shop", "online")
CATEGORIES, BRANDS, LABELS = ("coffee", "tea"), ("ours", "theirs"), ("sale", "fresh")
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SPANS = ("fact", "day", "week", "month", "year", "membership_year", "ever")
SOLD = ("purchase", "stay")  # types of facts that carry amounts
DONE = ("sign_up", "birthday", "review", "check_in", "referral", "referred")  # and that do not
TIERS = ("Base", "Silver", "Gold", "Ruby")
FLAGS = st.booleans()
ROUNDING = st.sampled_from(("floor", "nearest", "ceiling"))


class Names(NamedTuple):
    """What the parts of a program may refer to; of units their decimals."""

    places: int
    units: dict[str, int]
    spendable: tuple[str, ...]
    waiting: frozenset[str]  # units with points that are pending
    ladders: dict[str, tuple[str, ...]]
    segments: tuple[str, ...]
    measures: dict[str, Document]
    conditions: tuple[str, ...] = ()


@cache
def whole(low, high):
    """A whole number, both ends included."""
    return st.integers(low, high)


@cache
def decimal(low, high, *, places):
    """A number as text with up to so many decimals, or whole as it is."""
    parts = st.integers(low * 10**places, high * 10**places)
    return parts.map(lambda n: str(Decimal(n).scaleb(-places))) | st.integers(low, high)


def some(**keys):
    """A mapping with any of the keys."""
    return st.fixed_dictionaries({}, optional=keys)


@cache
def subset(words, *, least=1):
    """Some of the words, none twice."""
    return st.lists(st.sampled_from(words), min_size=least, max_size=3, unique=True)


@st.composite
def by_tier(draw, names, values):
    """A value for some tiers of one ladder, as {tier: value} and that ladder's code, if any."""
    code = draw(st.sampled_from(tuple(names.ladders)))
    tiers = draw(subset(names.ladders[code]))
    return {tier: draw(values) for tier in tiers}, code


# Terms


@cache
def terms(*, waits):
    """How long points last; `waits` where they may be counted from their release."""
    counted = {
        "after_days": whole(1, 400),
        "after_months": whole(1, 24),
        "end_of_month": whole(0, 12),
        "end_of_year": whole(0, 2),
        "membership_year": whole(0, 2),
        "on_date": st.fixed_dictionaries(
            {"month": whole(1, 12), "day": whole(1, 29)}, optional={"after": whole(0, 2)}
        ),
        "on_day": st.fixed_dictionaries({"day": whole(1, 31), "months": whole(1, 12)}),
    }
    rounded = {"rounded_up_to": st.sampled_from(("month", "year"))}
    since = {"since": st.sampled_from(("award", "release"))} if waits else {}
    quiet = st.one_of(
        st.fixed_dictionaries({"days": whole(1, 400)}),
        st.fixed_dictionaries({"months": whole(1, 24)}),
    )
    return st.one_of(
        st.builds(lambda: {"never": True}),
        *(
            st.fixed_dictionaries({key: values}, optional={**rounded, **since})
            for key, values in counted.items()
        ),
        st.fixed_dictionaries({"inactivity": quiet}, optional=rounded),
    )


# Conditions


@cache
def amounts(places, *, most=500):
    """An amount of money."""
    return decimal(0, most, places=places)


@cache
def ordered(field, values):
    """A test of a field that has an order."""
    plain = st.sampled_from(("is", "at_least", "at_most", "above", "below"))
    return st.builds(lambda operator, value: {"field": field, operator: value}, plain, values)


@cache
def spans(field, low, high):
    """A test of a field that lies between two whole numbers."""
    pair = st.tuples(whole(low, high), whole(low, high)).map(sorted)
    return st.builds(lambda held: {"field": field, "between": held}, pair)


@cache
def chosen(field, words):
    """A test of a field that is one of some words."""
    return st.one_of(
        st.sampled_from(words).map(lambda word: {"field": field, "is": word}),
        subset(words).map(lambda held: {"field": field, "in": held}),
    )


@cache
def having(field, words):
    """A test of a field that is a list."""
    return st.sampled_from(words).map(lambda word: {"field": field, "has": word})


@cache
def groups(conditions):
    """A condition of that kind, not so, or several of them."""
    several = st.lists(conditions, min_size=1, max_size=3)
    return st.one_of(
        conditions,
        conditions.map(lambda one: {"not": one}),
        st.builds(lambda key, held: {key: held}, st.sampled_from(("all", "any")), several),
    )


@cache
def line_tests(places):
    """A condition on one line of a basket."""
    return groups(
        st.one_of(
            chosen("category", CATEGORIES),
            chosen("brand", BRANDS),
            having("labels", LABELS),
            ordered("amount", amounts(places)),
            ordered("quantity", decimal(0, 5, places=1)),
        )
    )


@cache
def fact_tests(places):
    """A test of a fact, or of what every member has."""
    return st.one_of(
        ordered("total", amounts(places)),
        ordered("spend", amounts(places)),
        spans("hour", 0, 23),
        ordered("month", whole(1, 12)),
        chosen("store", STORES),
        chosen("channel", CHANNELS),
        chosen("weekday", DAYS),
        chosen("attributes.size", ("small", "large")),
        chosen("member.profile.city", ("Porto", "Lyon")),
        ordered("member.days", whole(0, 400)),
        ordered("count.purchase", whole(0, 5)),
        line_tests(places).map(lambda line: {"any_line": line}),
    )


@st.composite
def conditions(draw, names):
    """A condition on a fact and its member, of a few parts."""
    kinds = [fact_tests(names.places)] * 2
    if names.segments:
        kinds.append(having("member.segments", names.segments))
    for n, (code, tiers) in enumerate(names.ladders.items()):
        kinds += [chosen(f"member.tiers.{code}", tiers)]
        kinds += [chosen("member.tier", tiers)] if n == 0 else []
    kinds += [ordered(f"measures.{code}", whole(0, 300)) for code in names.measures]
    if names.conditions:
        kinds.append(st.sampled_from(names.conditions).map(lambda name: {"condition": name}))
    return draw(draw(st.sampled_from([groups(kind) for kind in kinds])))


# Limits and measures


@cache
def limits(places):
    """A limit on points, times or both."""
    points = decimal(1, 200, places=places)
    each, above = st.sampled_from(SPANS), st.sampled_from(("part", "nothing"))
    times = whole(1, 5)
    return st.one_of(
        st.fixed_dictionaries(
            {"points": points, "each": each}, optional={"times": times, "above": above}
        ),
        st.fixed_dictionaries({"times": times, "each": each}, optional={"above": above}),
    )


@cache
def rates():
    """Points for every so much, above nothing."""
    return st.sampled_from((1, 2, 5, "0.5", "1.25", "10"))


@cache
def bases():
    """What of a sale counts."""
    side = st.sampled_from(("in", "out"))
    return some(tax=side, delivery=side, discounts=side, stored_value=side, points=side)


@cache
def windows(*, reviewed):
    """Over which time something is counted; `reviewed` where a ladder's tiers end on a date."""
    words = ("membership_year", "lifetime", *(("since_review",) if reviewed else ()))
    return st.one_of(
        st.fixed_dictionaries({"rolling_days": whole(1, 400)}),
        st.fixed_dictionaries({"calendar": st.sampled_from(("year", "month"))}),
        st.sampled_from(words),
    )


@cache
def measures(codes, *, reviewed):
    """What is counted of a member."""
    return st.one_of(
        st.fixed_dictionaries(
            {"measure": st.sampled_from(("spend", "visits")), "window": windows(reviewed=reviewed)}
        ),
        st.fixed_dictionaries(
            {
                "measure": st.just("earned"),
                "unit": st.sampled_from(codes),
                "window": windows(reviewed=reviewed),
            }
        ),
        st.fixed_dictionaries(
            {
                "measure": st.just("count"),
                "of": st.sampled_from(("review", "purchase")),
                "window": windows(reviewed=reviewed),
            }
        ),
    )


@cache
def validities():
    """How long a tier is kept."""
    counted = {
        "end_of_year": whole(0, 2),
        "end_of_month": whole(0, 12),
        "days": whole(1, 400),
        "months": whole(1, 24),
        "membership_year": whole(0, 2),
    }
    return st.one_of(
        st.fixed_dictionaries({"until": st.sampled_from(("purchase", "for_ever"))}),
        *(
            st.fixed_dictionaries({key: values}, optional={"plus_days": whole(1, 40)})
            for key, values in counted.items()
        ),
    )
