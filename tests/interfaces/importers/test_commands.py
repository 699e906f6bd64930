"""The commands about files: what they post, print and refuse; re-running posts nothing twice."""

import json
from importlib.resources import files

import pytest

from pointbook.controls.actors import SYSTEM
from pointbook.controls.models import AuditRow
from pointbook.earning.operations import publish
from pointbook.interfaces.cli.imports import import_file
from pointbook.interfaces.cli.main import main
from pointbook.interfaces.cli.people import import_people_file
from pointbook.interfaces.importers.fields import FileError, Request

STARTERS = files("pointbook.programs") / "starters"
BEAUTY = (STARTERS / "beauty-tiers.yaml").read_text(encoding="utf-8")
BURNERS = (STARTERS / "month-end-burners.yaml").read_text(encoding="utf-8")
SALES = {"source": "shop", "type": "purchase"}
FACTS = """\
id,occurred_at,member,total
1,2017-01-10,ada,620.00
2,2017-01-20,bob,10.00
3,2017-02-03,ada,30.00
4,2017-03-31,bob,
5,2017-04-01,ada,1.00
"""


@pytest.fixture
def facts(tmp_path):
    path = tmp_path / "facts.csv"
    path.write_text(FACTS)
    return path


@pytest.fixture
def blueprint(tmp_path):
    path = tmp_path / "beauty.yaml"
    path.write_text(BEAUTY)
    return path


def replay(facts, blueprint, *more):
    words = ["replay", str(facts), "--blueprint", str(blueprint), "--set", "source=shop"]
    out = facts.parent / "out"
    return main([*words, "--set", "type=purchase", "--out", str(out), *more])


def test_replay_writes_both_tables_and_counts_what_it_refused(facts, blueprint, capsys):
    assert replay(facts, blueprint) == 0
    told = capsys.readouterr()
    assert told.out.startswith("4 facts of 2 members")
    assert told.err == (
        f"pointbook: 1 rows of facts.csv were refused; see {facts}.rejects.ndjson\n"
    )
    members = (facts.parent / "out" / "members.csv").read_text()
    assert members == (
        "member,baskets,spend_minor,earned,redeemed,expired,balance,tier\n"
        "ada,3,65100,651,0,0,651,VIB\n"
        "bob,1,1000,10,0,0,10,Insider\n"
    )
    months = (facts.parent / "out" / "months.csv").read_text().splitlines()
    assert months[1].startswith("2017-01,data,2,2,2,63000,0,630,0,0,0,0,0,630,1,1,0,")


@pytest.mark.parametrize(
    "more", [["--until", "soon"], ["--map", "member=who"], ["--behaviour", "nowhere.yaml"]]
)
def test_an_error_is_one_line(facts, blueprint, capsys, more):
    assert replay(facts, blueprint, *more) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.django_db
def test_an_import_burns_at_month_ends_and_posts_nothing_twice(facts):
    publish(document=BEAUTY, actor=SYSTEM)
    request = Request(facts, {}, SALES)
    tally = import_file(request, program="beauty", behaviour=BURNERS)
    assert (tally.facts, tally.burns) == ({"posted": 4}, {"posted": 1})
    again = import_file(request, program="beauty", behaviour=BURNERS)
    assert (again.facts, again.burns) == ({"duplicate": 4}, {})


@pytest.mark.django_db
def test_what_the_program_refuses_has_its_line(facts):
    publish(document=BEAUTY.replace("members: enrol", "members: refuse"), actor=SYSTEM)
    with pytest.raises(FileError, match="No fact was left; 5 rows"):
        import_file(Request(facts, {}, SALES), program="beauty")
    rejects = facts.with_name("facts.csv.rejects.ndjson").read_text().splitlines()
    assert sorted(json.loads(reject)["line"] for reject in rejects) == [2, 3, 4, 5, 6]


@pytest.mark.django_db
def test_a_dry_run_posts_nothing(facts):
    publish(document=BEAUTY, actor=SYSTEM)
    tally = import_file(Request(facts, {}, SALES), program="beauty", dry_run=True)
    assert (tally.read.facts, tally.read.rejected, tally.facts) == (4, 1, {})
    after = import_file(Request(facts, {}, SALES), program="beauty")
    assert after.facts == {"posted": 4}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["csv", "ndjson"])
def test_people_are_enrolled_once(tmp_path, kind):
    publish(document=BEAUTY, actor=SYSTEM)
    people = [
        {"who": "7", "email": "Ada@Example.org", "consent": "yes", "birthday": "1990-05-01"},
        {"who": "8", "email": "not an address", "consent": "", "birthday": ""},
        {"who": "9", "email": "", "consent": "maybe", "birthday": ""},
        {"who": "", "email": "", "consent": "", "birthday": ""},
    ]
    path = tmp_path / f"people.{kind}"
    if kind == "csv":
        rows = [",".join(people[0]), *(",".join(one.values()) for one in people)]
    else:
        rows = [json.dumps(one) for one in people]
    path.write_text("\n".join(rows) + "\n")
    request = Request(path, {"member": "who"}, {})
    done = import_people_file(request, program="beauty")
    assert AuditRow.objects.filter(action="members.import").count() == 1
    assert (done.new, done.known, done.rejects.count) == (1, 0, 3)
    again = import_people_file(request, program="beauty")
    assert (again.new, again.known, again.openings) == (0, 1, {})


@pytest.mark.django_db
def test_a_file_of_which_everything_is_refused_is_an_error(tmp_path):
    publish(document=BEAUTY, actor=SYSTEM)
    path = tmp_path / "people.csv"
    path.write_text("email\nnobody\n")
    with pytest.raises(FileError, match="All 1 rows"):
        import_people_file(Request(path, {}, {}), program="beauty")
