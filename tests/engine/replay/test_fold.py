"""A what-if, month by month: expiry and habits in their time, and on until nothing can change."""

from datetime import date

from pointbook.engine.replay.fold import Outcome, Replay, fold
from pointbook.engine.replay.months import Month, Table, header
from pointbook.engine.replay.verdicts import Verdict
from pointbook.engine.rules.blueprint import Behaviour, BurnHabit
from tests.engine.sketches import (
    YEARLY,
    bring_back,
    burn,
    buy,
    fact,
    program,
    rule,
    unit,
)

HABIT = Behaviour("hundreds", (BurnHabit("points", 500, 100),))


def told(replay, *columns):
    """Chosen columns of the month table."""
    return [tuple(getattr(row, name) for name in columns) for row in replay.months()]


def test_a_year_of_the_beauty_program():
    """1 point a dollar for 180 days; whole hundreds from 500 burned at each month's end."""
    terms = program(units=(unit(expires=("days", 180)),), tiers=YEARLY)
    replay = fold(
        [
            buy("1", "2025-01-10", 45099),  # 450 points: VIB
            buy("2", "2025-03-31 23:59:59", 12050),  # 120: 570, of which 500 are burned
            buy("3", "2025-04-02", 60000),  # 600: Rouge; 670, of which 600 are burned
            buy("4", "2025-04-03", 999, member="bob"),
            burn("5", "2025-04-04", 10, member="bob"),  # 9 are there
            fact("6", "2025-04-05", "purchase", member=None, total=5000),
        ],
        terms,
        behaviour=HABIT,
    )
    assert header(replay.tiers)[-5:] == ["insider", "vib", "rouge", "tier_ups", "tier_downs"]
    columns = "month phase members active_members baskets spend_minor opening earned redeemed"
    columns += " redeeming_members expired outstanding tiers tier_ups"
    assert told(replay, *columns.split()) == [
        ("2025-01", "data", 1, 1, 1, 45099, 0, 450, 0, 0, 0, 450, (0, 1, 0), 0),
        ("2025-02", "data", 1, 0, 0, 0, 450, 0, 0, 0, 0, 450, (0, 1, 0), 0),
        ("2025-03", "data", 1, 1, 1, 12050, 450, 120, 500, 1, 0, 70, (0, 1, 0), 0),
        ("2025-04", "data", 2, 2, 2, 60999, 70, 609, 600, 1, 0, 79, (1, 0, 1), 1),
        *(
            (f"2025-{n:02d}", "runoff", 2, 0, 0, 0, 79, 0, 0, 0, 0, 79, (1, 0, 1), 0)
            for n in (5, 6, 7, 8)
        ),
        ("2025-09", "runoff", 2, 0, 0, 0, 79, 0, 0, 0, 79, 0, (1, 0, 1), 0),
    ]
    assert replay.members == [
        Outcome("ann", 3, 117149, 1170, 1100, 0, 70, "rouge"),
        Outcome("bob", 1, 999, 9, 0, 0, 9, "insider"),
    ]
    assert replay.refused == 1


def test_points_that_end_on_the_first_of_a_month_end_in_that_month():
    """Earned on 2 January, 30 days: gone from 1 February, so January's last second may use them."""
    terms = program(units=(unit(expires=("days", 30)),))
    facts = [buy("1", "2025-01-02", 49900), buy("2", "2025-01-03", 100)]
    assert told(fold(facts, terms), "month", "expired") == [("2025-01", 0), ("2025-02", 500)]
    burned = fold(facts, terms, behaviour=HABIT)
    assert told(burned, "month", "redeemed") == [("2025-01", 500)]


def test_months_are_the_zones():
    terms = program(zone="America/New_York")
    replay = fold([buy("1", "2025-02-01 04:59:59", 100), buy("2", "2025-02-01 05:00", 100)], terms)
    assert told(replay, "month", "baskets", "active_members") == [
        ("2025-01", 1, 1),
        ("2025-02", 1, 1),
    ]


def test_a_member_who_burns_by_hand_and_by_habit_in_a_month_is_one_redeeming_member():
    facts = [
        buy("1", "2025-01-02", 80000),
        burn("2", "2025-01-03", attributes={"reward": "ten-off"}),
        burn("3", "2025-01-04", 1),
        buy("4", "2025-01-05", 30000),
    ]
    replay = fold(facts, program(), behaviour=HABIT)
    assert told(replay, "redeemed", "redeeming_members", "outstanding") == [(1001, 1, 99)]


