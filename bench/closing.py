"""What a month's close costs on a long history: the same month after 1,000,000 lots and after ten.

    python bench/closing.py --lots 1000000 10000000 --facts 200000

Makes a ledger of each size by set-based SQL in a home of its own: three years of awards, most used
up or ended, all read by a first close. Then come months of equal activity, whatever the size; each
is closed by the command's own operation, and every stage is timed. Prints the medians of the months
and the last size over the first. `--verify` runs every invariant that the generator keeps.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg

from pointbook.interfaces.cli import home
from pointbook.interfaces.cli.database import database
from pointbook.interfaces.cli.postgres import Server

POINTBOOK = str(Path(sys.executable).parent / "pointbook")
MONTHS = ("2024-01", "2024-02", "2024-03")
EXPIRING = 5_000  # lots that end in each of the months
TOLD = 0.05  # seconds: the ratio of less is chance
DOCUMENT = """
blueprint: 1
program: {code: bench, name: Bench, currency: USD, time_zone: UTC, unknown_members: enrol}
units: {points: {name: points, singular: point, decimals: 0, value: "0.01",
         expires: {after_months: 12}, spend_order: oldest}}
earn: [{rule: buy, name: Buy, on: purchase, award: {points: 1, per: "1.00"}, rounding: floor}]
returns: {claw_back: clamp}
books: {policy: deferred_revenue, judgement: "A material right."}
"""
FILLED = (
    "members_member",
    "ledger_account",
    "ledger_fact",
    "ledger_transfer",
    "ledger_lot",
    "ledger_draw",
    "controls_outbox",
)
# Indexes are built once when the tables are full: nothing reads meanwhile.
UNREADY = """update pg_index set indisready = false
    where indrelid = any(%s::regclass[]) and indisunique is not null"""
MEMBERS = """
insert into members_member (id, program_id, enrolled_at, recorded_at, bearer)
select md5('member ' || n)::uuid, %(program)s, '2021-01-01Z', '2021-01-01Z', false
from generate_series(1, %(members)s) n;
insert into ledger_account (id, program_id, unit, kind, member_id, balance)
select %(accounts)s + n, %(program)s, 'points', 'wallet', md5('member ' || n)::uuid, 0
from generate_series(1, %(members)s) n
"""
# A lot of 100 points every few seconds of three years. Six of ten are used within ten months, and
# the rest ends after one year; of those that end in the months to come only a fixed number is left.
HISTORY = """
create unlogged table gen_lot as
select *, case when used and used_at < '2024-01-01Z' then used_at
    when ends_at < '2024-01-01Z' then ends_at end as gone_at,
    used and used_at < '2024-01-01Z' as burned
from (select n, at, at + interval '365 days' as ends_at,
        1 + (n * 7919::bigint) %% %(members)s as who, at + (n %% 240) * interval '1 day' as used_at,
        case when at >= '2022-12-31Z' and at < '2023-05-01Z' then n %% %(step)s <> 0
            else n %% 10 < 6 end as used
    from (select n, date_trunc('second', timestamptz '2021-01-01Z'
            + (n - 1) * (interval '1095 days' / %(lots)s)) as at
        from generate_series(1::bigint, %(lots)s) n) raw) lots;
create unlogged table gen_event as
select row_number() over (order by at, n, kind) as place, kind, n, who, at from (
    select 'award' as kind, n, who, at from gen_lot
    union all select case when burned then 'burn' else 'expiry' end, n, who, gone_at from gen_lot
    where gone_at is not null) events
"""
# A month: purchases of few members, and burns of lots from all over the history.
MONTH = """
create unlogged table gen_lot as
select %(last)s + n as n, at, at + interval '365 days' as ends_at,
    1 + (n * 7919::bigint) %% least(%(members)s, 50000) as who, null::timestamptz as gone_at,
    false as burned
from (select n, date_trunc('second', %(from)s::timestamptz + interval '1 day'
        + (n - 1) * (interval '26 days' / %(awards)s)) as at
    from generate_series(1::bigint, %(awards)s) n) raw;
