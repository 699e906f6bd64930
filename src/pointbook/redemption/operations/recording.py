"""Write down redemptions with the facts that made them, and give them their codes.

Every function is a fixed number of statements in the caller's transaction, whatever the number of
redemptions. Raises CodesGone when fewer codes are free than were promised.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from typing import Final, NamedTuple

import orjson
from django.db import connection

from pointbook.controls.clock import now
from pointbook.engine.replay.program import Program
from pointbook.engine.replay.verdicts import Verdict
from pointbook.engine.rules.catalogue import FULFILMENT, Reward
from pointbook.engine.rules.rewards.situations import claim_of
from pointbook.engine.values.codes import code_of
from pointbook.engine.values.errors import ConflictError
from pointbook.redemption.operations.drawing import promise

# Whoever asked for it, where the head of the household pays: it is theirs.
BURNED_BY: Final = "burned_by"
# Enough that nobody finds one by trying: 80 bits.
RANDOM_BYTES: Final = 10


class CodesGone(ConflictError):
    """Fewer codes are free than the shelf says."""


class Made(NamedTuple):
    """A posted fact with what became of redemptions, and whose it is."""

    fact_id: int
    member: uuid.UUID
    verdict: Verdict


def record(*, program_id: int, program: Program, made: Sequence[Made]) -> None:
    """Write the redemptions that these facts made, and what ends or progresses with them."""
    new = [
        (one, reward)
        for one in made
        for step in one.verdict.steps
        if step.what == "reserved" and (reward := _reward(program, one, step.hold.reward))
    ]
    if new:
        _promise_draws(program_id, new)
        _insert(program_id, program, new)
        _give_codes(program_id, new)
    captured = [
        (one, step.hold.key)
        for one in made
        for step in one.verdict.steps
        if step.what == "captured" and step.hold.reward
    ]
    if captured:
        _use(program_id, captured)
    ended = [
        step.hold.key
        for one in made
        for step in one.verdict.steps
        if step.what in ("released", "lapsed", "cancelled") and step.hold.reward
    ]
    if ended:
        _void_codes(program_id, ended)


def _reward(program: Program, one: Made, code: str) -> Reward | None:
    blueprint = program.version_at(one.verdict.fact.occurred_at).blueprint
    return next((own for own in blueprint.rewards if own.code == code), None)


def _promise_draws(program_id: int, new: Sequence[tuple[Made, Reward]]) -> None:
    """No sweepstake has an entry before its draw is promised."""
    drawn = {reward.code for _, reward in new if reward.gives.kind == "sweepstake"}
    if drawn:
        promise(program_id, drawn)


def _insert(program_id: int, program: Program, new: Sequence[tuple[Made, Reward]]) -> None:
    rows = []
    for one, reward in new:
        fact = one.verdict.fact
        claim = claim_of(fact)
        hold = next(step.hold for step in one.verdict.steps if step.what == "reserved")
        rows.append(
            {
                "fact_id": one.fact_id,
                "member_id": one.member,
                "receiver_id": claim.receiver or fact.attributes.get(BURNED_BY),
                "reward": reward.code,
                "kind": reward.gives.kind,
                "version": one.verdict.version,
                "quantity": hold.quantity,
                "slot": hold.slot,
                "options": dict(claim.options),
                "cause": claim.cause or _only_cause(program, one, reward),
                "country": claim.country,
                "side": reward.side,
                "cost": reward.cost * hold.quantity,
                "cash": reward.cash * hold.quantity,
                "at": fact.occurred_at,
                "review": "open" if hold.review else "",
                "confirm": "open" if reward.confirm and fact.type == "reserve" else "",
            }
        )
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into redemption_redemption (program_id, fact_id, member_id, receiver_id,
                reward, kind, version, quantity, slot, options, cause, country, side, cost, cash,
                at, review, confirm, fulfilment)
            select %s, *, '' from json_to_recordset(%s::json) as new(fact_id bigint,
                member_id uuid, receiver_id uuid, reward text, kind text, version integer,
                quantity integer, slot text, options jsonb, cause text, country text, side text,
                cost bigint, cash bigint, at timestamptz, review text, confirm text)""",
            [program_id, orjson.dumps(rows).decode()],
        )


def _only_cause(program: Program, one: Made, reward: Reward) -> str:
    """The cause that a gift is for when none was said, because there is one only; else ''."""
    if reward.gives.kind != "charity":
        return ""
    blueprint = program.version_at(one.verdict.fact.occurred_at).blueprint
    known = reward.gives.causes or tuple(own.code for own in blueprint.causes)
    return known[0] if len(known) == 1 else ""


