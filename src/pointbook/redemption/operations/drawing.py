"""A sweepstake's draw: promised before the first entry, drawn once its day has come, told for ever.

Every captured redemption is an entry for each of its quantity. What is drawn stays as it was drawn,
whatever comes back later. Raises DrawRefused and RewardUnknown.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Final, NamedTuple

from django.db import connection

from pointbook.controls.actors import Actor
from pointbook.controls.clock import clock
from pointbook.controls.operations import change, hold_sequence
from pointbook.engine.rules.catalogue import Reward
from pointbook.engine.rules.drawing import Entry, Winner, commitment, odds, verify, winners
from pointbook.engine.values.calendar import day_of
from pointbook.engine.values.errors import ConflictError
from pointbook.programs.queries import compiled
from pointbook.redemption.events import DRAWN
from pointbook.redemption.models import Draw
from pointbook.redemption.operations.announcing import tell
from pointbook.redemption.operations.fulfilling import note_steps
from pointbook.redemption.queries.rewards import reward_ever

SEED: Final = 32


class DrawRefused(ConflictError):
    """There is no such draw, or its time has not come."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A draw as everybody may see it; `seed` is "" and `winners` are none until it was drawn.

    `digest` is the SHA-256 of the entries' list: a line "entry tab member" each, sorted by entry.
    """

    reward: str
    commitment: str
    drawn_at: datetime | None
    seed: str
    entries: int
    digest: str
    winners: tuple[Winner, ...]


class Chance(NamedTuple):
    """A member's entries of all, and the chance to win at least one of the prizes."""

    entries: int
    all: int
    prizes: int
    odds: Fraction

    @property
    def text(self) -> str:
        """The chance in words: "1 in 12", or "about 1 in 8.5"."""
        if not self.odds:
            return "no chance"
        if self.odds == 1:
            return "certain"
        among = 1 / self.odds
        if among.denominator == 1:
            return f"1 in {among.numerator}"
        return f"about 1 in {float(round(among, 1)):g}"


def open_draw(*, program_id: int, reward: str, actor: Actor) -> Drawn:
    """Promise a draw: the commitment is there from now on; promised before, it stays.

    :raises RewardUnknown: no such reward.
    :raises DrawRefused: it is no sweepstake.
    """
    _sweepstake(program_id, reward, clock(program_id))
    change(
        actor=actor,
        action="sweepstake.draw",
        program_id=program_id,
        subject=reward,
        body=[reward, "open"],
        run=lambda: promise(program_id, [reward]),
    )
    return drawn(program_id, reward)


def promise(program_id: int, rewards: Iterable[str]) -> None:
    """Promise the draws of sweepstakes that are not promised yet, in one statement.

    Called with their first entries: no entry is ever there before the promise.
    """
    seeds = [(reward, secrets.token_bytes(SEED)) for reward in sorted(set(rewards))]
    Draw.objects.bulk_create(
        (
            Draw(program_id=program_id, reward=reward, commitment=commitment(seed), seed=seed)
            for reward, seed in seeds
        ),
        ignore_conflicts=True,
    )


def draw(*, program_id: int, reward: str, actor: Actor) -> Drawn:
    """Draw the winners, from the day that the program says; drawn before, it stays as it was.

    :raises RewardUnknown: no such reward.
    :raises DrawRefused: no sweepstake, nobody took part, or before its day.
    """
    at = clock(program_id)
    found = _sweepstake(program_id, reward, at)
    day = found.gives.draws_on
    if day is not None and day_of(at, compiled(program_id).zone) < day:
        raise DrawRefused(
            f"{found.name} is drawn on {day.isoformat()}",
            field="reward",
            value=reward,
            mend="Wait for its day; until then there may be more entries.",
        )
    change(
        actor=actor,
        action="sweepstake.draw",
        program_id=program_id,
        subject=reward,
        body=[reward, "draw"],
        run=lambda: _draw(program_id, found, actor, at),
    )
    return drawn(program_id, reward)


def drawn(program_id: int, reward: str) -> Drawn:
    """A draw as it stands.

    :raises DrawRefused: none was promised.
    """
    found = Draw.objects.filter(program_id=program_id, reward=reward).first()
    if found is None:
        raise DrawRefused(
            f"no draw of {reward!r} was promised",
            field="reward",
            value=reward,
            mend="Promise it: pointbook draw PROGRAM REWARD --open.",
        )
    done = found.drawn_at is not None
    return Drawn(
        reward=reward,
        commitment=found.commitment,
        drawn_at=found.drawn_at,
        seed=bytes(found.seed).hex() if done else "",
        entries=found.entries or 0,
        digest=found.digest,
        winners=tuple(Winner(**one) for one in found.winners),
    )


