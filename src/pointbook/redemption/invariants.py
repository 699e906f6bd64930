"""What must always hold of redemptions: what is taken of every shelf, codes, and their holds.

What they cannot see is whether a redemption should have been allowed: `earning.rebuild` judges the
facts again for that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Final, NamedTuple

from pointbook.controls.invariants import Invariant, Violation, listing, rows
from pointbook.engine.replay.program import Program
from pointbook.engine.replay.shelves import CODES, shelves_of
from pointbook.programs.queries import compiled

# A shelf by program, reward, slot and span.
_Key = tuple[int, str, str, str]


class _Taken(NamedTuple):
    """Redemptions that count, of one version, reward, slot and quarter of an hour."""

    program_id: int
    version: int
    reward: str
    slot: str
    at: datetime
    quantity: int


def shelves() -> list[Violation]:
    """Shelves of which not as much is taken as their redemptions hold or used."""
    due: Counter[_Key] = Counter()
    # No time zone's day begins within a quarter of an hour.
    for row in rows(
        """select r.program_id, r.version, r.reward, r.slot,
            date_bin('15 minutes', r.at, timestamptz '2000-01-01 00:00+00'), sum(r.quantity)
        from redemption_redemption r join ledger_hold h on h.fact_id = r.fact_id
        where h.state in ('reserved', 'captured') group by 1, 2, 3, 4, 5"""
    ):
        one = _Taken(*row)
        for key in _shelves_of(compiled(one.program_id), one):
            due[key] += int(one.quantity)
    for program_id, reward, count in rows(
        """select c.program_id, c.reward, count(*) from redemption_code c
        where c.state <> 'free' and exists (select from redemption_shelf s
            where s.program_id = c.program_id and s.reward = c.reward and s.span = 'codes')
        group by 1, 2"""
    ):
        due[program_id, reward, "", CODES] = count
    taken = {
        (program_id, reward, slot, span): count
        for program_id, reward, slot, span, count in rows(
            "select program_id, reward, slot, span, taken from redemption_shelf"
        )
    }
    return [
        Violation(
            f"shelf {' '.join(str(part) for part in key if part)}",
            f"{taken.get(key, 0)} are taken, its redemptions come to {due[key]}",
        )
        for key in sorted(taken.keys() | due.keys())
        if taken.get(key, 0) != due[key]
    ]


def _shelves_of(program: Program, one: _Taken) -> Iterator[_Key]:
    version = next(own for own in program.versions if own.number == one.version)
    reward = version.rewards[one.reward].reward
    for shelf in shelves_of(reward, one.slot, at=one.at, zone=program.zone):
        if shelf.span != CODES:
            yield one.program_id, *shelf[:3]


ALL: Final = (
    Invariant(
        "redemption.shelves",
        "What is taken of every stock, slot and total is what its redemptions hold or used; of"
        " codes, every one that is not free.",
        "Whether the supply is what there is to hand over.",
        shelves,
    ),
    Invariant(
        "redemption.codes",
        "Every code that was given or used stands for a redemption that is held or used; one whose"
        " redemption was let go or came back is void; as many codes were imported as their shelf"
        " says.",
        "Codes that were never imported.",
        listing(
            """select c.code, c.state, coalesce(h.state, 'none') from redemption_code c
            left join ledger_hold h on h.fact_id = c.redemption_id
            where c.state is distinct from case when c.redemption_id is not null then
                case h.state when 'reserved' then 'given' when 'captured' then 'used'
                    else 'void' end
                when c.state = 'void' then 'void' else 'free' end
            union all
            select s.reward, s.supply || ' in supply', count(c.id) || ' imported'
            from redemption_shelf s
            left join redemption_code c on c.program_id = s.program_id and c.reward = s.reward
            where s.span = 'codes' group by s.id having s.supply <> count(c.id)""",
            "code",
            "it is {0}, its redemption or shelf says {1}",
        ),
    ),
    Invariant(
        "redemption.holds",
        "Every redemption has a hold of the same reward, member, quantity and slot, and every hold"
        " of a reward its redemption.",
        "Points that pay for an order: they are for no reward.",
        listing(
            """select fact_id, case when r.fact_id is null then 'hold without redemption'
                when h.fact_id is null then 'redemption without hold'
                else 'redemption unlike its hold' end
            from (select * from ledger_hold where reward <> '') h
            full join redemption_redemption r using (fact_id)
            where h.fact_id is null or r.fact_id is null or (h.program_id, h.member_id, h.reward,
                h.quantity, h.slot) <> (r.program_id, r.member_id, r.reward, r.quantity, r.slot)""",
            "fact",
            "a {0}",
        ),
    ),
)
