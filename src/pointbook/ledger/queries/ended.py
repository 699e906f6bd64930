"""Lots that have ended and hold points yet: those that the expiry task has still to empty.

The task and whoever reads before it ran take them from here, so a history, a month and the posted
expiries tell the same points on the same day. Nothing here raises.
"""

from __future__ import annotations

from typing import Final

# Asked with `at`. What came back into a lot after its end (a burn that was undone, a hold that was
# let go) ends when it came.
ENDED: Final = """select l.id, l.account_id, l.remaining,
    greatest(l.expires_at, back.at) as ended_at
    from ledger_lot l
    left join lateral (select max(t.occurred_at) as at from ledger_draw d
        join ledger_transfer t on t.id = d.transfer_id
        where d.lot_id = l.id and t.kind in ('refund', 'release')) back on true
    where l.remaining > 0 and l.expires_at <= %(at)s"""
