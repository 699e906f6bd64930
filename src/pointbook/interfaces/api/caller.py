"""Who calls: the API key of a request, the program it opens, and its answers kept for retries.

Raises KeyUnknown, ScopeMissing, KeyReused, and ParameterError for a key of idempotency that is
empty or too long.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from django.http import HttpRequest, HttpResponse
from ninja.security import HttpBearer

from pointbook.controls.actors import Actor
from pointbook.controls.keys import Key, ScopeMissing, check
from pointbook.controls.operations import once
from pointbook.engine.values.errors import PointbookError
from pointbook.programs.queries import ProgramRow, programs

T = TypeVar("T")
IDEMPOTENCY: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotent-Replayed"
LONGEST_KEY: Final = 255


class ParameterError(PointbookError):
    """A header, query or path parameter cannot be read."""

    status = 422


@dataclass(frozen=True, slots=True)
class Caller:
    """The key of a request and the program it opens."""

    key: Key
    program: ProgramRow

    @property
    def actor(self) -> Actor:
        """Who acts."""
        return self.key.actor


class ApiKey(HttpBearer):
    """`Authorization: Bearer pb_...`; made by `pointbook key create`."""

    openapi_description = (
        "An API key of one program or of all programs, made by `pointbook key create`."
    )

    def authenticate(self, request: HttpRequest, token: str) -> Key:  # noqa: ARG002 - ninja
        """The key of who calls, or KeyUnknown."""
        return check(token.strip())


def caller(request: HttpRequest, *, scope: str) -> Caller:
    """The caller of an authenticated request, when the key may do this in a program of its own.

    :raises ScopeMissing: when it may not, or opens all programs and so none that is meant here.
    """
    key = key_of(request, scope=scope)
    program = program_of(key)
    if program is None:
        raise ScopeMissing(
            f"the key {key.prefix} is of all programs, and this is about one",
            field="scope",
            value=scope,
            mend="Use a key of the program: pointbook key create --program CODE.",
        )
    return Caller(key, program)


def key_of(request: HttpRequest, *, scope: str) -> Key:
    """The key of an authenticated request, of one program or of all, when it may do this.

    :raises ScopeMissing: when it may not.
    """
    key: Key = request.auth  # type: ignore[attr-defined]
    key.require(scope=scope)
    return key


def program_of(key: Key) -> ProgramRow | None:
    """The program that a key opens; None: all of them."""
    if key.program_id is None:
        return None
    return next(row for row in programs() if row.id == key.program_id)


def answer_once(
    request: HttpRequest,
    response: HttpResponse,
    *,
    actor: Actor,
    action: str,
    body: bytes,
    run: Callable[[], T],
) -> T:
    """Run, or answer what was answered to the request's Idempotency-Key before.

    What `run` answers must be JSON. Errors are not stored: nothing was written then.
    """
    key = request.headers.get(IDEMPOTENCY)
    if key is None:
        return run()
    if not 0 < len(key) <= LONGEST_KEY or not key.isprintable():
        raise ParameterError(
            f"{IDEMPOTENCY} has {len(key)} characters",
            field=IDEMPOTENCY,
            mend=f"Send 1 to {LONGEST_KEY} printable characters, for example a UUID.",
        )
    ran = False

    def noted() -> T:
        nonlocal ran
        ran = True
        return run()

    digest = hashlib.sha256(body).hexdigest()
    answer = once(actor=actor, action=action, key=key, body=digest, run=noted)
    if not ran:
        response[REPLAYED] = "true"
    return answer