def verify_draw(program_id: int, reward: str) -> tuple[str, ...]:
    """What is wrong with a draw, in sentences, found by drawing it again; none: all is right.

    :raises DrawRefused: none was promised, or it was not drawn yet.
    """
    told = drawn(program_id, reward)
    if told.drawn_at is None:
        raise DrawRefused(
            f"{reward!r} was not drawn yet",
            field="reward",
            value=reward,
            mend="Draw it first.",
        )
    found = _sweepstake(program_id, reward, told.drawn_at)
    took_part = entries(program_id, reward, drawn=True)
    wrong = verify(
        seed=bytes.fromhex(told.seed),
        promised=told.commitment,
        entries=took_part,
        prizes=found.gives.prizes,
        told=told.winners,
    )
    if (len(took_part), digest(took_part)) != (told.entries, told.digest):
        wrong = (*wrong, "The entries are not those that were drawn from.")
    return wrong


def chance(program_id: int, reward: str, member: uuid.UUID) -> Chance:
    """A member's chance as it is now; every further entry changes it.

    :raises RewardUnknown: no such reward.
    :raises DrawRefused: it is no sweepstake.
    """
    found = _sweepstake(program_id, reward, clock(program_id))
    there = entries(program_id, reward)
    own = sum(one.member == str(member) for one in there)
    prizes = sum(prize.quantity for prize in found.gives.prizes)
    return Chance(own, len(there), prizes, odds(own, len(there), prizes))


def entries(
    program_id: int, reward: str, *, drawn: bool = False, among: Sequence[int] | None = None
) -> list[Entry]:
    """The entries of a sweepstake as they are now, or as they were `drawn`, sorted by id.

    `among` are the redemptions that are looked at (None: all).
    """
    which = (
        "exists (select from redemption_progress p where p.redemption_id = r.fact_id"
        " and p.step = 'drawn')"
        if drawn
        else "h.state = 'captured'"
    )
    if among is not None:
        which = f"{which} and r.fact_id = any(%(among)s)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""select f.source, f.key, coalesce(r.receiver_id, r.member_id)::text, r.quantity
            from redemption_redemption r join ledger_hold h on h.fact_id = r.fact_id
            join ledger_fact f on f.id = r.fact_id
            where r.program_id = %(program)s and r.reward = %(reward)s and {which}""",
            {"program": program_id, "reward": reward, "among": list(among or ())},
        )
        found = cursor.fetchall()
    return sorted(
        Entry(f"{source}/{key}/{turn}", member)
        for source, key, member, quantity in found
        for turn in range(1, quantity + 1)
    )


def digest(took_part: Sequence[Entry]) -> str:
    """The SHA-256 of a list of entries, in hexadecimal digits."""
    text = "".join(f"{one.id}\t{one.member}\n" for one in sorted(took_part))
    return hashlib.sha256(text.encode()).hexdigest()


def _draw(program_id: int, reward: Reward, actor: Actor, at: datetime) -> None:
    hold_sequence(program_id)
    row = Draw.objects.select_for_update().filter(program_id=program_id, reward=reward.code).first()
    if row is not None and row.drawn_at is not None:
        return
    ids = _entered(program_id, reward.code)
    took_part = entries(program_id, reward.code, among=ids)
    if row is None or not took_part:
        raise DrawRefused(
            f"nobody takes part in {reward.name}",
            field="reward",
            value=reward.code,
            mend="Only redemptions that were captured are entries.",
        )
    won = winners(seed=bytes(row.seed), entries=took_part, prizes=reward.gives.prizes)
    row.drawn_at, row.entries, row.digest = at, len(took_part), digest(took_part)
    row.winners = [one._asdict() for one in won]
    row.save(update_fields=["drawn_at", "entries", "digest", "winners"])
    with connection.cursor() as cursor:
        cursor.execute(
            "update redemption_redemption set fulfilment = 'drawn' where fact_id = any(%s)", [ids]
        )
    note_steps(ids, "drawn", at=at, actor=actor.name, note="")
    tell(program_id, DRAWN, row.id, body={"reward": reward.code, "entries": len(took_part)})


def _entered(program_id: int, reward: str) -> list[int]:
    """The redemptions that are drawn from, under lock: none of them comes back meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select h.fact_id from ledger_hold h join redemption_redemption r
                on r.fact_id = h.fact_id
            where r.program_id = %s and r.reward = %s and h.state = 'captured'
            order by h.fact_id for share of h""",
            [program_id, reward],
        )
        return [own for (own,) in cursor.fetchall()]


def _sweepstake(program_id: int, reward: str, at: datetime) -> Reward:
    found = reward_ever(program_id, reward, at=at)
    if found.gives.kind != "sweepstake":
        raise DrawRefused(
            f"{reward!r} is no sweepstake",
            field="reward",
            value=reward,
            mend="Name a reward that gives a sweepstake.",
        )
    return found
