"""Import of people with what they bring: tiers with dates, balances by lot, measures."""

import json
from datetime import date

import duckdb
import pytest

from pointbook.controls.actors import SYSTEM
from pointbook.controls.clock import now
from pointbook.earning.operations import ingest, publish
from pointbook.engine.replay.member import Member
from pointbook.engine.values.facts import Fact
from pointbook.interfaces.cli.people import import_people_file
from pointbook.interfaces.importers.fields import FileError, Request
from pointbook.interfaces.importers.people import columns_of, fields_of, read_people
from pointbook.members.queries import member
from pointbook.programs.queries import program
from tests.rooms.till import broken, rows

CLUB = """
blueprint: 1
program: {code: club, name: Club, currency: EUR, time_zone: Europe/Paris, unknown_members: refuse}
units:
  points: {name: points, value: "0.01", expires: {after_days: 90}}
  miles: {name: miles, decimals: 2, value: "0.01", spendable: false, expires: {never: true}}
earn:
  - {rule: buys, name: Purchases, on: purchase, unit: points, award: {points: 1, per: "1.00"}}
tiers:
  - code: status
    measure: spend
    window: {calendar: year}
    validity: {end_of_year: 1}
    ladder: [{tier: Blue, from: "0"}, {tier: Gold, from: "500.00"}]
  - code: flights
    measure: {measure: earned, unit: miles}
    window: {rolling_days: 365}
    ladder: [{tier: Ground, from: "0"}, {tier: Sky, from: "1000"}]
books: {policy: deferred_revenue, judgement: a test}
"""
ON = date(2026, 6, 15)
TABLE = """\
member,mail,name,joined_on,ladder,tier,tier_since,tier_until,unit,points,earned_on,expires_on,\
measure.spend
7,ada@b.org,Ada,2019-05-01,status,Gold,2026-01-05,2026-12-31,points,100,2026-05-01,2026-12-31,340.00
8,bob@b.org,Bob,2020-05-01,,,,,,,,,
7,,,,flights,Sky,2025-12-01,,points,20,2026-06-01,never,
7,ada@c.org,,,,,,,miles,12.50,2026-06-02,,
"""
NESTED = {
    "member": "7",
    "email": ["ada@b.org", "ada@c.org"],
    "name": "Ada",
    "joined_on": "2019-05-01",
    "tiers": [
        {"ladder": "status", "tier": "Gold", "since": "2026-01-05", "until": "2026-12-31"},
        {"ladder": "flights", "tier": "Sky", "since": "2025-12-01"},
    ],
    "lots": [
        {"unit": "points", "points": 100, "earned_on": "2026-05-01", "expires_on": "2026-12-31"},
        {"unit": "points", "points": 20, "earned_on": "2026-06-01", "expires_on": "never"},
        {"unit": "miles", "points": 12.5, "earned_on": "2026-06-02"},
    ],
    "measures": {"spend": "340.00"},
}
HELD = [
    ("miles", 1250, "2026-06-02", None),
    ("points", 20, "2026-06-01", None),
    ("points", 100, "2026-05-01", "2027-01-01"),
]


@pytest.fixture
def club(db):
    publish(document=CLUB, actor=SYSTEM)
    return program("club").id


def taken(path, text, **mapping):
    """Import a text as a file."""
    path.write_text(text)
    return import_people_file(Request(path, mapping, {}), program="club", on=ON)


def lots():
    return rows(
        """select a.unit, l.remaining, to_char(l.earned_at at time zone 'Europe/Paris',
            'YYYY-MM-DD'), to_char(l.expires_at at time zone 'Europe/Paris', 'YYYY-MM-DD')
        from ledger_lot l join ledger_account a on a.id = l.account_id order by 1, 2"""
    )


def tiers():
    return rows(
        """select e.key, e.value ->> 'tier',
            ((e.value ->> 'since')::timestamptz at time zone 'Europe/Paris')::date::text,
            ((e.value ->> 'until')::timestamptz at time zone 'Europe/Paris')::date::text
        from earning_state s, jsonb_each(s.body -> 'standings') e order by 1"""
    )


def reasons(done):
    text = done.rejects.path.read_text()
    return [
        (one["line"], one["field"], one["value"], one["reason"], one["mend"])
        for one in map(json.loads, text.splitlines())
    ]


def parquet(path):
    source = path.with_suffix(".json")
    source.write_text(json.dumps(NESTED) + "\n" + json.dumps({"member": "8", "name": "Bob"}))
    duckdb.execute(
        f"copy (select * replace (joined_on::date as joined_on) from read_json('{source}'))"
        f" to '{path}' (format parquet)"
    )


