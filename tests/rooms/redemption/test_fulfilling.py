"""What happens after a capture: steps, who came to a booking, and what is looked at first."""

from typing import Any

import pytest

from pointbook.controls.actors import Actor
from pointbook.controls.models import User
from pointbook.controls.permissions import PermissionRefused
from pointbook.earning.operations import attending
from pointbook.earning.operations.redeeming import Key
from pointbook.redemption.operations.fulfilling import StepRefused, attend, proceed
from pointbook.redemption.operations.reviewing import ReviewRefused, clear
from pointbook.redemption.queries.bookings import NoBooking, invite
from pointbook.redemption.queries.redemptions import redemption, redemptions
from tests.rooms.redemption.fair import ANN, BY, at, capture, day, opened, reserve, take
from tests.rooms.till import balance, broken, rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def fair(db):
    return opened()


def test_steps_go_forward_and_once(fair):
    key = take("r1", "mug", at(fair, day(1)))
    assert proceed(program_id=fair, key=key, **BY).fulfilment == "packed"
    for _ in range(2):
        done = proceed(program_id=fair, key=key, step="delivered", note="by hand", **BY)
        assert done.fulfilment == "delivered"
    assert proceed(program_id=fair, key=key, **BY).fulfilment == "delivered"
    with pytest.raises(StepRefused, match="is delivered already"):
        proceed(program_id=fair, key=key, step="sent", **BY)
    with pytest.raises(StepRefused, match="no step 'eaten'"):
        proceed(program_id=fair, key=key, step="eaten", **BY)
    steps = rows("select step, actor, note from redemption_progress order by id")
    assert [step for step, *_ in steps] == ["ordered", "packed", "delivered"]
    assert steps[-1] == ("delivered", "pointbook", "by hand")


def test_only_what_was_captured_is_fulfilled(fair):
    now = at(fair, day(1))
    reserve("r1", "mug", now)
    with pytest.raises(StepRefused, match="was reserved, not captured"):
        proceed(program_id=fair, key=("till", "r1"), **BY)
    with pytest.raises(PermissionRefused):
        proceed(program_id=fair, key=("till", "r1"), actor=Actor("user", "al", "auditor"))
    take("r2", "trees", now)
    with pytest.raises(StepRefused, match="'paid_out'"):
        proceed(program_id=fair, key=("till", "r2"), **BY)


def test_who_did_not_come_gets_the_points_back_where_the_program_says_so(fair):
    key = Key(*take("r1", "class", at(fair, day(1)), slot="one"))
    assert balance() == 2700 - 20
    asked: dict[str, Any] = {"program": "beauty", "redemption": key, **BY}
    with pytest.raises(StepRefused, match="has not begun"):
        attending.no_show(**asked)
    at(fair, day(10))
    for _ in range(2):
        row = attending.no_show(**asked)
        assert (row.state, row.fulfilment, row.back) == ("cancelled", "no_show", 20)
    assert balance() == 2700
    with pytest.raises(StepRefused):
        attend(program_id=fair, key=key, **BY)
    assert broken() == {}


def test_who_came(fair):
    key = take("r1", "class", at(fair, day(1)), slot="one")
    text = invite(fair, key, at=day(1))
    assert "SUMMARY:Coffee class\r\nLOCATION:Studio" in text
    assert "DTSTART:20170110T180000Z" in text
    at(fair, day(10))
    assert attend(program_id=fair, key=key, **BY).fulfilment == "attended"
    with pytest.raises(StepRefused, match="is attended already"):
        attending.no_show(program="beauty", redemption=Key(*key), **BY)
    with pytest.raises(NoBooking):
        invite(fair, take("r2", "mug", day(10)), at=day(10))


def suspicious(fair):
    now = at(fair, day(1))
    for turn in range(4):
        take(f"r{turn}", "mug", now)
    reserve("r9", "mug", now)
    return Key("till", "r9")


def test_a_suspicious_one_is_cleared_before_it_can_be_captured(fair):
    key = suspicious(fair)
    assert [row.key for row in redemptions(fair, review="open")] == [key]
    for _ in range(2):
        assert clear(program_id=fair, key=key, actor=ANN, note="a party").review == "done"
    with pytest.raises(ReviewRefused, match="not waiting for a review: done"):
        attending.refuse(program="beauty", redemption=key, actor=ANN)
    capture("r9", day(1))
    assert redemption(fair, key).state == "captured"


def test_a_suspicious_one_is_refused_and_its_points_are_free(fair):
    key = suspicious(fair)
    for _ in range(2):
        row = attending.refuse(program="beauty", redemption=key, actor=ANN, note="a machine")
        assert (row.state, row.review) == ("released", "refused")
    assert balance() == 2700 - 40
    assert redemptions(fair, review="open") == []
    with pytest.raises(ReviewRefused):
        clear(program_id=fair, key=key, actor=ANN)
    assert broken() == {}


def test_nobody_reviews_their_own(fair):
    key = suspicious(fair)
    User.objects.create(username="boss", email="ada@example.org")
    posted_as = rows(
        "update members_identifier set value = 'ada@example.org' where value = 'ada' returning 1"
    )
    assert posted_as
    for actor in (Actor("user", "boss", "manager"), Actor("key", "till", "owner")):
        with pytest.raises(ReviewRefused, match="cannot review"):
            clear(program_id=fair, key=key, actor=actor)
    with pytest.raises(PermissionRefused):
        clear(program_id=fair, key=key, actor=Actor("user", "joe", "agent"))
    with pytest.raises(ReviewRefused, match="not waiting"):
        clear(program_id=fair, key=("till", "r1"), actor=ANN)
