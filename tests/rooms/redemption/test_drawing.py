"""Draws: promised with the first entry, drawn on the day, drawn again by anybody who doubts."""

import hashlib
from typing import Any

import pytest

from pointbook.engine.values.facts import Returned
from pointbook.members.queries import resolve
from pointbook.redemption.models import Draw
from pointbook.redemption.operations.drawing import (
    DrawRefused,
    chance,
    draw,
    drawn,
    open_draw,
    verify_draw,
)
from pointbook.redemption.queries.redemptions import redemption
from tests.rooms.redemption.fair import BY, at, day, opened, reserve, take
from tests.rooms.till import broken, fact, posted, rows

pytestmark = pytest.mark.django_db
ON: dict[str, Any] = {"reward": "bicycle", **BY}


@pytest.fixture
def fair(db):
    return opened()


def enter(program_id):
    now = at(program_id, day(1))
    take("r1", "bicycle", now, quantity=3)
    take("r2", "bicycle", now, member="bea", quantity=5)
    take("r3", "bicycle", now, member="cy")
    reserve("r4", "bicycle", now, member="cy")


def test_a_draw_is_promised_before_it_has_entries(fair):
    with pytest.raises(DrawRefused, match="no draw of 'bicycle'"):
        drawn(fair, "bicycle")
    promised = open_draw(program_id=fair, **ON)
    assert (promised.seed, promised.winners, len(promised.commitment)) == ("", (), 64)
    enter(fair)
    assert open_draw(program_id=fair, **ON) == promised


def test_the_first_entry_promises_it_too(fair):
    enter(fair)
    assert len(drawn(fair, "bicycle").commitment) == 64


def test_it_is_drawn_on_its_day_and_stays_drawn(fair):
    enter(fair)
    with pytest.raises(DrawRefused, match="drawn on 2017-01-15"):
        draw(program_id=fair, **ON)
    at(fair, day(14))
    told = draw(program_id=fair, **ON)
    assert draw(program_id=fair, **ON) == told
    assert told.entries == 9
    assert [(one.place, one.prize) for one in told.winners] == [
        (1, "Bicycle"),
        (2, "Bell"),
        (3, "Bell"),
    ]
    assert len({one.member for one in told.winners}) == 3
    assert hashlib.sha256(bytes.fromhex(told.seed)).hexdigest() == told.commitment
    assert verify_draw(fair, "bicycle") == ()
    assert redemption(fair, ("till", "r1")).fulfilment == "drawn"
    undone = fact("x", "cancel_redemption", member=None, about=Returned("till", "r3"), days=14)
    posted(undone, at=day(14))
    assert verify_draw(fair, "bicycle") == ()
    assert len(rows("select seq from controls_outbox where kind = 'sweepstake.drawn'")) == 1
    assert broken() == {}


def test_a_winner_who_did_not_win_is_found(fair):
    enter(fair)
    at(fair, day(14))
    draw(program_id=fair, **ON)
    row = Draw.objects.get()
    row.winners[0]["entry"], row.digest = "till/r9/1", "0" * 64
    row.save()
    wrong = verify_draw(fair, "bicycle")
    assert len(wrong) == 2
    assert "told was entry till/r9/1" in wrong[0]
    assert wrong[1] == "The entries are not those that were drawn from."


def test_chances(fair):
    with pytest.raises(DrawRefused, match="is no sweepstake"):
        chance(fair, "mug", resolve(fair, ["ada"])["ada"])
    enter(fair)
    cy = resolve(fair, ["cy"])["cy"]
    own = chance(fair, "bicycle", cy)
    assert (own.entries, own.all, own.prizes, own.text) == (1, 9, 3, "1 in 3")
    ada = chance(fair, "bicycle", resolve(fair, ["ada"])["ada"])
    assert (str(ada.odds), ada.text) == ("16/21", "about 1 in 1.3")


def test_nobody_took_part(fair):
    at(fair, day(14))
    open_draw(program_id=fair, **ON)
    with pytest.raises(DrawRefused, match="nobody takes part"):
        draw(program_id=fair, **ON)