@pytest.mark.parametrize("kind", ["csv", "ndjson", "parquet"])
def test_everything_of_a_person_comes_along(club, tmp_path, kind):
    path = tmp_path / f"people.{kind}"
    if kind == "csv":
        path.write_text(TABLE)
    elif kind == "parquet":
        parquet(path)
    else:
        path.write_text(json.dumps(NESTED) + "\n" + json.dumps({"member": "8", "name": "Bob"}))
    request = Request(path, {"email": "mail"} if kind == "csv" else {}, {})
    done = import_people_file(request, program="club", on=ON)
    assert (done.new, done.known, done.rejects.count) == (2, 0, 0)
    assert done.openings == {"posted": 1}
    assert lots() == HELD
    assert tiers() == [
        ("flights", "Sky", "2025-12-01", None),
        ("status", "Gold", "2026-01-05", "2027-01-01"),
    ]
    ada = member(club, "ada@c.org")
    assert ada.enrolled_at.isoformat() == "2019-04-30T22:00:00+00:00"
    assert rows("select value from members_identifier where member_id = %s order by 1", ada.id) == [
        ("7",),
        ("ada@b.org",),
        ("ada@c.org",),
    ]
    assert rows("select source, key, type from ledger_fact") == [
        ("import-people", f"opening:{ada.id}", "opening")
    ]
    ((kept,),) = rows("select body::text from earning_state")
    assert Member.load(json.loads(kept)).histories.dump()["spend"]["sums"] == [0, 34_000]
    again = import_people_file(request, program="club")
    assert (again.new, again.known, again.openings) == (0, 2, {"duplicate": 1})
    assert lots() == HELD
    assert broken() == {}


def test_csv_and_ndjson_say_the_same(club, tmp_path):
    taken(tmp_path / "people.csv", TABLE, email="mail")
    done = taken(tmp_path / "people.ndjson", json.dumps(NESTED))
    assert done.openings == {"duplicate": 1}


def test_a_changed_file_is_a_conflict_that_says_what_to_do(club, tmp_path):
    path = tmp_path / "people.csv"
    taken(path, TABLE, email="mail")
    done = taken(path, TABLE.replace(",20,2026-06-01", ",30,2026-06-01"), email="mail")
    assert done.openings == {"conflict": 1}
    ((line, field, value, reason, mend),) = reasons(done)
    assert (line, field, len(value)) == (2, "lots", 3)
    assert reason.startswith("lots was imported before as [{")
    assert "post an adjustment or a tier_floor for the difference" in mend
    assert "another --source" in mend
    assert lots() == HELD
    request = Request(path, {"email": "mail"}, {})
    more = import_people_file(request, program="club", source="second", on=ON)
    assert more.openings == {"posted": 1}


def test_an_unsaid_part_is_a_conflict_too(club, tmp_path):
    taken(tmp_path / "people.csv", TABLE, email="mail")
    done = taken(tmp_path / "people.csv", TABLE.replace("340.00", ""), email="mail")
    assert [one[1:3] for one in reasons(done)] == [("measures", None)]


def test_wrong_rows_are_refused_and_nothing_else_is_lost(club, tmp_path):
    text = """\
member,tier,tier_since,points,earned_on,expires_on,joined_on,measure.spend,owed.points
1,,,many,2026-05-01,,,,
1,,,5,2026-05-01,,,,
2,,2026-01-01,,,,,,
3,,,5,soon,,,,
3,,,,2026-05-01,,,,
4,Tin,,,,,,,
5,,,5,2026-05-01,,,,
5,,,7.5,2026-05-01,,,,
6,,,,,,2199-01-01,,
7,Gold,,,,,,,
7,Blue,,,,,,,
8,,,,,,,1.234,
9,,,9,2026-05-01,,,,
10,Gold,2026-06-16,,,,,,
11,,,5,2026-05-01,2026-06-01,,,
12,,,,,,,,x
13,
,,,5,2026-05-01,,,,
"""
    done = taken(tmp_path / "people.csv", text)
    assert (done.new, done.openings) == (6, {"posted": 1, "refused": 5})
    assert lots() == [("points", 9, "2026-05-01", "2026-07-30")]
    assert [one[:4] for one in reasons(done)] == [
        (2, "points", "many", "points 'many' is not a number from 0 on"),
        (3, "", None, "line 2 of this person was refused"),
        (4, "tier_since", "2026-01-01", "tier_since without a tier"),
        (5, "earned_on", "soon", "earned_on 'soon' is not a date"),
        (6, "points", None, "points is missing"),
        (11, "", None, "line 12 of this person was refused"),
        (12, "tier", "Blue", "tier Blue is not what a row of this person before says"),
        (17, "owed.points", "x", "owed.points 'x' is not a number from 0 on"),
        (18, "", None, "the line has not 9 cells as the header has"),
        (19, "email", None, "nobody to enrol"),
        (10, "joined_on", "2199-01-01", "joined_on 2199-01-01 has not come yet"),
        (7, "tier", "Tin", "no tier 'Tin'"),
        (9, "points", "7.5", "'7.5' is not a positive number of points"),
        (13, "measure.spend", "1.234", "1.234 has a part of a minor unit"),
        (15, "tier_since", "2026-06-16", "since 2026-06-16 lies after the opening"),
        (16, "expires_on", "2026-06-01", "the points ended on 2026-06-01, before the opening"),
    ]
    assert all(one[4] for one in reasons(done))


