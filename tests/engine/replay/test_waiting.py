"""Points that wait for days, for an event, or for both; and debts that what comes in repays."""

from pointbook.engine.replay.world import World
from pointbook.engine.rules.blueprint import Pending, Transfers
from pointbook.engine.values.facts import Returned
from tests.engine.sketches import at, blueprint, buy, fact, rule, unit, versions


def world(**terms):
    return World(versions(("", blueprint(**terms))))


def held(place, when):
    wallet = place.member("ann").wallets["points"]
    return wallet.available(at(when)), wallet.pending(at(when))


def test_points_can_wait_some_days_after_an_event():
    place = world(earn=(rule(pending=Pending(days=14, on="captured")),))
    place.post(buy("1", "2025-01-01 10:00", 5000))
    assert held(place, "2025-03-01") == (0, 50)
    place.post(fact("c", "2025-03-01 12:00", "captured", about=Returned("till", "1")))
    assert held(place, "2025-03-14 23:59") == (0, 50)
    assert held(place, "2025-03-15") == (50, 0)


def test_points_that_come_back_from_another_member_repay_what_is_owed():
    place = world(
        units=(unit(),), claw_back="allow_negative", transfers=Transfers(units=("points",))
    )
    place.post(buy("1", "2025-01-01", 10000))
    away = {"to": "bob", "points": 60}
    place.post(fact("t", "2025-01-02", "transfer", attributes=away))
    place.post(fact("c", "2025-01-03", "cancel", about=Returned("till", "1")))
    assert place.member("ann").wallets["points"].debt == 60
    back = {"to": "ann", "points": 50}
    place.post(fact("b", "2025-01-04", "transfer", member="bob", attributes=back))
    assert place.member("ann").wallets["points"].debt == 10
    assert held(place, "2025-01-05") == (0, 0)
