"""`pointbook program simulate`: what one fact would earn and why, and every way to ask it wrong."""

import contextlib
import io
import json
import sys
from datetime import date

import pytest

from pointbook.interfaces.cli import documents, main
from pointbook.programs.starting import starter, starters
from tests.rooms.till import BEAUTY

COFFEE = {"occurred_at": "2026-03-10T08:15", "total": "12.40"}
GOLD = {"joined": "2026-01-05", "tier": "Gold", "balance": 120}
MARKET = {
    "occurred_at": "2026-11-03T10:00",
    "total": "64.20",
    "lines": [
        {"category": "fruit", "amount": "9.00"},
        {"category": "cheese", "brand": "market", "amount": "15.20"},
        {"category": "tobacco", "amount": "40.00"},
    ],
}
# What else a simulation can say: of each a program, its facts, and a line of the answer.
SAID = {
    "a burn": (
        "beauty-tiers",
        [{"type": "burn", "attributes": {"points": 200}}],
        {"balance": 500},
        "Moved    200 points used",
    ),
    "a return": (
        "beauty-tiers",
        [
            {"total": "250.00", "source": "till"},
            {"type": "burn", "attributes": {"points": 200}},
            {"type": "return", "total": "100.00", "returns": {"source": "till", "id": "f1"}},
        ],
        {},
        "         50 points not taken back, for they were used already",
    ),
    "a debt": (
        "cash-back",
        [
            {"id": "p", "source": "till", "total": "1000.00"},
            {"type": "shipped", "about": {"source": "till", "id": "p"}},
            {"type": "burn", "attributes": {"reward": "twenty"}},
            {"type": "return", "total": "1000.00", "returns": {"source": "till", "id": "p"}},
        ],
        {},
        "Balance  10 dollars back -> 0 dollars back, 20 dollars back owed",
    ),
    "points that wait for a fact": (
        "cash-back",
        [{"total": "100.00"}],
        {},
        "Earned   3 dollars back, waiting: they can be used once your purchase is shipped",
    ),
    "points that wait for a day": (
        "saas-customers",
        [{"type": "referral"}],
        {},
        "Earned   2,000 points, from 9 April 2026, at least to the end of 9 March 2027",
    ),
    "points that never end": (
        "quick-food",
        [{"total": "1.00"}],
        {},
        "Earned   10 points, for ever",
    ),
    "a rise": (
        "beauty-tiers",
        [{"total": "400.00"}],
        {},
        "Tier     Insider -> VIB",
    ),
    "a tier with an end": (
        "beauty-insider",
        [{"total": "400.00"}],
        {},
        "Tier     Insider -> VIB, to the end of 31 December 2027",
    ),
    "two ladders": (
        "airline-coalition",
        [{"total": "400.00"}],
        {"tier": {"status": "Silver", "career": "Million"}},
        "A life in the air  Million miler",
    ),
    "facts that are made": (
        "saas-customers",
        [
            {"type": "invited", "member": "ben", "attributes": {"referrer": "anna"}},
            {"member": "ben", "total": "250.00"},
        ],
        {},
        "Made     a referral fact for anna. You brought a new customer: 2,000 points.",
    ),
    "no rule": (
        "beauty-tiers",
        [{"type": "review"}],
        {},
        "No rule listens to this: Points for purchases (purchase).",
    ),
    "a limit": (
        "saas-customers",
        [{"type": "course", "attributes": {"hours": 12}}],
        {},
        "300 points, 200 of them given: at most 200 points a month.",
    ),
}


