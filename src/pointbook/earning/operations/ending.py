"""Redemptions that time settles: holds that end, and burns that members need not ask for.

Raises nothing of its own: what the terms refuse is left out.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Final

from django.db import connection

from pointbook.controls.actors import SYSTEM
from pointbook.earning.operations.ingesting import ingest
from pointbook.engine.replay.redeeming import automatic, automatic_fact, end_of_hold
from pointbook.engine.rules.catalogue import AutomaticBurn, Reward
from pointbook.ledger.queries import available, ended_holds
from pointbook.programs.models import Program
from pointbook.programs.queries import compiled

BATCH: Final = 1_000


def end_holds(*, program_id: int, at: datetime) -> int:
    """Let go every hold whose time was over by `at`; answers how many there were."""
    code = Program.objects.values_list("code", flat=True).get(id=program_id)
    ended = 0
    while over := ended_holds(program_id=program_id, at=at, limit=BATCH):
        facts = [end_of_hold(one.key, one.until, member=str(one.member)) for one in over]
        outcomes = ingest(program=code, facts=facts, actor=SYSTEM, at=at, own=True)
        done = sum(one.status == "posted" for one in outcomes)
        ended += done
        if not done:
            break  # others let them go meanwhile
    return ended


def burn_automatically(*, program_id: int, at: datetime) -> None:
    """The automatic burns of the midnight `at`, for everybody who has enough."""
    version = compiled(program_id).version_at(at)
    code = Program.objects.values_list("code", flat=True).get(id=program_id)
    for burn in automatic(version, at):
        reward = version.rewards[burn.reward].reward
        facts = [
            automatic_fact(burn, reward, member=str(own), at=at)
            for own in _with_enough(program_id, burn, reward, at)
        ]
        for start in range(0, len(facts), BATCH):
            ingest(program=code, facts=facts[start : start + BATCH], actor=SYSTEM, at=at, own=True)


def _with_enough(
    program_id: int, burn: AutomaticBurn, reward: Reward, at: datetime
) -> list[uuid.UUID]:
    enough = [own for own, _ in available(program_id, unit=reward.unit, at=at, least=burn.least)]
    if not burn.unless:
        return enough
    with connection.cursor() as cursor:
        cursor.execute(
            """select member_id from earning_state
            where member_id = any(%s) and body -> 'segments' ? %s""",
            [enough, burn.unless],
        )
        without = {own for (own,) in cursor}
    return [own for own in enough if own not in without]
