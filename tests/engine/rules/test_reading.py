"""Blueprints and behaviours are read whole, or every mistake in them is told at once."""

import contextlib
import copy
import json
import pickle
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any as Value

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pointbook.engine.rules.blueprint import (
    Award,
    BurnHabit,
    Expiry,
    Measure,
    Rung,
    Validity,
    Window,
)
from pointbook.engine.rules.predicates import All, Any, AnyLine, Not, Test
from pointbook.engine.rules.prose import chapters as prose
from pointbook.engine.rules.prose import differences
from pointbook.engine.rules.reading import blueprints as reading
from pointbook.engine.rules.reading import documents
from pointbook.engine.rules.reading.problems import BlueprintErrors, Problem, shown
from tests.engine.rules.booked import BOOKED, OF_AGENT, SPOILED_AGENT, SPOILED_BOOKS
from tests.engine.rules.broken import BEHAVIOUR, BEHAVIOURS, SOUND, SPOILED, TEXTS
from tests.engine.rules.broken_whole import SPOILED_WHOLE
from tests.engine.rules.documents import blueprints
from tests.engine.rules.shop import REWARDS
from tests.engine.rules.whole import WHOLE

STARTERS = Path(__file__).parents[3] / "src/pointbook/programs/starters"


def refused(text, *, read=reading.read):
    with pytest.raises(BlueprintErrors) as caught:
        read(text)
    return caught.value


def spoiled():
    """Every broken document with its name."""
    for sound, spoilings in (
        (SOUND, SPOILED),
        (WHOLE, SPOILED_WHOLE),
        (BOOKED, SPOILED_BOOKS),
        (OF_AGENT, SPOILED_AGENT),
    ):
        for name, (old, new) in spoilings.items():
            assert sound.count(old) >= 1, name
            yield name, sound.replace(old, new, 1)
    yield from TEXTS.items()


def condition(text):
    """The condition of a rule in the sound blueprint, written as flow YAML."""
    return reading.read(SOUND.replace("{field: store, is: S1}", text)).earn[0].when


def line_condition(text):
    return reading.read(SOUND.replace("{field: labels, has: fresh}", text)).earn[0].lines


def test_every_mistake_is_told_with_its_place_value_and_mend(golden):
    told = []
    for name, text in spoiled():
        error = refused(text)
        assert error.status == 422
        assert all(problem.message and problem.mend for problem in error.problems), name
        told.append(f"# {name}\n{error}\n")
    golden("broken_blueprints.txt", "\n".join(told))


def test_every_mistake_in_a_behaviour_is_told(golden):
    blueprint = reading.read(SOUND)
    told = []
    for name, text in BEHAVIOURS.items():
        error = refused(text, read=lambda text: reading.read_behaviour(text, blueprint=blueprint))
        told.append(f"# {name}\n{error}\n")
    golden("broken_behaviours.txt", "\n".join(told))


def test_a_problem_says_where_it_is_in_the_document_and_in_the_text():
    error = refused(SOUND.replace('per: "1.00"', "per: 0"))
    assert error.problems == [
        Problem(
            "earn[0].award.per",
            0,
            "0 is too small.",
            "Leave per out for a fixed award.",
            11,
            "/earn/0/award/per",
        )
    ]
    assert (error.field, error.value) == ("earn[0].award.per", 0)


def test_a_pointer_is_exact_for_keys_of_any_characters():
    error = refused(SOUND.replace("claw_back: clamp", "claw_back: clamp, a.b/c~d: 1"))
    assert [one.pointer for one in error.problems] == ["/returns/a.b~1c~0d"]


def test_the_pure_loader_tells_the_same_mistakes_of_meaning(monkeypatch):
    monkeypatch.setattr(documents, "LOADER", yaml.SafeLoader)
    assert reading.read(SOUND) == reading.read(SOUND.encode())
    assert "unknown" not in str(refused(SOUND.replace("clamp", "grab")))
    assert "It is not YAML" in str(refused("a: [1"))


