"""A close: in turn, once, late facts in the next period, everything tied to 0."""

import pytest

from pointbook.accounting.models import CohortTotal, JournalEntry, Seal
from pointbook.accounting.operations.closing import draw_up, seal
from pointbook.accounting.operations.estimating import PeriodClosed
from pointbook.accounting.operations.stages import CloseBlocked
from pointbook.accounting.queries.books import PeriodError, periods
from pointbook.accounting.queries.closes import close_view, late
from pointbook.accounting.queries.journals import cohort_rows, drill, entries
from pointbook.accounting.queries.statements import liability_now, statements, together
from pointbook.controls.permissions import PermissionRefused
from pointbook.programs.operations.estimates import EstimateRefused
from tests.rooms.accounting.conftest import ANA, OWNER, Shop


@pytest.fixture
def quarter(shop):
    """Three months of buying and burning, nothing closed yet."""
    shop.estimate("0.80", "2017-01")
    shop.happened(
        shop.buy("2017-01-10", 100_000, key="a"),
        shop.buy("2017-01-20", 33_333, member="m2"),
        shop.burn("2017-01-31T23:59:59", 40),
        shop.buy("2017-02-05", 77_700),
        shop.burn("2017-02-10", 70),
        shop.give_back("2017-03-01", "a", 50_000),
        shop.burn("2017-03-31T23:59:59", 20, member="m2"),
    )
    return shop


def test_twice_posts_nothing_the_second_time(quarter):
    first, second = quarter.close("2017-01"), quarter.close("2017-01")
    assert (first.posted, first.sealed, first.status) == (2, True, "closed")
    assert (second.posted, second.sealed, second.status) == (0, False, "closed")
    assert JournalEntry.objects.count() == 2


def test_periods_are_closed_in_turn_and_when_they_are_over(quarter):
    with pytest.raises(CloseBlocked, match="2017-01 is not closed yet"):
        quarter.close("2017-02")
    with pytest.raises(PeriodError, match="no facts in 2016-12"):
        quarter.close("2016-12")
    with pytest.raises(PeriodError, match="Write YYYY-MM"):
        quarter.close("2017-1")
    with pytest.raises(CloseBlocked, match="it is not over"):
        quarter.close("2030-01")
    assert not JournalEntry.objects.exists()


def test_a_future_period_expires_nothing(db):
    shop = Shop(expires="{after_days: 10}")
    shop.open()
    shop.happened(shop.buy("2029-12-30", 10_000))
    with pytest.raises(CloseBlocked):
        shop.close("2030-01")
    assert liability_now(program="shop")[0].points == 10


def test_a_soft_close_waits_for_its_seal(quarter):
    drawn = draw_up(entity_code="main", period="2017-01", actor=ANA)
    assert (drawn.status, drawn.posted) == ("soft_closed", 2)
    assert draw_up(entity_code="main", period="2017-01", actor=ANA).posted == 0
    with pytest.raises(CloseBlocked, match="not sealed"):
        quarter.close("2017-02")
    assert [stage.status for stage in close_view(period="2017-01").stages][-2:] == [
        "done",
        "waiting",
    ]
    assert seal(entity_code="main", period="2017-01", actor=ANA).status == "closed"
    assert close_view(period="2017-01").block == Seal.objects.get().number == 1


def test_what_is_not_drawn_up_cannot_be_sealed(quarter):
    with pytest.raises(CloseBlocked, match="not drawn up"):
        seal(entity_code="main", period="2017-01", actor=ANA)


def test_only_those_who_may(quarter):
    agent = type(ANA)("user", "tom", "agent")
    with pytest.raises(PermissionRefused):
        draw_up(entity_code="main", period="2017-01", actor=agent)


def test_roll_forwards_tie_and_add_up(quarter):
    before = statements(program="shop", end="2017-03")
    assert {one.status for one in before} == {"open"}
    for month in ("2017-01", "2017-02", "2017-03"):
        view = close_view(period=month)
        quarter.close(month)
        closed = close_view(period=month)
        assert [tie.off for tie in closed.programs[0].ties] == [0] * 5
        # What was previewed is what was posted.
        assert closed.programs[0].ties == view.programs[0].ties
        assert [e.lines for e in closed.programs[0].entries] == [
            e.lines for e in view.programs[0].entries
        ]
    after = statements(program="shop")
    assert [one.roll for one in after] == [one.roll for one in before]
    whole = together([one.roll for one in after])
    assert whole.money.opening == 0
    assert whole.money.closing == liability_now(program="shop")[0].money
    assert whole.points.closing == 133 + 77 - 130 - 50