create unlogged table gen_burn as
select place, id as n, account_id - %(accounts)s as who, date_trunc('second',
    %(from)s::timestamptz + interval '2 days' + place * (interval '25 days' / %(burns)s)) as at
from (select row_number() over (order by md5(id::text)) as place, id, account_id from ledger_lot
    where remaining = points and expires_at > %(from)s::timestamptz + interval '150 days'
    and id %% %(every)s = 0) open_lots
where place <= %(burns)s;
create unlogged table gen_event as
select row_number() over (order by at, n, kind) as place, kind, n, who, at from (
    select 'award' as kind, n, who, at from gen_lot
    union all select 'burn', n, who, at from gen_burn) events
"""
ROWS = """
insert into ledger_fact (id, program_id, seq, entity_id, store, source, key, type, occurred_at,
    recorded_at, member_id, channel, currency, total, tax, delivery, spend, simulated, content,
    digest)
select place + %(id)s, %(program)s, place + %(seq)s, %(entity)s, '', 'gen', key, type, at, at,
    md5('member ' || who)::uuid, '', 'USD', total, 0, 0, total, false, content,
    sha256(convert_to(content, 'UTF8'))
from (select *, format(
            '{"at":"%%s","currency":"USD","id":"%%s","source":"gen","total":%%s,"type":"%%s"}',
        to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), key, total, type) as content
    from (select *, substr(kind, 1, 1) || n as key,
            case kind when 'award' then 'purchase' else 'burn' end as type,
            case kind when 'award' then 10000 else 0 end as total
        from gen_event where kind <> 'expiry') named) told order by place;
insert into ledger_transfer (id, program_id, seq, kind, source_id, destination_id, points, settled,
    fact_id, occurred_at, recorded_at)
select place + %(id)s, %(program)s, place + %(seq)s, e.kind,
    case e.kind when 'award' then s.id else %(accounts)s + who end,
    case e.kind when 'award' then %(accounts)s + who else s.id end,
    100, 0, case e.kind when 'expiry' then null else place + %(id)s end, at, at
from gen_event e join ledger_account s on s.program_id = %(program)s and s.member_id is null
    and s.kind = case e.kind when 'award' then 'issued' when 'burn' then 'redeemed'
        else 'expired' end
order by place;
insert into ledger_lot (id, account_id, transfer_id, fact_id, rule, earned_at, starts_at,
    expires_at, points, remaining, base, entity_id, currency, policy, funder, issued_on, allocated)
select l.n, %(accounts)s + l.who, e.place + %(id)s, e.place + %(id)s, 'buy', l.at, l.at,
    l.ends_at, 100, case when l.gone_at is null then 100 else 0 end, 10000, %(entity)s, 'USD',
    'deferred_revenue', '', date_trunc('month', l.at at time zone 'UTC')::date, 95
from gen_lot l join gen_event e on e.n = l.n and e.kind = 'award' order by l.n;
insert into ledger_draw (transfer_id, lot_id, points, allocated)
select place + %(id)s, n, 100, 0 from gen_event where kind <> 'award' order by place;
insert into controls_outbox (program_id, seq, kind, subject, recorded_at)
select %(program)s, place + %(seq)s, 'fact.posted', place + %(id)s, at from gen_event
order by place
"""
MOVED = """
update ledger_lot set remaining = 0 from gen_burn b where b.n = ledger_lot.id;
update ledger_account a set balance = balance + moved.points
from (select %(accounts)s + who as id, sum(case kind when 'award' then 100 else -100 end) as points
    from gen_event group by 1) moved where a.id = moved.id
"""
DONE = """
select setval(pg_get_serial_sequence(name, 'id'), greatest((select max(id) from ledger_fact),
    (select max(id) from ledger_account), (select max(id) from ledger_lot),
    (select max(id) from ledger_draw)) + 1000)
