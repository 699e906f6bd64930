"""API keys: what another system shows to be let in. Only the digest of a secret is kept.

A key belongs to one program, or to all of them, and opens what its scopes name. Raises KeyUnknown
for a secret or prefix that nobody has, ScopeUnknown and NameUnfit for a key that cannot be made,
and ScopeMissing for a key that is asked for more than it may.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pointbook.controls.actors import Actor
from pointbook.controls.clock import now
from pointbook.controls.models import ApiKey
from pointbook.controls.operations import change
from pointbook.engine.values.errors import PointbookError

SCOPES: Final[dict[str, str]] = {
    "facts.write": "post facts",
    "members.read": "read members, balances and entries",
    "members.write": "enrol members",
    "orders.evaluate": "ask what an order would earn, and what can be redeemed on it",
    "orders.confirm": "post an order with what is redeemed on it",
    "program.read": "read the program",
    "redemptions.read": "read redemptions and vouchers",
    "redemptions.write": "reserve, capture, release and cancel redemptions, and use vouchers",
    "redemptions.code": "make the one-time codes by which members confirm redemptions",
    "rewards.supply": "change how many there are of a reward, and import codes",
    "books.read": "read reports of the books",
    "programs.publish": "publish programs, and check documents",
}
# What is given only when it is named: a till has no need of it.
NAMED: Final = frozenset({"books.read", "programs.publish", "redemptions.code", "rewards.supply"})
# All that a key of all programs may be for; the rest is about one program.
# Whoever reads the books is given that by name, with a key of all programs, too.
BOOKS: Final = "books.read"
OF_ALL: Final = ("books.read", "program.read", "programs.publish")
LONGEST_NAME: Final = 60


class KeyUnknown(PointbookError):
    """There is no such key, or it was revoked."""

    status = 401


class ScopeMissing(PointbookError):
    """The key may not do this."""

    status = 403


class ScopeUnknown(PointbookError):
    """There is no such scope."""

    status = 422


class NameUnfit(PointbookError):
    """A key's name is empty or too long."""

    status = 422


@dataclass(frozen=True, slots=True)
class Key:
    """A key without its secret; `prefix` is the part of the secret that may be shown.

    `program_id` is None for a key of all programs.
    """

    program_id: int | None
    name: str
    prefix: str
    scopes: tuple[str, ...]
    created_at: datetime
    revoked_at: datetime | None

    @property
    def actor(self) -> Actor:
        """Who acts when this key is shown."""
        return Actor("key", f"{self.name} {self.prefix}", "integration")

    def require(self, *, scope: str) -> None:
        """Let the key pass, or raise.

        :raises ScopeMissing: naming the scope.
        """
        if scope not in self.scopes:
            raise ScopeMissing(
                f"the key {self.prefix} lacks the scope {scope}",
                field="scope",
                value=scope,
                mend=f"Create a key with --scope {scope}.",
            )


def create(
    *, program_id: int | None, name: str, actor: Actor, scopes: Sequence[str] = ()
) -> tuple[Key, str]:
    """Make a key of a program, or of all (None); the secret is answered only here.

    With no scope named it gets all that are not NAMED, a key of all programs what is
    OF_ALL but the books.

    :raises NameUnfit: a name that is empty or longer than LONGEST_NAME.
    :raises ScopeUnknown: naming the scopes there are.
    """
    open_to = OF_ALL if program_id is None else tuple(SCOPES)
    _check(name, scopes, open_to)
    given = set(scopes) or (set(open_to) - {BOOKS} if program_id is None else SCOPES.keys() - NAMED)
    prefix = f"pb_{secrets.token_hex(4)}"
    secret = f"{prefix}_{secrets.token_urlsafe(32)}"

    def run() -> ApiKey:
        return ApiKey.objects.create(
            program_id=program_id,
            name=name,
            prefix=prefix,
            digest=_digest(secret),
            scopes=sorted(given),
            created_at=now(),
        )

    row = change(actor=actor, action="key.create", run=run, program_id=program_id, subject=prefix)
    return _key(row), secret


def revoke(*, program_id: int | None, prefix: str, actor: Actor) -> Key:
    """Close a key for ever; a key that is revoked already stays so.

    :raises KeyUnknown: when the program (None: all of them) has no key with this prefix.
    """
    row = ApiKey.objects.filter(program_id=program_id, prefix=prefix).first()
    if row is None:
        raise KeyUnknown(
            f"there is no key {prefix!r}",
            field="prefix",
            value=prefix,
            mend="List them: pointbook key list.",
        )

    def run() -> None:
        row.revoked_at = now()
        row.save(update_fields=["revoked_at"])

    if row.revoked_at is None:
        change(actor=actor, action="key.revoke", run=run, program_id=program_id, subject=prefix)
    return _key(row)


def check(secret: str) -> Key:
    """The key of a secret.

    :raises KeyUnknown: when nobody has it, or it was revoked.
    """
    row = ApiKey.objects.filter(digest=_digest(secret), revoked_at=None).first()
    if row is None:
        raise KeyUnknown(
            "the key is not known, or it was revoked",
            field="Authorization",
            mend="Create one: pointbook key create --program CODE --name NAME.",
        )
    return _key(row)


def keys(program_id: int | None) -> list[Key]:
    """The keys of a program, or those of all programs (None), the oldest first."""
    return [_key(row) for row in ApiKey.objects.filter(program_id=program_id).order_by("id")]


def _check(name: str, scopes: Sequence[str], open_to: Sequence[str]) -> None:
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise NameUnfit(
            f"a key cannot be called {name!r}",
            field="name",
            value=name,
            mend=f"Use 1 to {LONGEST_NAME} printable characters.",
        )
    unknown = sorted(set(scopes) - set(open_to))
    if unknown:
        known = unknown[0] in SCOPES
        raise ScopeUnknown(
            f"the scope {unknown[0]!r} is for keys of one program"
            if known
            else f"there is no scope {unknown[0]!r}",
            field="scope",
            value=unknown[0],
            mend=f"Use one of: {', '.join(open_to)}.",
        )


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode(errors="replace")).digest()


def _key(row: ApiKey) -> Key:
    return Key(
        program_id=row.program_id,
        name=row.name,
        prefix=row.prefix,
        scopes=tuple(row.scopes),
        created_at=row.created_at,
        revoked_at=row.revoked_at,
    )