def _give_codes(program_id: int, new: Sequence[tuple[Made, Reward]]) -> None:
    """Free codes of a pool for rewards that have one, codes of our own for other vouchers.

    :raises CodesGone: the shelf promised more codes than are free.
    """
    asked: list[tuple[int, int, str]] = []
    fresh: list[tuple[int, int, str, str]] = []
    for one, reward in new:
        hold = next(step.hold for step in one.verdict.steps if step.what == "reserved")
        for place in range(1, hold.quantity + 1):
            if reward.pool:
                asked.append((one.fact_id, place, reward.code))
            elif reward.voucher is not None:
                text = code_of(secrets.token_bytes(RANDOM_BYTES))
                fresh.append((one.fact_id, place, reward.code, text))
    with connection.cursor() as cursor:
        if fresh:
            ids, places, rewards, codes = zip(*fresh, strict=True)
            cursor.execute(
                """insert into redemption_code
                    (program_id, reward, code, state, redemption_id, place, made_at)
                select %s, new.reward, new.code, 'given', new.id, new.place, %s
                from unnest(%s::bigint[], %s::integer[], %s::text[], %s::text[])
                    as new(id, place, reward, code)""",
                [program_id, now(), list(ids), list(places), list(rewards), list(codes)],
            )
        if asked:
            ids_, places_, pools = zip(*asked, strict=True)
            cursor.execute(POOLED, [list(ids_), list(places_), list(pools), program_id])
            if cursor.rowcount < len(asked):
                raise CodesGone(
                    "fewer codes are free than the shelf says",
                    field="attributes.reward",
                    value=pools[0],
                    mend="Import more codes.",
                )


# The shelf of the reward's codes is locked: nobody else takes any now.
POOLED: Final = """
with asked as (
    select id, place, reward, row_number() over (partition by reward order by id, place) as turn
    from unnest(%s::bigint[], %s::integer[], %s::text[]) as new(id, place, reward)
), free as (
    select c.id, c.reward, row_number() over (partition by c.reward order by c.id) as turn
    from (select reward, count(*) as wanted from asked group by 1) w
    cross join lateral (select id, reward from redemption_code
        where program_id = %s and reward = w.reward and state = 'free'
        order by id limit w.wanted) c
)
update redemption_code c set state = 'given', redemption_id = a.id, place = a.place
from asked a join free f on f.reward = a.reward and f.turn = a.turn where c.id = f.id
"""


def _use(program_id: int, captured: Sequence[tuple[Made, tuple[str, str]]]) -> None:
    """The codes of captured redemptions are used, and their fulfilment begins."""
    columns: list[list[object]] = [
        [key[0] for _, key in captured],
        [key[1] for _, key in captured],
        [one.verdict.fact.occurred_at for one, _ in captured],
    ]
    kinds = list(FULFILMENT)
    with connection.cursor() as cursor:
        cursor.execute(
            """with named as (
                select f.id, new.at from unnest(%s::text[], %s::text[], %s::timestamptz[])
                    as new(source, key, at)
                join ledger_fact f on f.program_id = %s and f.source = new.source
                    and f.key = new.key
            ), codes as (
                update redemption_code c set state = 'used', used_at = named.at
                from named where c.redemption_id = named.id and c.state = 'given'
            ), begun as (
                update redemption_redemption r set fulfilment = k.step
                from named, unnest(%s::text[], %s::text[]) as k(kind, step)
                where r.fact_id = named.id and k.kind = r.kind and r.fulfilment = ''
                returning r.fact_id, r.fulfilment, named.at
            )
            insert into redemption_progress (redemption_id, step, at, recorded_at, actor, note)
            select fact_id, fulfilment, at, %s, 'pointbook', '' from begun""",
            [*columns, program_id, kinds, [FULFILMENT[kind][0] for kind in kinds], now()],
        )


def _void_codes(program_id: int, keys: Sequence[tuple[str, str]]) -> None:
    """Codes of what was let go or came back are worth nothing any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            """update redemption_code c set state = 'void' from ledger_fact f
            where c.redemption_id = f.id and f.program_id = %s and c.state in ('given', 'used')
            and (f.source, f.key) in (select * from unnest(%s::text[], %s::text[]))""",
            [program_id, [key[0] for key in keys], [key[1] for key in keys]],
        )
