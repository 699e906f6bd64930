"""Lots in a line each, and what was taken of them."""

from pointbook.engine.ledger.lots import AT_ONCE, FOREVER, Lot
from tests.engine.sketches import at


def lot(fact, earned, points, *, until=None, start=None, **more):
    """A lot that ends at `until` (never) and can be used from `start` (at once)."""
    ends = FOREVER if until is None else at(until)
    starts = AT_ONCE if start is None else start if start is FOREVER else at(start)
    times = {"earned_at": at(earned), "expires_at": ends, "starts_at": starts}
    return Lot(fact, "purchases", "points", points=points, remaining=points, **times, **more)


def taken(draws):
    """The fact and the points of each draw."""
    return [(draw.lot.fact, draw.points) for draw in draws]


def held(wallet):
    """The fact and the points of each open lot, in spend order."""
    return [(one.fact, one.remaining) for one in wallet.lots]
