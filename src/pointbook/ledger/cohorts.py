"""What the room knows of a lot and the engine only carries. Nothing here raises.

It stands in `Lot.cohort`. Points that go to another member are still the entity's that sold them,
of the month in which they were given.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from pointbook.engine.ledger.lots import Lot


class Cohort(NamedTuple):
    """Whose promise the points are, in which money, by which policy, and since which month.

    `back_at` is when points last came back into the lot: what is taken of it is dated then or
    later, or a month could lose more points than it ever had.
    """

    entity_id: int
    currency: str
    policy: str
    funder: str
    issued_on: date
    back_at: datetime | None = None


def cohort_of(lot: Lot) -> Cohort:
    """The cohort of a lot that was posted, or of the one from which it was received."""
    while lot.cohort is None and lot.origin is not None:
        lot = lot.origin
    assert isinstance(lot.cohort, Cohort), "what is received was posted before"
    return lot.cohort
