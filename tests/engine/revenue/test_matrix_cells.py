"""Every cell of the posting matrix has a worked example, with lines that a reader can check.

`cells.txt` has one line for each: what happened, and the accounts (debits positive). The numbers
come out of these stories, by how a liability is measured. Points are whole, money is in cents.

- share: 1,000 points with 100.00 of a price, 80% expected, 400 used: 100.00 x (1 - 400/800) = 50.00
- cost: 1,000 points at 0.10, 80% expected, 400 used: (800 - 400) x 0.10 = 40.00
- due: 1,000 points of a partner at 0.08, with 100.00 of a price: 80.00 is due
- face: 100.00 of stored value, 40.00 used; of breakage 25% is owed to others
"""

from dataclasses import replace
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest

from pointbook.engine.revenue.cohorts import CohortState, Movement, Use
from pointbook.engine.revenue.matrix import (
    AWAY,
    BESIDE,
    BY_SIDE,
    HERE,
    HERE_COST,
    MATRIX,
    REDEMPTIONS,
    Amounts,
    beside_lines,
)
from pointbook.engine.revenue.policies import ROLES, Event, Policy
from pointbook.engine.revenue.recognition import InForce, journal, post_period
from tests.engine.revenue.books import key

CELLS = Path(__file__).parent / "cells.txt"
SIDES = ["", "own_goods", "none", "tender", "principal", "agent", "charity", "cash"]
# One policy of each kind for all sides; the others differ by their accounts alone.
FAMILIES = [
    Policy.DEFERRED_REVENUE,
    Policy.INCREMENTAL_COST,
    Policy.CASH_BACK,
    Policy.STORED_VALUE,
]
BOTH = frozenset({"main", "other"})
FACE = {"issued": 10_000, "redeemed": 4_000, "allocated": 10_000}
HELD = {"issued": 1_000, "redeemed": 400, "allocated": 10_000}
# What is in force before and after, by measure: rate, cost of a point in cents, unclaimed.
FORCE = {
    "share": InForce(Decimal("0.8")),
    "cost": InForce(Decimal("0.8"), Decimal(10)),
    "due": InForce(Decimal("0.8"), Decimal(8)),
    "face": InForce(Decimal(1), Decimal(0), Decimal("0.25")),
}
# event -> what was expired before, what moved.
STORIES = {
    Event.NEW: (0, {"issued": 1_000, "allocated": 10_000}),
    Event.REINSTATEMENT: (500, {"reinstated": 500}),
    Event.CLAW_BACK: (
        0,
        {"clawed_back": 100, "clawed_back_allocated": 1_000, "returned_share": 1_200},
    ),
    Event.SHORTFALL_OWED: (0, {"owed_share": 300}),
    Event.SHORTFALL_FORGONE: (0, {"forgone_share": 300}),
    Event.REPAYMENT: (0, {"repaid": 100, "repaid_allocated": 1_000, "settled": 700}),
    Event.EXPIRY: (0, {"expired": 500}),
    Event.ESTIMATE: (0, {}),
    Event.COST: (0, {}),
}
OF_VALUE = {
    Event.NEW: (0, {"issued": 10_000, "allocated": 10_000}),
    Event.REINSTATEMENT: (4_000, {"reinstated": 4_000}),
    Event.CLAW_BACK: (
        0,
        {"clawed_back": 1_000, "clawed_back_allocated": 1_000, "returned_share": 1_000},
    ),
    Event.REPAYMENT: (0, {"repaid": 1_000, "repaid_allocated": 1_000, "settled": 700}),
    Event.EXPIRY: (0, {"expired": 4_000}),
}


def lived(event, policy):
    """The journal of one event in the life of a cohort."""
    measure = ROLES[policy].measure
    value = OF_VALUE if measure == "face" else {}
    expired, moved = value.get(event, STORIES[event])
    force = FORCE[measure]
    own = replace(key(), policy=policy)
    before = CohortState(key=own, rate=force.rate)
    if event is not Event.NEW:
        held = FACE if measure == "face" else HELD
        before = replace(before, each=force.each, expired=expired, **held)
    now = force
    if event is Event.ESTIMATE:
        now = now._replace(rate=Decimal("0.8") if measure == "face" else Decimal(1))
    if event is Event.COST:
        now = now._replace(each=Decimal(12))
    return before, Movement(key=own, **moved), now


