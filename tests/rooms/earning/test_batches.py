"""Any batch of any cut: the same ledger, the fold's figures, and one answer for each fact."""

from dataclasses import replace
from datetime import UTC, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pointbook.analytics.queries import _MONTHS, months
from pointbook.earning.queries import history
from pointbook.engine.replay.fold import fold
from pointbook.engine.rules.blueprint import Behaviour
from pointbook.engine.values.calendar import first_of_month, midnight, next_month
from pointbook.engine.values.facts import Fact
from pointbook.ledger.operations.expiring import expire
from pointbook.members.models import Member
from pointbook.members.operations import enrol
from pointbook.members.queries import resolve
from pointbook.programs.models import Entity, Program, Store
from pointbook.programs.queries import compiled
from pointbook.tiers.queries import tiers_on
from tests.rooms.till import (
    BEAUTY,
    KEEPS,
    OWES,
    REFUSES,
    balance,
    broken,
    burn,
    buy,
    day,
    fact,
    give_back,
    ledger,
    post,
    posted,
    publish,
    rows,
)

pytestmark = pytest.mark.django_db
PATIENT = settings(
    deadline=None,
    phases=[Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=25,
)


@st.composite
def histories(draw, *, late=False):
    """Facts of three members in posted order; some are late if they may be."""
    facts: list[Fact] = []
    sales: list[Fact] = []
    at = 0
    for number in range(draw(st.integers(1, 14))):
        key, member = f"{number:03}", draw(st.sampled_from(["ada", "bob", "cy"]))
        kind = draw(st.sampled_from(["buy", "buy", "buy", "burn", "return", "return"]))
        at += draw(st.sampled_from([0, 0, 1, 40, 170]))
        days = at - draw(st.sampled_from([0, 0, 60, 200])) if late else at
        when = {"days": days, "seconds": number, "member": member}
        if kind == "return" and sales:
            sale = draw(st.sampled_from(sales))
            part = draw(st.sampled_from([sale.total, sale.total // 3, 10**6]))
            whose = draw(st.sampled_from([sale.member, sale.member, None, member]))
            facts.append(give_back(key, sale.id, part, **{**when, "member": whose}))
        elif kind == "burn":
            facts.append(burn(key, draw(st.integers(1, 300)), **when))
        else:
            facts.append(buy(key, draw(st.integers(0, 60_000)), **when))
            sales.append(facts[-1])
    return facts


def cut(facts, places):
    ends = [*sorted(places), len(facts)]
    return [facts[start:end] for start, end in zip([0, *ends], ends, strict=False)]


class Again(Exception):
    """Undo what was posted."""


def told(facts, places, *changed, then=lambda _: None):
    """What a fresh program's ledger says after these facts in these batches; all is undone."""
    try:
        with transaction.atomic():
            own = publish(**dict(enumerate_words(changed)))
            answers = [one.status for part in cut(facts, places) for one in post(*part)]
            assert broken() == {}
            result = answers, ledger(), then(own)
            raise Again  # noqa: TRY301 -- the way out of a transaction
    except Again:
        _MONTHS.clear()
        return result


def enumerate_words(changed):
    return ((f"word{number}", words) for number, words in enumerate(changed))


@pytest.mark.parametrize("words", [(), (OWES,)], ids=["clamp", "allow_negative"])
@PATIENT
@given(facts=histories(late=True), places=st.sets(st.integers(0, 14)))
def test_cut_into_other_batches_it_is_the_same_ledger(words, facts, places):
    one_by_one = told(facts, range(len(facts)), *words)
    in_one = told(facts, (), *words)
    assert in_one == one_by_one
    assert told(facts, [place for place in places if place <= len(facts)], *words) == in_one


@pytest.mark.parametrize("words", [(), (OWES,)], ids=["clamp", "allow_negative"])
@PATIENT
@given(facts=histories())
def test_without_late_facts_it_is_what_the_fold_says(words, facts):
    # What is refused is no data in the database; the last month of data is the last sale's.
    last = max(one.occurred_at for one in facts)
    facts = [*facts, replace(buy("999", 100), occurred_at=last)]

    end = midnight(next_month(first_of_month(last, UTC)), UTC)

    def compare(own):
        folded = fold(facts, compiled(own), behaviour=Behaviour("none", ()))
        expire(program_id=own, at=last + timedelta(days=400))
        assert broken() == {}
        live = months("beauty")
        assert live == folded.months()
        people = resolve(own, [one.member for one in folded.members])
        tiers = tiers_on("tiers", list(people.values()))
        for one in folded.members:
            assert tiers.get(people[one.member], "Insider") == one.tier
            moved = history("beauty", one.member, limit=200)
            assert sum(row.points for row in moved if row.at < end) == one.balance

    told(facts, [3, 7], *words, then=compare)


def test_unknown_members_enrol(db):
    publish()
    (done,) = posted(buy("1", 1_000))
    assert Member.objects.get().id == done.member
    assert Member.objects.get().enrolled_at == day(0)


def test_unknown_members_are_refused(db):
    publish(unknown=REFUSES)
    (done,) = post(buy("1", 1_000))
    assert (done.status, done.error.field) == ("refused", "member")
    assert "no member 'ada'" in str(done.error)
    assert (Member.objects.count(), ledger()["facts"]) == (0, [])


def test_unknown_members_are_kept_beside_the_fact(db):
    publish(unknown=KEEPS)
    posted(buy("1", 1_000), buy("2", 2_000, member=None))
    assert balance() == 0
    assert Member.objects.count() == 0
    kept = "select source, key, reference from members_unclaimedfact"
    assert rows(kept) == [("till", "1", "ada")]
    assert rows("select count(*) from ledger_fact where content like '%%ada%%'") == [(0,)]
    assert post(burn("b", 1))[0].error.field == "member"
    assert broken() == {}


@pytest.mark.parametrize("batches", [1, 2])
def test_a_return_without_a_member_finds_the_purchases(db, batches):
    publish()
    facts = [buy("1", 10_000), give_back("r", "1", 2_500, member=None)]
    for part in cut(facts, range(1, batches)):
        posted(*part)
    assert balance() == 75
    assert ledger()["facts"][1][4:6] == ("ada", "1")
    assert post(facts[1])[0].status == "duplicate"
    assert broken() == {}


def test_a_return_of_somebody_elses_purchase_takes_nothing(db):
    publish()
    posted(buy("1", 40_000), buy("2", 30_000, member="bob"))
    posted(give_back("r", "1", 40_000, member="bob", days=1))
    assert balance() == 700
    posted(buy("3", 10_000, days=2), buy("4", 10_000, member="bob", days=2))
    posted(give_back("q", "1", 40_000, days=3))
    assert balance() == 500
    posted(buy("5", 100, days=4), buy("6", 100, days=4, member="bob"))
    assert [row[3] for row in ledger()["standings"]] == ["VIB", "Insider", "VIB", "Insider"]
    assert broken() == {}


def test_a_poisoned_fact_ends_up_alone(db, monkeypatch):
    publish()
    facts = [buy(f"{n}", 1_000, member=f"m{n % 3}", days=n) for n in range(13)]
    facts[4] = buy("4", 2**63, member="m1", days=4)
    facts[9] = buy("9\x00", 1_000, member="m0", days=9)
    done = post(*facts)
    refused = [place for place, one in enumerate(done) if one.status == "refused"]
    assert refused == [4, 9]
    assert {one.status for one in done} == {"posted", "refused"}
    assert "the database refused the fact" in str(done[4].error)
    assert balance() == 110
    assert broken() == {}
    again = post(*facts)
    assert [one.fact_id for one in again] == [one.fact_id for one in done]


def test_the_future_is_refused_and_enrols_nobody(db):
    publish()
    done = post(buy("1", 1_000), buy("2", 1_000, member="bob", days=1), at=day(0))
    assert [one.status for one in done] == ["posted", "refused"]
    assert "lies after the program's clock" in str(done[1].error)
    assert "The clock stands at 2017-01-01T12:00:00+00:00" in str(done[1].error)
    assert Member.objects.count() == 1
    assert post(buy("3", 1_000, seconds=299), at=day(0))[0].status == "posted", "clocks differ"


def test_said_twice_in_one_batch(db):
    publish()
    facts = [buy("1", 1_000), buy("1", 1_000), buy("1", 1_001), buy("1", 1_000, member="bob")]
    done = post(*facts)
    assert [one.status for one in done] == ["posted", "duplicate", "conflict", "conflict"]
    assert "fact till/1 was posted before with other content" in str(done[2].error)
    assert balance() == 10
    again = post(*facts)
    assert [one.status for one in again] == ["duplicate", "duplicate", "conflict", "conflict"]
    assert {one.fact_id for one in again} == {done[0].fact_id, None}


def test_two_sources_may_use_one_key(db):
    publish()
    posted(buy("1", 1_000), buy("1", 1_000, source="web"), burn("b", 15))
    assert balance() == 5
    assert broken() == {}


TWO_UNITS = (
    BEAUTY.replace(
        "earn:\n",
        """  stars: {name: stars, singular: star, decimals: 2, value: "0.50",
          expires: {after_days: 30}, spend_order: soonest_expiry}
earn:
  - {rule: stars, name: Stars, on: purchase, unit: stars,
     award: {points: "0.25", per: "10.00"}, rounding: floor}
""",
    )
    .replace("{rule: purchases,", "{rule: purchases, unit: points,")
    .replace("price:", "unit: points, price:")
)


def test_two_units(db):
    own = publish(TWO_UNITS)
    asked = {"unit": "stars", "points": "1.75"}
    posted(buy("1", 10_000), fact("b", "burn", seconds=1, attributes=asked))
    assert (balance(), balance(unit="stars")) == (100, 75)
    refused = fact("c", "burn", seconds=2, attributes={"unit": "stars", "points": "0.76"})
    assert post(refused)[0].status == "refused"
    assert expire(program_id=own, at=day(30)) == (1, 75)
    posted(give_back("r", "1", 10_000, days=31))
    assert (balance(), balance(unit="stars")) == (0, 0)
    assert broken() == {}


def test_the_store_names_the_entity(db):
    own = publish()
    other = Entity.objects.create(code="north", name="North")
    Store.objects.create(program=Program.objects.get(id=own), code="n1", entity=other)
    posted(buy("1", 1_000, store="n1"), buy("2", 1_000, store="s1"), buy("3", 1_000))
    entities = """select f.key, e.code, d.code from ledger_fact f
        join programs_entity e on e.id = f.entity_id join ledger_lot l on l.fact_id = f.id
        join programs_entity d on d.id = l.entity_id order by f.key"""
    assert rows(entities) == [("1", "north", "north"), ("2", "main", "main"), ("3", "main", "main")]
    assert broken() == {}


def test_owed_points_are_paid_off_first(db):
    publish(claw_back=OWES)
    posted(buy("1", 10_000), burn("b", 80), give_back("r", "1", 10_000, days=1))
    assert (balance(), balance("debt")) == (0, -80)
    (lot,) = ledger()["lots"]
    (recovery,) = ledger()["recoveries"]
    # 100 points were asked back: 20 from the lot with their share, 80 are owed with theirs.
    assert recovery[3:6] == (100, 20, 80)
    assert recovery[6] == lot[5]
    posted(buy("2", 3_000, days=2))
    assert (balance(), balance("debt")) == (0, -50)
    posted(buy("3", 9_000, days=3))
    assert (balance(), balance("debt")) == (40, 0)
    settled = [row[2] for row in ledger()["transfers"] if row[0] == "repayment"]
    assert sum(settled) == recovery[7], "nothing of the receivable is left"
    posted(buy("4", 1_000, days=4), burn("c", 50, days=4))
    assert (balance(), balance("debt")) == (0, 0)
    assert broken() == {}


def test_expiry_runs_late_and_twice(db):
    own = publish()
    posted(buy("1", 10_000), buy("2", 5_000, days=10))
    assert post(burn("b", 51, days=185))[0].status == "refused", "the first lot has ended"
    posted(burn("c", 20, days=185))
    assert expire(program_id=own, at=day(400)) == (2, 130)
    assert expire(program_id=own, at=day(400)) == (0, 0)
    ends = [row[4:6] for row in ledger()["transfers"] if row[0] == "expiry"]
    assert ends == [(day(180).replace(hour=0), "1"), (day(190).replace(hour=0), "2")]
    assert balance() == 0
    assert broken() == {}


def test_what_comes_after_an_expiry_finds_its_lot_empty(db):
    """Facts may be late: dated before the end of a lot that was emptied before they came."""
    own = publish()
    posted(buy("1", 10_000), buy("2", 5_000, days=100))
    expire(program_id=own, at=day(181))
    assert post(burn("b", 60, days=179))[0].status == "refused"
    posted(burn("c", 20, days=179), give_back("r", "1", 4_000, days=179))
    assert balance() == 0
    assert ledger()["recoveries"][0][3:6] == (40, 30, 0)
    assert broken() == {}


def test_a_return_that_came_before_its_purchase_is_a_duplicate_the_second_time(db):
    publish()
    back = give_back("r", "1", 10_000, member=None)
    assert [one.status for one in post(back)] == ["posted"]
    posted(buy("1", 10_000))
    assert [one.status for one in post(back)] == ["duplicate"]


def test_a_fact_kept_for_nobody_is_a_duplicate_when_its_member_has_come(db):
    own = publish(word=KEEPS)
    kept, nameless = buy("1", 10_000, member="zoe"), buy("2", 10_000, member=None)
    posted(kept, nameless)
    enrol(program_id=own, arrivals={"zoe": day(1)})
    assert [one.status for one in post(kept)] == ["duplicate"]
    assert [one.status for one in post(replace(nameless, member="zoe"))] == ["conflict"]
    assert [one.status for one in post(replace(kept, member="ada"))] == ["conflict"]
