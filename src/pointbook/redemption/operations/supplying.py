"""How many there are of a reward: its stock, the places of a slot, and the codes that were bought.

What is taken stays taken, so a supply is never less than that. Raises SupplyRefused and
RewardUnknown.
"""

from __future__ import annotations

import csv
import io
import secrets
from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

from django.db import connection

from pointbook.controls.actors import Actor
from pointbook.controls.clock import clock, now
from pointbook.controls.operations import change
from pointbook.engine.replay.shelves import CODES
from pointbook.engine.rules.catalogue import Reward
from pointbook.engine.values.codes import BYTES, code_of
from pointbook.engine.values.errors import ConflictError
from pointbook.redemption.events import SUPPLIED
from pointbook.redemption.models import Code
from pointbook.redemption.operations.announcing import tell
from pointbook.redemption.queries.rewards import reward_at, reward_ever, slot_of
from pointbook.redemption.queries.shelves import Stand

# Characters that a code may have at most, and codes that are made at once.
LONGEST: Final = 64
AT_ONCE: Final = 100_000
MOST: Final = 2**31 - 1


class SupplyRefused(ConflictError):
    """There cannot be so many of a reward, or it is not counted like this."""


class Imported(NamedTuple):
    """How many codes are new, and which came twice or were known before."""

    new: int
    doubled: tuple[str, ...]


def supply(
    *, program_id: int, reward: str, change_by: int, actor: Actor, slot: str = "", key: str = ""
) -> Stand:
    """Add to the stock of a reward, or the places of a slot, or take from it; answers what is left.

    `key` makes it happen once, however often it is sent.

    :raises RewardUnknown: no such reward or slot.
    :raises SupplyRefused: less than is taken, no slot where there are some, or there are any
        number of it.
    """
    found = reward_at(program_id, reward, at=clock(program_id))
    if found.gives.slots and not slot:
        raise SupplyRefused(
            f"the places of {reward!r} are those of its slots",
            field="slot",
            value=None,
            mend=f"Name one of: {', '.join(one.code for one in found.gives.slots)}.",
        )
    usual = slot_of(found, slot).capacity if slot else found.stock
    if usual is None:
        raise SupplyRefused(
            f"there are any number of {reward!r}",
            field="reward",
            value=reward,
            mend="Import codes." if found.pool else "Give it a stock in the program first.",
        )

    def run() -> list[int]:
        own, there, taken = _locked(program_id, reward, slot, "", usual)
        there += change_by
        if not taken <= there <= MOST:
            raise SupplyRefused(
                f"{taken} of {reward!r} are taken; there cannot be {there}",
                field="change",
                value=change_by,
                mend=f"Take away {max(0, there - change_by - taken)} at most.",
            )
        _put(own, there)
        tell(program_id, SUPPLIED, own, body={"reward": reward, "slot": slot, "supply": there})
        return [there, taken]

    answer = change(
        actor=actor,
        action="stock.set",
        program_id=program_id,
        subject=f"{reward}/{slot}" if slot else reward,
        body=[reward, slot, change_by],
        key=key or None,
        detail={"change": change_by},
        run=run,
    )
    return Stand(reward, slot, "", *answer)


def import_codes(*, program_id: int, reward: str, codes: Sequence[str], actor: Actor) -> Imported:
    """Put codes into a reward's pool; what comes twice is told, and everything else is kept.

    :raises RewardUnknown: no such reward.
    :raises SupplyRefused: the reward has no pool, or a code is too long or cannot be typed.
    """
    _pooled(reward_at(program_id, reward, at=clock(program_id)))
    told = [code.strip() for code in codes if code.strip()]
    strange = next((one for one in told if len(one) > LONGEST or not one.isprintable()), None)
    if strange is not None:
        raise SupplyRefused(
            f"{strange[:LONGEST]!r} is no code",
            field="codes",
            value=strange[:LONGEST],
            mend=f"A code has at most {LONGEST} printable characters.",
        )
    unique = list(dict.fromkeys(told))

    def run() -> Imported:
        kept = _add(program_id, reward, unique)
        twice = [code for code, often in Counter(told).items() if often > 1]
        known = [code for code in unique if code not in kept]
        return Imported(len(kept), tuple(dict.fromkeys((*twice, *known))))

    return change(
        actor=actor,
        action="codes.import",
        program_id=program_id,
        subject=reward,
        body=[reward, unique],
        detail={"codes": len(unique)},
        run=run,
    )