def redeemed(policy, side, *, event=Event.BURN, other="", costs=False):
    """200 points are used (or come back): 15.00 is what was given for them, or not known."""
    measure = ROLES[policy].measure
    force = FORCE[measure]
    own = replace(key(), policy=policy)
    points = 2_000 if measure == "face" else 200
    known = side not in ("", "tender", "none")
    uncosted = 0 if known or side == "none" else points
    cost = 1_500 if known else 0
    use = Use(side, other, burned=points, cost=cost, uncosted=uncosted)
    total = {"burned": points}
    if event is Event.CANCELLED_BURN:
        use = Use(side, other, back=points, cost_back=cost, uncosted_back=uncosted)
        total = {"cancelled_burns": points}
    held = FACE if measure == "face" else HELD
    before = CohortState(key=own, rate=force.rate, each=force.each, **held)
    return before, Movement(key=own, uses=(use,), **total), force


def told(story, event, **more):
    before, movement, now = story
    posted = post_period(before=before, movement=movement, now=now)
    return [one for one in journal(posted.entries, **more) if one.event is event]


def text(lines):
    return "  ".join(f"{one.account} {(one.debit - one.credit) / 100:+.2f}" for one in lines)


def of_events():
    """What every event does under every policy; expense on both sides is nothing."""
    for event, policy in product(STORIES, Policy):
        if MATRIX[event, ROLES[policy].measure]:
            found = [text(entry.lines) for entry in told(lived(event, policy), event)]
            yield f"{event} | {policy}", *(found or ["nothing"])


def of_sides():
    """What redemptions do: plain ones of all policies, every side of every family."""
    for policy, event in product(Policy, (Event.BURN, Event.CANCELLED_BURN)):
        if ROLES[policy].measure != "due":
            (entry,) = told(redeemed(policy, "", event=event), event)
            yield f"{event} | {policy}", text(entry.lines)
    for policy, side in product(FAMILIES, SIDES[1:]):
        (entry,) = told(redeemed(policy, side), Event.BURN)
        yield f"burn | {policy} | {side}", text(entry.lines)
    for policy in FAMILIES:
        (entry,) = told(redeemed(policy, "own_goods"), Event.BURN, costs=BOTH)
        yield f"burn | {policy} | own_goods, with its cost", text(entry.lines)


def of_pairs():
    """Points that are used at another entity, in the books of both."""
    for policy, side in product(FAMILIES, SIDES):
        for entry in told(redeemed(policy, side, other="other"), Event.BURN, costs=BOTH):
            where = "in the other's books" if entry.here else "at another entity"
            yield f"burn | {policy} | {side or 'plain'}, {where}", text(entry.lines)


def of_others():
    """What is posted beside cohorts: 100.00, and 20.00 of tax."""
    for event, kind in BESIDE:
        lines = beside_lines(event, kind, Amounts(0, 10_000, 2_000 if event == "sale" else 0))
        yield f"{event} | {kind or 'all'}", text(lines)


def cells():
    """All examples: their names and their lines."""
    return [*of_events(), *of_sides(), *of_pairs(), *of_others()]


def test_every_example_posts_what_is_written_down():
    written = [line for line in CELLS.read_text().splitlines() if line and line[0] != "#"]
    assert [f"{name} = {lines}" for name, lines in cells()] == written


def test_every_cell_has_an_example():
    names = {name for name, _ in cells()}
    for (event, measure), rows in MATRIX.items():
        for policy in (one for one in Policy if ROLES[one].measure == measure):
            assert (f"{event} | {policy}" in names) == bool(rows) or event in BY_SIDE
    measures = {ROLES[policy].measure: policy for policy in FAMILIES}
    for measure, side in REDEMPTIONS:
        policy = Policy.INCREMENTAL_COST if measure == "cost" else measures[measure]
        assert f"burn | {policy}" + (f" | {side}" if side else "") in names
    for measure in (one for one in AWAY if AWAY[one]):
        policy = Policy.INCREMENTAL_COST if measure == "cost" else measures[measure]
        for side in ["plain", *HERE_COST]:
            assert f"burn | {policy} | {side}, at another entity" in names
            assert bool(HERE[measure])
            assert f"burn | {policy} | {side}, in the other's books" in names
    for event, kind in BESIDE:
        assert f"{event} | {kind or 'all'}" in names


@pytest.mark.parametrize(("name", "lines"), cells())
def test_every_example_balances(name, lines):
    amounts = [Decimal(word) for word in lines.split()[1::2] if lines != "nothing"]
    assert sum(amounts) == 0, name
