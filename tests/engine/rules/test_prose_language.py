"""The whole language in sentences: golden prose of two large programs, and single phrases."""

from dataclasses import replace
from decimal import Decimal

import pytest

from pointbook.engine.rules.blueprint import Award, Measure, Rung, Tiers, Validity, Window
from pointbook.engine.rules.predicates import Test
from pointbook.engine.rules.prose import chapters as prose
from pointbook.engine.rules.prose import phrases, wording
from pointbook.engine.rules.prose import tiers as prose_tiers
from pointbook.engine.rules.reading import blueprints as reading
from tests.engine.rules.spoken import CHANGED, SPOKEN

COAST = reading.read(SPOKEN)
RULES = {rule.code: rule for rule in COAST.earn}


def told(blueprint):
    return "\n".join(
        line for part in prose.tell(blueprint) for line in (f"# {part.title}", *part.sentences, "")
    )


def test_everything_can_be_said(golden):
    golden("spoken_prose.txt", told(COAST))


def test_everything_can_be_said_in_other_words(golden):
    golden("changed_prose.txt", told(reading.read(CHANGED)))


def test_a_phrase_without_the_program_uses_codes():
    unit = COAST.units["points"]
    award = phrases.award(RULES["plain"], unit=unit, currency="USD")
    assert award == (
        "1 point as Base, 1.2 points as Silver and 1.5 points as Gold for every dollar you spend"
    )
    asked = Test("member.tier", "in", ("Silver", "Gold"))
    assert phrases.condition(asked, currency="USD") == "you are Silver or Gold"
    asked = Test("measures.big-visits", "at_least", 3)
    assert phrases.condition(asked, currency="USD") == "your big visits is at least 3"
    double = phrases.award(RULES["double"], unit=unit, currency="USD")
    assert double == "twice what “plain” gives"


def test_a_window_in_words():
    tiers = COAST.ladders[0]
    assert phrases.window(tiers) == "within a calendar year"
    assert [phrases.over(Window(kind)) for kind in ("calendar_month", "lifetime")] == [
        "within a calendar month",
        "in all",
    ]
    assert phrases.over(Window("rolling_days", 1)) == "within 1 day"
    assert phrases.so_far(Window("since_review")) == "since your tier was last reviewed"


def test_a_tier_that_is_given_by_hand_only():
    status = COAST.ladders[0]
    held = replace(status, ladder=(*status.ladder, Rung("Star", "Star")))
    assert "Star is by invitation only." in told(replace(COAST, ladders=(held,)))


def test_a_ladder_of_one_tier_says_nothing_of_reviews():
    miles = Measure("miles", "earned", Window("lifetime"), unit="miles")
    alone = Tiers("t", "T", (miles,), (Rung("A", "Member"),), validity=Validity("days", 3))
    blueprint = replace(COAST, ladders=(alone,), rewards=(), earn=(RULES["whole"],), limits=())
    chapter = next(part for part in prose.tell(blueprint) if part.title == "Tiers")
    assert chapter.sentences == ("Everybody begins as Member.",)


@pytest.mark.parametrize(
    ("validity", "told"),
    [
        (Validity(), "until the next purchase"),
        (Validity("for_ever"), "for ever"),
        (Validity("days", 30), "for 30 days"),
        (Validity("months", 1, plus_days=7), "for 1 month and 7 days more"),
        (Validity("end_of_month", 0), "to the end of the month in which you reach it"),
        (Validity("end_of_year", 1), "to the end of the next year"),
        (
            Validity("end_of_month", 2, plus_days=1),
            "to the end of the second month after the one in which you reach it and 1 day more",
        ),
    ],
)
def test_how_long_a_tier_is_kept(validity, told):
    assert prose_tiers.kept(validity) == told


@pytest.mark.parametrize(
    ("each", "per", "told"),
    [
        ("item", 1, "item you buy"),
        ("item", 3, "3 items you buy"),
        ("line", 1, "line of a purchase"),
        ("line", 2000, "2,000 lines of a purchase"),
        ("attributes.bonus-days", 1, "bonus day of a purchase"),
        ("attributes.glass", 1, "glass of a purchase"),
        ("attributes.stories", 1, "story of a purchase"),
        ("attributes.kWh", 10, "10 kWh of a purchase"),
    ],
)
def test_what_is_counted(each, per, told):
    award = Award("counted", Decimal(1), per=per, each=each)
    rule = replace(RULES["whole"], award=award, rounding_of="order")
    unit = COAST.units["stars"]
    assert phrases.award(rule, unit=unit, currency="USD") == f"1 star for every {told}"
    rule = replace(rule, on="island_stay")
    told = told.replace("you buy", "you buy on an island stay").replace(
        "a purchase", "an island stay"
    )
    assert phrases.award(rule, unit=unit, currency="USD") == f"1 star for every {told}"


@pytest.mark.parametrize(
    ("rate", "told"),
    [
        ("0", "none of the stars"),
        ("0.5", "half the stars"),
        ("1", "just the stars"),
        ("2", "twice the stars"),
        ("2.50", "2.5 times the stars"),
    ],
)
def test_how_often_something_counts(rate, told):
    rule = replace(RULES["sale"], award=Award("multiply", Decimal(rate)))
    unit = COAST.units["stars"]
    given = phrases.award(rule, unit=unit, currency="USD")
    assert given == f"{told} for what you spend"


def test_nouns_and_numbers():
    assert [wording.plural(noun) for noun in ("survey", "anniversary", "box", "visit")] == [
        "surveys",
        "anniversaries",
        "boxes",
        "visits",
    ]
    assert [wording.article(noun) for noun in ("order", "stay")] == ["an order", "a stay"]
    assert [wording.numeral(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 101, 111)] == (
        "1st 2nd 3rd 4th 11th 12th 13th 21st 101st 111th".split()
    )
    assert [wording.ordinal(n) for n in (0, 1, 10, 11)] == ["0th", "first", "tenth", "11th"]
    assert [wording.listed(words) for words in ((), ("a",), ("a", "b", "c"))] == [
        "",
        "a",
        "a, b or c",
    ]
    assert [wording.often(n, "ever") for n in (1, 2, 3)] == [
        "once",
        "twice in all",
        "3 times in all",
    ]
    assert wording.opened("") == ""
    assert wording.plain("__big--basket") == "big basket"


def test_a_tier_that_is_kept_for_ever():
    crew = replace(COAST.ladders[1], validity=Validity("for_ever"))
    chapter = next(
        part for part in prose.tell(replace(COAST, ladders=(crew,))) if part.title == "Tiers"
    )
    assert chapter.sentences == (
        "Everybody begins as Mate.",
        "Earn 100 status miles within a year of your membership and you are Captain.",
        "Your tier rises as soon as you reach what a higher one asks for.",
        "A tier you reach is kept for ever.",
    )