def test_a_line_opens_down_to_the_facts(quarter):
    quarter.close("2017-01")
    quarter.close("2017-02")
    burn = next(entry for entry in entries(period="2017-02") if entry.event == "burn")
    opened = drill(burn.id or 0, account="2100")
    assert (opened.off, opened.points) == (0, -70)
    assert [row.issued_on.month for row in opened.cohorts] == [1, 2][: len(opened.cohorts)]
    page = cohort_rows(opened.cohorts[0].id)
    assert page.total == len(page.rows)
    assert -sum(row.points for row in page.rows) == opened.cohorts[0].points
    assert {row.fact_type for row in page.rows} == {"burn"}
    for entry in entries(period="2017-01"):
        for line in entry.lines:
            assert drill(entry.id or 0, account=line.account).off == 0


def test_a_late_fact_is_posted_in_the_first_open_period(quarter):
    quarter.close("2017-01")
    quarter.close("2017-02")
    quarter.happened(
        quarter.buy("2017-01-15", 50_000, member="m3"), quarter.burn("2017-01-16", 10, member="m2")
    )
    quarter.close("2017-03")
    view = close_view(period="2017-03")
    assert [tie.off for tie in view.programs[0].ties] == [0] * 5
    assert "2 late" in view.stages[1].summary
    assert [fact.type for fact in late(period="2017-03")] == ["purchase", "burn"]
    # Its cohort is the month in which it was earned.
    new = next(entry for entry in entries(period="2017-03") if entry.event == "new")
    assert [row.issued_on.month for row in drill(new.id or 0, account="4000").cohorts] == [1]


def test_a_late_burn_of_points_earned_after_it(shop):
    # Bought in February, but a burn of January arrives after that and takes these points.
    shop.happened(shop.buy("2017-01-05", 10_000), shop.buy("2017-02-05", 50_000))
    shop.happened(shop.burn("2017-01-20", 30))
    for month in ("2017-01", "2017-02"):
        shop.close(month)
    points = [one.roll.points for one in statements(program="shop")]
    assert [one.amount("redeemed") for one in points] == [-10, -20]
    assert points[-1].closing == 30


def test_used_up_cohorts_are_carried_no_further_but_known(db):
    shop = Shop(expires="{after_days: 20}").open()
    shop.happened(shop.buy("2017-01-05", 10_000))
    for month in ("2017-01", "2017-02"):
        shop.close(month)
    assert CohortTotal.objects.filter(close__period__code="2017-02").count() == 0
    shop.happened(shop.buy("2017-01-20", 7_000))
    shop.close("2017-03")
    total = CohortTotal.objects.get(close__period__code="2017-03")
    assert (total.issued, total.expired, total.liability) == (17, 17, 0)


def test_the_estimate_of_a_closed_period_stays(quarter):
    quarter.close("2017-01")
    with pytest.raises(PeriodClosed, match="2017-01 is closed already"):
        quarter.estimate("0.7", "2017-01")
    for wrong in ("1.01", "-0.1", "NaN", "0.123456789"):
        with pytest.raises(EstimateRefused, match="is no redemption rate"):
            quarter.estimate(wrong, "2017-02")
    with pytest.raises(EstimateRefused, match="is not a period"):
        quarter.estimate("0.5", "2017-13")
    assert quarter.estimate("0.7", "2017-02").number == 2


def test_warnings_are_recorded_with_their_reason(shop):
    shop.happened(shop.buy("2017-01-05", 10_000))
    shop.close("2017-01", reason="first month, no history")
    check = close_view(period="2017-01").stages[2]
    assert check.status == "warning"
    assert "no approved estimate" in check.summary
    assert "“first month, no history”" in check.summary


def test_periods_say_how_far_they_are(quarter):
    quarter.close("2017-01")
    quarter.clock("2030-01-02")
    found = periods()
    assert (found[-1].code, found[-1].status, found[-1].closed_by) == ("2017-01", "closed", "ana")
    assert found[-2].status == "open"
    assert found[0].code == "2030-01"


def test_points_of_another_time_zone(db):
    shop = Shop(zone="America/New_York").open()
    # 03:00 UTC on 1 February is still January in New York.
    shop.happened(shop.buy("2017-02-01T03:00", 10_000), shop.buy("2017-02-01T06:00", 20_000))
    shop.close("2017-01")
    assert statements(program="shop")[0].roll.points.closing == 10
    assert OWNER.role == "owner"
