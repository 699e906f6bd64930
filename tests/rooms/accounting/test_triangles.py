"""The triangle of an estimate equals plain loops over the ledger, closed months or not."""

import random
from collections import defaultdict
from dataclasses import replace
from datetime import date
from itertools import accumulate

import pytest

from pointbook.accounting.models import CohortTotal
from pointbook.accounting.queries.triangles import known
from pointbook.controls.queries import last_seq
from pointbook.engine.revenue.estimating.triangles import data_hash
from pointbook.engine.values.calendar import month_name
from pointbook.programs.models import Entity, Program, Store
from tests.rooms.accounting.conftest import Shop
from tests.rooms.accounting.test_random_lives import (
    GIFT,
    MONTHS,
    MORE,
    a_month,
    plain_movements,
    watermark,
)

FINE = MORE.replace("NEGATIVE", "clamp").replace("RETURNED", "30")


def program():
    return Program.objects.get(code="shop")


def lives(seed, *, closed):
    """What is told in half a year at random; so many of its months are closed as they end."""
    rng = random.Random(seed)
    shop = Shop(
        expires="{after_days: 45}",
        claw_back=rng.choice(["clamp", "allow_negative"]),
        unit=", reinstate: {within_days: 20, for_days: 30}",
        units=GIFT,
        more=FINE,
    ).open()
    shop.happened(shop.buy("2017-01-01", 50_000, member="ada"))
    shop.happened(shop.buy("2017-01-01", 20_000, member="bob"))
    told = []
    for number, month in enumerate(MONTHS, 1):
        told += a_month(shop, rng, number)
        if number <= closed:
            shop.close(month_name(month))
    return told


def booked(month, seq, marks):
    """The month in which the books take something in: its own, or the first that is not over."""
    for place, last in marks.items():
        if month <= place and seq <= last:
            return place
    open_on = [one for one in MONTHS if one > max(marks, default=date.min)]
    return max(month, open_on[0]) if open_on else None


def plain(told, unit, marks, until):
    """Issued, redeemed by true month, and expired by the month of the books, of each cohort."""
    found = defaultdict(lambda: [0, defaultdict(int), defaultdict(int)])
    for month, seq, moved in plain_movements(told):
        own = booked(month, seq, marks)
        if moved.key.unit != unit or own is None or own > until:
            continue
        cohort = found[moved.key.issued_on]
        cohort[0] += moved.issued - moved.clawed_back - moved.repaid
        cohort[1][month] += moved.burned - moved.cancelled_burns
        cohort[2][own] += moved.expired - moved.reinstated
    return found


@pytest.mark.parametrize("unit", ["points", "gift"])
@pytest.mark.parametrize(("seed", "closed"), [(1, 6), (2, 3), (3, 0), (4, 5), (5, 6), (6, 2)])
def test_equals_plain_loops(db, seed, closed, unit):
    told = lives(seed, closed=closed)
    marks = {month: watermark(month) for month in MONTHS[:closed]}
    for until in (MONTHS[3], MONTHS[5]):
        triangle = known(program=program(), until_on=until).triangle(unit)
        expected = plain(told, unit, marks, until)
        assert {one.issued_on for one in triangle.cohorts} == set(expected)
        for cohort in triangle.cohorts:
            issued, redeemed, expired = expected[cohort.issued_on]
            months = [month for month in MONTHS if cohort.issued_on <= month <= until]
            assert cohort.issued == issued
            assert cohort.redeemed == tuple(redeemed[month] for month in months)
            assert cohort.expired == tuple(expired[month] for month in months)
            assert min(accumulate(cohort.redeemed)) >= 0


def test_the_data_behind_the_estimate_are_those_behind_the_books(db):
    lives(7, closed=6)
    last = {}
    for total in CohortTotal.objects.filter(unit="points").order_by("close__period__first_on"):
        last[total.issued_on, total.policy] = total
    sums = defaultdict(lambda: [0, 0, 0])
    for (issued_on, _), total in last.items():
        for place, name in enumerate(("issued", "redeemed", "expired")):
            sums[issued_on][place] += getattr(total, name)
    triangle = known(program=program(), until_on=MONTHS[5]).triangle("points")
    assert {c.issued_on: [c.issued, c.used, c.lapsed] for c in triangle.cohorts} == dict(sums)


def test_what_comes_late_stands_at_its_own_age_and_is_not_known_before(db):
    shop = Shop().open()
    shop.happened(shop.buy("2017-01-05", 100_000), shop.burn("2017-02-05", 10))
    for month in ("2017-01", "2017-02"):
        shop.close(month)
    seen = last_seq(shop.id)
    before = known(program=program(), until_on=MONTHS[1]).triangle("points")
    shop.happened(shop.burn("2017-01-20", 30))
    march = known(program=program(), until_on=MONTHS[2])
    (cohort,) = march.triangle("points").cohorts
    # Booked in March, used in January.
    assert cohort.redeemed == (30, 10, 0)
    shop.close("2017-03")
    assert known(program=program(), until_on=MONTHS[2]).triangle("points") == march.triangle(
        "points"
    )
    # As it was known to the end of February, and at a number of the sequence.
    february = known(program=program(), until_on=MONTHS[1]).triangle("points")
    assert (february, data_hash(february)) == (before, data_hash(before))
    cut = known(program=program(), until_on=MONTHS[2], seq=seen).triangle("points")
    assert cut.cohorts[0].redeemed == (0, 10, 0)
    assert data_hash(cut) != data_hash(march.triangle("points"))
    # None of the points of five years has run off.
    assert march.triangle("points").life == 61


def test_another_entity_or_policy_has_a_triangle_of_its_own(db):
    shop = Shop().open()
    other = Entity.objects.create(code="other", name="Other")
    Store.objects.create(program=program(), code="mall", entity=other)
    shop.happened(
        shop.buy("2017-01-05", 100_000),
        replace(shop.buy("2017-01-05", 30_000, member="m2"), store="mall"),
        shop.burn("2017-01-10", 11, member="m2"),
        shop.tell("adjustment", "2017-01-06", points="7", reason="random"),
    )
    for place in range(2):
        found = known(program=program(), until_on=MONTHS[0])
        (whole,) = found.triangle("points").cohorts
        assert (whole.issued, whole.redeemed) == (137, (11,))
        entities = [found.triangle("points", entity=code).cohorts[0] for code in ("main", "other")]
        assert [(one.issued, one.used) for one in entities] == [(107, 0), (30, 11)]
        policies = {step.group.policy for step in found.steps}
        assert len(policies) == 2
        parts = [found.triangle("points", policy=policy).cohorts[0] for policy in policies]
        assert sum(one.issued for one in parts) == whole.issued
        assert found.triangle("points", entity="nowhere").cohorts == ()
        # The same once one of the two has closed the month, and late uses are told apart.
        if not place:
            shop.close("2017-01")
    shop.happened(shop.burn("2017-01-20", 5), shop.burn("2017-01-21", 3, member="m2"))
    march = known(program=program(), until_on=MONTHS[1]).triangle("points")
    assert march.cohorts[0].redeemed == (19, 0)
