"""A closed period is opened again by two persons, and closed anew as its next version."""

from collections import Counter
from itertools import pairwise
from random import Random

import pytest
from django.db import transaction

from pointbook.accounting.models import Close, JournalEntry, JournalLine, Period, Seal
from pointbook.accounting.operations.closing import OwnSeal, close, draw_up, seal
from pointbook.accounting.operations.proposing import OwnApproval, PersonNeeded, approve
from pointbook.accounting.operations.reopening import ReopenRefused, reopen
from pointbook.accounting.operations.stages import CloseBlocked
from pointbook.accounting.queries.books import CloseNotFound, close_of, periods, program_books
from pointbook.accounting.queries.journals import entries
from pointbook.accounting.queries.statements import closed_statements, liability_now, statements
from pointbook.controls.actors import SYSTEM
from pointbook.controls.models import AuditRow, Outbox
from pointbook.earning.operations import ingest
from pointbook.ledger.models import Account
from pointbook.members.models import Identifier
from pointbook.programs.models import Entity, Program, Store
from tests.rooms.accounting.conftest import ANA, OWNER, Shop
from tests.rooms.accounting.keeping import BEN, at_once, keep
from tests.rooms.accounting.periods import balances
from tests.rooms.till import broken


def again(period, *, actor=ANA, reason="a till came late"):
    return reopen(entity_code="main", period=period, reason=reason, actor=actor)


@pytest.fixture
def quarter(shop):
    """January and February closed with a rate that is in force since the first day."""
    told(shop)
    shop.close("2017-02")
    return shop


def late(shop):
    """What the tills of February sent after its close."""
    shop.happened(
        shop.buy("2017-02-15", 50_000, member="m3"),
        shop.burn("2017-02-20", 15, member="m2"),
        shop.give_back("2017-02-25", "a", 50_000),
    )


def net(shop_code="shop"):
    """The balance of every account that has one, credits positive."""
    found: Counter[str] = Counter()
    for line in JournalLine.objects.filter(entry__program__code=shop_code):
        found[line.account] += line.credit - line.debit
    return {account: amount for account, amount in found.items() if amount}


def numbers(journal):
    rows = JournalEntry.objects.filter(journal=journal).order_by("number")
    return list(rows.values_list("number", flat=True))


def figures(period, version):
    """Everything a version of a close says, as one text."""
    found = close_of(entity_code="main", period=period, version=version)
    rolls = [one.roll for one in closed_statements(found, program_books(program_code="shop"))]
    lines = JournalLine.objects.filter(entry__close=found).order_by("entry__journal", "id")
    posted = lines.values_list("entry__number", "account", "debit", "credit")
    return repr((rolls, list(posted)))


def test_it_is_closed_anew_as_the_next_version(quarter):
    before = net()
    opened = again("2017-02")
    assert (opened.outcome, opened.own, opened.result) == ("approved", True, "2017-02")
    assert Period.objects.get(code="2017-02").status == "reopened"
    assert net() == before
    late(quarter)
    done = quarter.close("2017-02")
    assert (done.status, done.version, done.sealed) == ("closed", 2, True)
    assert numbers("R") == [1, 2]
    assert numbers("J") == list(range(1, len(numbers("J")) + 1))
    reversed_ = JournalEntry.objects.filter(journal="R").select_related("reverses")
    assert {one.reverses.close.version for one in reversed_} == {1}
    assert {one.description for one in reversed_} == {
        "Reversal of J-2017-02-0003",
        "Reversal of J-2017-02-0004",
    }
    assert list(Seal.objects.order_by("number").values_list("number", flat=True)) == [1, 2, 3]
    assert broken() == {}
    kinds = Outbox.objects.filter(kind__startswith="books.").order_by("seq")
    assert [row.kind for row in kinds][-3:] == [
        "books.reopened",
        "books.soft_closed",
        "books.sealed",
    ]


def test_the_same_figures_as_closing_at_once(shop):
    with transaction.atomic():
        told(shop)
        late(shop)
        shop.close("2017-02")
        at_once_ = net(), statements(program="shop")
        transaction.set_rollback(True)
    told(shop)
    shop.close("2017-02")
    assert net() != at_once_[0]
    again("2017-02")
    late(shop)
    shop.close("2017-02")
    assert (net(), statements(program="shop")) == at_once_


