"""What causes are owed, payouts whose numbers have no gaps, their file, and receipts."""

import pytest

from pointbook.controls.actors import Actor
from pointbook.controls.permissions import PermissionRefused
from pointbook.engine.values.facts import Returned
from pointbook.redemption.operations.paying_out import (
    NothingOwed,
    owed,
    pay_out,
    payout_file,
    payouts,
    receipt,
)
from pointbook.redemption.queries.redemptions import redemption
from pointbook.redemption.queries.rewards import CauseUnknown
from tests.rooms.redemption.fair import BY, at, day, opened, reserve, take
from tests.rooms.till import broken, fact, posted, rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def fair(db):
    program_id = opened()
    now = at(program_id, day(1))
    take("r1", "trees", now, cause="trees")
    take("r2", "trees", now, member="bea", cause="trees", quantity=2)
    take("r3", "trees", now, member="cy", cause="trees")
    reserve("r4", "trees", now, cause="trees")
    undone = fact("x1", "cancel_redemption", member=None, about=Returned("till", "r3"), days=1)
    posted(undone, at=now)
    return program_id


def test_what_is_owed_is_paid_once(fair):
    (due,) = owed(fair)
    assert (due.gifts, due.given, due.matched, due.fee, due.paid) == (2, 3_000, 1_500, 75, 4_425)
    done = pay_out(program_id=fair, cause="trees", reference="bank 7", key="k", **BY)
    assert (done.number, done.owed) == (1, due)
    assert pay_out(program_id=fair, cause="trees", reference="bank 7", key="k", **BY) == done
    assert owed(fair)[0].paid == 0
    with pytest.raises(NothingOwed, match="Trees for all is owed nothing"):
        pay_out(program_id=fair, cause="trees", **BY)
    take("r5", "trees", at(fair, day(2)), member="cy", cause="trees")
    assert pay_out(program_id=fair, cause="trees", **BY).number == 2
    assert [one.number for one in payouts(fair)] == [2, 1]
    assert redemption(fair, ("till", "r2")).fulfilment == "paid_out"
    assert len(rows("select seq from controls_outbox where kind = 'cause.paid_out'")) == 2
    assert broken() == {}


def test_what_comes_back_after_it_was_paid_is_set_off(fair):
    pay_out(program_id=fair, cause="trees", **BY)
    now = at(fair, day(2))
    posted(
        fact("x2", "cancel_redemption", member=None, about=Returned("till", "r2"), days=2), at=now
    )
    (due,) = owed(fair)
    assert (due.gifts, due.given, due.paid) == (0, -2_000, -2_950)
    with pytest.raises(NothingOwed, match="is owed nothing"):
        pay_out(program_id=fair, cause="trees", **BY)
    take("r6", "trees", now, member="cy", cause="trees", quantity=3)
    done = pay_out(program_id=fair, cause="trees", **BY)
    assert (done.number, done.owed.gifts, done.owed.given) == (2, 1, 1_000)
    assert owed(fair)[0].given == 0
    assert rows("select sum(paid) from redemption_redemption") == [(4_000,)]
    assert broken() == {}


def test_the_file_of_a_payout(fair):
    done = pay_out(program_id=fair, cause="trees", reference="bank 7", **BY)
    head, line = payout_file(fair, [done]).splitlines()
    assert head.startswith("number,day,cause,name,payee,gifts,given,matched,matched_by,fee,paid")
    assert line == (
        "1,2017-01-02,trees,Trees for all,Trees e.V.,2,30.00,15.00,ourselves,0.75,44.25,USD,bank 7"
    )


def test_a_receipt(fair):
    text = receipt(fair, ("till", "r2"))
    assert "To: Trees for all (Trees e.V.)\nAmount: 20.00 USD\nDay: 2017-01-02\n" in text
    for key in ("r3", "r4"):
        with pytest.raises(NothingOwed):
            receipt(fair, ("till", key))


def test_who_may_pay_what(fair):
    with pytest.raises(CauseUnknown, match="no cause 'bees'"):
        pay_out(program_id=fair, cause="bees", **BY)
    with pytest.raises(PermissionRefused):
        pay_out(program_id=fair, cause="trees", actor=Actor("user", "ann", "manager"))
