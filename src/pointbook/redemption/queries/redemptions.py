"""Redemptions as doors show them: one by its key or code, a program's, a member's.

What is held and what became of it is the ledger's to say, the rest this room's. Points are smallest
parts of their unit, money is minor units. Raises RedemptionUnknown.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

import orjson
from django.db import connection

from pointbook.engine.ledger.holds import Key, State
from pointbook.engine.values import codes
from pointbook.engine.values.errors import NotFoundError

# The kind of a row that pays a part of an order in points, and so has no reward.
PAYMENT: Final = "points"


class RedemptionUnknown(NotFoundError):
    """There is no redemption with this key or code."""


class CodeRow(NamedTuple):
    """One code of a redemption: free ones are nobody's, so it is given, used or void."""

    code: str
    state: str
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Row:
    """A redemption. `key` is that of the fact that reserved it, `order` of what it is for.

    `points` were held, of which `captured` were used and of these `back` came back. `amount` is
    what it is worth to the member, `cost` what it costs us, `cash` what is paid beside it: all of
    them for the whole `quantity`. `until` is the end of the hold; None: without end. `kind` is
    PAYMENT, `reward` "" and `side` "none" where points pay a part of an order.
    """

    fact_id: int
    key: Key
    member: uuid.UUID
    receiver: uuid.UUID | None
    reward: str
    kind: str
    version: int
    quantity: int
    slot: str
    options: Mapping[str, str]
    cause: str
    country: str
    state: State
    unit: str
    points: int
    captured: int
    back: int
    amount: int
    cash: int
    cost: int
    side: str
    at: datetime
    until: datetime | None
    order: Key | None
    fulfilment: str
    review: str
    confirm: str
    codes: tuple[CodeRow, ...]

    @property
    def used(self) -> int:
        """Points that were used and have not come back."""
        return self.captured - self.back


def redemption(program_id: int, key: Key) -> Row:
    """One redemption by the key of the fact that reserved it or took it at once.

    :raises RedemptionUnknown: there is none.
    """
    asked: dict[str, Any] = {"program": program_id, "source": key[0], "id": key[1]}
    found = _rows(BY_KEY, asked)
    if not found:
        raise RedemptionUnknown(
            f"there is no redemption {key[1]!r} of {key[0]!r}",
            field="redemption",
            value=key[1],
            mend="Name the source and the id of the fact that reserved it.",
        )
    return found[0]


def by_code(program_id: int, code: str) -> Row:
    """The redemption that has a code, however it was typed; its codes say which are still good.

    :raises RedemptionUnknown: nobody was given this code.
    """
    found = _rows(BY_CODE, {"program": program_id, "codes": spellings(code)})
    if not found:
        raise RedemptionUnknown(
            f"nobody was given the code {code!r}",
            field="code",
            value=code,
            mend="Compare it with the voucher, character by character.",
        )
    return found[0]


def spellings(code: str) -> list[str]:
    """How a code that somebody typed may be kept: as it is, in capitals, or as one of our own."""
    plain = code.strip()
    found = [plain, plain.upper()]
    with contextlib.suppress(codes.CodeError):  # then it may be one that was imported
        found.append(codes.check(plain))
    return sorted(set(found))


def redemptions(
    program_id: int,
    *,
    member: uuid.UUID | None = None,
    state: str | None = None,
    reward: str | None = None,
    review: str | None = None,
    limit: int = 50,
    before: int | None = None,
) -> list[Row]:
    """A program's redemptions of rewards, the latest first; `before` is the last row's `fact_id`.

    What is None does not matter; `review` is "open", "done" or "refused", and an open one is there
    to be looked at only while it is reserved.
    """
    if review == "open":
        state = state or "reserved"
    wanted = {"r.member_id": member, "h.state": state, "r.reward": reward, "r.review": review}
    terms = [f"{column} = %({column[2:]})s" for column, own in wanted.items() if own is not None]
    terms += [EARLIER] if before is not None else []
    page = " and ".join([PAGE, *terms])
    asked: dict[str, Any] = {column[2:]: own for column, own in wanted.items()}
    asked |= {"program": program_id, "limit": limit, "before": before}
    last = "order by r.at desc, r.fact_id desc limit %(limit)s"
    return _rows(f"{ROWS} where f.id in ({page} {last}) {LATEST}", asked)


