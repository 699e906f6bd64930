"""What one fact did: points that moved, why, standings, dates of lots, and facts it made.

Plain records, written by `judging` and its parts and read by everybody else. Nothing here raises.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from pointbook.engine.ledger.holds import Hold, State
from pointbook.engine.ledger.lots import Lot, Shift
from pointbook.engine.ledger.transfers import Transfer
from pointbook.engine.rules.earning import Reason
from pointbook.engine.rules.tiers import Move
from pointbook.engine.values.facts import Fact, Returned

MAKER: Final = "pointbook"
# Types of facts that only other facts make: points would come from nowhere.
MADE: Final = frozenset(
    {"received", "merged", "company_purchase", "company_return", "re_evaluated", "passed_on"}
)
LONGEST_ID: Final = 200


class Recovery(NamedTuple):
    """What a return asks back of one award: `points` due for `base` minor units returned.

    No points may be due yet: what came back is kept all the same, for the next return of it.
    `recovered` points came from lots, `owed` became a debt, the rest is lost to the program.
    `share` is the award's own part of the allocated price for the points due, `unrecovered` the
    part of it behind points that could not be taken (both minor units). `carried` says that no
    money is owed for the owed points: they are only taken from later awards.
    """

    lot: Lot
    base: int
    points: int
    recovered: int
    owed: int
    share: int
    unrecovered: int
    carried: bool = False

    @property
    def shortfall(self) -> int:
        """Points asked back that were neither recovered nor owed."""
        return self.points - self.recovered - self.owed


class Step(NamedTuple):
    """What became of a redemption: it is now as its hold says; `points` moved in smallest parts."""

    what: State
    hold: Hold
    points: int


class Made(NamedTuple):
    """A fact that another fact made; `origins` are the lots that the points it brings came from."""

    fact: Fact
    origins: Sequence[Lot] = ()


class Verdict(NamedTuple):
    """Everything that one fact did to its member, under the version that judged it."""

    fact: Fact
    version: int
    reasons: Sequence[Reason] = ()
    transfers: Sequence[Transfer] = ()
    moves: Sequence[Move] = ()
    recoveries: Sequence[Recovery] = ()
    shifts: Sequence[Shift] = ()
    spawned: Sequence[Made] = ()
    steps: Sequence[Step] = ()

    @property
    def move(self) -> Move | None:
        """The last change of standing; None when there was none."""
        return self.moves[-1] if self.moves else None


def made_id(kind: str, source: str, own: str, *, place: int = 0) -> str:
    """The id of the fact of type `kind` that the fact under a key makes, each time the same."""
    text = f"{kind}:{source}:{own}" + (f":{place}" if place else "")
    # Two keys could read the same: the second fact of a/b is no other than the first of a/b:1.
    _, colon, ending = own.rpartition(":")
    if len(text) <= LONGEST_ID and ":" not in source and not (colon and ending.isdigit()):
        return text
    text = json.dumps([kind, source, own, place])
    return f"{kind}:{hashlib.sha256(text.encode()).hexdigest()}"


def made(
    kind: str,
    *,
    by: Fact,
    member: str,
    attributes: Mapping[str, object],
    of: tuple[str, str] | None = None,
    place: int = 0,
) -> Fact:
    """A fact of type `kind` that `by` made for a member; `place` tells several of a kind apart.

    It is named by the key `of`: that of `by`, but what a claim makes is named by the purchase's.
    """
    source, own = of or (by.source, by.id)
    return Fact(
        source=MAKER,
        id=made_id(kind, source, own, place=place),
        type=kind,
        occurred_at=by.occurred_at,
        member=member,
        store=by.store,
        about=Returned(source, own),
        attributes=attributes,
        simulated=by.simulated,
    )