def test_rows_of_two_members_are_refused_alone(club, tmp_path):
    taken(tmp_path / "people.csv", "member,email\n1,a@b.org\n2,c@d.org\n")
    text = "member,email,points\n1,,5\n2,a@b.org,7\n3,e@f.org,9\n"
    done = taken(tmp_path / "people.csv", text)
    assert (done.new, done.known, done.openings) == (1, 1, {"posted": 2})
    assert [(one[0], one[1], one[2]) for one in reasons(done)] == [(3, "member", "2")]
    assert [one[1] for one in lots()] == [5, 9]


def test_one_member_twice_in_a_file_is_said(club, tmp_path):
    text = "member,email,points\n1,a@b.org,5\n,a@b.org,7\n"
    done = taken(tmp_path / "people.csv", text)
    assert (done.new, done.known, done.openings) == (1, 1, {"posted": 1, "conflict": 1})
    assert [one[:2] for one in reasons(done)] == [(3, "lots")]


def test_a_day_of_joining_is_told_of_those_who_were_known_before(club, tmp_path):
    text = "member,joined_on\n1,2019-05-01\n2,\n"
    assert taken(tmp_path / "people.csv", text).openings == {}
    assert taken(tmp_path / "people.csv", text).openings == {}
    text = text.replace("2,", "2,2018-01-01")
    assert taken(tmp_path / "people.csv", text).openings == {"posted": 1}
    assert taken(tmp_path / "people.csv", text).openings == {"duplicate": 1}
    assert rows("select body ->> 'joined' from earning_state") == [("2017-12-31T23:00:00+00:00",)]
    # What else they bring may come another time.
    text = "member,joined_on,points\n2,2018-01-01,5\n"
    assert taken(tmp_path / "people.csv", text).openings == {"posted": 1}
    assert broken() == {}


def test_who_became_another_member_brings_nothing_twice(club, tmp_path):
    text = "member,points\n1,5\n2,7\n3,9\n"
    taken(tmp_path / "people.csv", text)
    for key, who, other in (("m1", "2", "1"), ("m2", "3", "2")):
        told = {"from": str(member(club, other).id)}
        merge = Fact("desk", key, "merge", now(), who, attributes=told)
        (outcome,) = ingest(program="club", facts=[merge], actor=SYSTEM)
        assert outcome.error is None
    done = taken(tmp_path / "people.csv", text)
    assert (done.known, done.openings) == (3, {"duplicate": 3})
    assert sum(one[1] for one in lots()) == 21
    assert broken() == {}


def test_balances_are_of_a_day_that_has_begun(club, tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(TABLE)
    with pytest.raises(FileError, match=r"2199-01-01 has not begun\. Give a day up to "):
        import_people_file(Request(path, {}, {}), program="club", on=date(2199, 1, 1))
    done = import_people_file(Request(path, {"email": "mail"}, {}), program="club")
    assert done.openings == {"posted": 1}
    assert rows("select occurred_at > now() - interval '1 hour' from ledger_fact") == [(True,)]


def test_columns_of_measures_can_be_mapped(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("member,ytd,measure.\n1,5,6\n")
    request = Request(path, {"measure.spend": "ytd"}, {})
    chosen = columns_of(request)
    assert chosen.ignored == ("measure.",)
    ((arrival,),) = [people.arrivals for people in read_people(request, chosen)]
    assert arrival.opening.measures == (("spend", "5"),)
    assert fields_of(["owed.points", "spend"])[-1] == "owed.points"
