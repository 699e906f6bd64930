"""Time that passes: reviews, dates told once, points that wait, and points that slide."""

from datetime import UTC, date, datetime

import pytest
from django.db import transaction

from pointbook.earning.operations.dates import tell_dates
from pointbook.earning.operations.days import run_daily
from pointbook.earning.operations.reviewing import review_standings
from pointbook.engine.values.people import Person
from pointbook.members.operations import enrol_person
from tests.rooms.earning.clubs import (
    founded,
    held,
    kinds,
    lots,
    rule,
    send,
    sent,
    told,
    usable,
    whose,
)
from tests.rooms.till import broken, buy, day, give_back, rows

pytestmark = pytest.mark.usefixtures("sound")
LADDER = [{"tier": "Basic"}, {"tier": "Gold", "from": "100.00"}, {"tier": "Top", "from": "500.00"}]
STANDING = (
    "select kind, before, tier, at, until from tiers_standing where member_id = %s order by id"
)


def yearly(**more):
    return {
        "measure": "spend",
        "window": {"calendar": "year"},
        "validity": {"end_of_year": 0},
        "ladder": LADDER,
        **more,
    }


def stood(member="ada"):
    return rows(STANDING, whose(member))


class Undo(Exception):
    """Undo what was done."""


def apart(run):
    """What something answers, undone."""
    try:
        with transaction.atomic():
            answer = run()
            assert broken() == {}
            raise Undo  # noqa: TRY301 -- the way out of a transaction
    except Undo:
        return answer


@pytest.mark.parametrize("downgrade", ["none", "one_step", "full"])
@pytest.mark.parametrize("grace", [0, 30])
@pytest.mark.parametrize("spent", [0, 20_000])
def test_a_review_is_the_same_by_the_job_and_by_a_fact(downgrade, grace, spent):
    own = founded(tiers=yearly(downgrade=downgrade, grace_days=grace))
    sent(buy("1", 60_000))
    if spent:
        sent(buy("2", spent, days=370))

    def by_the_job():
        for days in (360, 366, 380, 400, 410, 800):
            run_daily(program_id=own, at=day(days))
        sent(told("v", "visit", days=801))
        return stood()

    def by_the_fact():
        sent(told("v", "visit", days=801))
        return stood()

    seen = [row for row in apart(by_the_job) if row[0] != "review" or row[1] != row[2]]
    assert seen == apart(by_the_fact)


def test_a_refused_fact_reviews_nothing():
    founded(tiers=yearly(downgrade="full"))
    sent(buy("1", 60_000))
    found = send(
        told("b", "burn", points=10_000, days=800),
        buy("2", 100, days=2),
        told("v", "visit", days=3),
    )
    assert [one.status for one in found] == ["refused", "posted", "posted"]
    assert [row[2] for row in stood()] == ["Top"]
    sent(told("w", "visit", days=801))
    assert [row[2] for row in stood()] == ["Top", "Top", "Basic"]


def test_a_new_version_reviews_whom_nothing_reviewed_before():
    own = founded(tiers={"measure": "spend", "window": "lifetime", "ladder": LADDER})
    sent(buy("1", 60_000), buy("2", 10_000, member="bob"))
    assert rows("select count(*) from earning_state where due_at is not null") == [(0,)]
    founded(tiers=yearly(downgrade="full", window="lifetime"), from_on=date(2018, 3, 1))
    before = datetime(2018, 2, 28, tzinfo=UTC)
    after = datetime(2018, 3, 1, tzinfo=UTC)
    assert review_standings(program_id=own, at=before) == 0
    assert review_standings(program_id=own, at=after) == 2
    assert review_standings(program_id=own, at=after) == 0
    assert [row[4] for row in stood()][-1] == datetime(2019, 1, 1, tzinfo=UTC)


def test_birthdays_are_told_once():
    own = founded(rule("cake", "birthday", 10))
    born = {"ada": date(1992, 2, 29), "bob": date(1990, 2, 28), "cy": date(1990, 3, 1)}
    for name, on in born.items():
        enrol_person(program_id=own, person=Person(member=name, birthday=on), at=day(0))
    for n in (50, 57, 58, 58, 59, 59, 70):
        run_daily(program_id=own, at=day(n))
    assert usable("ada", "bob", "cy") == (10, 10, 10)
    at = rows("select occurred_at::date from ledger_fact where member_id = %s", whose("ada"))
    assert at == [(date(2017, 2, 28),)]
    enrol_person(
        program_id=own, person=Person(member="bob", birthday=date(1990, 3, 20)), at=day(70)
    )
    run_daily(program_id=own, at=day(80))
    assert usable("bob") == 10, "one a year"
    for n in (800, 1154, 1155, 1160):
        tell_dates(program_id=own, at=day(n))
    leap = rows(
        "select occurred_at::date from ledger_fact where member_id = %s order by 1", whose("ada")
    )
    assert leap[-1] == (date(2020, 2, 29),)


def test_days_that_were_missed_are_made_up():
    own = founded(rule("cake", "birthday", 10))
    for n in range(20):
        person = Person(member=f"m{n}", birthday=date(1990, 2, 1 + n))
        enrol_person(program_id=own, person=person, at=day(0))
    tell_dates(program_id=own, at=day(31))
    assert kinds() == {"birthday": 1}
    tell_dates(program_id=own, at=day(45))
    assert kinds() == {"birthday": 15}


def test_anniversaries_are_of_the_day_they_joined():
    own = founded(rule("thanks", "anniversary", 10))
    sent(told("a", "sign_up"), told("b", "sign_up", member="bob"))
    sent(told("o", "opening", member="bob", joined_on="2010-03-03", days=1))
    for n in range(364, 368):
        run_daily(program_id=own, at=day(n))
    assert usable("ada", "bob") == (10, 0)
    for n in range(425, 429):
        run_daily(program_id=own, at=day(n))
    assert usable("ada", "bob") == (10, 10)


def test_points_wait_for_days_and_for_events():
    founded(
        rule("days", "purchase", 20, pending={"days": 14}),
        rule("event", "purchase", 300, pending={"until": "shipped"}),
    )
    sent(buy("1", 100), buy("2", 100))
    assert (held("ada", days=13), held("ada", days=14)) == ((2, 640, 0), (42, 600, 0))
    sent(told("s", "shipped", about="1", days=20))
    assert held("ada", days=21) == (342, 300, 0)
    sent(told("again", "shipped", about="1", days=22), told("none", "shipped", about="x", days=22))
    assert held("ada", days=23) == (342, 300, 0)
    sent(give_back("r", "2", 100, days=23))
    assert held("ada", days=24) == (321, 0, 0)


@pytest.mark.parametrize("cut", [True, False])
def test_points_slide_with_every_purchase(cut):
    own = founded(points={"expires": {"inactivity": {"days": 90}}})
    facts = [
        buy("1", 1_000),
        buy("2", 1_000, days=60),
        told("v", "visit", days=140),
        buy("late", 100, days=30),
        buy("3", 500, days=149),
    ]
    for part in [[one] for one in facts] if cut else [facts]:
        sent(*part)
    ends = {lot[3] for lot in lots("ada")}
    assert len(ends) == 1
    run_daily(program_id=own, at=max(ends))
    assert usable("ada", days=300) == 0