def test_the_sound_blueprint_is_read_in_smallest_parts():
    blueprint = reading.read(SOUND)
    rule = blueprint.earn[0]
    assert (blueprint.code, blueprint.currency, blueprint.unknown_members) == (
        "shop",
        "USD",
        "enrol",
    )
    assert blueprint.units["points"].value == Decimal("0.02")
    assert blueprint.units["points"].expiry == Expiry("days", 180)
    assert blueprint.units["stars"].expiry == Expiry()
    assert rule.award == Award("per_amount", Decimal(1), per=100)
    assert (rule.rounding, rule.rounding_of, rule.unit) == ("floor", "order", "points")
    assert (rule.from_on, rule.until_on) == (date(2026, 1, 1), date(2026, 12, 31))
    assert blueprint.tiers is not None
    assert blueprint.tiers.measures == (Measure("spend", "spend", Window("rolling_days", 365)),)
    assert blueprint.tiers.ladder == (
        Rung("Base", "Base"),
        Rung("Gold", "Gold", {"spend": 35000}),
    )
    assert (blueprint.tiers.code, blueprint.tiers.name) == ("tiers", "tiers")
    assert (blueprint.tiers.upgrade, blueprint.tiers.downgrade) == ("at_once", "full")
    assert blueprint.tiers.validity == Validity("purchase")
    assert (blueprint.rewards[0].price, blueprint.rewards[0].value) == (500, 1000)
    assert (blueprint.claw_back, blueprint.books.policy) == ("clamp", "deferred_revenue")


def test_the_document_survives_json_and_is_read_again():
    blueprint = reading.read(SOUND)
    stored = json.loads(json.dumps(blueprint.document))
    again = reading.read_document(stored)
    assert again == blueprint
    assert again.document == blueprint.document == stored
    assert pickle.loads(pickle.dumps(blueprint)) == blueprint
    assert [problem.line for problem in refused({}, read=reading.read_document).problems] == [
        None
    ] * 5


def test_what_is_left_out_has_its_stated_default():
    small = """
    blueprint: 1
    program: {code: s, name: S, currency: JPY, time_zone: UTC, unknown_members: keep}
    units: {miles: {name: miles, value: 0.50, decimals: 1, expires: {end_of_month: 0}}}
    earn: [{rule: join, name: Welcome, on: sign_up, award: {points: 2.5}, rounding: ceiling}]
    books: {judgement: Small.}
    """
    blueprint = reading.read(small)
    unit = blueprint.units["miles"]
    assert (unit.singular, unit.spend_order, unit.value) == ("miles", "oldest", Decimal("0.5"))
    assert unit.expiry == Expiry("end_of_month", 0)
    rule = blueprint.earn[0]
    assert rule.award == Award("fixed", Decimal("2.5"))
    assert (rule.unit, rule.rounding) == ("miles", "ceiling")
    assert (rule.when, rule.lines, rule.from_on, rule.until_on) == (None, None, None, None)
    assert (blueprint.tiers, blueprint.rewards, blueprint.claw_back) == (None, (), "clamp")
    assert blueprint.unknown_members == "keep"


@pytest.mark.parametrize(
    ("word", "window"), [("year", "calendar_year"), ("month", "calendar_month")]
)
def test_calendar_windows(word, window):
    tiers = reading.read(SOUND.replace("rolling_days: 365", f"calendar: {word}")).tiers
    assert tiers is not None
    assert tiers.window == Window(window)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("{field: store, is: 17}", Test("store", "is", "17")),
        ("{field: store, is: 0017}", Test("store", "is", "0017")),
        ("{field: store, in: [S1, on]}", Test("store", "in", ("S1", "on"))),
        ("{field: total, at_least: 10}", Test("total", "at_least", 1000)),
        ('{field: total, between: ["9.99", 20.00]}', Test("total", "between", (999, 2000))),
        ("{field: total, is: 12.5}", Test("total", "is", 1250)),
        ("{field: hour, between: [17, 19]}", Test("hour", "between", (17, 19))),
        ("{field: month, is: 12}", Test("month", "is", 12)),
        ("{field: weekday, in: [saturday]}", Test("weekday", "in", ("saturday",))),
        ("{field: simulated, is: true}", Test("simulated", "is", True)),
        ("{field: attributes.size, is: 1.50}", Test("attributes.size", "is", "1.5")),
        ("{field: attributes.size, in: [5, true]}", Test("attributes.size", "in", ("5", "true"))),
        ("{field: attributes.tags, has: x}", Test("attributes.tags", "has", "x")),
        ("{field: attributes.size, above: 2.5}", Test("attributes.size", "above", Decimal("2.5"))),
        ("{not: {field: tax, is: 0}}", Not(Test("tax", "is", 0))),
        (
            "{all: [{field: tax, is: 0}, {any: [{field: tax, below: 1}]}]}",
            All((Test("tax", "is", 0), Any((Test("tax", "below", 100),)))),
        ),
        (
            "{any_line: {field: quantity, above: 1.5}}",
            AnyLine(Test("quantity", "above", Decimal("1.5"))),
        ),
    ],
)
def test_constants_are_typed(text, read):
    assert condition(text) == read