def told(shop):
    """January, closed, and what was known of February in time."""
    shop.estimate("0.80", "2017-01")
    shop.happened(
        shop.buy("2017-01-10", 100_000, key="a"),
        shop.buy("2017-01-20", 33_333, member="m2"),
        shop.burn("2017-01-31T23:59:59", 40),
        shop.buy("2017-02-05", 77_700),
        shop.burn("2017-02-10", 70),
    )
    shop.close("2017-01")


def test_without_late_facts_nothing_changes(quarter):
    before, owed = net(), liability_now(program="shop")
    again("2017-02")
    assert [one.money for one in liability_now(program="shop")] == [one.money for one in owed]
    quarter.close("2017-02")
    assert (net(), liability_now(program="shop")) == (before, owed)


def test_an_old_version_stays_as_it_was(quarter):
    kept = figures("2017-02", 1)
    again("2017-02")
    late(quarter)
    assert figures("2017-02", 1) == kept
    quarter.close("2017-02")
    quarter.close("2017-03")
    assert figures("2017-02", 1) == kept
    assert figures("2017-02", 2) != kept
    assert close_of(entity_code="main", period="2017-02").version == 2
    with pytest.raises(CloseNotFound, match=r"no version 3. Use one of: 1, 2"):
        close_of(entity_code="main", period="2017-02", version=3)


def test_while_it_is_open_the_figures_are_live(quarter):
    again("2017-02")
    late(quarter)
    live = statements(program="shop", end="2017-02")
    assert [one.status for one in live] == ["closed", "open"]
    assert periods()[-2].status == "reopened"
    quarter.close("2017-02")
    assert [one.roll for one in statements(program="shop")] == [one.roll for one in live]


def test_the_estimate_may_change_while_it_is_open(quarter):
    again("2017-02")
    quarter.estimate("0.6", "2017-02")
    assert quarter.close("2017-02").version == 2
    changed = JournalEntry.objects.get(event="estimate")
    assert (changed.close.version, changed.description) == (
        2,
        "Change of estimate, 80.0% to 60.0%",
    )
    assert broken() == {}


def test_only_the_last_closed_period(quarter):
    with pytest.raises(ReopenRefused, match="is not its last closed period, which is 2017-02"):
        again("2017-01")
    with pytest.raises(ReopenRefused, match="2017-03 of main is not closed"):
        again("2017-03")
    with pytest.raises(ReopenRefused, match="for a reason only"):
        again("2017-02", reason=" ")
    again("2017-02")
    with pytest.raises(ReopenRefused, match="is open again"):
        again("2017-02")
    with pytest.raises(CloseBlocked, match="2017-02 is not closed yet"):
        quarter.close("2017-03")
    draw_up(entity_code="main", period="2017-02", actor=ANA)
    with pytest.raises(ReopenRefused, match="is not sealed yet"):
        again("2017-02")


def test_a_second_person_opens_and_seals(quarter):
    keep()
    with pytest.raises(PersonNeeded):
        again("2017-02", actor=SYSTEM)
    asked = again("2017-02")
    assert asked.waits
    assert Period.objects.get(code="2017-02").status == "closed"
    with pytest.raises(OwnApproval):
        approve(entity_code="main", number=asked.number, actor=ANA)
    assert approve(entity_code="main", number=asked.number, actor=BEN).result == "2017-02"
    drawn = close(entity_code="main", period="2017-02", actor=ANA)
    assert (drawn.status, drawn.waits_for_seal, drawn.version) == ("soft_closed", True, 2)
    for again_ in (close, seal):
        with pytest.raises(OwnSeal, match="ana drew 2017-02 of main up, so ana may not seal it"):
            again_(entity_code="main", period="2017-02", actor=ANA)
    with pytest.raises(PersonNeeded):
        seal(entity_code="main", period="2017-02", actor=SYSTEM)
    assert close(entity_code="main", period="2017-02", actor=BEN).sealed
    assert broken() == {}
    assert AuditRow.objects.filter(action="period.reopen", actor="ben").count() == 1


