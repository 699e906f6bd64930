"""`python bench/people.py [COUNT] [KIND]`: how long it takes to bring people over, and out again.

Makes a file of COUNT people (200,000) with a tier, its dates, a measure and two lots each, as
`ndjson` or as `csv` with one row for each lot (both when KIND is left out); imports it into a home
of its own twice, exports the people, and prints the seconds of each command: by the clock, and of
the processor in the command itself, without the database. Everything made is removed afterwards.
"""

from __future__ import annotations

import csv
import os
import resource
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
            kind = path.suffix[1:]
            if kind in (sys.argv[2:] or ["ndjson", "csv"]):
                run(folder / kind, path, count)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(home: Path, path: Path, count: int) -> None:
    """Import a file into a new home, again, and export; print what each took."""
    program = ("--program", STARTER.stem)
    command(home, "init")
    command(home, "program", "publish", STARTER)
    jobs = {
        f"import-people {path.suffix[1:]}": ("import-people", path, *program),
        "the same again": ("import-people", path, *program),
        "export people": ("export", "people", *program, "--out", path.with_suffix(".out")),
    }
    for name, words in jobs.items():
        seconds, own = command(home, *words)
        load = os.getloadavg()[0]
        told = f"{seconds:>8.1f} s{own:>8.1f} s of processor   load {load:.1f}"
        print(f"{count:,} people: {name:<24}{told}", flush=True)


def command(home: Path, *words: object) -> tuple[float, float]:
    """Run a command in a home; its seconds, and what it prints on stderr."""
    began, used = time.perf_counter(), processor()
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
    return time.perf_counter() - began, processor() - used


def processor() -> float:
    """Seconds of the processor that finished commands used."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


if __name__ == "__main__":
    main()
