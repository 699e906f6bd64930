"""Post judged facts: facts, transfers, lots, draws and recoveries, each by one COPY.

What moves of a lot is written last, when every fact of the batch has moved it.

The number of statements does not grow with the batch. Everything was decided and validated before;
what the database refuses here (a key that another writer took, a CHECK) undoes the whole batch.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from pointbook.controls.clock import now
from pointbook.controls.copying import NULL, copy, escape
from pointbook.controls.operations import announce, next_seq
from pointbook.engine.ledger.holds import Hold
from pointbook.engine.ledger.lots import FOREVER, Draw, Lot, Shift
from pointbook.engine.ledger.transfers import ROUTES, Transfer
from pointbook.engine.replay.program import Program
from pointbook.engine.replay.verdicts import Verdict
from pointbook.engine.values.calendar import first_of_month
from pointbook.ledger.cohorts import Cohort, cohort_of
from pointbook.ledger.operations.accounts import Holders, open_accounts, system_accounts
from pointbook.ledger.operations.holding import keep_holds
from pointbook.ledger.queries import Burn, Key, burns


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict with what only the database knows: the member, the entity, what is returned.

    `returns_id` is the fact that it returns or is about, when that was posted before this batch.
    """

    verdict: Verdict
    member: uuid.UUID | None
    entity_id: int
    content: bytes
    digest: bytes
    returns_id: int | None


@dataclass(slots=True)
class _Rows:
    """Lines for COPY, and the sums that move."""

    facts: list[str] = field(default_factory=list)
    transfers: list[str] = field(default_factory=list)
    lots: list[tuple[Lot, str]] = field(default_factory=list)
    shifted: list[Lot] = field(default_factory=list)
    draws: list[str] = field(default_factory=list)
    recoveries: list[str] = field(default_factory=list)
    holds: dict[Key, Hold] = field(default_factory=dict)
    opened: dict[Key, tuple[int, int | None, uuid.UUID]] = field(default_factory=dict)
    moved: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))
    drawn: dict[int, Lot] = field(default_factory=dict)


def post(
    *, program_id: int, program: Program, judged: Sequence[Judged], holders: Holders
) -> list[int]:
    """Write a batch inside the caller's transaction; answers the fact ids in order.

    `holders` are the members' accounts, locked. Lots get their ids here.
    """
    holders = _with_more(program_id, judged, holders)
    facts, transfers, lots = _reserve(judged)
    start = next_seq(program_id)
    poster = _Poster(program_id, program, holders, (transfers, lots), _undone(program_id, judged))
    for seq, (fact_id, one) in enumerate(zip(facts, judged, strict=True), start):
        poster.add(fact_id, seq, one)
    poster.write()
    announce(
        program_id=program_id,
        start=start,
        rows=[
            (f"fact.{one.verdict.fact.type}"[:40], own, None)
            for own, one in zip(facts, judged, strict=True)
        ],
    )
    return facts


def _with_more(program_id: int, judged: Sequence[Judged], holders: Holders) -> Holders:
    """The accounts, with those of members who owe or hold for the first time."""
    opened = dict(holders)
    for transfer_kind, account in (("overdraft", "debt"), ("hold", "held")):
        missing = {
            (one.member, transfer.unit)
            for one in judged
            for transfer in one.verdict.transfers
            if transfer.kind == transfer_kind and one.member is not None
            if (one.member, transfer.unit, account) not in opened
        }
        if missing:
            opened.update(open_accounts(program_id=program_id, kind=account, wanted=missing))
    return opened


def _undone(program_id: int, judged: Sequence[Judged]) -> dict[Key, Burn]:
    """The burns that refunds of the batch undo and that were posted before it."""
    undone = {
        transfer.undoes
        for one in judged
        for transfer in one.verdict.transfers
        if transfer.undoes is not None
    }
    return burns(program_id, list(undone)) if undone else {}


def _reserve(judged: Sequence[Judged]) -> tuple[list[int], Iterator[int], Iterator[int]]:
    """Ids for every fact, transfer and lot of the batch, in one statement."""
    transfers = [transfer for one in judged for transfer in one.verdict.transfers]
    lots = sum(transfer.lot is not None for transfer in transfers)
    with connection.cursor() as cursor:
        cursor.execute(
            """select
            array(select nextval('ledger_fact_id_seq') from generate_series(1, %s)),
            array(select nextval('ledger_transfer_id_seq') from generate_series(1, %s)),
            array(select nextval('ledger_lot_id_seq') from generate_series(1, %s))""",
            [len(judged), len(transfers), lots],
        )
        facts, moves, awards = cursor.fetchone()
    return facts, iter(moves), iter(awards)


