"""What came of a story against what it said, and two transcripts against each other."""

from dataclasses import replace
from datetime import date

import pytest

from pointbook.engine.replay.playing import WorldStage, play
from pointbook.engine.replay.transcripts import (
    Came,
    Difference,
    Figures,
    Given,
    Holding,
    OpenLot,
    Place,
    Transcript,
    check,
    compare,
)
from tests.engine.replay.storytelling import differences, story

BODY = """given:
  - {member: anna, tier: Gold, until: 2026-12-31}
happened:
  - {id: p, at: 2026-03-01, member: anna, total: "45.99"}
  - {id: q, at: 2026-03-01, member: anna, total: "4.00"}
  - {id: b, at: 2026-03-02, member: anna, type: burn, reward: ten}
  - {id: f, at: 2026-03-02, member: anna, type: flight}
"""
TRUE = """matched:
  p: {purchases: 45}
  b: nothing
  f: {flights: "2.5", purchases: 0}
left:
  - {member: anna, at: 2026-03-01, points: 49, owed: {points: 0}, pending: {points: 0}}
  - {member: anna, points: 39, miles: "2.50", tier: Gold, until: 2026-12-31, benefits: {lounge: 2}}
  - {member: anna, tiers: {tiers: Gold}, held: {points: 0}}
  - {member: anna, redemptions: {b: {state: captured, amount: "0.10", captured: 10, back: 0}}}
  - {member: anna, lots: [{unit: points, points: 4}, {unit: points, points: 35}]}
  - {member: anna, lots: [
      {unit: points, points: 4, earned: 2026-03-01, expires: 2026-03-31, pending: false},
      {unit: points, points: 35}, {unit: miles, points: "2.50", expires: never}]}
"""
WRONG = [
    ("matched: {p: {purchases: 46}}", "p gave purchases 45, expected 46"),
    ("matched: {p: {purchases: 45, flights: 2}}", "p gave flights 0, expected 2"),
    ("matched: {p: nothing}", "p gave purchases 45, expected 0"),
    ("matched: {p: {refused: no}}", "p was not refused, expected 'no'"),
    ("matched: {'referral:story:p': nothing}", "referral:story:p did not happen"),
    ("left: [{member: anna, points: 40}]", "anna has 39 points, expected 40"),
    ("left: [{member: anna, miles: 2}]", "anna has 2.5 miles, expected 2"),
    ("left: [{member: anna, pending: {points: 1}}]", "anna has 0 points pending, expected 1"),
    ("left: [{member: anna, tier: Basic}]", "anna is Gold on tiers, expected Basic"),
    ("left: [{member: anna, until: never}]", "anna is Gold until 2026-12-31, expected never"),
    (
        "left: [{member: anna, benefits: {lounge: 1}}]",
        "anna can have lounge 2 times, expected 1",
    ),
    ("left: [{member: anna, held: {points: 5}}]", "anna has 0 points held, expected 5"),
    ("left: [{member: anna, redemptions: {p: captured}}]", "anna has no redemption p"),
    (
        "left: [{member: anna, redemptions: {b: reserved}}]",
        "anna has b captured, expected reserved",
    ),
    (
        "left: [{member: anna, redemptions: {b: {amount: '0.20'}}}]",
        "anna has b worth 0.1 EUR, expected 0.2 EUR",
    ),
    (
        "left: [{member: anna, redemptions: {b: {points: 10, captured: 5}}}]",
        "anna has b with 10 captured, expected 5",
    ),
    ("stock: [{reward: ten, left: 5}]", "there are any number of ten, expected 5 of ten"),
    (
        "left: [{member: anna, lots: [{unit: points, points: 35, expires: never}]}]",
        (
            "anna has the lots [4 points of 2026-03-01 until 2026-03-31,"
            " 35 points of 2026-03-01 until 2026-03-31], expected [35 points until never]"
        ),
    ),
    (
        (
            "left: [{member: anna, lots: [{unit: miles, points: 3, earned: 2026-01-02,"
            " expires: 2026-01-03, pending: true}]}]"
        ),
        (
            "anna has the lots [2.5 miles of 2026-03-02 until never],"
            " expected [3 miles of 2026-01-02 until 2026-01-03 pending]"
        ),
    ),
]


def test_a_true_story_has_no_differences():
    assert differences(BODY + TRUE) == []


@pytest.mark.parametrize(("body", "expected"), WRONG, ids=range(len(WRONG)))
def test_what_does_not_hold_is_told_with_its_line(body, expected):
    assert differences(f"{BODY}{body}\n") == [f"line 11: {expected}"]


def test_the_order_is_that_of_the_lines():
    told = differences(f"{BODY}left: [{{member: anna, points: 1}}]\nmatched: {{p: nothing}}\n")
    assert [line.split(":")[0] for line in told] == ["line 11", "line 12"]


def test_no_lots_are_words_too():
    left = "left: [{member: bo, lots: [{unit: points, points: 3}]}, {member: bo, lots: []}]"
    assert differences(
        f"{BODY.replace('[]', '')}{left}\n".replace("given:", "given:\n  - {member: bo}")
    ) == ["line 12: bo has no lots, expected [3 points]"]


