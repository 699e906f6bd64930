"""One-time codes by which members join and sign in: issued for an address, redeemed once.

A code lives ten minutes of real time, allows five tries and is void when a newer one is issued.
Only its keyed hash is kept. Nothing here depends on whether the address is a member's: that is
looked up after the code was right. Raises PersonError for what is no address, TooManyCodes,
CodeWrong and CodeEnded.
"""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime, timedelta
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from pointbook.controls.actors import Actor
from pointbook.controls.clock import now
from pointbook.controls.operations import change
from pointbook.engine.values.errors import ConflictError, PointbookError
from pointbook.engine.values.people import Person, PersonError, read_person
from pointbook.members.models import SignInCode
from pointbook.members.operations import enrol_person
from pointbook.members.queries import resolve

DIGITS: Final = 6
LIFE: Final = timedelta(minutes=10)
ATTEMPTS: Final = 5
# Codes for one address of one program: an attacker has 50 guesses a day at a million numbers.
LIMITS: Final = ((timedelta(hours=1), 5), (timedelta(days=1), 10))
DOOR: Final = Actor("member", "portal", "member")


class TooManyCodes(PointbookError):
    """Too many codes were asked for this address."""

    status = 429


class CodeWrong(PointbookError):
    """The code is not the one that was sent."""

    status = 422


class CodeEnded(ConflictError):
    """There is no code that can still be used: too old, used, or tried too often."""


def issue_code(*, program_id: int, email: str) -> tuple[str, str]:
    """Make a code for an address; answers (address as it is kept, code) for the mail.

    :raises PersonError: when it is no e-mail address.
    :raises TooManyCodes: saying when the next one may be asked for.
    """
    address = _address(email)
    at = now()
    with transaction.atomic():
        _lock(program_id, address)
        codes = SignInCode.objects.filter(program_id=program_id)
        codes.filter(expires_at__lt=at + LIFE - LIMITS[-1][0]).delete()
        codes = codes.filter(email=address)
        for span, most in LIMITS:
            _limit(list(codes.filter(expires_at__gt=at + LIFE - span)), span, most, at)
        codes.filter(used_at=None).update(used_at=at)
        code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
        SignInCode.objects.create(
            program_id=program_id,
            email=address,
            digest=_digest(program_id, address, code),
            expires_at=at + LIFE,
        )
    return address, code


def sign_in(*, program_id: int, email: str, code: str, at: datetime) -> uuid.UUID:
    """The member whose address received the code; a new address is enrolled at `at`.

    :raises CodeWrong: with the tries that are left.
    :raises CodeEnded: when another code is needed.
    """
    address = email.lower()
    _redeem(program_id, address, "".join(code.split()))
    known = resolve(program_id, [address])
    if address in known:
        return known[address]
    person = Person(email=address)
    member, _ = change(
        actor=DOOR,
        action="members.enrol",
        program_id=program_id,
        run=lambda: enrol_person(program_id=program_id, person=person, at=at),
    )
    return member


def _redeem(program_id: int, address: str, code: str) -> None:
    """Use up the code, or count the try; the count must outlive the error, so that comes last."""
    at = now()
    with transaction.atomic():
        _lock(program_id, address)
        latest = (
            SignInCode.objects.filter(program_id=program_id, email=address).order_by("-id").first()
        )
        if latest is None or latest.used_at or latest.expires_at <= at:
            raise CodeEnded("This code has ended.", field="code", mend="Ask for a new one.")
        right = constant_time_compare(bytes(latest.digest), _digest(program_id, address, code))
        latest.attempts += 1
        if right or latest.attempts == ATTEMPTS:
            latest.used_at = at
        latest.save(update_fields=["attempts", "used_at"])
    if right:
        return
    left = ATTEMPTS - latest.attempts
    if not left:
        raise CodeEnded(
            "This was not the code, and it was the last try.",
            field="code",
            mend="Ask for a new one.",
        )
    raise CodeWrong(
        "This is not the code we sent.",
        field="code",
        mend=f"Look in the newest mail. You have {left} more {'try' if left == 1 else 'tries'}.",
    )


def _address(email: str) -> str:
    """The address as it is kept; stricter than an import, because a mail goes out to it."""
    try:
        address = read_person({"email": email}).email
        validate_email(address)
    except (PersonError, ValidationError):
        raise PersonError(
            "This is not an e-mail address.",
            field="email",
            value=email[:40],
            mend="Write it like name@example.org.",
        ) from None
    return address


def _limit(sent: list[SignInCode], span: timedelta, most: int, at: datetime) -> None:
    if len(sent) >= most:
        free_at = min(one.expires_at for one in sent) - LIFE + span
        minutes = int((free_at - at).total_seconds()) // 60 + 1
        wait = f"{minutes} minutes" if span <= timedelta(hours=1) else f"{minutes // 60 + 1} hours"
        raise TooManyCodes(
            f"{most} codes were sent to this address already.",
            field="email",
            mend=f"Use the newest one, or wait {wait}.",
        )


def _lock(program_id: int, address: str) -> None:
    """Let what is asked at once for one address be counted one after the other."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{program_id}/{address}"]
        )


def _digest(program_id: int, address: str, code: str) -> bytes:
    """Keyed by the home's secret: a million codes are soon hashed by who has the table alone."""
    salt = f"pointbook.members.signin/{program_id}/{address}"
    return salted_hmac(salt, code, algorithm="sha256").digest()