@pytest.fixture
def told(monkeypatch, capsys, tmp_path):
    """Simulate facts in a starter, in an empty folder; answers status, output and errors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POINTBOOK_HOME", str(tmp_path / "home"))

    def run(program, facts, *options, member=None):
        (tmp_path / "program.yaml").write_text(starter(program).document)
        (tmp_path / "fact.json").write_text(facts if isinstance(facts, str) else json.dumps(facts))
        words = ["program.yaml", "fact.json", *options]
        if member is not None:
            (tmp_path / "member.json").write_text(json.dumps(member))
            words += ["--member", "member.json"]
        status = main.main(["program", "simulate", *words])
        out, err = capsys.readouterr()
        return status, out, err

    return run


@pytest.mark.parametrize(
    ("program", "fact", "member"),
    [("coffee-stars", COFFEE, GOLD), ("two-unit-retailer", MARKET, None)],
)
def test_rule_by_rule(told, golden, program, fact, member):
    status, out, err = told(program, fact, member=member)
    assert (status, err) == (0, "")
    assert max(map(len, out.splitlines())) <= 80
    golden(f"simulate-{program}.txt", out)
    golden(f"simulate-{program}.json", told(program, fact, "--json", member=member)[1])


@pytest.mark.parametrize(("program", "facts", "member", "line"), SAID.values(), ids=list(SAID))
def test_what_comes_of_it(told, program, facts, member, line):
    dated = [{"occurred_at": f"2026-03-10T10:0{n}", **one} for n, one in enumerate(facts)]
    status, out, err = told(program, dated, member=member)
    assert (status, err) == (0, "")
    assert " ".join(line.split()) in " ".join(out.split())
    found = json.loads(told(program, dated, "--json", member=member)[1])
    assert found["program"] == starter(program).blueprint.code


@pytest.mark.parametrize("name", [one.name for one in starters()])
def test_every_rule_of_every_starter_answers(told, name):
    status, out, _ = told(name, COFFEE, "--json")
    assert status == 0
    found = json.loads(out)
    assert sorted(one["rule"] for one in found["rules"]) == sorted(
        rule.code for rule in starter(name).blueprint.earn
    )
    assert all(one["why"] for one in found["rules"])


@pytest.mark.parametrize(
    ("facts", "line"),
    [
        ("{", "fact.json, line 1: this is not JSON. Write one JSON object, or a list of them."),
        ("[]", "fact.json: there is no fact in it. Write one fact, such as "),
        ("[1]", "fact.json: there is no fact in it. Write one fact, such as "),
        ({**COFFEE, "total": "abc"}, "fact.json, total = \"abc\": 'abc' is not an amount. Send a"),
        ([COFFEE, {**COFFEE, "total": "abc"}], 'fact.json, [1].total = "abc": '),
        ({"total": "1.00"}, "fact.json, occurred_at: occurred_at None is not a time. Send ISO"),
        ({**COFFEE, "totl": "1" * 99}, f'fact.json, totl = "{"1" * 56}...: unknown field'),
        ({**COFFEE, "type": "burn", "attributes": {"points": 1}}, "fact.json, points = 1"),
    ],
)
def test_bad_facts_are_one_line(told, facts, line):
    status, out, err = told("beauty-tiers", facts)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"pointbook: {line}")


@pytest.mark.parametrize(
    ("member", "line"),
    [
        ({"balnce": 1}, "member.json, balnce = 1: unknown field 'balnce'. Write one of: "),
        ({"tier": "VIP"}, "member.json, tier = \"VIP\": 'VIP' is no tier of the program. Write "),
    ],
)
def test_a_bad_member_is_one_line(told, member, line):
    status, out, err = told("beauty-tiers", COFFEE, member=member)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"pointbook: {line}")


def test_standard_input(told, monkeypatch, capsys):
    told("beauty-tiers", COFFEE)
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps([COFFEE, COFFEE | {"id": "b"}])))
    assert main.main(["program", "simulate", "program.yaml", "-"]) == 0
    assert "12 points -> 24 points" in capsys.readouterr().out
    monkeypatch.setattr(sys, "stdin", io.StringIO("?"))
    assert main.main(["program", "simulate", "program.yaml", "-"]) == 2
    assert "standard input, line 1: this is not JSON" in capsys.readouterr().err


def test_a_file_that_is_missing(told, capsys):
    told("beauty-tiers", COFFEE)
    assert main.main(["program", "simulate", "program.yaml", "none.json"]) == 2
    assert "Name a file of JSON, or - for standard input." in capsys.readouterr().err


@pytest.mark.django_db
def test_a_published_program_is_judged_in_all_its_versions(told, monkeypatch, capsys, tmp_path):
    from pointbook.controls.actors import SYSTEM
    from pointbook.earning.operations import publish

    publish(document=BEAUTY, actor=SYSTEM)
    later = BEAUTY.replace("points: 1, per", "points: 2, per")
    publish(document=later, actor=SYSTEM, from_on=date(2030, 1, 1))
    monkeypatch.setattr(documents, "database", contextlib.nullcontext)
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "secret").touch()
    for program, day, points in (
        ("beauty", "2029-12-31", 12),
        ("beauty", "2030-01-01", 24),
        ("beauty@1", "2030-01-01", 12),
    ):
        told("beauty-tiers", {"occurred_at": f"{day}T12:00", "total": "12.00"})
        assert main.main(["program", "simulate", program, "fact.json"]) == 0
        assert f"  {points} points  " in capsys.readouterr().out
