"""Replay of two public data sets gives what independent plain loops computed (README.md)."""

import csv
from importlib.resources import files
from pathlib import Path

import pytest
from demo import prepare

from pointbook.analytics.simulation import Scenario
from pointbook.engine.replay.months import header
from pointbook.interfaces.cli.replay import replay_file
from pointbook.interfaces.importers.fields import Request

STARTERS = files("pointbook.programs") / "starters"
SCENARIO = Scenario(
    (STARTERS / "beauty-tiers.yaml").read_text(encoding="utf-8"),
    (STARTERS / "month-end-burners.yaml").read_text(encoding="utf-8"),
)


@pytest.fixture(scope="module")
def journey(tmp_path_factory):
    return prepare.journey(tmp_path_factory.mktemp("journey") / "journey.parquet")


@pytest.fixture(scope="module")
def cdnow(tmp_path_factory):
    return prepare.cdnow(tmp_path_factory.mktemp("cdnow") / "cdnow.csv")


@pytest.fixture(scope="module")
def cdnow_answer(cdnow):
    return replay_file(request(cdnow, "cdnow"), SCENARIO)


def request(path, source):
    return Request(path, {}, {"source": source, "type": "purchase"})


def expected(name):
    path = Path(__file__).with_name(f"oracle_{name}_month.csv")
    return list(csv.reader(path.read_text().splitlines()))


def table(replay):
    months = [[str(cell) for cell in month.cells()] for month in replay.months()]
    return [header(replay.tiers), *months]


def test_the_complete_journey(journey):
    answer = replay_file(request(journey, "journey"), SCENARIO)
    assert table(answer.replay) == expected("journey")
    assert (answer.summary.facts, answer.summary.lines) == (155_848, 1_469_307)
    assert answer.rejects.count == 0


def test_cdnow(cdnow_answer):
    assert table(cdnow_answer.replay) == expected("cdnow")


def test_members_add_up_to_the_last_month_of_data(cdnow_answer):
    replay = cdnow_answer.replay
    last = [month for month in replay.months() if month.phase == "data"][-1]
    members = replay.members
    assert len(members) == last.members == len({member.member for member in members})
    assert sum(member.balance for member in members) == last.outstanding
    tiers = [member.tier for member in members]
    assert tuple(tiers.count(tier) for tier in replay.tiers) == last.tiers
    for one in members:
        assert one.balance == one.earned - one.redeemed - one.expired >= 0


@pytest.mark.parametrize("processes", [1, 3])
def test_the_number_of_processes_changes_nothing(cdnow, cdnow_answer, processes):
    answer = replay_file(request(cdnow, "cdnow"), SCENARIO, processes=processes)
    assert answer.replay.months() == cdnow_answer.replay.months()
    assert answer.replay.members == cdnow_answer.replay.members


def test_a_replay_until_a_month_is_the_beginning_of_the_whole(cdnow):
    answer = replay_file(request(cdnow, "cdnow"), SCENARIO, until="1997-06")
    until = [row for row in table(answer.replay) if row[0] <= "1997-06"]
    assert until == expected("cdnow")[1:7]
    assert str(answer.summary.last).startswith("1997-06-30")
