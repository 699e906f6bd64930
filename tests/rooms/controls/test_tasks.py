"""The worker forgets what is over, as the application's role."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session

from pointbook.controls.clock import now
from pointbook.controls.models import IdempotencyKey
from pointbook.controls.tasks import KEPT, forget_what_is_over

pytestmark = pytest.mark.django_db


def test_old_answers_and_ended_sessions_go():
    for age in (timedelta(0), KEPT + timedelta(hours=1)):
        IdempotencyKey.objects.create(
            scope="key:shop:facts.ingest",
            key=f"after {age}",
            body_hash=b"x",
            answer={},
            recorded_at=now() - age,
        )
        Session.objects.create(
            session_key=f"s{age.days}", session_data="", expire_date=now() + KEPT / 2 - age
        )
    forget_what_is_over(0)
    assert [row.key for row in IdempotencyKey.objects.all()] == ["after 0:00:00"]
    assert [row.session_key for row in Session.objects.all()] == ["s0"]
