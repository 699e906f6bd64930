"""The books' page models with sample figures; the liability is drawn, not the oracle's."""

from datetime import UTC, date, datetime
from decimal import Decimal

from pointbook.interfaces.console.pages import books, rail
from tests.pages.samples import UNIT

STAGES = (
    ("Expire due", "36,720 points from 1,206 lots", "Worker"),
    ("Post all", "13,090 baskets, 603 burns, none waiting", "Worker"),
    (
        "Check",
        "11 checks pass, 1 warning accepted: “no returns file for store 31, confirmed by phone”",
        "Jonas W.",
    ),
    (
        "Estimate",
        "Redemption rate 88.0% → 87.5%, range 85.9% to 89.2%",
        "Jonas W., approved Ana M.",
    ),
    ("True up", "114.05 released, 4 open cohorts", "Worker"),
    ("Roll forward", "Points and money tie", "Worker"),
)


PLACES = (
    ("Estimate", "/books/estimate/"),
    ("Reports", "/books/reports/"),
    ("Late facts", "/books/reports/late-facts/"),
    ("Trial balance", "/books/reports/trial-balance/"),
    ("Journals", "/books/journals/"),
    ("Approvals", "/books/approvals/"),
    ("Exports", "/books/exports/"),
    ("Settings", "/books/settings/"),
)


def a_rail(here: str = "", *, state: rail.State = "soft_closed", on: date | None = None):
    months = [date(2017, n, 1) for n in range(12, 0, -1)]
    months += [date(2016, n, 1) for n in range(12, 8, -1)]
    return rail.Rail(
        currency="USD",
        periods=tuple(
            rail.Period(
                day,
                state if day == months[0] else "closed",
                "6 / 7",
                f"/books/{day:%Y-%m}/",
            )
            for day in months
        ),
        places=tuple(
            rail.Place(label, href, current=label == here, waiting=2 * (label == "Approvals"))
            for label, href in PLACES
        ),
        here_on=on,
    )


def a_roll(off: int = 0) -> books.Roll:
    return books.Roll(
        unit=UNIT,
        lines=(
            books.RollLine("Opening, 1 December", "Opening", 482632, 480136, kind="opening"),
            books.RollLine("New", "New", 413110, 714688, opens="#J-2017-12-0001"),
            books.RollLine("Redeemed", "Redeemed", -400200, -786770, opens="#J-2017-12-0002"),
            books.RollLine("Breakage, expiry step", "Breakage", -36720, 0),
            books.RollLine("Change of estimate", "Estimate", None, -11405, opens="#J-2017-12-0003"),
            books.RollLine("Claw-back", "Claw-back", 0, 0),
            books.RollLine("Closing, 31 December", "Closing", 458822, 396649 - off, kind="closing"),
        ),
        note="Expected expiry posts nothing: 88% was already assumed.",
    )


def some_stages(*, closed: bool) -> tuple[books.Stage, ...]:
    at = datetime(2018, 1, 1, 8, 2, tzinfo=UTC)
    done = [
        books.Stage(n, name, "warning" if n == 3 else "done", said, by, at)
        for n, (name, said, by) in enumerate(STAGES, 1)
    ]
    seal = (
        books.Stage(7, "Seal", "done", "14,092 rows chained to block 12", "Ana M.", at)
        if closed
        else books.Stage(
            7,
            "Seal",
            "next",
            "Locks December and chains 14,092 rows to block 12. A second person can reopen it.",
            "You",
            None,
        )
    )
    return (*done, seal)


def a_close(*, off: int = 0, closed: bool = False) -> books.Close:
    state: books.State = "closed" if closed else "soft_closed"
    return books.Close(
        entity="main",
        program="Beauty tiers",
        currency="USD",
        unit=UNIT,
        policy="policy (a) deferred revenue",
        first_on=date(2017, 12, 1),
        last_on=date(2017, 12, 31),
        code="2017-12",
        state=state,
        answer="The contract liability closes at $3,966.49. All 5 tie-outs are 0.00.",
        rail=a_rail(state=state, on=date(2017, 12, 1)),
        stages=some_stages(closed=closed),
        rolls=(a_roll(off),),
        tie_outs=(
            books.TieOut("Points: closing to lots less debts", 458822, 458822, ""),
            books.TieOut("Points: closing to member balances", 458822, 458822, ""),
            books.TieOut("Cohorts to account 2100", 396649, 396649 - off, "USD"),
            books.TieOut("Sales system to facts", 41955136, 41955136, "USD"),
            books.TieOut("Debits to credits", 1512863, 1512863, "USD"),
        ),
        entries=(
            _entry(
                1,
                "New points, 13,090 baskets",
                ("4000", "Revenue, goods"),
                ("2100", "Contract liability, points"),
                714688,
            ),
            _entry(
                2,
                "Points redeemed",
                ("2100", "Contract liability, points"),
                ("4010", "Revenue, points redeemed"),
                786770,
            ),
            _entry(
                3,
                "Change of estimate, 88.0% to 87.5%",
                ("2100", "Contract liability, points"),
                ("4015", "Change of estimate"),
                11405,
            ),
        ),
        can_close=not closed,
        full=True,
        version=2 if closed else 1,
        versions=(1, 2) if closed else (1,),
        warnings=() if closed else ("no returns file for store 31",),
        waiting=() if closed else ("proposal 4 (estimate for 2017-12) by jonas",),
        reopening=books.Reopening(may_ask=True) if closed else None,
        pack="/books/2017-12/pack.xlsx",
        exports="/books/exports/?period=2017-12",
    )


def _entry(
    n: int, what: str, debit: tuple[str, str], credit: tuple[str, str], amount: int
) -> books.JournalEntry:
    return books.JournalEntry(
        id=n,
        number=f"J-2017-12-{n:04}",
        description=what,
        lines=(books.JournalLine(*debit, amount, 0), books.JournalLine(*credit, 0, amount)),
        opens=f"/books/entries/{n}/",
    )


def some_cohorts() -> books.Cohorts:
    return books.Cohorts(
        number="J-2017-12-0002",
        account="2100",
        what="Points redeemed",
        currency="USD",
        unit=UNIT,
        rows=(
            books.CohortRow(
                date(2017, 11, 1),
                164629,
                Decimal("0.0197"),
                323654,
                412,
                "/books/entries/2/2017-11/",
            ),
            books.CohortRow(
                date(2017, 12, 1),
                235571,
                Decimal("0.0197"),
                463116,
                287,
                "/books/entries/2/2017-12/",
            ),
        ),
        total=786770,
    )


def some_facts() -> books.Facts:
    return books.Facts(
        number="J-2017-12-0002",
        account="2100",
        issued_on=date(2017, 11, 1),
        cohorts_href="/books/entries/2/",
        unit=UNIT,
        rows=tuple(
            books.Moved(
                date(2017, 12, 31),
                f"{1000 + n}",
                "/members/1/",
                "Burn",
                f"burn-{n}",
                -500 - 100 * (n % 3),
            )
            for n in range(25)
        ),
        first=1,
        total=412,
        all_points=-164629,
        following="/books/entries/2/2017-11/?after=25",
    )
