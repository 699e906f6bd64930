"""What `export people` writes brings the same people into another program."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pointbook.analytics import people
from pointbook.controls.actors import SYSTEM
from pointbook.earning.operations import ingest, publish
from pointbook.earning.queries import history
from pointbook.engine.values.facts import normalise
from pointbook.engine.values.people import Person
from pointbook.interfaces.cli import export
from pointbook.interfaces.cli.export import write_people
from pointbook.interfaces.cli.people import import_people_file
from pointbook.interfaces.importers.fields import FileError, Request
from pointbook.members.operations import import_people
from pointbook.members.queries import member
from pointbook.programs.queries import compiled, program
from tests.rooms.till import broken

CLUB = """
blueprint: 1
program: {code: club, name: Club, currency: EUR, time_zone: Europe/Paris, unknown_members: refuse}
segments: [student, vip]
units:
  points: {name: points, value: "0.01", expires: {after_days: 90}, spend_order: soonest_expiry}
  miles: {name: miles, decimals: 2, value: "0.01", spendable: false, expires: {never: true}}
  stars: {name: stars, value: "0.10", expires: {end_of_year: 1}}
measures:
  ever: {measure: spend, window: lifetime}
earn:
  - {rule: buys, name: Purchases, on: purchase, unit: points, award: {points: 1, per: "1.00"}}
  - {rule: flies, name: Flights, on: flight, unit: miles, award: {points: "2.50"}}
  - {rule: later, name: Later, on: review, unit: stars, award: {points: 5}, pending: {days: 14}}
  - {rule: once, name: Shipped, on: purchase, unit: stars, award: {points: 3},
     pending: {until: shipped}}
  - {rule: firms, name: Firms, on: company_purchase, unit: miles, award: {points: 1}}
tiers:
  - code: status
    measure: spend
    window: {calendar: year}
    validity: {end_of_year: 1}
    ladder: [{tier: Blue, from: "0"}, {tier: Gold, from: "500.00"}]
  - code: flights
    measure: {measure: earned, unit: miles}
    window: {rolling_days: 365}
    ladder: [{tier: Ground, from: "0"}, {tier: Sky, from: "4"}]
