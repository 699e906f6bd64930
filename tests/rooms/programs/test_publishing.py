"""Versions and estimates: dated after what was judged, immutable, used from their day on."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from pointbook.accounting.operations.estimating import set_estimate
from pointbook.controls.actors import SYSTEM, Actor
from pointbook.controls.permissions import PermissionRefused
from pointbook.earning.operations import publish as publish_document
from pointbook.earning.operations.reviewing import review_standings
from pointbook.programs.models import BlueprintVersion
from pointbook.programs.operations.publishing import VersionRefused
from pointbook.programs.queries import versions
from tests.rooms.till import (
    BEAUTY,
    balance,
    broken,
    burn,
    buy,
    fact,
    give_back,
    posted,
    publish,
    rows,
)

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


BOOKS = ("Points are a material right.", "Points are a right of their own.")
CONTROLLER = Actor("user", "cleo", "controller")
MANAGER = Actor("user", "max", "manager")


def books_change(**more):
    document = BEAUTY.replace(*BOOKS)
    return publish_document(document=document, from_on=date(2018, 1, 1), **more)


@pytest.mark.parametrize(
    ("publisher", "approver", "told"),
    [
        (SYSTEM, None, "needs a controller's approval"),
        (SYSTEM, MANAGER, "max (manager) may not approve"),
        (SYSTEM, Actor("key", "till", "controller"), "till (controller) may not approve"),
        (Actor("user", "olga", "owner"), Actor("user", "olga", "owner"), "cannot approve it"),
    ],
)
def test_other_books_need_another_persons_approval(judged, publisher, approver, told):
    with pytest.raises(VersionRefused) as caught:
        books_change(actor=publisher, approved_by=approver)
    assert told in str(caught.value)
    assert (caught.value.status, caught.value.field) == (409, "books")
    assert BlueprintVersion.objects.count() == 1


def test_who_approved_the_books_is_written_down(judged):
    books_change(actor=MANAGER, approved_by=CONTROLLER)
    version = BlueprintVersion.objects.latest("number")
    assert (version.published_by, version.books_approved_by) == ("max", "cleo")
    audit = "select actor, detail ->> 'books_approved_by' from controls_auditrow order by id desc"
    assert rows(audit)[0] == ("max", "cleo")
    assert [one.books_approved_by for one in versions("beauty")] == ["cleo", ""]


def test_what_leaves_the_books_alone_needs_nobody(judged):
    publish(word=DOUBLE, from_on=date(2018, 1, 1))
    assert BlueprintVersion.objects.latest("number").books_approved_by == ""


STARS = """  stars: {name: stars, decimals: 2, value: "0.50", expires: {never: true}}
earn:
  - {rule: stars, name: Stars, on: visit, unit: stars, award: {points: 1}}
"""
TWO = (
    BEAUTY.replace("earn:\n", STARS)
    .replace("{rule: purchases,", "{rule: purchases, unit: points,")
    .replace("price:", "unit: points, price:")
)


def test_a_unit_goes_only_when_nobody_has_points_of_it(db):
    own = publish(TWO)
    posted(fact("v", "visit"))
    refused("units.stars", document=BEAUTY, from_on=date(2018, 1, 1))
    burned = {"unit": "stars", "points": 1}
    posted(fact("b", "burn", days=1, attributes=burned))
    publish(BEAUTY, from_on=date(2018, 1, 1))
    # It is a unit for ever: a late fact may still give it, and it cannot come back another.
    posted(fact("late", "visit", days=2), buy("1", 1_000, days=400))
    assert (balance(), balance(unit="stars")) == (10, 100)
    other = TWO.replace("decimals: 2", "decimals: 0")
    refused("units.stars", document=other, from_on=date(2019, 1, 1))
    assert broken() == {}
    assert own


def test_a_ladder_does_not_go_silently(judged):
    tiers = BEAUTY[BEAUTY.index("tiers:") : BEAUTY.index("rewards:")]
    told = refused("tiers.moved", word=(tiers, ""), from_on=date(2018, 1, 1))
    assert "ladder tiers goes, and with it tier Insider goes" in told
    assert "Keep the ladder tiers" in told


def test_members_of_a_tier_that_is_moved_are_moved(judged):
    posted(buy("2", 50_000, days=11))
    moved = ("  measure: spend\n", "  moved: {VIB: Star}\n  measure: spend\n")
    publish(word=("{tier: VIB,", "{tier: Star,"), more=moved, from_on=date(2018, 1, 1))
    from_at = datetime(2018, 1, 1, tzinfo=UTC)
    assert review_standings(program_id=judged, at=from_at) == 1
    assert rows("select tier, kind from tiers_standing order by id desc")[0] == ("Star", "moved")
    assert broken() == {}


def test_a_version_begins_after_what_time_alone_judged(db):
    """A review judged by a version is not to be judged by another one afterwards."""
    own = publish(tiers=("rolling_days: 365", "calendar: year"), more=YEARLY)
    posted(buy("1", 50_000))
    review_standings(program_id=own, at=datetime(2019, 6, 1, tzinfo=UTC))
    document = BEAUTY.replace("rolling_days: 365", "calendar: year").replace(*YEARLY)
    for first in (date(2018, 1, 1), date(2019, 1, 1)):
        told = refused("from", document=document.replace(*DOUBLE), from_on=first)
        assert "Start after 2019-01-01." in told
    publish(document.replace(*DOUBLE), from_on=date(2019, 1, 2))
    assert broken() == {}


YEARLY = ("  measure: spend\n", "  measure: spend\n  validity: {end_of_year: 0}\n")


def test_a_late_fact_does_not_let_a_version_begin_sooner(judged):
    posted(buy("late", 100, days=2))
    assert "Start after 2017-01-11." in refused("from", word=DOUBLE, from_on=date(2017, 1, 5))
