"""Reserve and capture in a fixed number of statements, whatever there is."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.rooms.redemption.shop import CAFE, reserve, settle
from tests.rooms.till import buy, day, posted, publish

pytestmark = pytest.mark.django_db
MUG = "  - {reward: mug"


def statements(*, rewards, lots, total):
    """How many statements a member of so many lots and redemptions takes for each of the two."""
    more = (
        f"  - {{reward: r{n}, name: R{n}, unit: points, price: 1, value: '1.00', stock: 500}}\n"
        for n in range(rewards - 1)
    )
    publish(CAFE.replace(MUG, "".join(more) + MUG))
    posted(*(buy(f"p{n}", total // lots, seconds=-1 - n) for n in range(lots)))
    # Accounts and shelves are there.
    posted(reserve("h", "mug"), settle("x", "release", "h"), at=day(0, 60))
    posted(*(reserve(f"h{n}", f"r{n}") for n in range(rewards - 1)), at=day(0, 60))
    # Half of them are still held.
    posted(*(settle(f"k{n}", "capture", f"h{n}") for n in range(0, rewards - 1, 2)), at=day(0, 60))
    counted = []
    for fact in (reserve("a", "mug", seconds=9), settle("b", "capture", "a", seconds=10)):
        with CaptureQueriesContext(connection) as found:
            posted(fact, at=day(0, 60))
        counted.append(len(found.captured_queries))
    return tuple(counted)


@pytest.mark.parametrize(("rewards", "lots", "total"), [(1, 1, 10_000), (60, 200, 20_000)])
def test_as_many_statements_for_one_lot_as_for_two_hundred(db, rewards, lots, total):
    """A reservation takes 30 statements and a capture 35, in a transaction each.

    A mug of 100 points empties one lot, or a hundred after 59 other redemptions of other rewards,
    30 of which are captured: the same numbers. One of the 35 reads the lots that were emptied.
    """
    assert statements(rewards=rewards, lots=lots, total=total) == (30, 35)