households: {pool: [stars]}
companies: true
returns: {claw_back: allow_negative}
books: {policy: deferred_revenue, judgement: a test}
"""
NOW = datetime.now(tz=UTC).replace(microsecond=0)
BROUGHT = """\
member,joined_on,tier,tier_since,tier_until,unit,points,earned_on,expires_on,usable_from
cy,2015-02-28,Gold,{since},{until},points,70,{since},{until},
cy,,,,,miles,3.25,{since},,
dan,2016-02-29,Blue,{since},,stars,9,{since},,{soon}
"""


def facts():
    """What happens to ada, bob, cy, dan and the firm in the last days."""

    def one(own, kind, who, days, **more):
        at = (NOW - timedelta(days=days)).isoformat()
        fact = {"source": "till", "id": own, "type": kind, "occurred_at": at, "member": who, **more}
        return normalise(fact, currency="EUR")

    yield one("c1", "join_company", "ada", 10, attributes={"company": "firm"})
    yield one("p1", "purchase", "ada", 9, total="612.40")
    yield one("p2", "purchase", "bob", 8, total="80.00")
    yield one("b2", "burn", "bob", 7, attributes={"points": 60})
    yield one("r2", "return", "bob", 6, total="80.00", returns={"source": "till", "id": "p2"})
    yield one("f1", "flight", "ada", 5)
    yield one("f2", "flight", "ada", 4)
    yield one("h1", "join_household", "bob", 4, attributes={"head": "ada"})
    yield one("v1", "review", "ada", 3)
    yield one("s1", "segment", "ada", 3, attributes={"segment": "vip"})
    yield one("s2", "segment", "ada", 3, attributes={"segment": "student"})
    yield one("t1", "tier_floor", "bob", 2, attributes={"tier": "Gold", "until": "2199-12-31"})
    yield one("a1", "adjustment", "dan", 1, attributes={"points": "7", "reason": "kindness"})


def told(days):
    return str((NOW + timedelta(days=days)).date())


@pytest.fixture
def club(db, tmp_path):
    for code in ("club", "second"):
        publish(document=CLUB.replace("code: club", f"code: {code}"), actor=SYSTEM)
    own = program("club").id
    names = [
        Person(member="ada", email="ada@b.org", name="Ada", consent=True, card="c1"),
        Person(member="ada", card="c2", phone="+33123456", birthday=NOW.date()),
        Person(email="bob@b.org", card="bob", consent=False),
        Person(member="firm", name='Firm, "Inc."'),
    ]
    import_people(program_id=own, people=names, at=NOW - timedelta(days=400))
    path = tmp_path / "brought.csv"
    path.write_text(BROUGHT.format(since=told(-200), until=told(60), soon=told(30)))
    assert import_people_file(Request(path, {}, {}), program="club").openings == {"posted": 2}
    outcomes = ingest(program="club", facts=list(facts()), actor=SYSTEM)
    assert [one.error for one in outcomes if one.error] == []
    return own


def exported(code="club", kind="ndjson"):
    text = io.StringIO()
    count = write_people(code, kind=kind, write=text.write)
    return text.getvalue(), count


def documents(code):
    text, _ = exported(code)
    return {
        str(one.get("member", one.get("card"))): one for one in map(json.loads, text.splitlines())
    }


def test_everything_of_everybody_is_told(club):
    held = documents("club")
    assert sorted(held) == ["ada", "bob", "cy", "dan", "firm"]
    ada, year = held["ada"], NOW.year + 1
    assert ada["id"] == str(member(club, "ada").id)
    assert ada["card"] == ["c1", "c2"]
    assert (ada["segments"], ada["company"]) == (["student", "vip"], "firm")
    assert ada["consent"] is True
    assert ada["consent_at"] == (NOW - timedelta(days=400)).isoformat()
    assert ada["joined_on"] == told(-400)
    assert [(one["ladder"], one["tier"]) for one in ada["tiers"]] == [
        ("status", "Gold"),
        ("flights", "Sky"),
    ]
    assert ada["measures"]["ever"] == "612.40"
    assert [(one["unit"], one["points"], one.get("usable_from", "")) for one in ada["lots"]] == [
        ("points", "612", ""),
        ("stars", "3", "waiting"),
        ("miles", "2.50", ""),
        ("miles", "2.50", ""),
        ("stars", "5", told(11)),
    ]
    assert {one["expires_on"] for one in ada["lots"] if one["unit"] == "stars"} == {f"{year}-12-31"}
    assert {one["expires_on"] for one in ada["lots"] if one["unit"] == "miles"} == {"never"}
    bob = held["bob"]
    assert (bob["owed"], bob["household"], bob["consent"]) == ({"points": "60"}, "ada", False)
    assert {"ladder": "status", "tier": "Gold", "since": told(-2), "until": "2199-12-31"} in bob[
        "tiers"
    ]
    assert held["cy"]["joined_on"] == "2015-02-28"
    assert held["firm"]["lots"]


@pytest.mark.parametrize("kind", ["ndjson", "csv"])
def test_it_can_be_brought_into_another_program(club, tmp_path, kind):
    text, count = exported(kind=kind)
    assert count == 5
    path = tmp_path / f"people.{kind}"
    path.write_text(text)
    done = import_people_file(Request(path, {}, {}), program="second")
    assert (done.new, done.rejects.count, done.openings) == (5, 0, {"posted": 5})
    before, after = documents("club"), documents("second")
    for name, one in before.items():
        for left_behind in ("id", "segments", "household", "company"):
            one.pop(left_behind, None)
            after[name].pop(left_behind, None)
        assert after[name] == one
    assert import_people_file(Request(path, {}, {}), program="second").openings == {"duplicate": 5}
    (line,) = history("second", "bob")
    assert (line.points, line.why) == (-60, ("60 points were owed from before.",))
    assert broken() == {}


def test_a_table_has_a_row_for_each_lot_and_tier(club):
    table, _ = exported(kind="csv")
    rows = list(csv.DictReader(io.StringIO(table)))
    ada = [row for row in rows if row["member"] == "ada"]
    assert [row["card"] for row in ada] == ["c1", "c2", "", "", ""]
    assert [row["points"] for row in ada] == ["612", "3", "2.50", "2.50", "5"]
    assert [row["tier"] for row in ada] == ["Gold", "Sky", "", "", ""]
    assert ada[0]["segments"] == "student vip"
    assert ada[0]["consent"] == "true"
    assert exported("second", "csv") == (table.splitlines()[0] + "\n", 0)
    assert exported("second") == ("", 0)


def test_a_page_is_as_many_statements_however_many_are_on_it(club):
    program_of, counts = compiled(club), []
    for size in (5, 55):
        with CaptureQueriesContext(connection) as seen:
            pages = list(people.everybody(program_id=club, program=program_of, at=NOW, size=size))
        assert [len(page) for page in pages] == [size]
        # The page after the last is looked for, too.
        counts.append(len(seen) - 1)
        import_people(program_id=club, people=[Person(member=f"m{n}") for n in range(50)], at=NOW)
    assert counts[0] == counts[1] <= 6


def test_pages_follow_each_other(club):
    whole = [
        one.person.id
        for one in next(people.everybody(program_id=club, program=compiled(club), at=NOW))
    ]
    for size in (1, 2, 3):
        pages = people.everybody(program_id=club, program=compiled(club), at=NOW, size=size)
        assert [one.person.id for page in pages for one in page] == whole


def test_a_file_is_its_owners_and_whole_or_not_there(club, tmp_path):
    path = tmp_path / "people.ndjson"
    with export._file(path) as write:
        write("some\n")
        assert not path.exists()
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("some\n", 0o600)
    with pytest.raises(ZeroDivisionError), export._file(path) as write:
        write("other" + str(1 / 0))
    assert [one.name for one in tmp_path.iterdir() if "people" in one.name] == ["people.ndjson"]
    with pytest.raises(FileError, match="cannot be written"), export._file(tmp_path / "no" / "x"):
        pass
