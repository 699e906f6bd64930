"""Accounts of a program and of its members. Raises nothing of its own."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from django.db import connection

SYSTEM_KINDS: Final = ("issued", "redeemed", "expired", "clawed_back", "deducted", "moved")


class Holder(NamedTuple):
    """A member's account of one unit, locked: its id and balance (smallest parts)."""

    id: int
    balance: int


Holders = dict[tuple[uuid.UUID, str, str], Holder]


def open_system_accounts(*, program_id: int, units: Iterable[str]) -> None:
    """The program's own accounts of each unit; those that exist stay."""
    _insert(
        [(program_id, unit, kind, None) for unit in sorted(units) for kind in sorted(SYSTEM_KINDS)]
    )


def system_accounts(program_id: int) -> dict[tuple[str, str], int]:
    """The program's own accounts by (unit, kind)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select unit, kind, id from ledger_account
            where program_id = %s and member_id is null""",
            [program_id],
        )
        return {(unit, kind): own for unit, kind, own in cursor.fetchall()}


def lock_members(*, program_id: int, members: Sequence[uuid.UUID], units: Sequence[str]) -> Holders:
    """Lock every account of these members in order of id; wallets that are missing are opened.

    Wallets are opened in key order before anything is locked, so that two writers who meet the
    same newcomers wait for each other instead of blocking each other.
    """
    found = read_members(members)
    missing = [
        (program_id, unit, "wallet", member)
        for member in sorted(members)
        for unit in sorted(units)
        if (member, unit, "wallet") not in found
    ]
    if missing:
        _insert(missing)
    return _locked(members)


def open_accounts(
    *, program_id: int, kind: str, wanted: Iterable[tuple[uuid.UUID, str]]
) -> Mapping[tuple[uuid.UUID, str, str], Holder]:
    """Accounts of a kind for members who need one for the first time; their wallets are locked."""
    rows = sorted(wanted)
    _insert([(program_id, unit, kind, member) for member, unit in rows])
    return _locked([member for member, _ in rows])


def read_members(members: Sequence[uuid.UUID], *, lock: str = "") -> Holders:
    """The accounts of these members as they are; `lock` is a locking clause."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""select member_id, unit, kind, id, balance from ledger_account
            where member_id = any(%s) order by id {lock}""",
            [list(members)],
        )
        return {
            (member, unit, kind): Holder(own, balance)
            for member, unit, kind, own, balance in cursor.fetchall()
        }


def _locked(members: Sequence[uuid.UUID]) -> Holders:
    return read_members(members, lock="for update")


def _insert(rows: Sequence[tuple[int, str, str, uuid.UUID | None]]) -> None:
    if not rows:
        return
    programs, units, kinds, members = zip(*rows, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into ledger_account (program_id, unit, kind, member_id, balance)
            select *, 0 from unnest(%s::bigint[], %s::text[], %s::text[], %s::uuid[])
            on conflict do nothing""",
            [list(programs), list(units), list(kinds), list(members)],
        )
