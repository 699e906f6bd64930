"""A month as writers see it, with everything that may go wrong in a file."""

from dataclasses import replace
from datetime import UTC, date, datetime

from pointbook.accounting.queries.exports.journal import Balance, Before, Entry, Journal, Line
from pointbook.accounting.queries.names import AccountNames, NameRow

NAMES = AccountNames(
    (
        NameRow("2100", "2150-01", "Deferred revenue:Loyalty points"),
        NameRow("2100", "2151", "Points of the café", "cafe"),
        NameRow("4010", "41000", "Points redeemed, net"),
    )
)
NASTY = '=HYPERLINK("http://x")\t"a", <b> & c; d | e\nf'
AT = datetime(2026, 2, 3, 4, 5, tzinfo=UTC)


def entry(number, description, *lines, currency="USD", program="shop", **more):
    """Lines are (account, amount), a debit positive."""
    given = {"event": "burn", "policy": "deferred_revenue", "other": "", "reverses": "", **more}
    return Entry(
        code=f"J-2026-01-{number:04d}",
        journal="J",
        year=2026,
        number=number,
        program=program,
        description=description,
        posting_on=date(2026, 1, 31),
        recorded_at=AT,
        currency=currency,
        lines=tuple(
            Line(account, NAMES.of(account, program=program), max(n, 0), max(-n, 0))
            for account, n in lines
        ),
        **given,
    )


ENTRIES = (
    entry(1, "New points, 1,204 awards", ("4000", 1_234_567), ("2100", -1_234_567), event="new"),
    entry(2, "Points redeemed", ("2100", 5), ("4010", -3), ("4030", -2)),
    entry(3, NASTY, ("6100", 1_000), ("2300", -1_000), event="manual", policy=""),
    entry(4, "Taken back", ("2300", 1_000), ("6100", -1_000), event="manual", policy="",
          reverses="J-2026-01-0003"),
    entry(5, "Burned at the other shop", ("2100", 70_000), ("2190", -70_000), other="shop-ca"),
    entry(6, "New points", ("4000", 98_765), ("2100", -98_765), currency="JPY", program="cafe"),
)  # fmt: skip


def balances(entries, before=()):
    """The balances after entries, added to those before."""
    found = {(one.named, one.currency): one.minor for one in before}
    for one in entries:
        for line in one.lines:
            key = line.named, one.currency
            found[key] = found.get(key, 0) + line.minor
    return tuple(
        Balance(named, currency, minor)
        for (named, currency), minor in sorted(found.items(), key=lambda x: (x[0][0].code, x[0][1]))
    )


OPENING = balances(
    (
        entry(90, "before", ("4000", 500_00), ("2100", -500_00)),
        entry(91, "before", ("4000", 7_000), ("2100", -7_000), currency="JPY", program="cafe"),
    )
)


def journal(entries=ENTRIES, opening=OPENING, **more):
    """January 2026 of a shop, sealed once and never exported before."""
    made = Journal(
        entity="main",
        name='Müller & "Sons" <GmbH>',
        home="USD",
        period="2026-01",
        first_on=date(2026, 1, 1),
        until_on=date(2026, 2, 1),
        version=1,
        status="closed",
        made_on=date(2026, 2, 4),
        software="0.0.0",
        entries=entries,
        opening=opening,
        closing=balances(entries, opening),
    )
    return replace(made, **more)


def again(**more):
    """The same, exported before and reopened since."""
    told = Before(2, "xero", "carla", AT, 5)
    return journal(version=2, status="reopened", before=told, **more)