def of_member(
    program_id: int, member: uuid.UUID, *, limit: int = 50, before: int | None = None
) -> list[Row]:
    """What a member redeemed or was given by others, payments in points too; the latest first.

    `before` is the last row's `fact_id`.
    """
    asked: dict[str, Any] = {"program": program_id, "member": member}
    asked |= {"limit": limit, "before": before}
    return _rows(OF_MEMBER, asked)


def by_facts(fact_ids: Sequence[int]) -> dict[int, Row]:
    """Redemptions by the ids of the facts that reserved them; those that are none are left out."""
    return {row.fact_id: row for row in _rows(BY_FACTS, {"ids": list(fact_ids)})}


COLUMNS: Final = """f.id, f.source, f.key, f.member_id, r.receiver_id, h.reward,
    coalesce(r.kind, 'points'), coalesce(r.version, 0), h.quantity, h.slot,
    coalesce(r.options, '{}')::text, coalesce(r.cause, ''), coalesce(r.country, ''), h.state,
    h.unit, h.points, h.captured, h.back, h.amount, coalesce(r.cash, 0), coalesce(r.cost, 0),
    coalesce(r.side, 'none'), f.occurred_at, h.until, h.order_source, h.order_key,
    coalesce(r.fulfilment, ''), coalesce(r.review, ''), coalesce(r.confirm, ''),
    c.codes, c.states, c.used"""
ROWS: Final = f"""select {COLUMNS} from ledger_fact f join ledger_hold h on h.fact_id = f.id
    left join redemption_redemption r on r.fact_id = f.id
    left join lateral (select array_agg(code order by place, id) as codes,
        array_agg(state order by place, id) as states,
        array_agg(used_at order by place, id) as used
        from redemption_code where redemption_id = f.id) c on true"""
BY_KEY: Final = f"""{ROWS}
    where f.program_id = %(program)s and f.source = %(source)s and f.key = %(id)s"""
BY_FACTS: Final = f"{ROWS} where f.id = any(%(ids)s)"
BY_CODE: Final = f"""{ROWS} where f.id in (select redemption_id from redemption_code
    where program_id = %(program)s and code = any(%(codes)s)) order by f.id desc limit 1"""
# Which rows, by a narrow index, before anything is read of them.
PAGE: Final = """select r.fact_id from redemption_redemption r
    join ledger_hold h on h.fact_id = r.fact_id where r.program_id = %(program)s"""
LATEST: Final = "order by f.occurred_at desc, f.id desc"
EARLIER: Final = """(r.at, r.fact_id) < (select at, fact_id from redemption_redemption
    where fact_id = %(before)s)"""
OF_MEMBER: Final = f"""{ROWS} where f.id in (
        select o.id from ledger_fact o where o.member_id = %(member)s
        and o.type in ('reserve', 'burn')
        union select fact_id from redemption_redemption where receiver_id = %(member)s)
    and f.program_id = %(program)s and (%(before)s::bigint is null or (f.occurred_at, f.id)
        < (select occurred_at, id from ledger_fact where id = %(before)s))
    {LATEST} limit %(limit)s"""


def _rows(sql: str, asked: Mapping[str, Any]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(sql, asked)
        return [_row(*own) for own in cursor.fetchall()]


def _row(*found: Any) -> Row:
    fact_id, source, key, member, receiver, reward, kind, version, quantity, slot = found[:10]
    options, cause, country, state, unit, points, captured, back, amount = found[10:19]
    cash, cost, side, at, until, order_source, order_key, fulfilment = found[19:27]
    review, confirm, own_codes, states, used = found[27:]
    return Row(
        fact_id=fact_id,
        key=(source, key),
        member=member,
        receiver=receiver,
        reward=reward,
        kind=kind,
        version=version,
        quantity=quantity,
        slot=slot,
        options=orjson.loads(options),
        cause=cause,
        country=country,
        state=state,
        unit=unit,
        points=points,
        captured=captured,
        back=back,
        amount=amount,
        cash=cash,
        cost=cost,
        side=side,
        at=at,
        until=until,
        order=(order_source, order_key) if order_key else None,
        fulfilment=fulfilment,
        review=review,
        confirm=confirm,
        codes=tuple(
            CodeRow(*one) for one in zip(own_codes or (), states or (), used or (), strict=True)
        ),
    )
