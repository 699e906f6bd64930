"""Points of one entity that are used at another: equal and opposite halves in both books."""

from collections import Counter

import pytest

from pointbook.accounting.models import JournalEntry, JournalLine
from pointbook.accounting.operations.closing import close
from pointbook.accounting.operations.reopening import reopen
from pointbook.accounting.queries.journals import cohort_rows, drill, entries
from pointbook.programs.models import Entity, Program, Store
from tests.rooms.accounting.conftest import ANA, Shop
from tests.rooms.till import broken


@pytest.fixture
def shop(db):
    """A shop with a second entity's store "mall"; points are worth a dollar, all are expected."""
    own = Shop().open()
    own.estimate("1", "2017-01")
    made = Entity.objects.create(code="other", name="Other")
    Store.objects.create(program=Program.objects.get(code=own.code), code="mall", entity=made)
    return own


def balances(*, entity):
    found = Counter()
    for line in JournalLine.objects.filter(entry__entity__code=entity):
        found[line.account] += line.credit - line.debit
    return {account: amount for account, amount in found.items() if amount}


def used_at_the_mall(shop):
    # 1,000.00 gives 100 points of 1.00: 100 x 1,000 / 1,100 = 90.91 are deferred.
    shop.happened(
        shop.buy("2017-01-05", 100_000),
        shop.buy("2017-01-06", 100, store="mall", member="m2"),
        shop.burn("2017-01-20", 30),
        shop.burn("2017-01-21", 20, store="mall"),
    )


def test_both_have_their_half_and_together_they_are_nothing(shop):
    used_at_the_mall(shop)
    shop.close("2017-01", reason="a test")
    # Of 90.91 a half was used, 27.27 here and 18.19 at the mall, 45.46 together.
    assert balances(entity="main") == {
        "4000": -9_091, "2100": 4_545, "4010": 2_727, "2190": 1_819,
    }  # fmt: skip
    assert balances(entity="other") == {"1190": -1_819, "4010": 1_819}
    (half,) = entries(period="2017-01", entity_code="other")
    assert (half.code, half.description) == (
        "I-2017-01-0001",
        "Points redeemed given by main",
    )
    assert broken() == {}


def test_a_half_opens_to_the_cohorts_and_facts_of_the_other(shop):
    used_at_the_mall(shop)
    shop.close("2017-01", reason="a test")
    (own,) = [one for one in entries(period="2017-01") if one.description.endswith("at other")]
    (half,) = entries(period="2017-01", entity_code="other")
    for entry, account, amount in [(own, "2190", -1_819), (half, "1190", 1_819)]:
        opened = drill(entry.id or 0, account=account)
        assert (opened.amount, opened.off, opened.points) == (amount, 0, -20)
        (cohort,) = opened.cohorts
        assert [row.points for row in cohort_rows(cohort.id).rows] == [20]


def test_a_month_that_is_closed_there_takes_it_in_the_first_open_one(shop):
    used_at_the_mall(shop)
    close(entity_code="other", period="2017-01", actor=ANA, reason="a test")
    shop.close("2017-01", reason="a test")
    assert entries(period="2017-01", entity_code="other") == [
        one for one in entries(period="2017-01", entity_code="other") if one.code[0] != "I"
    ]
    (half,) = JournalEntry.objects.filter(entity__code="other", journal="I")
    assert (half.period.code, half.number, str(half.posting_on)) == ("2017-02", 1, "2017-02-28")
    close(entity_code="other", period="2017-02", actor=ANA, reason="a test")
    assert broken() == {}


def test_a_close_that_is_drawn_up_again_takes_its_halves_back(shop):
    used_at_the_mall(shop)
    shop.close("2017-01", reason="a test")
    close(entity_code="other", period="2017-01", actor=ANA, reason="a test")
    reopen(entity_code="main", period="2017-01", reason="a till came late", actor=ANA)
    shop.happened(shop.burn("2017-01-22", 10, store="mall"))
    shop.close("2017-01", reason="again")
    # The mall's January is closed: its half of the first version goes in February.
    halves = JournalEntry.objects.filter(entity__code="other", journal__in=["I", "R"])
    assert [(one.journal, one.period.code) for one in halves.order_by("id")] == [
        ("I", "2017-01"),
        ("R", "2017-02"),
        ("I", "2017-02"),
    ]
    assert balances(entity="main")["2190"] + balances(entity="other")["1190"] == 0
    assert balances(entity="other")["4010"] == 2_728  # 30 of 100 points of 90.91
    assert broken() == {}
