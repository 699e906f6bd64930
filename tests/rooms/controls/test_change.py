"""One write path: who may, once for a key, one audit row, all or nothing."""

from typing import Any

import pytest

from pointbook.controls.actors import SYSTEM, Actor
from pointbook.controls.models import AuditRow, IdempotencyKey
from pointbook.controls.operations import KeyReused, change
from pointbook.controls.permissions import ACTIONS, PermissionRefused

pytestmark = pytest.mark.django_db


class Counter:
    ran = 0

    def __call__(self):
        self.ran += 1
        return {"ran": self.ran}


def test_a_role_that_may_not_runs_nothing(db):
    run = Counter()
    for action, roles in ACTIONS.items():
        if "auditor" not in roles:
            with pytest.raises(PermissionRefused) as caught:
                change(actor=Actor("user", "ann", "auditor"), action=action, run=run)
            assert f"ann (auditor) may not do {action}" in str(caught.value)
    assert (run.ran, AuditRow.objects.count()) == (0, 0)


def test_a_write_leaves_one_audit_row(db):
    change(
        actor=SYSTEM,
        action="members.enrol",
        run=Counter(),
        body={"b": 1},
        subject="s",
        detail={"why": "because"},
    )
    row = AuditRow.objects.get()
    told = (row.actor_kind, row.actor, row.action, row.subject, row.detail)
    assert told == ("system", "pointbook", "members.enrol", "s", {"why": "because"})
    assert len(bytes(row.body_hash)) == 32


def test_the_same_key_answers_again_without_running(db):
    run = Counter()
    asked: dict[str, Any] = {"actor": SYSTEM, "action": "members.enrol", "key": "k", "run": run}
    assert change(body={"a": 1, "b": 2}, **asked) == change(body={"b": 2, "a": 1}, **asked)
    assert (run.ran, AuditRow.objects.count()) == (1, 1)
    with pytest.raises(KeyReused) as caught:
        change(body={"a": 2}, **asked)
    assert caught.value.status == 409
    other = Actor("key", "till", "integration")
    assert change(body={"a": 2}, **{**asked, "actor": other}) == {"ran": 2}, "keys are the actor's"


def test_an_error_stores_no_answer(db):
    def fail():
        raise RuntimeError("lights out")

    asked: dict[str, Any] = {"actor": SYSTEM, "action": "members.enrol", "key": "k", "body": {}}
    with pytest.raises(RuntimeError):
        change(run=fail, **asked)
    assert (AuditRow.objects.count(), IdempotencyKey.objects.count()) == (0, 0)
    assert change(run=Counter(), **asked) == {"ran": 1}