class _Poster:
    """Turns verdicts into lines; every line's ids are known, so order is free."""

    def __init__(
        self,
        program_id: int,
        program: Program,
        holders: Holders,
        ids: tuple[Iterator[int], Iterator[int]],
        undone: dict[Key, Burn],
    ) -> None:
        self.program_id = program_id
        self.program = program
        self.holders = holders
        self.system = system_accounts(program_id)
        self.transfers, self.lots = ids
        self.rows = _Rows()
        self.posted: dict[Key, int] = {}
        self.burned = undone
        self.recorded = now().isoformat()
        self.texts: dict[datetime, str] = {}

    def text(self, at: datetime) -> str:
        """An instant as text; a batch names each of its instants several times."""
        text = self.texts.get(at)
        if text is None:
            text = self.texts[at] = at.isoformat()
        return text

    def add(self, fact_id: int, seq: int, one: Judged) -> None:
        """The lines of one judged fact."""
        fact, rows = one.verdict.fact, self.rows
        at = self.text(fact.occurred_at)
        member = NULL if one.member is None else str(one.member)
        refers, returned = fact.refers, one.returns_id
        if returned is None and refers is not None:
            returned = self.posted.get(refers)
        self.posted[fact.source, fact.id] = fact_id
        self._steps(fact_id, one)
        rows.facts.append(
            f"{fact_id}\t{self.program_id}\t{seq}\t{one.entity_id}\t{escape(fact.store)}\t"
            f"{escape(fact.source)}\t{escape(fact.id)}\t{escape(fact.type)}\t{at}\t"
            f"{self.recorded}\t{member}\t{escape(fact.channel)}\t{fact.currency}\t{fact.total}\t"
            f"{fact.tax}\t{fact.delivery}\t{fact.spend}\t"
            f"{NULL if returned is None else returned}\t{fact.simulated}\t"
            f"{escape(one.content.decode())}\t\\\\x{one.digest.hex()}"
        )
        claw_backs: list[int] = []
        for transfer in one.verdict.transfers:
            own = next(self.transfers)
            if transfer.kind == "claw_back":
                claw_backs.append(own)
            elif transfer.kind in ("hold", "burn") and (fact.source, fact.id) in rows.opened:
                rows.opened[fact.source, fact.id] = (fact_id, own, _known(one.member))
            self._transfer(own, seq, fact_id, one, transfer)
        rows.shifted += [shift.lot for shift in one.verdict.shifts]
        taken = iter(claw_backs)
        for recovery in one.verdict.recoveries:
            by = next(taken) if recovery.recovered else NULL
            rows.recoveries.append(
                f"{fact_id}\t{recovery.lot.id}\t{by}\t{recovery.base}\t{recovery.points}\t"
                f"{recovery.recovered}\t{recovery.owed}\t{recovery.share}\t{recovery.unrecovered}\t"
                f"{recovery.carried}"
            )

    def _steps(self, fact_id: int, one: Judged) -> None:
        """What became of redemptions: a new hold, or one that moves."""
        for step in one.verdict.steps:
            hold = step.hold
            if step.what == "reserved":
                self.rows.opened[hold.key] = (fact_id, None, _known(one.member))
            self.rows.holds[hold.key] = hold

    def _transfer(self, own: int, seq: int, fact_id: int, one: Judged, transfer: Transfer) -> None:
        rows, points, unit = self.rows, transfer.points, transfer.unit
        gives, takes = ROUTES[transfer.kind]
        source = self._account(one.member, unit, gives)
        destination = self._account(one.member, unit, takes)
        undone = NULL if transfer.undoes is None else self.burned[transfer.undoes].id
        at = self._date(transfer)
        if transfer.kind in ("burn", "capture"):
            fact = one.verdict.fact
            self.burned[fact.source, fact.id] = Burn(fact_id, at)
        rows.transfers.append(
            f"{own}\t{self.program_id}\t{seq}\t{transfer.kind}\t{source}\t{destination}\t{points}\t"
            f"{transfer.settled}\t{fact_id}\t{self.text(at)}\t{self.recorded}\t{undone}\t"
            f"{transfer.side}\t{transfer.worth}\t{NULL if transfer.cost is None else transfer.cost}"
        )
        rows.moved[source] -= points
        rows.moved[destination] += points
        if transfer.lot is not None:
            self._lot(own, destination, fact_id, one, transfer)
        for draw in transfer.draws:
            self._draw(own, draw)

    def _date(self, transfer: Transfer) -> datetime:
        """When it happened; never before the points it takes or gives back were there to move.

        A fact that comes late may lie before the burn that it undoes, or before points came back
        that it takes.
        """
        at = transfer.at
        if not transfer.draws:
            return at
        if transfer.undoes is not None:
            at = max(at, self.burned[transfer.undoes].at)
        cohorts = [(draw.lot, cohort_of(draw.lot)) for draw in transfer.draws]
        for _, cohort in cohorts:
            if cohort.back_at is not None and cohort.back_at > at:
                at = cohort.back_at
        if transfer.kind in ("refund", "release", "reinstatement"):
            for lot, cohort in cohorts:
                lot.cohort = cohort._replace(back_at=at)
        return at

    def _lot(
        self, transfer_id: int, account: int, fact_id: int, one: Judged, transfer: Transfer
    ) -> None:
        """A new lot: an award is of its own month, received points are of the month they were."""
        lot = transfer.lot
        assert lot is not None, "awards and received points make a lot"
        lot.id = next(self.lots)
        if transfer.kind == "award":
            month = first_of_month(transfer.at, self.program.zone)
            assert lot.policy, "every award has its policy"
            currency = self.program.currency
            lot.cohort = Cohort(one.entity_id, currency, lot.policy, lot.funder, month)
        entity, currency, policy, funder, issued_on, _ = lot.cohort = cohort_of(lot)
        line = (
            f"{lot.id}\t{account}\t{transfer_id}\t{fact_id}\t{escape(lot.rule)}\t"
            f"{self.text(lot.earned_at)}\t{lot.points}\t{lot.base}\t{entity}\t{currency}\t"
            f"{policy}\t{escape(funder)}\t{issued_on}\t{lot.allocated}"
        )
        self.rows.lots.append((lot, line))

    def _draw(self, transfer: int, draw: Draw) -> None:
        self.rows.draws.append(f"{transfer}\t{draw.lot.id}\t{draw.points}\t{draw.allocated}")
        self.rows.drawn[draw.lot.id] = draw.lot

    def _account(self, member: uuid.UUID | None, unit: str, kind: str) -> int:
        if kind in ("wallet", "debt", "held"):
            assert member is not None, "points move for members only"
            return self.holders[member, unit, kind].id
        return self.system[unit, kind]

    def write(self) -> None:
        """Write the lines, then what moves of lots and accounts."""
        rows = self.rows
        copy("ledger_fact", FACT, rows.facts)
        copy("ledger_transfer", TRANSFER, rows.transfers)
        copy("ledger_lot", LOT, [f"{line}\t{self._moving(lot)}" for lot, line in rows.lots])
        copy("ledger_draw", DRAW, rows.draws)
        copy("ledger_recovery", RECOVERY, rows.recoveries)
        keep_holds(
            self.program_id,
            opened=rows.opened,
            moved={key: hold for key, hold in rows.holds.items() if key not in rows.opened},
            holds=rows.holds,
            posted=self.posted,
        )
        new = {lot.id for lot, _ in rows.lots}
        _move_lots({own: lot.remaining for own, lot in rows.drawn.items() if own not in new})
        _shift_lots({lot.id: lot for lot in rows.shifted if lot.id not in new})
        _move_balances(rows.moved)

    def _moving(self, lot: Lot) -> str:
        """What moves of a lot, as it stands now."""
        starts_at, expires_at = _dates(lot)
        starts = NULL if starts_at is None else self.text(starts_at)
        ends = NULL if expires_at is None else self.text(expires_at)
        return f"{starts}\t{ends}\t{lot.remaining}"


