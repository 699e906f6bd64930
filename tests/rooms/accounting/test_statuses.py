"""Status as a material right: deferred for the days it is valid, renewed, lost, told late."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pointbook.accounting.models import Schedule
from pointbook.accounting.operations.reopening import reopen
from pointbook.accounting.queries.books import program_books
from pointbook.accounting.queries.closes import close_view
from pointbook.accounting.queries.statuses import statuses
from pointbook.earning.operations.reviewing import review_standings
from tests.rooms.accounting.conftest import ANA, Shop
from tests.rooms.accounting.periods import balances, closed, events
from tests.rooms.till import broken

LADDER = """
tiers:
  measure: spend
  window: {{calendar: year}}
{validity}
  ladder: [{{tier: Blue, from: "0"}}, {{tier: Gold, from: "300.00"}}, {{tier: Top, from: "900.00"}}]
"""
RIGHT = """policy: deferred_revenue, judgement: "A material right.",
    tier: {policy: material_right, judgement: "Only who buys has it.",
           values: [{tier: Gold, value: "12.00"}, {tier: Top, value: "36.00"}]}"""


def ladder(validity):
    """Without one, a tier is kept until a purchase that finds less."""
    return LADDER.format(validity=f"  validity: {validity}" if validity else "")


def opened(validity="{days: 364}"):
    """Gold is worth 12.00 a year and Top 36.00; by default they are kept for 365 days."""
    own = Shop(more=ladder(validity), books=RIGHT).open()
    own.estimate("1", "2017-01")
    return own


@pytest.fixture
def shop(db):
    return opened()


def months(first, count, year=2017):
    place = [divmod(first - 1 + number, 12) for number in range(count)]
    return [f"{year + more}-{month + 1:02}" for more, month in place]


def rows():
    columns = ("close__period__code", "amount", "from_on", "until_on")
    found = Schedule.objects.filter(kind="tier").order_by("id").values_list(*columns)
    return [(code, amount, f"{start}", f"{end}") for code, amount, start, end in found]


def reviewed(shop, at):
    review_standings(program_id=shop.id, at=shop.at(at))


def test_fourteen_months_end_at_nothing(shop):
    shop.happened(shop.buy("2017-01-11", 40_000))
    before = close_view(period="2017-01").programs[0].entries
    closed(shop, "2017-01")
    after = close_view(period="2017-01").programs[0].entries
    told = [[(one.description, one.lines) for one in found] for found in (before, after)]
    assert told[0] == told[1]
    # 21 of 365 days: 1,200 x 21 / 365 = 69.04.
    assert events("2017-01")["prepaid"] == [("2130", 0, 1_200), ("4000", 1_200, 0)]
    assert events("2017-01")["over_time"] == [("2130", 69, 0), ("4010", 0, 69)]
    assert balances()["2130"] == 1_131
    closed(shop, *months(2, 11))
    reviewed(shop, "2018-01-20")
    closed(shop, *months(13, 2))
    assert rows() == [("2017-01", 1_200, "2017-01-11", "2018-01-11")]
    assert balances()["2130"] == 0
    assert broken() == {}


def test_a_standing_that_comes_late_is_caught_up_in_the_first_open_month(shop):
    shop.happened(shop.buy("2017-01-05", 1_000))
    closed(shop, "2017-01", "2017-02")
    shop.happened(shop.buy("2017-02-01", 40_000))
    closed(shop, "2017-03")
    assert rows() == [("2017-03", 1_200, "2017-02-01", "2018-02-01")]
    assert events("2017-03")["over_time"][0] == ("2130", 194, 0)
    assert broken() == {}


def test_a_renewal_promises_the_days_on_top(db):
    shop = opened("{end_of_year: 0}")
    shop.happened(shop.buy("2017-07-02", 40_000))
    closed(shop, *months(7, 6))
    assert balances()["2130"] == 0
    shop.happened(shop.buy("2018-01-01", 40_000))
    reviewed(shop, "2018-01-02")
    closed(shop, *months(13, 12))
    # 183 of 365 days, then a year.
    assert rows() == [
        ("2017-07", 602, "2017-07-02", "2018-01-01"),
        ("2018-01", 1_200, "2018-01-01", "2019-01-01"),
    ]
    assert balances()["2130"] == 0


def test_a_tier_that_is_met_again_runs_longer(shop):
    shop.happened(shop.buy("2017-12-20", 40_000))
    closed(shop, "2017-12")
    shop.happened(shop.buy("2018-03-20", 40_000))
    closed(shop, *months(13, 3))
    assert rows() == [
        ("2017-12", 1_200, "2017-12-20", "2018-12-20"),
        ("2018-03", 296, "2018-12-20", "2019-03-20"),
    ]
    closed(shop, *months(16, 12))
    assert balances()["2130"] == 0


def test_a_higher_tier_takes_the_place_of_the_lower(shop):
    shop.happened(shop.buy("2017-01-01", 40_000))
    closed(shop, "2017-01")
    shop.happened(shop.buy("2017-02-01", 60_000))
    closed(shop, "2017-02")
    assert rows() == [
        ("2017-01", 1_200, "2017-01-01", "2018-01-01"),
        ("2017-02", -1_098, "2017-02-01", "2018-01-01"),
        ("2017-02", 3_600, "2017-02-01", "2018-02-01"),
    ]
    closed(shop, *months(3, 11))
    reviewed(shop, "2018-03-01")
    closed(shop, "2018-02")
    assert (balances()["2130"], broken()) == (0, {})


def test_a_tier_that_is_lost_early_goes_back_for_the_days_left(db):
    shop = opened("")
    shop.happened(shop.buy("2017-11-01", 40_000))
    closed(shop, "2017-11", "2017-12")
    shop.happened(shop.buy("2018-01-01", 1_000))
    closed(shop, "2018-01")
    # 61 of 365 days were used: 1,200 - 200.5.
    assert rows() == [
        ("2017-11", 1_200, "2017-11-01", "2018-11-01"),
        ("2018-01", -999, "2018-01-01", "2018-11-01"),
    ]
    assert (balances()["2130"], balances()["4010"]) == (1, 200)
    # A cent of rounding is left until its days are over.
    closed(shop, *months(14, 10))
    assert (balances()["2130"], balances()["4010"]) == (0, 201)


def test_a_month_that_is_opened_again_finds_what_it_found_and_what_came_since(shop):
    shop.happened(shop.buy("2017-01-11", 40_000))
    closed(shop, "2017-01")
    found = rows()
    reopen(entity_code="main", period="2017-01", reason="a test", actor=ANA)
    shop.happened(shop.buy("2017-01-05", 40_000, member="m2"))
    closed(shop, "2017-01")
    assert rows() == [*found, ("2017-01", 1_200, "2017-01-05", "2018-01-05")]
    closed(shop, *months(2, 12))
    assert (balances()["2130"], broken()) == (0, {})


def test_the_statements_do_not_grow_with_the_standings(shop):
    counts = []
    for count in (2, 20):
        members = [f"{count}-{one}" for one in range(count)]
        shop.happened(*(shop.buy("2017-01-11", 40_000, member=one) for one in members))
        books = program_books(program_code="shop")
        span = books.span(shop.at("2017-01-01").date(), after=0)
        assert books.compiled.versions
        with CaptureQueriesContext(connection) as seen:
            found = statuses(books, span, ())
        counts.append((len(found), len(seen)))
    assert counts == [(2, 3), (22, 3)]


def test_status_as_marketing_reads_no_standing(db):
    shop = Shop(more=ladder("")).open()
    shop.happened(shop.buy("2017-01-11", 40_000))
    books = program_books(program_code="shop")
    span = books.span(shop.at("2017-01-01").date(), after=0)
    assert books.compiled.versions
    with CaptureQueriesContext(connection) as seen:
        assert statuses(books, span, ()) == []
    assert len(seen) == 0


LADDERS = """
tiers:
  - {{code: spend, measure: spend, window: {{calendar: year}}, validity: {{days: 364}},
     ladder: [{{tier: Blue, from: "0"}}, {{tier: Gold, from: "300.00"}}]}}
  - {{code: life, measure: spend, window: lifetime,
     ladder: [{{tier: New, from: "0"}}, {{tier: Old, from: "300.00"}},
              {{tier: Top, from: "900.00"}}]}}
