"""Entries by hand: read, proposed, approved, posted, taken back; beside what closes derive."""

import pytest

from pointbook.accounting.models import JournalEntry, JournalLine
from pointbook.accounting.operations.closing import close, draw_up, seal
from pointbook.accounting.operations.manual import (
    EntryTooLate,
    propose_entry,
    propose_reversal,
)
from pointbook.accounting.operations.proposing import OwnApproval, approve, refuse
from pointbook.accounting.operations.stages import CloseBlocked
from pointbook.accounting.queries.approvals import proposal
from pointbook.accounting.queries.closes import close_view
from pointbook.accounting.queries.drafts import EntryRefused, Written
from pointbook.accounting.queries.journals import EntryNotFound, entries
from pointbook.accounting.queries.statements import trial_balance
from tests.rooms.accounting.conftest import ANA
from tests.rooms.accounting.keeping import BEN, at_once, keep
from tests.rooms.till import broken

FLOOD = (("6100", "12.34", ""), ("1000", "", "12.34"))


def write(*, actor=ANA, lines=FLOOD, period="2017-02", **more):
    written = Written(**{"memo": "The flood", "period": period, "lines": lines, **more})
    return propose_entry(entity_code="main", written=written, actor=actor)


def yes(number, actor=ANA):
    return approve(entity_code="main", number=number, actor=actor).result


@pytest.fixture
def begun(shop):
    """January closed, February begun."""
    shop.estimate("0.9", "2017-01")
    shop.happened(shop.buy("2017-01-10", 100_000), shop.buy("2017-02-03", 10_000))
    shop.close("2017-01")
    return shop


def test_it_is_posted_once_somebody_approves_it(begun):
    keep()
    asked = write()
    assert asked.waits
    assert not JournalEntry.objects.filter(journal="M").exists()
    with pytest.raises(OwnApproval):
        yes(asked.number)
    assert yes(asked.number, BEN).code == "M-2017-02-0001"
    entry = JournalEntry.objects.get(journal="M")
    assert (entry.event, entry.description, f"{entry.posting_on}") == (
        "manual",
        "The flood",
        "2017-02-28",
    )
    lines = JournalLine.objects.filter(entry=entry).order_by("number")
    assert list(lines.values_list("account", "debit", "credit")) == [
        ("6100", 1234, 0),
        ("1000", 0, 1234),
    ]
    assert broken() == {}


def test_it_stands_in_the_books_and_in_the_seal(begun):
    yes(write().number)
    begun.close("2017-02")
    assert "M-2017-02-0001" in [one.code for one in entries(period="2017-02")]
    found = {one.account: one.closing for one in trial_balance(program="shop", end="2017-02")}
    assert (found["6100"], found["1000"]) == (1234, -1234)
    assert "Chains 2 entries to block 2" in close_view(period="2017-02").stages[-1].summary
    assert broken() == {}


def test_what_was_sealed_cannot_be_changed_unseen(begun, as_owner):
    from django.db import connection

    yes(write().number)
    begun.close("2017-02")
    connection.cursor().execute("set constraints all immediate; set constraints all deferred")
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("alter table accounting_journalentry disable trigger user")
        cursor.execute("update accounting_journalentry set description = 'x' where journal = 'M'")
    assert "books.chain" in broken()


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"memo": " "}, "memo", "does not say what it is for"),
        ({"memo": "x" * 201}, "memo", "too long"),
        ({"program": "nix"}, "program", "Use one of: shop"),
        ({"currency": "EUR"}, "currency", "are in USD"),
        ({"period": ""}, "period", "Write posting_on"),
        ({"period": "2017-2"}, "period", "Write posting_on"),
        ({"posting_on": "2017-03-01"}, "posting_on", "is not in 2017-02"),
        ({"posting_on": "28.2.2017"}, "posting_on", "Write posting_on"),
        ({"period": "2016-12"}, "posting_on", "They begin on 2017-01-01"),
        ({"period": "2030-02"}, "posting_on", "has not begun"),
        ({"lines": FLOOD[:1]}, "lines", "two lines or more"),
        ({"lines": (*FLOOD, ("6100", "0.01", ""))}, "lines", "debits are 12.35 and credits 12.34"),
        ({"lines": (FLOOD[0], ("1000", "1", "1"))}, "lines[2]", "both a debit and a credit"),
        ({"lines": (FLOOD[0], ("1000", "", ""))}, "lines[2]", "no amount"),
        ({"lines": (("61", "1", ""), FLOOD[1])}, "lines[1].account", "there is no account '61'"),
        ({"lines": (("9000", "1", ""), FLOOD[1])}, "lines[1].account", "never money"),
        ({"lines": (("6100", "1.234", ""), FLOOD[1])}, "lines[1].debit", "at most 2 decimals"),
        ({"lines": (FLOOD[0], ("1000", "", "-1"))}, "lines[2].credit", "on the other side"),
        ({"lines": (FLOOD[0], ("1000", "", "ten"))}, "lines[2].credit", "no amount of USD"),
        ({"lines": (FLOOD[0], ("2100", "", "12.34"))}, "adjusts", "derived from the points ledger"),
    ],
)
def test_each_mistake_names_its_field_and_its_mend(begun, change, field, says):
    with pytest.raises(EntryRefused, match=r".+") as raised:
        write(**change)
    assert raised.value.field == field
    assert says in str(raised.value)
    assert raised.value.mend


