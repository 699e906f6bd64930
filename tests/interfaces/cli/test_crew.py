"""A large file is posted by several processes: every fact once, each member's in order."""

import csv
import json
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import pytest

from pointbook.interfaces.cli import crew
from tests.interfaces.cli.conftest import hosted

STARTER = files("pointbook.programs") / "starters" / "beauty-tiers.yaml"
FACTS = crew.WORTHWHILE + 1_000
MEMBERS = 300
START = datetime(2017, 1, 1, tzinfo=UTC)


def rows():
    """Baskets of many members through two years; one amount cannot be read."""
    for n in range(FACTS):
        at = START + timedelta(minutes=45 * n)
        total = "much" if n == 777 else f"{n % 90}.{n % 100:02}"
        yield f"b{n:06}", at.isoformat(), f"m{n % MEMBERS}", total


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "sales.csv"
    with path.open("w", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(["id", "occurred_at", "member", "total"])
        writer.writerows(rows())
    return path


def test_several_processes_post_what_one_would(file):
    arguments = ("--program", "beauty", "--set", "source=till", "--set", "type=purchase")
    with hosted() as host:
        host.ok("init")
        host.ok("program", "publish", STARTER)
        first = host.call("import", file, *arguments)
        again = host.ok("import", file, *arguments)
        report = json.loads(host.ok("report", "months", "--program", "beauty", "--format", "json"))
        months = report["rows"]
        assert "Everything holds." in host.ok("verify")
    assert first.returncode == 0
    assert f"Posted {FACTS - 1:,}" in " ".join(first.stdout.split())
    assert "1 rows of sales.csv were refused" in first.stderr
    assert f"Posted before {FACTS - 1:,}" in " ".join(again.split())
    lines = file.with_name("sales.csv.rejects.ndjson").read_text().splitlines()
    refused = [json.loads(line) for line in lines]
    assert [(one["line"], one["field"], one["value"]) for one in refused] == [
        (779, "total", "much")
    ]
    good = [total for _, _, _, total in rows() if total != "much"]
    assert sum(month["baskets"] for month in months) == FACTS - 1
    assert sum(month["earned"] for month in months) == sum(int(total[:-3]) for total in good)
