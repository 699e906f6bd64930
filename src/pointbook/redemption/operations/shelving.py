"""Shelves under lock: what all members share of rewards, for the facts of one batch.

The rows of everything that the batch may take are locked at once, in key order, after accounts and
budgets; what was taken is written at the end. Raises nothing: what is not there is answered.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import NamedTuple

from django.db import connection

from pointbook.engine.ledger.holds import Hold, Key
from pointbook.engine.replay.shelves import CODES, Shelf, first_of, shelves_of
from pointbook.engine.rules.catalogue import Reward


class Wanted(NamedTuple):
    """A reward that a fact of the batch may take or put back, at its time."""

    reward: Reward
    slot: str
    at: datetime


class _Found(NamedTuple):
    id: int
    reward: str
    slot: str
    span: str
    supply: int
    taken: int


@dataclass(slots=True)
class _Row:
    id: int
    supply: int
    taken: int
    before: int


@dataclass(slots=True)
class LockedShelves:
    """The locked shelves of a batch; `settle` writes what was taken.

    `waits` are the redemptions that something must happen to first, by key; `kept` is who waited
    for a place and was offered one, by reward and slot. `asks` is who wants something now.
    """

    zone: tzinfo
    rows: dict[tuple[str, str, str], _Row] = field(default_factory=dict)
    waits: dict[Key, str] = field(default_factory=dict)
    kept: Mapping[tuple[str, str], Collection[uuid.UUID]] = field(default_factory=dict)
    asks: uuid.UUID | None = None

    def left(self, reward: Reward, slot: str, at: datetime, /) -> int | None:
        """How many are left at an instant; None for any number."""
        free = [row.supply - row.taken for _, row in self._own(reward, slot, at)]
        least = min(free, default=None)
        if least is None:
            return None
        return least - sum(own != self.asks for own in self.kept.get((reward.code, slot), ()))

    def take(self, hold: Hold, reward: Reward, /) -> None:
        """Take what a hold is for, and note what must happen before it is captured."""
        if first := first_of(hold, reward):
            self.waits[hold.key] = first
        for _, row in self._own(reward, hold.slot, hold.at):
            row.taken += hold.quantity

    def put_back(self, hold: Hold, reward: Reward, /) -> None:
        """Put back what was taken for a hold; a code that somebody has seen stays used."""
        for shelf, row in self._own(reward, hold.slot, hold.at):
            if shelf.span != CODES:
                row.taken = max(0, row.taken - hold.quantity)

    def waits_for(self, key: Key, /) -> str:
        """What must happen before a hold may be captured."""
        return self.waits.get(key, "")

    def settle(self) -> None:
        """Write what was taken and put back, in one statement; nothing when nothing was."""
        moved = [row for row in self.rows.values() if row.taken != row.before]
        if not moved:
            return
        with connection.cursor() as cursor:
            cursor.execute(
                """update redemption_shelf set taken = new.taken
                from unnest(%s::bigint[], %s::integer[]) as new(id, taken)
                where redemption_shelf.id = new.id""",
                [[row.id for row in moved], [row.taken for row in moved]],
            )

    def _own(self, reward: Reward, slot: str, at: datetime) -> Iterable[tuple[Shelf, _Row]]:
        for shelf in shelves_of(reward, slot, at=at, zone=self.zone):
            row = self.rows.get(shelf[:3])
            if row is not None:
                yield shelf, row


def read_shelves(*, program_id: int, zone: tzinfo, wanted: Iterable[Wanted]) -> LockedShelves:
    """The shelves as they are now, without a lock: for those who only want to know."""
    shelves = _shelves(wanted, zone)
    found = LockedShelves(zone)
    if shelves:
        rows = {
            (row.reward, row.slot, row.span): row
            for row in _rows(program_id, _columns(shelves), lock="")
        }
        for key, shelf in shelves.items():
            row = rows.get(key) or _Found(0, *key, shelf.supply, 0)
            _put_up(found, shelf, row.id, row.supply, row.taken)
    return found


def lock_shelves(
    *, program_id: int, zone: tzinfo, wanted: Iterable[Wanted], waits: dict[Key, str]
) -> LockedShelves:
    """Lock every shelf that the batch may take from; those that are missing are put up first.

    A total's supply follows the program; that of a stock or a slot is what was supplied.
    """
    shelves = _shelves(wanted, zone)
    locked = LockedShelves(zone, waits=waits)
    if not shelves:
        return locked
    columns = _columns(shelves)
    found = _rows(program_id, columns, lock="for update")
    if len(found) < len(shelves):
        with connection.cursor() as cursor:
            cursor.execute(
                """insert into redemption_shelf (program_id, reward, slot, span, supply, taken)
                select %s, *, 0 from unnest(%s::text[], %s::text[], %s::text[], %s::integer[])
                on conflict do nothing""",
                [program_id, *columns, [shelves[key].supply for key in sorted(shelves)]],
            )
        found = _rows(program_id, columns, lock="for update")
    for own, reward, slot, span, supply, taken in found:
        _put_up(locked, shelves[reward, slot, span], own, supply, taken)
    return locked


Place = tuple[str, str, str]


def _shelves(wanted: Iterable[Wanted], zone: tzinfo) -> dict[Place, Shelf]:
    return {
        shelf[:3]: shelf
        for one in wanted
        for shelf in shelves_of(one.reward, one.slot, at=one.at, zone=zone)
    }


def _columns(shelves: Iterable[Place]) -> list[list[str]]:
    return [list(column) for column in zip(*sorted(shelves), strict=True)]


def _rows(program_id: int, columns: list[list[str]], *, lock: str) -> list[_Found]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""select id, reward, slot, span, supply, taken from redemption_shelf
            where program_id = %s and (reward, slot, span) in
                (select * from unnest(%s::text[], %s::text[], %s::text[]))
            order by reward, slot, span {lock}""",
            [program_id, *columns],
        )
        return [_Found(*row) for row in cursor.fetchall()]


def _put_up(shelves: LockedShelves, shelf: Shelf, own: int, supply: int, taken: int) -> None:
    """Put up a shelf: a total's supply follows the program, others' is what was supplied."""
    total = shelf.span not in ("", CODES)
    row = _Row(own, shelf.supply if total else supply, taken, taken)
    shelves.rows[shelf.reward, shelf.slot, shelf.span] = row
