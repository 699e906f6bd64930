"""What stands in the way of a close: shown before it, run by it, accepted with a reason."""

from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model

from pointbook.accounting.models import ExchangeRate, Setting
from pointbook.accounting.operations.proposing import OwnApproval, approve, propose
from pointbook.accounting.operations.settings import (
    SettingRefused,
    keep_books,
    set_exchange_rate,
)
from pointbook.accounting.operations.stages import CloseBlocked
from pointbook.accounting.queries.checklist import checklist
from pointbook.accounting.queries.closes import close_view
from pointbook.accounting.queries.settings import BooksSetting, books_of
from pointbook.controls.clock import now
from pointbook.programs.models import UnitCost
from tests.rooms.accounting.conftest import ANA
from tests.rooms.accounting.keeping import BEN, keep


@pytest.fixture
def begun(shop):
    shop.happened(shop.buy("2017-01-10", 100_000), shop.burn("2017-01-20", 40))
    return shop


def warned(period="2017-01"):
    return " | ".join(checklist(period=period).warnings)


def cost(shop, amount):
    UnitCost.objects.create(
        program_id=shop.id,
        unit="points",
        number=1,
        amount=Decimal(amount),
        from_period="2017-01",
        prepared_by="ana",
        approved_by="ben",
        recorded_at=now(),
    )


def test_it_is_seen_before_and_nothing_is_written(begun):
    found = checklist(period="2017-01")
    assert (found.status, found.checks - found.passed, found.blockers) == ("open", 1, ())
    assert "no approved estimate for shop in 2017-01" in found.warnings[0]
    view = close_view(period="2017-01")
    assert (view.version, view.checklist) == (None, found)


def test_what_is_not_over_or_not_in_turn_blocks(begun):
    assert checklist(period="2017-02").blockers == ("2017-01 is not closed yet",)
    assert "it is not over for program shop" in checklist(period="2030-01").blockers[0]


def test_full_books_ask_for_a_reason(begun):
    keep(owner_run=True)
    with pytest.raises(CloseBlocked, match=r"no approved estimate.*--reason TEXT"):
        begun.close("2017-01")
    begun.close("2017-01", reason="first month")
    assert "“first month”" in close_view(period="2017-01").stages[2].summary


def test_simple_books_close_without_one(begun):
    assert begun.close("2017-01").sealed
    assert "accepted without a remark" in close_view(period="2017-01").stages[2].summary


def test_what_waits(begun):
    body = {"period": "2017-01", "rate": "1.1", "currency": "EUR"}
    propose(kind="exchange", entity_code="main", body=body, actor=ANA)
    found = checklist(period="2017-01")
    assert found.waiting == ("proposal 1 (exchange for 2017-01) by ana",)
    assert found.blockers == ()
    assert "is not approved, so this close does not know it" in warned()


def test_an_estimate_ages_in_full_books(begun):
    begun.estimate("0.9", "2016-01")
    assert checklist(period="2017-01").warnings == ()
    keep(owner_run=True)
    assert warned() == "estimate 1 for shop is of 2016-01, 12 months ago"


def test_late_facts_are_looked_at_in_full_books(begun):
    begun.estimate("0.9", "2017-01")
    begun.close("2017-01")
    begun.happened(begun.buy("2017-01-25", 5_000))
    assert warned("2017-02") == ""
    keep(owner_run=True)
    assert warned("2017-02") == "1 facts of earlier months came after their close"


@pytest.mark.parametrize(("amount", "onerous"), [("0.50", False), ("20.00", True)])
def test_points_that_cost_more_than_is_owed_are_onerous(begun, amount, onerous):
    begun.estimate("0.9", "2017-01")
    cost(begun, amount)
    assert ("points of shop are onerous" in warned()) is onerous


def test_a_drawn_up_period_waits_for_its_seal(begun):
    from pointbook.accounting.operations.closing import draw_up

    draw_up(entity_code="main", period="2017-01", actor=ANA)
    assert checklist(period="2017-01").waiting == ("the seal: ana drew it up",)


def test_lots_that_ended_are_said(db):
    from tests.rooms.accounting.conftest import Shop

    shop = Shop(expires="{after_days: 10}").open()
    shop.happened(shop.buy("2017-01-05", 10_000))
    assert checklist(period="2017-01").waiting == (
        "1 lots of shop that ended are expired by the close",
    )


def people(*names):
    for name in names:
        get_user_model().objects.create_user(username=name, role="controller")


def test_full_books_of_two_persons(shop):
    full = BooksSetting("main", full=True)
    assert keep_books(wanted=full, actor=ANA).own
    assert books_of("main") == BooksSetting("main", full=True, number=1)
    two = BooksSetting("main", full=True, owner_run=False, costs=True)
    with pytest.raises(SettingRefused, match="two persons cannot keep these books"):
        keep_books(wanted=two, actor=ANA)
    people("ana", "ben")
    assert keep_books(wanted=two, actor=ANA).outcome == "approved"
    assert books_of("main").second_person
    # From here on nobody loosens it alone.
    asked = keep_books(wanted=BooksSetting("main"), actor=ANA)
    assert asked.waits
    with pytest.raises(OwnApproval):
        approve(entity_code="main", number=asked.number, actor=ANA)
    approve(entity_code="main", number=asked.number, actor=BEN)
    assert not books_of("main").full
    assert Setting.objects.count() == 3


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        (BooksSetting("main"), "are kept like this already"),
        (BooksSetting("main", owner_run=False), "simple books are kept by their owner"),
        (BooksSetting("main", currency="XXQ"), "'XXQ' is no currency"),
    ],
)
def test_books_that_cannot_be(shop, wanted, says):
    with pytest.raises(SettingRefused, match=says):
        keep_books(wanted=wanted, actor=ANA)


def rate(value="1.25", *, currency="EUR", period="2017-02"):
    return set_exchange_rate(
        entity_code="main", currency=currency, period=period, rate=Decimal(value), actor=ANA
    )


def test_a_rate_of_exchange(begun):
    assert rate().result == Decimal("1.25")
    assert ExchangeRate.objects.get().currency == "EUR"
    for value in ("0", "-1", "NaN", "1.0000000001", "1e10"):
        with pytest.raises(SettingRefused, match="no rate of exchange"):
            rate(value)
    begun.close("2017-01")
    with pytest.raises(SettingRefused, match="the figures of 2017-01 are fixed"):
        rate(period="2017-01")
