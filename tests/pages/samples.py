"""Page models with the figures of the Journey's oracle, to look at the pages without a database."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from pointbook import programs
from pointbook.engine.rules.prose import tell
from pointbook.engine.rules.reading import read
from pointbook.interfaces.console.pages import frame, members, overview, program

UNIT = frame.Unit()
DAY = date(2018, 1, 1)
MONTHS = (
    # earned, redeemed, expired, outstanding
    (362974, 91100, 0, 271874),
    (342559, 278600, 0, 335833),
    (371830, 298700, 0, 408963),
    (365430, 361100, 0, 413293),
    (391399, 353800, 0, 450892),
    (365052, 352800, 1178, 461966),
    (388699, 345700, 40091, 464874),
    (375903, 331400, 36228, 473149),
    (359472, 331500, 30025, 471096),
    (378757, 358900, 33268, 457685),
    (376653, 318500, 33206, 482632),
    (413110, 400200, 36720, 458822),
)
DOCUMENT = Path(programs.__file__).parent / "starters" / "beauty-tiers.yaml"


def around(here: str) -> frame.Frame:
    return frame.Frame(
        here=here,
        program="Beauty tiers",
        at=datetime(2018, 1, 1, 4, 2, tzinfo=UTC),
        test_clock=True,
        person="Ana Marin",
        role="owner",
    )


WEEKS = (
    (1, 7, 8112, 214),
    (8, 14, 8540, 231),
    (15, 21, 7204, 187),
    (22, 28, 7915, 202),
    (29, 31, 4592, 121),
)


NEEDS = (
    overview.Need(
        "alert-triangle",
        "The estimate is stale",
        "As many points of March were used as were ever expected to be, yet some are left.",
        "Look at the estimate",
        "/books/",
        failing=True,
    ),
    overview.Need(
        "book-2",
        "Close December",
        "It ended on 31 December. 6 of 7 stages are done.",
        "Go to the close",
        "/books/2017-12/",
    ),
)


def an_overview() -> overview.Overview:
    return overview.Overview(
        program="Beauty tiers",
        code="beauty",
        currency="USD",
        units=(),
        unit=UNIT,
        spendable=True,
        today=DAY,
        members=2469,
        owed=458822,
        worth=917644,
        liability=396649,
        books="December not sealed yet",
        month=overview.MonthFigures(
            first_on=date(2017, 12, 1),
            active=2057,
            members=2469,
            earned=413110,
            earned_before=376653,
            spent=400200,
            spenders=603,
            expired=36720,
            held=482632 + 413110,
        ),
        flows=tuple(overview.Flow(date(2017, n, 1), *row) for n, row in enumerate(MONTHS, 1)),
        simulated=True,
        expiring=tuple(
            overview.Expiring(date(2018, 1, a), date(2018, 1, b), points, who, points * 2)
            for a, b, points, who in WEEKS
        ),
        expiring_until=date(2018, 1, 31),
        expiring_members=741,
        tiers=(
            overview.TierCount("Rouge", 1374),
            overview.TierCount("VIB", 606),
            overview.TierCount("Insider", 489),
        ),
        moved_up=128,
        needs=NEEDS,
        coming=(
            overview.Coming(date(2018, 1, 10), "1,204 points of 61 members expire"),
            overview.Coming(date(2018, 2, 1), "January can be closed"),
        ),
    )


def a_counted_unit() -> overview.Overview:
    """A unit that only counts, beside one that can be spent, in a program without tiers."""
    full = an_overview()
    return overview.Overview(
        **{name: getattr(full, name) for name in overview.Overview.__slots__}
        | {
            "units": (
                frame.UnitTab("points", 458822, 0, "?unit=points", current=False),
                frame.UnitTab("status points", 1204, 0, "?unit=status", current=True),
            ),
            "unit": frame.Unit("status points", "status point"),
            "spendable": False,
            "worth": None,
            "liability": None,
            "books": "",
            "tiers": (),
        }
    )


def no_members() -> overview.Overview:
    return overview.Overview(
        program="Beauty tiers",
        code="beauty",
        currency="USD",
        units=(),
        unit=UNIT,
        spendable=True,
        today=DAY,
        members=0,
        owed=0,
        worth=0,
        liability=None,
        books="",
        month=None,
        flows=(),
        simulated=False,
        expiring=(),
        expiring_until=date(2018, 1, 31),
        expiring_members=0,
        tiers=(),
        moved_up=0,
        needs=(),
    )


def a_list(query: str = "", *, found: bool = True) -> members.Members:
    row = members.Listed(
        "/members/1/",
        "Elif Kaya",
        "card 2375 0118",
        "VIB",
        418,
        date(2017, 2, 3),
        date(2017, 12, 30),
    )
    rows = tuple(
        members.Listed(
            "/members/1/",
            f"{1000 + 37 * n}",
            "",
            ("Rouge", "VIB", "Insider")[n % 3],
            (n * 7919) % 1400,
            date(2017, 12, 30 - n % 28),
            None if n == 4 else date(2017, 12, 31 - n % 20),
        )
        for n in range(49)
    )
    return members.Members(
        program="Beauty tiers",
        code="beauty",
        unit=UNIT,
        query=query,
        rows=(row, *rows) if found else (),
        total=2469 if found else 0,
        everybody=2469,
        number=2,
    )


def nobody() -> members.Members:
    return members.Members(
        program="Beauty tiers",
        code="beauty",
        unit=UNIT,
        query="",
        rows=(),
        total=0,
        everybody=0,
        number=1,
    )


LINES = (
    (
        date(2017, 12, 30),
        "Purchase at store 367",
        "$45.70 counted, 1 point a dollar, rounded down",
        45,
        418,
    ),
    (
        date(2017, 12, 16),
        "Purchase at store 367",
        "$87.14 counted, 1 point a dollar, rounded down",
        87,
        373,
    ),
    (
        date(2017, 11, 18),
        "Purchase at store 31",
        "$54.09 counted, 1 point a dollar, rounded down",
        54,
        286,
    ),
    (date(2017, 10, 31), "Spent on “10 dollars off”", "From 9 lots, oldest first", -500, 232),
    (
        date(2017, 10, 21),
        "Purchase at store 367",
        "$61.80 counted, 1 point a dollar, rounded down",
        61,
        732,
    ),
    (
        date(2017, 9, 9),
        "Purchase at store 367",
        "$79.25 counted, 1 point a dollar, rounded down",
        79,
        671,
    ),
    (date(2017, 8, 12), "Expired", "Earned on 13 February, not used in 180 days", -50, 592),
)
ENTRIES = tuple(
    members.Entry(str(n), *line, href=f"/members/1/entries/{n}/") for n, line in enumerate(LINES, 1)
)
EXPIRING = (
    (date(2018, 1, 10), 42),
    (date(2018, 2, 8), 50),
    (date(2018, 3, 8), 79),
    (date(2018, 4, 19), 61),
    (date(2018, 5, 17), 54),
    (date(2018, 6, 14), 87),
    (date(2018, 6, 28), 45),
)


def a_member() -> members.Member:
    lots, months = members.time_line(EXPIRING, from_on=DAY)
    return members.Member(
        name="Elif Kaya",
        tier="VIB",
        contact=("Card 2375 0118", "elif@example.com", "+90 555 010 23 75"),
        links=(),
        joined_on=date(2017, 2, 3),
        units=(),
        unit=UNIT,
        currency="USD",
        points=418,
        worth=836,
        debt=0,
        coming=(),
        lots=lots,
        months=months,
        lots_note="7 lots, 180 days each",
        ladder=spending("VIB", "Rouge", 81240, 100000),
        others=(),
        next_reward=members.Way("82 points to 10 dollars off", "418 points", "500", 418, 500),
        entries=ENTRIES,
        older="/members/1/history/?before=7",
        orders=(
            members.Order(date(2017, 12, 30), "3 items", 4570),
            members.Order(date(2017, 12, 16), "11 items", 8714),
            members.Order(date(2017, 11, 18), "6 items", 5409),
        ),
        rewards=(
            members.RewardOffer("10 dollars off", "500 points, 82 to go", ready=False),
            members.RewardOffer("Lip balm", "200 points", ready=True),
        ),
        benefits=(),
        standings=(
            members.Standing(date(2017, 6, 17), "VIB", "$352.10 spent in 365 days"),
            members.Standing(date(2017, 2, 3), "Insider", "at the first purchase"),
        ),
        consent="Yes, 3 Feb 2017",
    )


def older() -> members.History:
    entries = tuple(
        members.Entry(f"9{n}", *line, href=f"/members/1/entries/{n}/")
        for n, line in enumerate(LINES)
    )
    return members.History("Elif Kaya", "/members/1/", entries, UNIT, "")


def a_busy_member() -> members.Member:
    days = tuple(
        (date.fromordinal(DAY.toordinal() + 2 + 4 * n), 12 + n * 37 % 90) for n in range(40)
    )
    lots, months = members.time_line(days, from_on=DAY)
    full = a_member()
    return members.Member(
        **{name: getattr(full, name) for name in members.Member.__slots__}
        | {
            "lots": lots,
            "months": months,
            "name": "1609",
            "contact": (),
            "ladder": members.Ladder(
                "Tiers", "Rouge", None, (), every=False, note="There is no tier above."
            ),
            "tier": "Rouge",
            "lots_note": "40 lots, 180 days each",
        }
    )


def a_redeemer() -> members.Member:
    from tests.pages.sample_rewards import REDEEMED

    full = a_member()
    return members.Member(
        **{name: getattr(full, name) for name in members.Member.__slots__}
        | {"redeemed": REDEEMED, "may_redeem": True, "here": "/members/1/#redeemed"}
    )


def a_newcomer() -> members.Member:
    full = a_member()
    return members.Member(
        **{name: getattr(full, name) for name in members.Member.__slots__}
        | {
            "name": "mina@example.com",
            "contact": (),
            "tier": "Insider",
            "points": 0,
            "worth": 0,
            "lots": (),
            "months": (),
            "entries": (),
            "orders": (),
            "older": "",
            "standings": (),
            "lots_note": "",
            "consent": "Not asked",
            "ladder": spending("Insider", "VIB", 0, 35000),
            "next_reward": members.Way("500 points to 10 dollars off", "0 points", "500", 0, 500),
        }
    )


def a_flyer() -> members.Member:
    """Several units, ladders and ways, points on their way, benefits, a household."""
    full = a_member()
    ways = (
        members.Way("12,500 miles to Gold", "27,500 miles this year", "40,000", 275, 400),
        members.Way("9 flights to Gold", "21 flights this year", "30", 21, 30),
    )
    crew = members.Way("2 reviews to Captain", "3 reviews so far", "5", 3, 5)
    return members.Member(
        **{name: getattr(full, name) for name in members.Member.__slots__}
        | {
            "tier": "Silver",
            "links": (members.Link("in the household of", "Ahmet Kaya", "/members/1/"),),
            "units": (
                frame.UnitTab("miles", 41850, 0, "?unit=miles", current=True),
                frame.UnitTab("status miles", 27500, 0, "?unit=status", current=False),
                frame.UnitTab("upgrade vouchers", 2, 0, "?unit=vouchers", current=False),
            ),
            "unit": frame.Unit("miles", "mile"),
            "points": 41850,
            "worth": 41850,
            "coming": (
                members.Coming(date(2018, 1, 15), "can be used from this day on", 1200),
                members.Coming(None, "can be used once the stay is completed", 800),
            ),
            "ladder": members.Ladder(
                "Status", "Silver", date(2018, 12, 31), ways, every=False, note=""
            ),
            "others": (
                members.Ladder("Crew", "Mate", None, (crew,), every=False, note=""),
                members.Ladder(
                    "Lifetime",
                    "Member",
                    None,
                    (),
                    every=False,
                    note="Legend is given by hand only.",
                ),
            ),
            "benefits": (
                members.Benefit("Lounge visit", "1 of 2 left this year", 1),
                members.Benefit("Upgrade", "0 of 1 left in this year of membership", 0),
            ),
        }
    )


def spending(tier: str, above: str, spent: int, least: int) -> members.Ladder:
    """A ladder of spend."""
    have, goal, missing = (f"${n / 100:,.2f}" for n in (spent, least, least - spent))
    way = members.Way(f"{missing} to {above}", f"{have} in the last 365 days", goal, spent, least)
    return members.Ladder("Tiers", tier, None, (way,), every=False, note="")


def an_explanation() -> members.Explanation:
    return members.Explanation(
        entry=ENTRIES[0],
        member="Elif Kaya",
        member_href="/members/1/",
        unit=UNIT,
        currency="USD",
        title="Why 45 points",
        steps=(
            members.Step("3 items at store 367", 4720, "money"),
            members.Step("Coupon, taken off first", -150, "money"),
            members.Step("Counts for points, USD", 4570, "money", total=True),
            members.Step("Points for purchases: 1 point for every $1.00 of $45.70 is 45 points."),
            members.Step("Points given", 45, "points", total=True),
        ),
        details=(
            members.Detail("Usable", "at once, until 27 Jun 2018"),
            members.Detail("Left of this lot", "45 of 45"),
            members.Detail("Rule", "Points for purchases, version 1", "/program/1/"),
            members.Detail("Receipt", "31194-367, 30 Dec 2017, 17:42"),
            members.Detail("In the books", "J-2017-12-0001", "/books/2017-12/", ", 0.78 deferred"),
        ),
    )


def a_program(*, with_changes: bool = False) -> program.Program:
    text = DOCUMENT.read_text(encoding="utf-8")
    lines = [program.CodeLine(line) for line in text.splitlines()]
    first = program.Version(1, date(2017, 1, 1), date(2019, 1, 1), "ana", "in force", "/program/1/")
    if with_changes:
        at = next(n for n, line in enumerate(lines) if "Rouge, from" in line.text)
        lines[at] = program.CodeLine(lines[at].text, "gone")
        lines.insert(at + 1, program.CodeLine(lines[at].text.replace("1000", "1200"), "new"))
    return program.Program(
        name="Beauty tiers",
        code="beauty",
        version=first,
        answer="In force since 1 January 2017. 2 dates, 1 rule, 3 tiers, 3 rewards.",
        chapters=tuple(program.Chapter(p.title, p.sentences) for p in tell(read(text))),
        changes=("Rouge, from: $1,000.00 becomes $1,200.00.",) if with_changes else (),
        lines=tuple(lines),
        with_changes=with_changes,
        versions=(
            program.Version(2, date(2019, 1, 1), None, "jonas", "coming", "/program/2/"),
            first,
        ),
        estimates=(
            program.Estimate(
                2, Decimal("0.875"), date(2017, 12, 1), "jonas", "ana", "Range 85.9% to 89.2%"
            ),
            program.Estimate(1, Decimal("0.88"), date(2017, 1, 1), "jonas", "ana", ""),
        ),
        download="/program/1/document.yaml",
    )
