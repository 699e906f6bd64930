"""Every few minutes, places that came back are offered to who waits for them."""

from __future__ import annotations

from procrastinate.contrib.django import app

from pointbook.controls.clock import clock
from pointbook.programs.queries import programs
from pointbook.redemption.operations.queueing import offer_places


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="offer-places")
def offer_free_places(timestamp: int) -> None:  # noqa: ARG001 -- procrastinate tells the tick
    """Offer what is free in every program; costs a read where nobody waits."""
    for program in programs():
        offer_places(program_id=program.id, at=clock(program.id))