ORDER = "member: anna, order: {total: 5}, claims: [ten], points: {miles: 1}"
EVALUATED = "due: '4.90', granted: {ten: '0.10'}, refused: {miles: unit}, offers: {ten: available}"


def test_a_true_evaluation():
    assert (
        differences(f"{BODY}evaluated: [{{at: 2026-03-03, {ORDER}, {EVALUATED}}}]\n")
        == differences(f"{BODY}evaluated: [{{at: 2026-03-03, {ORDER}}}]\n")
        == []
    )


@pytest.mark.parametrize(
    ("expected", "told"),
    [
        ("due: 5", "490 minor units are left to pay, expected 500"),
        ("granted: {}", "{'ten': 10} minor units are granted, expected {}"),
        ("refused: {}", "{'miles': 'unit'} are refused, expected {}"),
        ("payable: {points: 5}", "None parts of points may pay, expected 5"),
        ("offers: {ten: tier}", "ten is available, expected tier"),
    ],
)
def test_an_evaluation_that_does_not_hold(expected, told):
    body = f"{BODY}evaluated: [{{at: 2026-03-03, {ORDER}, {expected}}}]\n"
    assert differences(body) == [f"line 11: {told}"]


def test_evaluations_apart():
    one = story(f"{BODY}evaluated: [{{at: 2026-03-03, {ORDER}}}]\n")
    engine = play(one, stage=WorldStage(one))
    database = replace(engine, evaluated=(replace(engine.evaluated[0], due=1),))
    (told,) = compare(one, engine, database)
    assert str(told) == "evaluated-0: due: the engine has 490, the database 1"


def test_stock_apart():
    one = story(f"{BODY}stock: [{{reward: ten, left: any}}]\n")
    engine = play(one, stage=WorldStage(one))
    database = replace(engine, stock=dict.fromkeys(engine.stock, 3))
    (told,) = compare(one, engine, database)
    assert str(told) == "ten: the engine has None, the database 3"


class TestRefusals:
    BODY = "happened: [{id: b, at: 2026-03-02, member: anna, type: burn, reward: ten}]\n"

    def test_one_that_is_told(self):
        assert differences(self.BODY + "matched: {b: {refused: the balance is}}\n") == []

    def test_one_in_other_words(self):
        (told,) = differences(self.BODY + "matched: {b: {refused: no such reward}}\n")
        assert told.startswith("line 5: b was refused with 'the balance is 0, ")
        assert told.endswith(", expected 'no such reward'")

    def test_one_that_is_expected_to_give(self):
        (told,) = differences(self.BODY + "matched: {b: nothing}\n")
        assert told.startswith("line 5: b was refused: the balance is 0, ")

    def test_one_that_is_not_told(self):
        (told,) = differences(self.BODY)
        assert told.startswith("line 4: b was refused: the balance is 0, ")

    def test_one_that_the_program_made(self):
        one = story(self.BODY + "matched: {b: {refused: no}}\n")
        transcript = Transcript({"b": Came(refused="no"), "made": Came(refused="never")}, {})
        assert check(one, transcript) == [Difference("made was refused: never")]


class TestBoth:
    def test_they_agree(self):
        one = story(BODY)
        assert compare(one, *(play(one, stage=WorldStage(one)) for _ in range(2))) == []

    def test_facts_apart(self):
        one = story(BODY)
        engine = Transcript({"p": Came((Given("purchases", "points", 45),)), "q": Came()}, {})
        database = Transcript({"p": Came(refused="no"), "x": Came()}, {})
        assert list(map(str, compare(one, engine, database))) == [
            "p: the engine has purchases 45 points, the database refused it: no",
            "q: the engine has nothing, the database no such fact",
            "x: the engine has no such fact, the database nothing",
        ]

    def test_holdings_apart(self):
        one = story(BODY)
        key = ("anna", one.ends_at)
        holding = Holding(
            {"points": Figures(5)},
            {"tiers": Place("Gold")},
            (OpenLot("points", date(2026, 3, 1), date(2026, 2, 1), 5, pending=True),),
            {"lounge": 2},
        )
        other = replace(holding, figures={"points": Figures(5, 1), "miles": Figures()}, benefits={})
        engine, database = (Transcript({}, {key: one}) for one in (holding, other))
        assert list(map(str, compare(one, engine, database))) == [
            (
                "anna at 2026-03-02 23:59: the engine has 5 points, 0 pending, 0 owed, 0 held,"
                " the database 5 points, 1 pending, 0 owed, 0 held"
            ),
            (
                "anna at 2026-03-02 23:59: the engine has the benefits lounge 2,"
                " the database the benefits none"
            ),
        ]
        other = replace(holding, places={}, lots=())
        database = Transcript({}, {key: other})
        assert list(map(str, compare(one, engine, database))) == [
            (
                "anna at 2026-03-02 23:59: the engine has Gold on tiers until never,"
                " the database no tier"
            ),
            (
                "anna at 2026-03-02 23:59: the engine has"
                " the lots [5 points of 2026-02-01 until 2026-03-01 pending], the database no lots"
            ),
        ]