def _known(member: uuid.UUID | None) -> uuid.UUID:
    assert member is not None, "redemptions are members'"
    return member


def _dates(lot: Lot) -> tuple[datetime | None, datetime | None]:
    """A lot's dates as columns: usable at once is from the award on, no date is null."""
    starts = None if lot.starts_at == FOREVER else max(lot.starts_at, lot.earned_at)
    return starts, None if lot.expires_at == FOREVER else lot.expires_at


FACT = (
    "id program_id seq entity_id store source key type occurred_at recorded_at member_id channel"
    " currency total tax delivery spend returns_id simulated content digest"
).split()
TRANSFER = (
    "id program_id seq kind source_id destination_id points settled fact_id occurred_at recorded_at"
    " undoes_id side worth cost"
).split()
LOT = (
    "id account_id transfer_id fact_id rule earned_at points base entity_id currency policy funder"
    " issued_on allocated starts_at expires_at remaining"
).split()
DRAW = ("transfer_id", "lot_id", "points", "allocated")
RECOVERY = "fact_id lot_id transfer_id base points recovered owed share unrecovered carried".split()


def _move_lots(remaining: Mapping[int, int]) -> None:
    if not remaining:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """update ledger_lot set remaining = new.remaining
            from unnest(%s::bigint[], %s::bigint[]) as new(id, remaining)
            where ledger_lot.id = new.id""",
            [list(remaining), list(remaining.values())],
        )


def put_off(shifts: Sequence[Shift]) -> None:
    """Write the dates of lots that time alone put off; their members are locked."""
    _shift_lots({shift.lot.id: shift.lot for shift in shifts})


def _shift_lots(shifted: Mapping[int, Lot]) -> None:
    """Write the dates of lots that were put off, released or reinstated, as they are now."""
    if not shifted:
        return
    starts, ends = zip(*(_dates(lot) for lot in shifted.values()), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            """update ledger_lot set starts_at = new.starts_at, expires_at = new.expires_at
            from unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[])
                as new(id, starts_at, expires_at)
            where ledger_lot.id = new.id""",
            [list(shifted), list(starts), list(ends)],
        )


def _move_balances(moved: Mapping[int, int]) -> None:
    """Move members' balances; the program's own accounts keep none."""
    with connection.cursor() as cursor:
        cursor.execute(
            """update ledger_account set balance = balance + new.moved
            from unnest(%s::bigint[], %s::bigint[]) as new(id, moved)
            where ledger_account.id = new.id and member_id is not null and moved <> 0""",
            [list(moved), list(moved.values())],
        )
