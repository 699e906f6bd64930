"""`pointbook clock`: real time, a test clock that walks day by day and never goes back."""

import contextlib
from datetime import timedelta
from itertools import pairwise

import pytest

from pointbook.earning.operations import days
from pointbook.interfaces.cli import clock, main
from tests.rooms.till import balance, broken, buy, day, posted, publish, rows


@pytest.fixture
def told(db, monkeypatch, capsys):
    monkeypatch.setattr(clock, "database", contextlib.nullcontext)
    publish(zone=("time_zone: UTC", "time_zone: America/New_York"))

    def run(*words):
        status = main.main(["clock", "beauty", *words])
        out, err = capsys.readouterr()
        return status, (out + err).strip()

    return run


def test_real_time_until_it_is_set(told):
    status, line = told()
    assert (status, line.endswith("(real time)")) == (0, True)
    assert told("--to", "2017-01-02 00:00") == (0, "2017-01-02 00:00:00 EST (test clock)")
    assert told() == (0, "2017-01-02 00:00:00 EST (test clock)")


def test_it_walks_day_by_day(told, monkeypatch):
    told("--to", "2017-01-02T00:00Z")
    posted(buy("1", 10_000, days=-1), buy("2", 5_000))
    walked = []
    daily = days.run_daily

    def noting(*, program_id, at):
        walked.append(at)
        daily(program_id=program_id, at=at)

    monkeypatch.setattr(days, "run_daily", noting)
    told("--to", "2017-07-01T04:00Z")
    gaps = {after - before for before, after in pairwise(walked)}
    # The day on which clocks go forward is an hour shorter.
    assert gaps == {timedelta(days=1), timedelta(hours=23)}
    assert len(walked) == 180 + 1
    ends = "select occurred_at, points from ledger_transfer where kind = 'expiry' order by id"
    assert rows(ends) == [
        (day(179).replace(hour=4), 100),
        (day(180).replace(hour=4), 50),
    ]
    assert balance() == 0
    assert broken() == {}


def test_it_is_not_set_before_what_was_posted(told):
    posted(buy("1", 10_000, days=9))
    status, line = told("--to", "2017-01-05T00:00Z")
    assert (status, "was posted already. Choose a later time." in line) == (2, True)
    assert told()[1].endswith("(real time)")


def test_it_never_goes_back(told):
    told("--to", "2017-05-01T00:00Z")
    status, line = told("--to", "2017-04-30T00:00Z")
    assert (status, "stands at 2017-05-01 00:00 already" in line) == (2, True)
    assert told("--to", "yesterday")[0] == 2
    assert told()[1] == "2017-04-30 20:00:00 EDT (test clock)"