"""
RIGHTS = """policy: deferred_revenue, judgement: "A material right.",
    tier: {policy: material_right, judgement: "Only who buys has it.",
           values: [{ladder: spend, tier: Gold, value: "12.00"},
                    {ladder: life, tier: Old, value: "24.00"}]}"""


def test_ladders_that_one_fact_moves_run_side_by_side(db):
    shop = Shop(more=LADDERS.format(), books=RIGHTS).open()
    shop.estimate("1", "2017-01")
    shop.happened(shop.buy("2017-01-11", 40_000))
    closed(shop, "2017-01")
    assert sorted(rows()) == [
        ("2017-01", 1_200, "2017-01-11", "2018-01-11"),
        ("2017-01", 2_400, "2017-01-11", "2018-01-11"),
    ]
    # Top is worth nothing by the books: what Old still promised goes back, Gold runs longer.
    shop.happened(shop.buy("2017-02-11", 60_000))
    shop.happened(shop.buy("2017-01-20", 50_000, member="m2"))
    ahead = [close_view(period=month).programs[0].entries for month in ("2017-02", "2017-03")]
    closed(shop, "2017-02", "2017-03")
    after = [close_view(period=month).programs[0].entries for month in ("2017-02", "2017-03")]
    told = [
        [[(e.description, e.lines) for e in part] for part in found] for found in (ahead, after)
    ]
    assert told[0] == told[1]
    assert sorted(rows())[2:] == [
        ("2017-02", -2_196, "2017-02-11", "2018-01-11"),
        ("2017-02", 102, "2018-01-11", "2018-02-11"),
        ("2017-02", 1_200, "2017-01-20", "2018-01-20"),
        ("2017-02", 2_400, "2017-01-20", "2018-01-20"),
    ]
    closed(shop, *months(4, 11))
    assert (balances()["2130"], broken()) == (0, {})
