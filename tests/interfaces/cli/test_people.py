"""`import-people` and `export people` as commands: what they print, and several at once."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from importlib.resources import files

STARTER = files("pointbook.programs") / "starters" / "beauty-tiers.yaml"
COUNT = 1_500
TODAY = datetime.now(tz=UTC).date()


def person(number):
    return {
        "member": f"m{number}",
        "email": f"p{number}@example.org",
        "card": f"{number:013}",
        "name": f"Person {number}",
        "consent": number % 3 == 0,
        "tier": "VIB",
        "lots": [
            {"points": points, "earned_on": str(TODAY - timedelta(days=points))}
            for points in (number % 90 + 1, number % 50 + 1)
        ],
    }


def written(path, people):
    path.write_text("".join(f"{json.dumps(one)}\n" for one in people))
    return path


def test_two_imports_side_by_side_wait_for_each_other(host, tmp_path):
    """The same people in opposite orders, each file with identifiers that the other lacks."""
    people = [person(number) for number in range(COUNT)]
    first = written(tmp_path / "first.ndjson", [{**one, "card": None} for one in people])
    second = written(tmp_path / "second.ndjson", [{**one, "member": None} for one in people[::-1]])
    host.ok("program", "publish", STARTER)
    started = [
        subprocess.Popen(
            host.command("import-people", path, "--program", "beauty"),
            env=host.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for path in (first, second)
    ]
    told = [one.communicate() for one in started]
    assert [one.returncode for one in started] == [0, 0], told
    assert "deadlock" not in (host.path / "postgres.log").read_text()
    enrolled = [int(out.split(" enrolled")[0].replace(",", "")) for out, _ in told]
    posted = [int(out.split("bring: ")[1].split(" posted")[0].replace(",", "")) for out, _ in told]
    assert (sum(enrolled), sum(posted)) == (COUNT, COUNT)
    assert all("0 in conflict with that, 0 refused." in out for out, _ in told)
    rows = host.python(
        "from pointbook.members.queries import people\n"
        "for one in people(1, after=None, limit=100_000):\n"
        "    print(sorted(kind for kind, _ in one.identifiers))"
    )
    assert set(rows.splitlines()) == {"['card', 'email', 'member']"}
    assert len(rows.splitlines()) == COUNT
    assert "Everything holds." in host.ok("verify")


# Rounds of the same newcomers, who are known the second time, in the order or against it; each
# round begins for both at once.
ROUNDS = """
import sys, time
from datetime import datetime, UTC
from pointbook.interfaces.cli.database import database
with database():
    from pointbook.engine.values.people import Person
    from pointbook.members.operations import import_people
    new = 0
    for number in [*range(6), *range(6)]:
        people = [
            Person(member=f"{number}-{n}", card=f"c{number}-{n}", name="x" * (n % 3))
            for n in range(1_500)
        ]
        if sys.argv[1] == "against":
            people = [Person(card=one.card, name=one.name + "y") for one in reversed(people)]
        at = datetime.now(tz=UTC)
        time.sleep(-time.time() % 0.8)
        new += sum(one.new for one in import_people(program_id=1, people=people, at=at))
    print(new)
"""


def test_newcomers_met_from_both_ends_are_enrolled_once(host):
    host.ok("program", "publish", STARTER)
    started = [
        subprocess.Popen(
            [sys.executable, "-c", ROUNDS, order],
            env=host.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for order in ("along", "against")
    ]
    told = [one.communicate() for one in started]
    assert [one.returncode for one in started] == [0, 0], told
    assert sum(int(out) for out, _ in told) == 6 * 1_500
    assert "deadlock" not in (host.path / "postgres.log").read_text()


def test_what_the_commands_tell(host, tmp_path):
    host.ok("program", "publish", STARTER)
    people = [person(1), {**person(2), "lots": [{"points": 5, "unit": "stars"}]}]
    path = written(tmp_path / "people.ndjson", people)
    words = ("import-people", path, "--program", "beauty", "--source", "crm")
    assert host.ok(*words, "--on", TODAY) == (
        "2 enrolled, 0 known before, 1 rows refused.\n"
        "Of what they bring: 1 posted, 0 posted before, 0 in conflict with that, 1 refused.\n"
        f"See {path}.rejects.ndjson\n"
    )
    assert host.call(*words, "--on", "today").stderr == (
        "pointbook: --on 'today' is not a date. Write YYYY-MM-DD.\n"
    )
    known = host.ok("import-people", path, "--program", "beauty", "--map", "measure.spend=card")
    assert known.startswith("0 enrolled, 2 known before")
    out = tmp_path / "out.ndjson"
    told = ("export", "people", "--program", "beauty")
    assert host.ok(*told, "--out", out) == f"2 people written to {out}.\n"
    assert host.ok(*told) == out.read_text()
    assert host.ok(*told, "--format", "csv").startswith("id,member,email,phone,card,name,")
    assert host.call(*told, "--out", tmp_path).stderr == (
        f"pointbook: {tmp_path} cannot be written: Is a directory. Name another place.\n"
    )
