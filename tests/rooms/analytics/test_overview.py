"""The overview's figures against plain loops over the lots and standings."""

from collections import Counter, defaultdict
from datetime import timedelta

import pytest

from pointbook.analytics.people import everybody
from pointbook.analytics.queries import months, overview
from pointbook.earning.operations.days import run_daily
from pointbook.ledger.models import Lot
from pointbook.ledger.operations.expiring import expire
from pointbook.programs.queries import compiled
from pointbook.tiers.models import Standing
from tests.rooms.redemption.shop import CAFE, reserve, settle
from tests.rooms.till import burn, buy, day, give_back, posted, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def busy(db):
    own = publish()
    sales = [
        buy(f"{n:03}", 1_000 * (n % 50), member=f"m{n % 11}", days=n * 2, seconds=n)
        for n in range(150)
    ]
    posted(*sales)
    posted(*[burn(f"b{n}", 10, member=f"m{n}", days=300) for n in range(1, 6)])
    posted(
        *[give_back(f"r{n}", f"{n:03}", 500, member=f"m{n % 11}", days=301) for n in range(99, 110)]
    )
    expire(program_id=own, at=day(290))
    return own


def test_what_it_says_is_what_loops_count(busy):
    at = day(302)
    seen = overview("beauty", at=at)
    open_lots = [lot for lot in Lot.objects.select_related("account") if lot.remaining]
    usable = [lot for lot in open_lots if lot.expires_at and lot.expires_at > at]
    assert seen.outstanding == sum(lot.remaining for lot in usable)
    assert seen.worth == seen.outstanding * 2
    tiers = {}
    for row in Standing.objects.order_by("id"):
        tiers[row.member_id] = row.tier
    counts = Counter(tiers.values())
    assert {one.code: one.members for one in seen.tiers} == {
        code: counts[code] for code in ("Insider", "VIB", "Rouge")
    }
    weeks = defaultdict(list)
    for lot in usable:
        assert lot.expires_at is not None
        last_day = (lot.expires_at - timedelta(seconds=1)).date()
        ahead = (last_day - at.date()).days
        if 0 <= ahead < 31:
            weeks[ahead // 7].append(lot)
    assert [(week.points, week.members) for week in seen.ending] == [
        (sum(lot.remaining for lot in lots), len({lot.account.member_id for lot in lots}))
        for _, lots in sorted(weeks.items())
    ]
    soon = [lot for lots in weeks.values() for lot in lots]
    assert seen.ending_points == sum(lot.remaining for lot in soon)
    assert seen.ending_members == len({lot.account.member_id for lot in soon})
    assert seen.members == 11


def test_months_are_read_again_when_something_happened(busy):
    before = months("beauty")
    assert months("beauty") is before
    posted(buy("late", 10_000, member="m1", days=300))
    assert sum(row.earned for row in months("beauty")) == sum(row.earned for row in before) + 100


def test_what_is_held_is_redeemed_when_it_is_captured(db):
    own = publish(CAFE)
    posted(buy("p1", 30_000), at=day(0))
    now = {"at": day(0, 60)}
    posted(reserve("r1", "mug"), reserve("r2", "voucher"), **now)
    (held,) = months("beauty", at=day(0, 60))
    assert (held.redeemed, held.redeeming_members, held.outstanding) == (0, 0, 300)
    posted(settle("c1", "capture", "r1"), burn("b1", 20, seconds=9), **now)
    (used,) = months("beauty", at=day(0, 60))
    assert (used.redeemed, used.redeeming_members, used.outstanding) == (120, 1, 180)
    assert overview("beauty", at=day(0, 60)).outstanding == 130  # 50 are held for the voucher
    posted(settle("u1", "cancel_redemption", "r1", seconds=20), **now)
    run_daily(program_id=own, at=day(100))
    table = {row.month: row for row in months("beauty", at=day(100))}
    assert table["2017-01"].redeemed == 20
    assert (table["2017-04"].expired, table["2017-04"].outstanding) == (50, 230)


def test_people_are_told_with_what_is_held_of_their_points(db):
    own = publish(CAFE)
    posted(buy("p1", 30_000), at=day(0))
    posted(reserve("r1", "mug"), reserve("r2", "voucher"), at=day(0, 60))
    pages = everybody(program_id=own, program=compiled(own), at=day(1))
    (ada,) = [one for page in pages for one in page]
    assert [(lot.unit, lot.remaining) for lot in ada.lots] == [("points", 300)]
