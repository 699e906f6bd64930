"""Waiting lists: who comes first is offered the place that came back, and it is kept for them."""

from datetime import timedelta
from typing import Any

import pytest

from pointbook.earning.operations.days import run_daily
from pointbook.engine.values.facts import Returned
from pointbook.members.queries import resolve
from pointbook.redemption.operations.queueing import WaitingRefused, join, leave, offer_places
from pointbook.redemption.queries.bookings import turns
from tests.rooms.redemption.fair import BY, at, day, opened, reserve, take
from tests.rooms.till import broken, fact, posted, rows

pytestmark = pytest.mark.django_db
SLOT: dict[str, Any] = {"reward": "class", "slot": "one"}


@pytest.fixture
def fair(db):
    program_id = opened()
    take("r1", "class", at(program_id, day(1)), slot="one")
    return program_id


def who(fair, name):
    return resolve(fair, [name])[name]


def wait(fair, name):
    return join(program_id=fair, member=who(fair, name), **SLOT, **BY)


def gone(now):
    posted(fact("x1", "cancel_redemption", member=None, about=Returned("till", "r1"),
                days=(now - day(0)).days), at=now)  # fmt: skip


def states(fair):
    return rows("select state from redemption_waiting order by id")


def test_the_first_is_offered_the_place_and_nobody_else_has_it(fair):
    assert (wait(fair, "bea").turn, wait(fair, "cy").turn, wait(fair, "bea").turn) == (1, 2, 1)
    assert offer_places(program_id=fair, at=day(1)) == 0
    now = at(fair, day(2))
    gone(now)
    assert offer_places(program_id=fair, at=now) == 1
    assert offer_places(program_id=fair, at=now) == 0
    first, second = turns(fair, **SLOT)
    assert (first.state, first.until, second.state) == ("offered", day(3), "waiting")
    assert wait(fair, "ada").turn == 3
    assert reserve("r3", "class", now, member="cy", slot="one").status == "refused"
    take("r4", "class", now, member="bea", slot="one")
    assert offer_places(program_id=fair, at=now) == 0
    assert states(fair) == [("taken",), ("waiting",), ("waiting",)]
    assert broken() == {}


def test_an_offer_that_nobody_takes_goes_to_the_next(fair):
    wait(fair, "bea")
    wait(fair, "cy")
    gone(at(fair, day(2)))
    assert offer_places(program_id=fair, at=day(2)) == 1
    late = at(fair, day(3) + timedelta(seconds=1))
    assert offer_places(program_id=fair, at=late) == 1
    assert states(fair) == [("left",), ("offered",)]
    assert leave(program_id=fair, member=who(fair, "cy"), **SLOT, **BY)
    assert not leave(program_id=fair, member=who(fair, "cy"), **SLOT, **BY)
    take("r5", "class", late, member="ada", slot="one")
    assert len(rows("select seq from controls_outbox where kind = 'slot.offered'")) == 2


def test_who_need_not_wait_or_cannot(fair):
    bea = who(fair, "bea")
    with pytest.raises(WaitingRefused, match="there are places"):
        join(program_id=fair, reward="class", slot="two", member=bea, **BY)
    at(fair, day(11))
    with pytest.raises(WaitingRefused, match="nobody waits"):
        wait(fair, "bea")


def test_the_daily_jobs_offer_places(fair):
    wait(fair, "bea")
    gone(at(fair, day(2)))
    run_daily(program_id=fair, at=day(2))
    assert states(fair) == [("offered",)]