def test_not_in_a_closed_period(begun):
    with pytest.raises(EntryTooLate, match=r"2017-01 of main is closed. Post it in 2017-02"):
        write(period="2017-01")


def test_an_entry_that_waits_blocks_the_close(begun):
    asked = write()
    with pytest.raises(CloseBlocked, match=r"proposal 2 \(journal for 2017-02\) by ana waits"):
        begun.close("2017-02")
    refuse(entity_code="main", number=asked.number, actor=ANA)
    assert begun.close("2017-02").sealed
    assert proposal(number=asked.number).outcome == "refused"


def test_it_is_taken_until_the_seal(begun):
    draw_up(entity_code="main", period="2017-02", actor=ANA)
    late = write()
    with pytest.raises(CloseBlocked, match="waits for an approval"):
        seal(entity_code="main", period="2017-02", actor=ANA)
    yes(late.number)
    assert seal(entity_code="main", period="2017-02", actor=ANA).sealed
    assert begun.close("2017-03").sealed
    assert broken() == {}


def test_the_entitys_own_accounts(begun):
    from pointbook.accounting.models import AccountName
    from pointbook.controls.clock import now
    from pointbook.programs.models import Entity

    own = Entity.objects.get()
    for account, code in (("6100", "7710"), ("1000", "4000")):
        AccountName.objects.create(
            entity=own, account=account, code=code, recorded_by="ana", recorded_at=now()
        )
    with pytest.raises(EntryRefused, match=r"may be any of 1000, 4000 of the chart"):
        write(lines=(("7710", "1", ""), ("4000", "", "1")))
    yes(write(lines=(("7710", "1", ""), ("own:4000", "", "1"))).number)
    yes(write(lines=(("7710", "1", ""), ("chart:4000", "", "1"))).number)
    lines = JournalLine.objects.filter(entry__journal="M").order_by("id")
    assert list(lines.values_list("account", flat=True)) == ["6100", "1000", "6100", "4000"]


def test_an_adjustment_stands_beside_the_cohorts_and_is_told(begun):
    lines = (("2100", "5.00", ""), ("4010", "", "5.00"))
    yes(write(lines=lines, adjusts="points promised by letter").number)
    begun.close("2017-02", reason="agreed")
    view = close_view(period="2017-02")
    assert [tie.off for tie in view.programs[0].ties] == [0] * len(view.programs[0].ties)
    assert "adjust account 2100 by -5.00 USD beside its cohorts: “agreed”" in view.stages[2].summary
    begun.close("2017-03", reason="still")
    back = propose_reversal(entity_code="main", code="M-2017-02-0001", actor=ANA)
    assert proposal(number=back.number).body["posting_on"] == "2017-04-30"
    yes(back.number)
    begun.close("2017-04")
    assert "adjust" not in close_view(period="2017-04").stages[2].summary
    assert broken() == {}


def test_it_is_taken_back_once(begun):
    yes(write().number)
    first = propose_reversal(entity_code="main", code="M-2017-02-0001", actor=ANA, reason="slip")
    second = propose_reversal(entity_code="main", code="M-2017-02-0001", actor=BEN)
    assert yes(first.number).code == "M-2017-02-0002"
    with pytest.raises(EntryRefused, match="is reversed already, by M-2017-02-0002"):
        yes(second.number)
    derived = JournalEntry.objects.filter(journal="J").order_by("number")[0]
    assert derived.number == 1
    with pytest.raises(EntryRefused, match="was derived by a close"):
        propose_reversal(entity_code="main", code="J-2017-01-0001", actor=ANA)
    for wrong in ("M-2017-02-0009", "nonsense", "M-2017-02-"):
        with pytest.raises(EntryNotFound, match="Name one as the journal does"):
            propose_reversal(entity_code="main", code=wrong, actor=ANA)
    refuse(entity_code="main", number=second.number, actor=ANA)
    found = {one.account: one.closing for one in trial_balance(program="shop", end="2017-02")}
    assert found["6100"] == 0
    assert broken() == {}


def test_reopening_leaves_what_people_posted(begun):
    from pointbook.accounting.operations.reopening import reopen

    yes(write().number)
    begun.close("2017-02")
    reopen(entity_code="main", period="2017-02", reason="late till", actor=ANA)
    yes(write(memo="While it is open").number)
    begun.close("2017-02")
    rows = JournalEntry.objects.filter(journal="M").order_by("number")
    assert list(rows.values_list("number", "event")) == [(1, "manual"), (2, "manual")]
    assert JournalEntry.objects.filter(journal="R").count() == 1
    assert broken() == {}


def test_a_close_against_an_approval(committed_shop):
    shop = committed_shop
    shop.happened(shop.buy("2017-01-10", 100_000))
    asked = [write(period="2017-01", memo=f"Entry {number}").number for number in range(3)]
    answers = at_once(
        *(lambda n=n: yes(n, BEN) for n in asked),
        lambda: close(entity_code="main", period="2017-01", actor=ANA),
    )
    posted = [one.code for one in answers[:3]]
    assert sorted(posted) == ["M-2017-01-0001", "M-2017-01-0002", "M-2017-01-0003"]
    if isinstance(answers[3], CloseBlocked):
        assert close(entity_code="main", period="2017-01", actor=ANA).sealed
    assert broken() == {}
    with pytest.raises(EntryTooLate):
        write(period="2017-01", memo="Too late")
