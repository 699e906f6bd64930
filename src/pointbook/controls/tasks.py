"""What the worker forgets every night: answers nobody will ask for again, and ended sessions."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.contrib.sessions.models import Session
from procrastinate.contrib.django import app

from pointbook.controls.clock import now
from pointbook.controls.models import IdempotencyKey

# A retry comes within days; a stored answer of a large batch takes megabytes.
KEPT: Final = timedelta(days=30)


@app.periodic(cron="23 3 * * *")
@app.task(queueing_lock="forget-what-is-over")
def forget_what_is_over(timestamp: int) -> None:  # noqa: ARG001 -- procrastinate tells the tick
    """Delete idempotency keys older than KEPT, and sessions that have ended."""
    IdempotencyKey.objects.filter(recorded_at__lt=now() - KEPT).delete()
    Session.objects.filter(expire_date__lt=now()).delete()