def test_habits_of_several_units_wait_for_their_unit_and_the_table_counts_the_first():
    terms = program(
        units=(unit("points"), unit("stars")),
        earn=(rule("base"), rule("shine", on="review", per=0, points=7, unit="stars")),
    )
    habits = Behaviour("both", (BurnHabit("stars", 5, 5), BurnHabit("points", 500, 100)))
    facts = [buy("1", "2025-01-02", 60000), fact("2", "2025-02-02", "review")]
    replay = fold(facts, terms, behaviour=habits)
    assert told(replay, "month", "earned", "redeemed") == [
        ("2025-01", 600, 600),
        ("2025-02", 0, 0),
    ]


def test_what_was_owed_stays_owed_when_everything_else_has_run_off():
    terms = program(claw_back="allow_negative", units=(unit(expires=("days", 30)),), tiers=YEARLY)
    facts = [
        buy("1", "2025-01-02", 40000),
        burn("2", "2025-01-03", 300),
        bring_back("3", "2025-01-04", "1", 40000),
        buy("4", "2025-01-05", 5000, member="bob"),
        buy("5", "2025-01-06", 100),
    ]
    replay = fold(facts, terms)
    columns = ("month", "earned", "clawed_back", "clawback_shortfall", "expired", "outstanding")
    assert told(replay, *columns) == [
        ("2025-01", 451, 400, 0, 0, -249),
        ("2025-02", 0, 0, 0, 50, -299),
    ]
    assert [row.tier_downs for row in replay.months()] == [1, 0]
    assert [(one.member, one.balance) for one in replay.members] == [("ann", -299), ("bob", 50)]


def test_what_could_not_be_taken_back_is_the_shortfall():
    facts = [
        buy("1", "2025-01-02", 40000),
        burn("2", "2025-01-03", 300),
        bring_back("3", "2025-01-04", "1", 40000),
    ]
    replay = fold(facts, program())
    assert told(replay, "clawed_back", "clawback_shortfall", "outstanding") == [(100, 300, 0)]


def test_a_return_without_a_member_belongs_to_the_buyer():
    facts = [
        bring_back("2", "2025-01-03", "1", 1000, member=None),
        bring_back("3", "2025-01-03", "9", 1000, member=None),  # of a purchase nobody knows
        buy("1", "2025-01-02", 1000),
    ]
    assert told(fold(facts, program()), "earned", "clawed_back") == [(10, 10)]


def test_a_listener_hears_every_verdict_with_its_reasons():
    heard: list[Verdict] = []
    facts = [buy("2", "2025-01-03", 250), buy("1", "2025-01-02", 199), burn("3", "2025-01-04", 99)]
    replay = fold(facts, program(), listener=heard.append)
    assert [(one.fact.id, [reason.points for reason in one.reasons]) for one in heard] == [
        ("1", [1]),
        ("2", [2]),
    ]
    assert replay.refused == 1


def test_nothing_folds_to_nothing():
    replay = fold([], program())
    assert (replay.months(), replay.members, replay.last_data) == ([], [], date.min)
    assert header(replay.tiers)[-1] == "tier_downs"


def test_a_part_without_members_adds_nothing():
    last = date(2025, 3, 1)
    whole = fold([buy("1", "2025-01-02", 1000)], program(), last_data=last)
    whole.merge(fold([], program(), last_data=last))
    whole.merge(Replay(tiers=(), last_data=last))
    assert told(whole, "month", "phase", "outstanding") == [
        ("2025-01", "data", 10),
        ("2025-02", "data", 10),
        ("2025-03", "data", 10),
    ]


def test_a_table_may_open_with_points():
    table = Table()
    table.flows[date(2025, 1, 1)].expired = 40
    (row,) = table.rows(tiers=(), last_data=date(2025, 1, 1), opening=100)
    assert isinstance(row, Month)
    assert row.cells() == ("2025-01", "data", 0, 0, 0, 0, 100, 0, 0, 0, 40, 0, 0, 60, 0, 0)
