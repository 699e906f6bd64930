"""Versions and estimates: dated after what was judged, immutable, used from their day on."""

from datetime import date
from decimal import Decimal

import pytest

from pointbook.accounting.operations.estimating import set_estimate
from pointbook.controls.actors import SYSTEM, Actor
from pointbook.controls.permissions import PermissionRefused
from pointbook.earning.operations import publish as publish_document
from pointbook.programs.models import BlueprintVersion
from pointbook.programs.operations.publishing import VersionRefused
from tests.rooms.till import BEAUTY, balance, broken, burn, buy, give_back, posted, publish, rows

pytestmark = pytest.mark.django_db
DOUBLE = ("award: {points: 1,", "award: {points: 2,")


def refused(field, **change):
    with pytest.raises(VersionRefused) as caught:
        publish(**change)
    assert caught.value.field == field
    return str(caught.value)


@pytest.fixture
def judged(db):
    own = publish()
    posted(buy("1", 10_000, days=10))
    return own


def test_the_same_document_twice_is_one_version(judged):
    seen = "select count(*) from controls_outbox where kind = 'program.published'"
    again = publish_document(document=BEAUTY, actor=SYSTEM)
    assert (again.number, again.new) == (1, False)
    assert BlueprintVersion.objects.count() == 1
    assert rows(seen) == [(1,)]


def test_a_version_begins_after_what_was_judged(judged):
    assert "Add --from" in refused("from", word=DOUBLE)
    for day in (date(2016, 1, 1), date(2017, 1, 11)):
        assert "Start after 2017-01-11." in refused("from", word=DOUBLE, from_on=day)
    publish(word=DOUBLE, from_on=date(2017, 1, 12))
    starts = BlueprintVersion.objects.order_by("number").values_list("from_at", flat=True)
    assert [f"{at:%Y-%m-%d %H:%M}" for at in starts] == ["1900-01-01 00:00", "2017-01-12 00:00"]


@pytest.mark.parametrize(
    ("field", "before", "after"),
    [
        ("program.currency", "currency: USD", "currency: EUR"),
        ("program.time_zone", "time_zone: UTC", "time_zone: Europe/Berlin"),
        ("units.points", "decimals: 0", "decimals: 2"),
    ],
)
def test_what_never_changes(judged, field, before, after):
    refused(field, word=(before, after), from_on=date(2018, 1, 1))
    assert BlueprintVersion.objects.count() == 1


def test_a_tier_does_not_go_without_a_place_for_its_members(judged):
    gone = ("{tier: VIB,", "{tier: Star,")
    told = refused("tiers.moved", word=gone, from_on=date(2018, 1, 1))
    assert "tier VIB goes" in told
    assert "Add moved: {VIB: Insider}" in told


def test_a_fact_is_judged_by_the_version_of_its_day(judged):
    publish(word=DOUBLE, from_on=date(2017, 2, 1))
    posted(buy("2", 1_000, days=30), buy("3", 1_000, days=31))
    assert balance() == 100 + 10 + 20
    posted(give_back("r2", "2", 1_000, days=40), give_back("r3", "3", 500, days=40))
    assert balance() == 100 + 0 + 10
    versions = "select version from earning_decision order by fact_id"
    assert rows(versions) == [(1,), (1,), (2,), (2,), (2,)]
    assert broken() == {}


def test_an_estimate_prices_what_comes_after_it(judged):
    posted(burn("b", 10, days=11))
    set_estimate(program="beauty", rate=Decimal("0.5"), from_period="2017-02", actor=SYSTEM)
    posted(buy("2", 10_000, days=20), buy("3", 10_000, days=40))
    set_estimate(program="beauty", rate=Decimal(0), from_period="2017-01", actor=SYSTEM)
    posted(buy("4", 10_000, days=21), buy("5", 10_000, days=41))
    # 1 until the first, then 0.5 of February; then 0 of January, and February's stays.
    allocated = "select allocated from ledger_lot order by id"
    assert [share for (share,) in rows(allocated)] == [196, 196, 99, 0, 99]
    assert broken() == {}


def test_who_may_publish(db):
    with pytest.raises(PermissionRefused) as caught:
        publish_document(document=BEAUTY, actor=Actor("user", "ann", "agent"))
    assert "Ask one of: integration, manager, owner." in str(caught.value)
    assert not BlueprintVersion.objects.exists()
