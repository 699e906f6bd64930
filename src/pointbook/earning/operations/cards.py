"""Gift cards: stored value of whoever holds the card, which is known by its number only.

The bearer is nobody's name and counts as no member. A member can take a card in: its value is in
their wallet then, and its number is theirs. Raises CardRefused, ProgramNotFound, and what the facts
are refused for.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from pointbook.controls.actors import Actor
from pointbook.controls.clock import clock
from pointbook.controls.operations import change
from pointbook.earning.balances import Balance, balance
from pointbook.earning.operations.ingesting import ingest_together
from pointbook.earning.operations.redeeming import Key
from pointbook.engine.replay.verdicts import made_id
from pointbook.engine.values.codes import BYTES, CodeError, check, code_of
from pointbook.engine.values.errors import NotFoundError
from pointbook.engine.values.facts import Fact, Tender
from pointbook.ledger.queries import recorded
from pointbook.members.operations import enrol_bearer
from pointbook.members.queries import is_bearer, known_by, resolve
from pointbook.programs.queries import compiled
from pointbook.programs.queries import program as find_program

# The source of facts that the team causes.
TEAM = "team"


class CardRefused(NotFoundError):
    """There is no card with this number, or the program has none."""


@dataclass(frozen=True, slots=True)
class Card:
    """A card: its number as it is kept, whose it is, and what is on it."""

    number: str
    holder: uuid.UUID
    balance: Balance


def issue_card(
    *,
    program: str,
    key: Key,
    amount: str,
    actor: Actor,
    unit: str | None = None,
    tenders: Sequence[Tender] = (),
    at: datetime | None = None,
) -> Card:
    """Sell a new card with an amount on it (major units, as text).

    `key` is that of the top-up; the same key again answers the same card.

    :raises CardRefused: the program has no unit of money.
    """
    row = find_program(program)
    now = clock(row.id) if at is None else at
    own = _money(row.id, unit, now)
    before = recorded(row.id, [key]).get(key)
    if before is not None and before.member is not None:
        number = known_by([before.member]).get(before.member, "")
        return Card(number, before.member, balance(program, before.member, unit=own, at=now))
    number = code_of(secrets.token_bytes(BYTES))
    # A card is there with its value, or not at all.
    with transaction.atomic():
        bearer = change(
            actor=actor,
            action="card.issue",
            program_id=row.id,
            subject="/".join(key),
            body=[*key, amount, own],
            run=lambda: enrol_bearer(program_id=row.id, number=number, at=now),
        )
        fact = _top_up(key, str(bearer), amount=amount, unit=own, tenders=tenders, at=now)
        ingest_together(program=program, facts=[fact], actor=actor, at=now)
    return Card(number, bearer, balance(program, bearer, unit=own, at=now))


def top_up_card(
    *,
    program: str,
    key: Key,
    number: str,
    amount: str,
    actor: Actor,
    unit: str | None = None,
    tenders: Sequence[Tender] = (),
    at: datetime | None = None,
) -> Card:
    """Put more on a card; the same key again changes nothing.

    :raises CardRefused: no such card.
    """
    row = find_program(program)
    now = clock(row.id) if at is None else at
    own = _money(row.id, unit, now)
    known, holder = _holder(row.id, number)
    before = recorded(row.id, [key]).get(key)
    first = now if before is None else before.occurred_at
    fact = _top_up(key, str(holder), amount=amount, unit=own, tenders=tenders, at=first)
    ingest_together(program=program, facts=[fact], actor=actor, at=now)
    return Card(known, holder, balance(program, holder, unit=own, at=now))


def card(program: str, number: str, *, unit: str | None = None, at: datetime | None = None) -> Card:
    """A card by its number, however it is typed, with what is on it.

    :raises CardRefused: no such card.
    """
    row = find_program(program)
    now = clock(row.id) if at is None else at
    known, holder = _holder(row.id, number)
    own = _money(row.id, unit, now)
    return Card(known, holder, balance(program, holder, unit=own, at=now))


def take_in(
    *, program: str, number: str, member: str, actor: Actor, at: datetime | None = None
) -> Card:
    """A member takes a card into their wallet: its value and its number are theirs from now on.

    Taken in before by the same member, it stays so.

    :raises CardRefused: no such card, or somebody else's.
    """
    row = find_program(program)
    now = clock(row.id) if at is None else at
    known, holder = _holder(row.id, number)
    into = resolve(row.id, [member]).get(member)
    if holder != into:
        if into is None or not is_bearer(holder) or is_bearer(into):
            raise _unknown(number)
        fact = Fact(
            source=TEAM,
            id=made_id("card", row.code, str(holder)),
            type="merge",
            occurred_at=now,
            member=str(into),
            attributes={"from": str(holder)},
        )
        ingest_together(program=program, facts=[fact], actor=actor, at=now)
    return card(program, known, at=now)


def _top_up(
    key: Key, holder: str, *, amount: str, unit: str, tenders: Sequence[Tender], at: datetime
) -> Fact:
    return Fact(
        source=key.source,
        id=key.id,
        type="top_up",
        occurred_at=at,
        member=holder,
        tenders=tuple(tenders),
        attributes={"amount": amount, "unit": unit},
    )


def _money(program_id: int, unit: str | None, at: datetime) -> str:
    units = compiled(program_id).version_at(at).units.values()
    money = [one.code for one in units if one.money]
    if unit in money or (unit is None and money):
        return unit or money[0]
    raise CardRefused(
        "the program has no such unit of money",
        field="unit",
        value=unit,
        mend=f"Use one of: {', '.join(money)}." if money else "Write money: true in the program.",
    )


def _holder(program_id: int, number: str) -> tuple[str, uuid.UUID]:
    """The number as it is kept, and whose it is."""
    try:
        known = check(number)
    except CodeError:
        raise _unknown(number) from None
    holder = resolve(program_id, [known]).get(known)
    if holder is None:
        raise _unknown(number)
    return known, holder


def _unknown(number: str) -> CardRefused:
    return CardRefused(
        "there is no such card",
        field="number",
        value=number,
        mend="Compare the number with the card.",
    )
