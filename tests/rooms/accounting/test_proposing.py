"""Maker and checker: proposed once, decided once, by another person where two keep the books."""

import importlib

import pytest
from django.contrib.auth import get_user_model

from pointbook.accounting.models import Decision, Proposal
from pointbook.accounting.operations import approving
from pointbook.accounting.operations.proposing import (
    DecidedAlready,
    KindUnknown,
    OwnApproval,
    PersonNeeded,
    ProposalNotFound,
    approve,
    propose,
    propose_and_approve,
    refuse,
)
from pointbook.accounting.queries.settings import BooksSetting, books_of
from pointbook.controls.actors import SYSTEM, Actor
from pointbook.controls.models import AuditRow
from pointbook.controls.permissions import PermissionRefused
from tests.rooms.accounting.conftest import ANA, OWNER
from tests.rooms.accounting.keeping import BEN, at_once, keep

CODE = "main"


@pytest.fixture
def done(monkeypatch):
    """Every approval of the kind `settings` does nothing but say who approved what."""
    found = []
    monkeypatch.setitem(
        approving.APPROVALS, "settings", lambda row, by: found.append((row.number, by))
    )
    return found


def ask(actor=ANA, *, kind="settings", **body):
    return propose(kind=kind, entity_code=CODE, body=body, actor=actor)


def decide(outcome, number, actor, **more):
    return outcome(entity_code=CODE, number=number, actor=actor, **more)


def test_the_defaults_are_simple_and_owner_run(shop):
    assert books_of(CODE) == BooksSetting(CODE, full=False, owner_run=True)
    assert not books_of(CODE).second_person


def test_numbers_go_on_and_the_same_is_proposed_once(shop):
    assert [ask(full=True).number, ask(full=True).number, ask(BEN, full=True).number] == [1, 1, 2]
    assert ask(full=False).number == 3
    decide(refuse, 1, BEN)
    assert ask(full=True).number == 4


def test_another_person_approves(shop, done):
    keep()
    number = ask(full=True).number
    with pytest.raises(OwnApproval, match=r"ana prepared proposal 1 of main, so ana may not"):
        decide(approve, number, ANA)
    approved = decide(approve, number, BEN, reason="as discussed")
    assert (approved.outcome, approved.decided_by, approved.own) == ("approved", "ben", False)
    assert done == [(1, "ben")]
    row = AuditRow.objects.filter(action="settings.set").latest("id")
    assert (row.actor, row.subject) == ("ben", "main proposal 1")
    assert row.detail["prepared_by"] == "ana"


def test_the_mend_names_who_may(shop, done):
    keep()
    for name, role in (("ana", "controller"), ("ben", "controller"), ("tom", "agent")):
        get_user_model().objects.create_user(username=name, role=role)
    ask()
    with pytest.raises(OwnApproval, match=r"Ask one of: ben\."):
        decide(approve, 1, ANA)


def test_the_owner_approves_their_own_which_is_told(shop, done):
    approved = propose_and_approve(kind="settings", entity_code=CODE, body={}, actor=ANA)
    assert (approved.outcome, approved.own) == ("approved", True)
    assert Decision.objects.get().own


def test_where_two_keep_the_books_it_waits(shop, done):
    keep()
    assert propose_and_approve(kind="settings", entity_code=CODE, body={}, actor=ANA).waits
    assert not Decision.objects.exists()


def test_what_fails_was_not_proposed(shop, monkeypatch):
    def fail(row, by):
        raise OwnApproval("no")

    monkeypatch.setitem(approving.APPROVALS, "settings", fail)
    with pytest.raises(OwnApproval):
        propose_and_approve(kind="settings", entity_code=CODE, body={}, actor=ANA)
    assert not Proposal.objects.exists()


def test_nobody_of_the_team_is_no_second_person(shop, done):
    keep()
    with pytest.raises(PersonNeeded, match="--as USER"):
        ask(SYSTEM)
    ask()
    for outcome in (approve, refuse):
        with pytest.raises(PersonNeeded):
            decide(outcome, 1, SYSTEM)


def test_roles(shop, done):
    auditor = Actor("user", "art", "auditor")
    for kind in approving.APPROVALS:
        with pytest.raises(PermissionRefused, match=r"art \(auditor\) may not"):
            ask(auditor, kind=kind)
    ask()
    with pytest.raises(PermissionRefused):
        decide(approve, 1, auditor)


def test_it_is_decided_once(shop, done):
    ask()
    decide(approve, 1, OWNER)
    for outcome in (approve, refuse):
        with pytest.raises(DecidedAlready, match="was approved by olga already"):
            decide(outcome, 1, BEN)
    assert done == [(1, "olga")]


def test_who_prepared_it_may_take_it_back(shop, done):
    keep()
    ask()
    assert decide(refuse, 1, ANA, reason="a slip").outcome == "refused"
    assert done == []


def test_what_is_not_there(shop):
    with pytest.raises(ProposalNotFound, match="has no proposal 7"):
        decide(approve, 7, ANA)
    with pytest.raises(KindUnknown, match="Use one of: accounts, cost"):
        ask(kind="wish")


def test_two_approvers_at_once_decide_once(committed_shop, done):
    keep()
    ask()
    people = [Actor("user", name, "controller") for name in ("ben", "eva", "kim")]
    answers = at_once(*(lambda by=by: decide(approve, 1, by) for by in people))
    assert sum(isinstance(one, DecidedAlready) for one in answers) == 2
    assert Decision.objects.count() == len(done) == 1


def test_proposals_at_once_are_numbered_without_gaps(committed_shop):
    jobs = [lambda n=n: ask(n=n // 2).number for n in range(6)]
    assert sorted(at_once(*jobs)) == [1, 1, 2, 2, 3, 3]


def test_every_kind_does_something():
    for module, function in approving.FUNCTIONS.values():
        assert callable(getattr(importlib.import_module(module), function))
    assert set(approving.APPROVALS) == set(approving.PERMITS)
