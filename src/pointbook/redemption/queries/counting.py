"""What was redeemed of each reward since an instant, and the codes there are. Raises nothing."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.db import connection
from django.db.models import Count

from pointbook.redemption.models import Code


class Taken(NamedTuple):
    """How often a reward was redeemed, and for how many points; what came back is not in it."""

    times: int
    points: int


def taken(program_id: int, *, since: datetime) -> dict[str, Taken]:
    """What was reserved since then and is used by now, by reward; smallest parts of its unit."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select r.reward, sum(h.quantity), sum(h.captured - h.back)
            from redemption_redemption r join ledger_hold h on h.fact_id = r.fact_id
            where r.program_id = %s and r.at >= %s and h.state = 'captured' group by 1""",
            [program_id, since],
        )
        return {reward: Taken(int(times), int(points)) for reward, times, points in cursor}


def codes(program_id: int, reward: str) -> dict[str, int]:
    """How many codes of a reward there are in each state: free, given, used, void."""
    found = Code.objects.filter(program_id=program_id, reward=reward).order_by()
    return dict(found.values_list("state").annotate(Count("id")))
