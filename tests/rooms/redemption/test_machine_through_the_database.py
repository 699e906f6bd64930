"""The same lives by the tables as by the model: balances, holds, stock, and nothing broken.

The model is that of the engine's machine, so tables, engine and model say the same, one fact at a
time or many in a batch. EXAMPLES says how many lives of 30 steps; by hand there were 200 of each.
"""

import os

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pointbook.earning.operations.days import run_daily
from pointbook.engine.values.facts import Fact
from pointbook.engine.values.people import Person
from pointbook.members.operations import enrol_person
from tests.engine.replay.redeeming_model import MEMBERS, PRICES, START, Shop, document
from tests.rooms.till import broken, post, publish, rows

pytestmark = pytest.mark.django_db
PATIENT = settings(
    deadline=None,
    max_examples=int(os.environ.get("EXAMPLES", "5")),
    phases=[Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
DAY = 1440
WHO = st.sampled_from(MEMBERS)
REWARDS = st.sampled_from(sorted(PRICES))
SOME = st.integers(1, 3)
PLACES = st.integers(0, 40)
STEPS = st.one_of(
    st.tuples(st.just("earn"), WHO, st.integers(30, 200)),
    st.tuples(st.just("reserve"), WHO, REWARDS, SOME),
    st.tuples(st.just("burn"), WHO, REWARDS, SOME),
    st.tuples(st.just("pay"), WHO, st.integers(1, 60), PLACES),
    st.tuples(st.just("spend"), WHO, st.integers(1, 60), PLACES),
    st.tuples(st.just("buy"), WHO, st.integers(1, 2)),
    st.tuples(st.just("capture"), PLACES, st.sampled_from([None, None, 1, 2, 3, 4])),
    st.tuples(st.just("release"), PLACES),
    st.tuples(st.just("cancel"), PLACES),
    st.tuples(st.just("bring_back"), PLACES),
    st.tuples(st.just("take_back"), PLACES),
    st.tuples(st.just("wait"), st.sampled_from([1, 100, DAY, 3 * DAY, 6 * DAY])),
    st.tuples(st.just("merge"), WHO, WHO),
    st.tuples(st.just("join"), WHO, WHO),
)
HELD = """select member_id, sum(points)::int from ledger_hold
    where state = 'reserved' group by 1"""
STANDS = """select f.key, h.state, h.captured::int, h.back::int from ledger_hold h
    join ledger_fact f on f.id = h.fact_id"""
USABLE = """select a.member_id, sum(l.remaining)::int from ledger_lot l
    join ledger_account a on a.id = l.account_id
    where l.remaining > 0 and (l.expires_at is null or l.expires_at > %s) group by 1"""


class Again(Exception):
    """Undo what was posted."""


def fits(shop, step):
    """Whether a step can be told of: there is something it is about."""
    kind, *told = step
    if kind in ("capture", "release", "cancel"):
        return bool(shop.holds)
    if kind in ("bring_back", "take_back"):
        return bool(shop.orders)
    if kind not in ("merge", "join"):
        return True
    name, other = told
    free = [one for one in told if one not in shop.became and not shop.in_household(one)]
    if shop.alone or name == other or name not in free:
        return False
    return other in free or (kind == "join" and other not in {**shop.became, **shop.heads})


def told_by(shop, step):
    """What the model says of a step: the fact, and whether it is refused."""
    kind, *told = step
    if kind in ("bring_back", "take_back"):
        return shop.bring_back(*told, whole=kind == "take_back")
    return getattr(shop, kind)(*told)


def lived(own, steps, *, alone, batch):
    """Live the steps by the tables, so many facts at once; the model at the end, and the ids."""
    shop = Shop(alone=alone)
    people = [Person(member=name) for name in MEMBERS]
    ids = [enrol_person(program_id=own, person=one, at=START).member for one in people]
    told: list[tuple[Fact, bool]] = []
    for step in [*(("earn", name, 100) for name in MEMBERS), *steps]:
        if not fits(shop, step):
            continue
        if step[0] == "wait":
            sent(told, at=shop.now)
            shop.wait(step[1])
            run_daily(program_id=own, at=shop.now)
            continue
        told.append(told_by(shop, step))
        if len(told) == batch:
            sent(told, at=shop.now)
    sent(told, at=shop.now)
    return shop, dict(zip(MEMBERS, ids, strict=True))


def sent(told, *, at):
    """Post what was told in one batch: refused is what the model refuses, and nothing else."""
    answers = post(*(fact for fact, _ in told), at=at)
    for (fact, refused), one in zip(told, answers, strict=True):
        assert (one.status == "refused") == refused, (fact, one.error)
    told.clear()


@pytest.mark.parametrize("alone", [True, False])
@settings(PATIENT)
@given(steps=st.lists(STEPS, min_size=30, max_size=30), batch=st.sampled_from([1, 3, 40]))
def test_the_tables_say_what_the_model_says(alone, steps, batch):
    try:
        with transaction.atomic():
            own = publish(document(alone=alone))
            shop, ids = lived(own, steps, alone=alone, batch=batch)
            usable, held = dict(rows(USABLE, shop.now)), dict(rows(HELD))
            stands = {key: rest for key, *rest in rows(STANDS)}
            taken = rows("select taken from redemption_shelf where reward = 'mug'") or [(0,)]
            found = broken()
            raise Again  # noqa: TRY301 -- the way out of a transaction
    except Again:
        pass
    assert found == {}
    for name in MEMBERS:
        told = (usable.get(ids[name], 0), held.get(ids[name], 0))
        assert told == (shop.usable(name), shop.held(name)), name
    for hold in shop.holds.values():
        if hold.reward or hold.key in stands:
            assert stands[hold.key] == [hold.state, hold.captured, hold.back]
    assert taken == [(shop.taken(),)]
