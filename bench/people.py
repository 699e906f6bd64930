"""`python bench/people.py [COUNT]`: how long it takes to bring people over, and to hand them out.

Makes a file of COUNT people (200,000) with a tier, its dates, a measure and two lots each, as
NDJSON and as CSV with one row for each lot; imports each into a home of its own, exports the people
again, and prints the seconds of each command. Everything made is removed afterwards.
"""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import orjson

ROOT = Path(__file__).resolve().parents[1]
STARTER = ROOT / "src" / "pointbook" / "programs" / "starters" / "beauty-insider.yaml"
POINTBOOK = str(Path(sys.executable).parent / "pointbook")
TIERS = ("Insider", "VIB", "Rouge")
TODAY = date.today()  # noqa: DTZ011 -- days of the file, not of the program


def person(number: int) -> dict[str, object]:
    """One person, told by their number."""
    tier = TIERS[number % 3]
    joined = TODAY - timedelta(days=30 + number % 3_000)
    body: dict[str, object] = {
        "member": f"M{number:07}",
        "email": f"person.{number}@example.org",
        "card": f"{4_000_000_000_000 + number}",
        "name": f"Person {number}",
        "birthday": str(date(1950, 1, 1) + timedelta(days=number * 7 % 18_000)),
        "consent": number % 2 == 0,
        "joined_on": str(joined),
        "tier": tier,
        "tier_since": str(joined + timedelta(days=20)),
        "measures": {"spend": str(100 + number % 900)},
        "lots": [
            {
                "points": str(50 + number % 500),
                "earned_on": str(TODAY - timedelta(days=10 + age)),
                "expires_on": str(TODAY + timedelta(days=90 - age)),
            }
            for age in (0, 15)
        ],
    }
    if tier != "Insider":
        body["tier_until"] = str(date(TODAY.year + 1, 12, 31))
    return body


def rows(one: dict[str, object]) -> Iterator[dict[str, object]]:
    """The same person as rows of a table: the first says everything, each has a lot."""
    lots = one.pop("lots")
    one["measure.spend"] = one.pop("measures")["spend"]  # type: ignore[index]
    for place, lot in enumerate(lots):  # type: ignore[arg-type, var-annotated]
        yield {**(one if place == 0 else {"member": one["member"]}), **lot}


def main() -> None:
    """Make the files, run the commands and print the seconds."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    folder = Path(tempfile.mkdtemp(prefix="pointbook-bench-"))
    try:
        ndjson, table = folder / "people.ndjson", folder / "people.csv"
        with ndjson.open("wb") as file:
            for number in range(count):
                file.write(orjson.dumps(person(number)) + b"\n")
        with table.open("w", encoding="utf-8", newline="") as text:
            names = [*person(1), *next(rows(person(1)))]
            fields = [n for n in dict.fromkeys(names) if n not in ("lots", "measures")]
            writer = csv.DictWriter(text, fields)
            writer.writeheader()
            for number in range(count):
                writer.writerows(rows(person(number)))
        for path in (ndjson, table):
            home = folder / path.suffix[1:]
            told = [
                (f"import-people {path.suffix[1:]}", imported(home, path)),
                ("the same again", command(home, "import-people", path, "--program", code())),
                ("export people", exported(home, folder)),
            ]
            for name, seconds in told:
                print(f"{count:,} people: {name:<24}{seconds:>8.1f} s", flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def imported(home: Path, path: Path) -> float:
    """Seconds of the import into a new home."""
    command(home, "init")
    command(home, "program", "publish", STARTER)
    return command(home, "import-people", path, "--program", code())


def exported(home: Path, folder: Path) -> float:
    """Seconds of the export."""
    return command(home, "export", "people", "--program", code(), "--out", folder / "out.ndjson")


def code() -> str:
    """The program's code: the starter's own."""
    return STARTER.stem


def command(home: Path, *words: object) -> float:
    """Run a command in a home; its seconds, and what it prints on stderr."""
    began = time.perf_counter()
    done = subprocess.run(
        [POINTBOOK, *map(str, words)],
        env={**os.environ, "POINTBOOK_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    print(f"  {done.stdout.strip().splitlines()[-1:]}", file=sys.stderr)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
