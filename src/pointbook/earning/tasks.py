"""Daily jobs in the worker. A missed tick is made up by the next: a job does all that is due."""

from __future__ import annotations

import contextlib

from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from pointbook.controls.clock import clock
from pointbook.earning.operations.days import run_daily
from pointbook.programs.queries import programs


@app.periodic(cron="7 * * * *")
@app.task(queueing_lock="run-due-days")
def run_due_days(timestamp: int) -> None:  # noqa: ARG001 -- procrastinate tells the tick
    """Expire what is due in every program; hourly, since programs have midnights of their own."""
    for program in programs():
        run_daily(program_id=program.id, at=clock(program.id))


def catch_up() -> None:
    """Let the worker do first what fell due while nothing ran, and not at its next tick."""
    with contextlib.suppress(AlreadyEnqueued):
        run_due_days.configure().defer(timestamp=0)
