"""What is left of each reward and slot, and how often each was redeemed. Nothing here raises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import NamedTuple

from django.db import connection

from pointbook.engine.replay.shelves import CODES, shelves_of
from pointbook.engine.rules.catalogue import Reward
from pointbook.programs.queries import compiled


class Stand(NamedTuple):
    """One thing that is counted of a reward: a stock, places of a slot, codes, a total of a span.

    `span` is "" for stock and places, `codes` for codes, and `each|first day` for a total.
    """

    reward: str
    slot: str
    span: str
    supply: int
    taken: int

    @property
    def left(self) -> int:
        """How many are left; fewer than none where the supply was made smaller than was taken."""
        return max(0, self.supply - self.taken)


class Often(NamedTuple):
    """How many of a reward are reserved now, and how many were used and not taken back."""

    reward: str
    reserved: int
    used: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What was left of everything that a program's members share, at an instant."""

    at: datetime
    zone: tzinfo
    rows: tuple[Stand, ...]

    def of(self, reward: Reward, slot: str = "") -> tuple[Stand, ...]:
        """What counts for one redemption of a reward (in a slot)."""
        keys = {one[:3] for one in shelves_of(reward, slot, at=self.at, zone=self.zone)}
        return tuple(row for row in self.rows if row[:3] in keys)

    def left(self, reward: Reward, slot: str = "") -> int | None:
        """How many can still be had; None for any number."""
        return min((row.left for row in self.of(reward, slot)), default=None)


def standing(program_id: int, *, at: datetime, rewards: Sequence[Reward] | None = None) -> Standing:
    """What is left at an instant of these rewards (None: all of the version then), in one read.

    What nobody has taken of yet has no row: its supply is the program's.
    """
    version = compiled(program_id).version_at(at)
    asked = version.blueprint.rewards if rewards is None else rewards
    shelves = {
        one[:3]: one
        for reward in asked
        for slot in ("", *(own.code for own in reward.gives.slots))
        for one in shelves_of(reward, slot, at=at, zone=version.zone)
    }
    if not shelves:
        return Standing(at, version.zone, ())
    columns = zip(*shelves, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            """select s.reward, s.slot, s.span, s.supply, s.taken from redemption_shelf s
            join unnest(%s::text[], %s::text[], %s::text[]) as asked(reward, slot, span)
            using (reward, slot, span) where s.program_id = %s""",
            [*map(list, columns), program_id],
        )
        known = {row[:3]: row[3:] for row in cursor.fetchall()}
    rows = []
    for key, shelf in shelves.items():
        supply, taken = known.get(key, (shelf.supply, 0))
        total = shelf.span not in ("", CODES)
        rows.append(Stand(*key, shelf.supply if total else supply, taken))
    return Standing(at, version.zone, tuple(rows))


def often(program_id: int) -> dict[str, Often]:
    """How often each reward is reserved and used; rewards that nobody took are left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select r.reward, coalesce(sum(h.quantity) filter (where h.state = 'reserved'), 0),
                coalesce(sum(h.quantity) filter (where h.state = 'captured'), 0)
            from redemption_redemption r join ledger_hold h on h.fact_id = r.fact_id
            where r.program_id = %s group by 1 order by 1""",
            [program_id],
        )
        return {reward: Often(reward, int(held), int(used)) for reward, held, used in cursor}
