"""What a period of the shop posted, and closes in which every tie-out is at zero."""

from collections import Counter

from pointbook.accounting.models import JournalLine
from pointbook.accounting.queries.closes import close_view
from pointbook.accounting.queries.journals import cohort_rows, drill, entries
from pointbook.accounting.queries.statements import statements
from pointbook.engine.revenue.policies import ACCOUNTS_OWED, TIED
from tests.rooms.till import broken

OWED = {ACCOUNTS_OWED[policy] for policy in TIED}


def events(period):
    """What a period posted: event -> its lines."""
    return {
        one.event: [(line.account, line.debit, line.credit) for line in one.lines]
        for one in entries(period=period)
    }


def closed(shop, *months):
    """Close months; every tie-out of each is at zero, and what was shown before was posted."""
    rolls = []
    for month in months:
        shop.expire(f"{month}-28T23:59")
        before = close_view(period=month).programs[0]
        shop.close(month, reason="a test")
        after = close_view(period=month).programs[0]
        assert [tie.off for tie in after.ties] == [0] * len(after.ties)
        rolls = [one.roll for one in after.statements]
        assert (before.ties, [one.roll for one in before.statements]) == (after.ties, rolls)
    owed = sum(balances()[account] for account in OWED)
    assert owed == sum(roll.money.closing for roll in rolls)
    assert broken() == {}


def balances():
    """The balance of every account, credits positive."""
    found: Counter[str] = Counter()
    for line in JournalLine.objects.all():
        found[line.account] += line.credit - line.debit
    return found


def points(period, unit="points"):
    """The points' roll-forward of a period, without what did not move."""
    found = [one for one in statements(program="shop") if one.period == period]
    (one,) = [one for one in found if one.unit == unit]
    return {step.name: step.amount for step in one.roll.points.steps if step.amount}


def line(period, name):
    """A line of the money's roll-forward of a period."""
    (one,) = [one for one in statements(program="shop") if one.period == period]
    return one.roll.money.amount(name)


def drilled(period, event):
    """How many points stand behind an entry, and behind its rows of the ledger."""
    found = next(one for one in entries(period=period) if one.event == event)
    opened = drill(found.id or 0, account="2100")
    pages = [cohort_rows(row.id) for row in opened.cohorts]
    assert [page.total for page in pages] == [len(page.rows) for page in pages]
    return opened.points, sum(row.points for page in pages for row in page.rows)