def test_what_was_closed_anew_is_not_opened_by_an_old_proposal(quarter):
    keep()
    first = again("2017-02")
    second = again("2017-02", reason="another reason")
    approve(entity_code="main", number=first.number, actor=BEN)
    close(entity_code="main", period="2017-02", actor=ANA)
    close(entity_code="main", period="2017-02", actor=BEN)
    with pytest.raises(ReopenRefused, match="was closed anew since ana proposed this"):
        approve(entity_code="main", number=second.number, actor=BEN)


def test_reopened_and_closed_at_once(committed_shop):
    shop = committed_shop
    shop.happened(shop.buy("2017-01-10", 100_000), shop.burn("2017-01-20", 40))
    shop.close("2017-01")
    answers = at_once(*(lambda n=n: again("2017-01", reason=f"{n}") for n in range(3)))
    assert sum(isinstance(one, ReopenRefused) for one in answers) == 2
    done = at_once(*(lambda: close(entity_code="main", period="2017-01", actor=OWNER),) * 3)
    assert sorted(one.posted for one in done) == [0, 0, 2]
    assert list(Close.objects.order_by("version").values_list("version", flat=True)) == [1, 2]
    assert (numbers("J"), numbers("R")) == ([1, 2, 3, 4], [1, 2])
    assert broken() == {}


def left_of(shop, member):
    """What a member of the tests has."""
    ids = Identifier.objects.filter(value=member).values_list("member_id", flat=True)
    row = Account.objects.filter(program_id=shop.id, kind="wallet", member_id__in=ids).first()
    return row.balance if row else 0


def tell(shop, dice, day, members):
    """One thing that happens on a day: mostly sales, sometimes points are used."""
    member = dice.choice(members)
    if dice.random() < 0.6:
        shop.happened(shop.buy(day, dice.randrange(1, 90_000), member=member))
        return
    burn = shop.burn(day, dice.randrange(1, left_of(shop, member) + 2), member=member)
    ingest(program=shop.code, facts=[burn], actor=OWNER)  # refused when they had ended


@pytest.mark.parametrize("seed", range(4))
def test_random_histories_with_reopening(db, seed):
    dice = Random(seed)
    shop = Shop(expires="{after_days: 45}").open()
    shop.estimate("0.7", "2017-01")
    members = ["m1", "m2", "m3"]
    shop.happened(shop.buy("2017-01-01", 10_000))
    for month in range(1, 5):
        code = f"2017-{month:02d}"
        for day in sorted(dice.sample(range(1, 28), 5)):
            tell(shop, dice, f"{code}-{day:02d}", members)
        shop.close(code, reason="a test")
        for _ in range(dice.randrange(3)):
            tell(shop, dice, f"{code}-{dice.randrange(1, 28):02d}", members)
            again(code)
            shop.close(code, reason="a test")
            assert broken() == {}
    rolls = [one.roll.money for one in statements(program="shop")]
    assert all(a.closing == b.opening for a, b in pairwise(rolls))
    assert rolls[-1].closing == balances()["2100"]
    assert {len(entries(period=one.code)) > 0 for one in Period.objects.all()} == {True}


@pytest.mark.parametrize("closed_there", [False, True])
def test_both_halves_of_a_pair_are_taken_back(shop, closed_there):
    shop.estimate("1", "2017-01")
    made = Entity.objects.create(code="other", name="Other")
    Store.objects.create(program=Program.objects.get(code="shop"), code="mall", entity=made)
    shop.happened(
        shop.buy("2017-01-05", 100_000),
        shop.buy("2017-01-06", 100, store="mall", member="m2"),
        shop.burn("2017-01-21", 20, store="mall"),
    )
    shop.close("2017-01", reason="a test")
    if closed_there:
        close(entity_code="other", period="2017-01", actor=ANA, reason="a test")
    again("2017-01")
    shop.happened(shop.burn("2017-01-22", 10, store="mall"))
    shop.close("2017-01", reason="a test")
    theirs = JournalEntry.objects.filter(entity__code="other", journal__in=["I", "R"])
    back = theirs.get(journal="R")
    assert (back.number, back.reverses.journal) == (1, "I")
    assert back.period.code == ("2017-02" if closed_there else "2017-01")
    owed = balances()
    assert owed["2190"] + owed["1190"] == 0
    assert owed["2190"] > 0
    assert broken() == {}