def test_a_line_condition_may_be_nested():
    text = "{not: {any: [{field: brand, is: X}, {field: list_price, at_most: 5}]}}"
    assert line_condition(text) == Not(
        Any((Test("brand", "is", "X"), Test("list_price", "at_most", 500)))
    )


def test_unquoted_words_mean_what_they_say():
    text = "a: on\nb: 2026-03-01\nc: 12:30\nd: 0.020\ne: ~\nf: 1_000\ng: -7\nh: 0x10\ni: 1e3\n"
    assert documents.parse(text, title="it").value == {
        "a": "on",
        "b": "2026-03-01",
        "c": "12:30",
        "d": "0.02",
        "e": None,
        "f": "1_000",
        "g": -7,
        "h": "0x10",
        "i": "1e3",
    }
    assert documents.parse("- 'true'\n- true\n- |\n  5\n", title="it").value == [
        "true",
        True,
        "5\n",
    ]


def test_long_values_are_cut_in_errors():
    assert shown("x" * 80) == '"' + "x" * 56 + "..."


def test_the_starters_are_sound():
    blueprint = reading.read((STARTERS / "beauty-tiers.yaml").read_text())
    assert (blueprint.currency, blueprint.time_zone, blueprint.claw_back) == ("USD", "UTC", "clamp")
    assert [rule.award for rule in blueprint.earn] == [Award("per_amount", Decimal(1), per=100)]
    assert blueprint.tiers is not None
    assert blueprint.tiers.window == Window("rolling_days", 365)
    assert [(rung.code, rung.threshold) for rung in blueprint.tiers.ladder] == [
        ("Insider", 0),
        ("VIB", 35000),
        ("Rouge", 100000),
    ]
    worth = blueprint.units["points"].value
    assert all(worth * reward.price * 100 == reward.value for reward in blueprint.rewards)
    text = (STARTERS / "month-end-burners.yaml").read_bytes()
    behaviour = reading.read_behaviour(text, blueprint=blueprint)
    assert behaviour.burns == (BurnHabit("points", 500, 100),)


def test_a_behaviour_is_read_in_its_blueprints_parts():
    text = BEHAVIOUR.replace("unit: points", "unit: stars").replace("500", "0.5")
    habit = reading.read_behaviour(text, blueprint=reading.read(SOUND)).burns[0]
    assert habit == BurnHabit("stars", 5, 1000)


PARSED = [documents.parse(text, title="it").value for text in (SOUND, WHOLE, REWARDS)]
ANYTHING = st.recursive(
    st.sampled_from([None, True, 0, -1, 7, "", "points", "1.00", "S1", "2026-01-01", "floor"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["field", "is", "all", "unit", "x"]), inner, max_size=3)
    ),
    max_leaves=5,
)


@settings(deadline=None)
@given(data=st.data())
def test_any_document_is_read_or_refused(data):
    """One place of a sound document, whichever it is, holds anything, or is gone."""
    document = copy.deepcopy(data.draw(st.sampled_from(PARSED)))
    place: Value = document
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        inside = place[key]
        if not isinstance(inside, dict | list) or not inside or data.draw(st.booleans()):
            break
        place = inside
    if data.draw(st.booleans()):
        place[key] = data.draw(ANYTHING)
    else:
        del place[key]
    with contextlib.suppress(BlueprintErrors):
        blueprint = reading.read_document(document)
        assert prose.tell(blueprint)
        differences.compare(blueprint, reading.read(SOUND))


@settings(deadline=None)
@given(blueprints(kinds=True))
def test_what_is_drawn_of_the_language_is_read(document):
    """As text and as a document, to the same blueprint, which says nothing else of itself."""
    blueprint = reading.read(json.dumps(document))
    assert blueprint.document == document
    assert reading.read_document(document) == blueprint
    assert pickle.loads(pickle.dumps(blueprint)) == blueprint


@settings(deadline=None)
@given(text=st.text() | st.binary() | st.text("{}[]:,-\n ab&*!|>'\"#%?0.1"))
def test_any_text_is_refused(text):
    with pytest.raises(BlueprintErrors):
        reading.read(text)