def generate_codes(*, program_id: int, reward: str, count: int, actor: Actor) -> tuple[str, ...]:
    """Make so many new codes for a reward's pool, that nobody can guess; answers them.

    :raises RewardUnknown: no such reward.
    :raises SupplyRefused: the reward has no pool, or too many at once.
    """
    _pooled(reward_at(program_id, reward, at=clock(program_id)))
    if not 0 < count <= AT_ONCE:
        raise SupplyRefused(
            f"{count} codes cannot be made at once",
            field="count",
            value=count,
            mend=f"Make 1 to {AT_ONCE}.",
        )

    def run() -> tuple[str, ...]:
        made: set[str] = set()
        while len(made) < count:  # two alike are as likely as a guess that is right
            missing = count - len(made)
            fresh = {code_of(secrets.token_bytes(BYTES)) for _ in range(missing)}
            made |= _add(program_id, reward, sorted(fresh))
        return tuple(sorted(made))

    return change(
        actor=actor,
        action="codes.import",
        program_id=program_id,
        subject=reward,
        body=[reward, count],
        detail={"codes": count, "made": True},
        run=run,
    )


def export_codes(*, program_id: int, reward: str, actor: Actor) -> str:
    """All codes of a reward as CSV: which state, for which redemption, when used; nobody's name.

    Codes are as good as money, so this is written down like a change.

    :raises RewardUnknown: no such reward.
    """
    reward_ever(program_id, reward, at=clock(program_id))

    def run() -> str:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(("code", "state", "redemption_source", "redemption", "used_at"))
        found = Code.objects.filter(program_id=program_id, reward=reward).order_by("id")
        rows = found.values_list(
            "code", "state", "redemption__fact__source", "redemption__fact__key", "used_at"
        )
        for code, state, source, key, used_at in rows.iterator():
            used = "" if used_at is None else used_at.isoformat()
            writer.writerow((code, state, source or "", key or "", used))
        return text.getvalue()

    return change(
        actor=actor,
        action="codes.export",
        program_id=program_id,
        subject=reward,
        body=reward,
        run=run,
    )


def _pooled(reward: Reward) -> None:
    if not reward.pool:
        raise SupplyRefused(
            f"{reward.code!r} has no codes of its own",
            field="reward",
            value=reward.code,
            mend="Write codes: pool in the program first.",
        )


def _locked(program_id: int, reward: str, slot: str, span: str, usual: int) -> tuple[int, int, int]:
    """A shelf under lock (id, supply, taken); put up as the program says when it is new."""
    with connection.cursor() as cursor:
        asked = (program_id, reward, slot, span)
        cursor.execute(
            """insert into redemption_shelf (program_id, reward, slot, span, supply, taken)
            values (%s, %s, %s, %s, %s, 0) on conflict do nothing""",
            (*asked, usual),
        )
        cursor.execute(
            """select id, supply, taken from redemption_shelf where program_id = %s
            and reward = %s and slot = %s and span = %s for update""",
            asked,
        )
        own, there, taken = cursor.fetchone()
        return own, there, taken


def _put(shelf: int, there: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("update redemption_shelf set supply = %s where id = %s", [there, shelf])


def _add(program_id: int, reward: str, codes: Sequence[str]) -> set[str]:
    """Keep the codes that are new, under the lock of their shelf; answers these."""
    own, there, _ = _locked(program_id, reward, "", CODES, 0)
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into redemption_code (program_id, reward, code, state, place, made_at)
            select %s, %s, code, 'free', 1, %s from unnest(%s::text[]) with ordinality
                as new(code, turn) order by turn
            on conflict (program_id, code) do nothing returning code""",
            [program_id, reward, now(), list(codes)],
        )
        kept = {code for (code,) in cursor.fetchall()}
    if kept:
        _put(own, there + len(kept))
        tell(program_id, SUPPLIED, own, body={"reward": reward, "codes": len(kept)})
    return kept