from unnest(array['ledger_fact', 'ledger_transfer', 'ledger_lot', 'ledger_draw', 'ledger_account'])
    name;
drop table gen_lot, gen_event
"""


class Ledger:
    """A generated ledger of `lots` lots in the current home's database."""

    def __init__(self, lots: int, facts: int) -> None:
        self.connection = psycopg.connect(
            Server(home=home.current()).dsn(database=home.DATABASE), autocommit=True
        )
        self.run("set session_replication_role = replica")
        self.run("set synchronous_commit = off; set work_mem = '512MB'")
        self.run("set maintenance_work_mem = '1GB'")
        program, entity = self.row("select id, entity_id from programs_program")
        burns = facts // 4
        self.known = {
            "program": program,
            "entity": entity,
            "lots": lots,
            "members": max(1_000, lots // 20),
            "accounts": 1_000_000,
            "step": max(1, lots * 31 // 1095 // EXPIRING),
            "awards": facts - burns,
            "burns": burns,
            "every": max(1, lots // 2_000_000),
        }

    def run(self, statements: str, **more: object) -> None:
        """Run statements one after the other."""
        known = {**self.known, **more} if more else None
        for statement in statements.split(";\n"):
            with psycopg.ClientCursor(self.connection) as cursor:
                cursor.execute(statement, known)

    def row(self, statement: str) -> tuple[int, ...]:
        """The first row of an answer."""
        found = self.connection.execute(statement).fetchone()
        assert found is not None
        return found

    def history(self) -> None:
        """Three years, all in one go."""
        self._careful(on=False)
        self.connection.execute(UNREADY, [list(FILLED)])
        self.run(MEMBERS, all=True)
        self.run(HISTORY, all=True)
        self._rows()
        for table in FILLED:
            self.run(f"reindex table {table}")
        self.run(MOVED.split(";\n")[1], all=True)
        self.settle()
        self._careful(on=True)

    def _careful(self, *, on: bool) -> None:
        """Write as safely as ever, or as fast as can be while nothing is measured."""
        for setting in ("fsync", "full_page_writes", "autovacuum"):
            self.run(f"alter system set {setting} = {'on' if on else 'off'}")
        self.run("select pg_reload_conf()")

    def month(self, code: str) -> None:
        """The activity of a month."""
        (last,) = self.row("select max(id) from ledger_lot")
        self.run(MONTH, last=last, **{"from": f"{code}-01Z"})
        self._rows()
        self.run(MOVED, all=True)
        self.run("drop table gen_burn")
        self.settle()

    def _rows(self) -> None:
        (seq,) = self.row("select max(seq) from controls_outbox")
        (own,) = self.row("select coalesce(max(id), 0) from ledger_transfer")
        self.run(ROWS, seq=seq, id=own)

    def settle(self) -> None:
        """Statistics as autovacuum would have them, and nothing left to write."""
        self.run(DONE)
        for table in FILLED:
            self.run(f"vacuum (analyze) {table}")
        self.run("checkpoint")


def main() -> None:
    """Run each size in a process of its own and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lots", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--facts", type=int, default=200_000)
    parser.add_argument("--verify", action="store_true")
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--keep", help="make the ledger in this home, and leave it there")
    asked = parser.parse_args()
    if asked.alone:
        print(json.dumps(measured(asked)))
        return
    figures = {}
    more = ["--facts", str(asked.facts)]
    if asked.verify:
        more.append("--verify")
    if asked.keep:
        more += ["--keep", asked.keep]
    for lots in asked.lots:
        told = subprocess.run(
            [sys.executable, __file__, "--alone", "--lots", str(lots), *more],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout
        figures[lots] = json.loads(told.splitlines()[-1])
    table(figures)


def table(figures: dict[int, dict[str, float]]) -> None:
    """Seconds of each stage by the number of lots, and the last over the first."""
    sizes = list(figures)
    print(f"{'seconds':<24}" + "".join(f"{f'{lots:,} lots':>18}" for lots in sizes) + f"{'':>10}")
    for name in figures[sizes[0]]:
        each = [figures[lots][name] for lots in sizes]
        ratio = f"{each[-1] / each[0]:10.2f}" if each[0] > TOLD else ""
        print(f"{name:<24}" + "".join(f"{one:18.2f}" for one in each) + ratio)


def measured(asked: argparse.Namespace) -> dict[str, float]:
    """Make one ledger, close its months and answer the seconds of every part."""
    (lots,) = asked.lots
    folder = Path(asked.keep or tempfile.mkdtemp(prefix="pointbook-bench-"))
    os.environ["POINTBOOK_HOME"] = str(folder / "home")
    try:
        command("init")
        document = folder / "bench.yaml"
        document.write_text(DOCUMENT)
        with database():
            command("program", "publish", str(document))
            return closes(lots, asked.facts, check=asked.verify)
    finally:
        if not asked.keep:
            shutil.rmtree(folder, ignore_errors=True)


def command(*words: str) -> None:
    """A command of Pointbook, in this home."""
    subprocess.run([POINTBOOK, *words], check=True, stdout=subprocess.DEVNULL)


def closes(lots: int, facts: int, *, check: bool) -> dict[str, float]:
    """The seconds of making the history, of the first close, and the medians of the months."""
    from datetime import UTC, date, datetime

    from pointbook.accounting.models import Close, Period
    from pointbook.accounting.operations import closing
    from pointbook.controls.actors import SYSTEM
    from pointbook.controls.clock import set_test_clock
    from pointbook.programs.models import Entity, Program

    ledger, took = Ledger(lots, facts), {}
    began = time.perf_counter()
    ledger.history()
    took["(history made)"] = time.perf_counter() - began
    set_test_clock(program_id=Program.objects.get().id, at=datetime(2025, 1, 1, tzinfo=UTC))
    # A close that read nothing: the one of the last month of the history reads all there is.
    own = Entity.objects.get()
    before = Period.objects.create(
        entity=own, code="2023-11", first_on=date(2023, 11, 1), status=Period.Status.CLOSED
    )
    Close.objects.create(
        entity=own, period=before, closed_by="bench", closed_at=datetime(2023, 12, 1, tzinfo=UTC)
    )
    parts: dict[str, list[float]] = {}
    watch(parts)
    for month in ("2023-12", *MONTHS):
        if month in MONTHS:
            ledger.month(month)
        began = time.perf_counter()
        closing.close(entity_code="main", period=month, actor=SYSTEM, reason="bench")
        parts.setdefault("close", []).append(time.perf_counter() - began)
    took["(first close)"] = parts["close"][0]
    if check:
        verify()
    return took | {name: statistics.median(each[1:]) for name, each in parts.items()}


def watch(parts: dict[str, list[float]]) -> None:
    """Time the expiry, every stage and the seal of each close."""
    from pointbook.accounting.operations import closing

    def timed(name: str, run):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
        def timing(*positional, **named):  # type: ignore[no-untyped-def] # noqa: ANN002, ANN003, ANN202
            began = time.perf_counter()
            answer = run(*positional, **named)
            parts.setdefault(name, []).append(time.perf_counter() - began)
            return answer

        return timing

    closing.expire = timed("expire", closing.expire)
    closing.STAGES = tuple(
        stage._replace(run=timed(stage.name.lower(), stage.run)) for stage in closing.STAGES
    )
    closing.seal = timed("seal", closing.seal)


def verify() -> None:
    """Every invariant of the sequence, the ledger and the books; the facts were never judged."""
    from pointbook.interfaces.cli.verify import invariants

    for invariant in invariants():
        if invariant.name.partition(".")[0] in ("controls", "ledger", "books", "sequence"):
            for violation in invariant.check():
                raise AssertionError(f"{invariant.name} {violation}")
            print(f"{invariant.name} holds", file=sys.stderr)


if __name__ == "__main__":
    main()
