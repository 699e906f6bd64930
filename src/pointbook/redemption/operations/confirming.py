"""A member confirms a redemption with a one-time code that was sent to them.

A code lives ten minutes of real time and allows five tries; a newer one replaces it, and there are
five of them at most. Only its digest is kept, keyed by the home's secret. Raises
ConfirmationRefused, RedemptionUnknown, and of signing in TooManyCodes, CodeWrong and CodeEnded.
"""

from __future__ import annotations

import secrets
from typing import Final, Literal

from django.db.models import F
from django.utils.crypto import constant_time_compare, salted_hmac

from pointbook.controls.actors import Actor
from pointbook.controls.clock import now
from pointbook.controls.operations import change, hold_sequence
from pointbook.engine.ledger.holds import Key
from pointbook.engine.values.errors import ConflictError
from pointbook.members.signin import ATTEMPTS, DIGITS, LIFE, CodeEnded, CodeWrong, TooManyCodes
from pointbook.redemption.events import CONFIRMED
from pointbook.redemption.models import OneTimeCode, Redemption
from pointbook.redemption.operations.announcing import tell
from pointbook.redemption.queries.redemptions import Row, redemption

CODES: Final = 5
SALT_BYTES: Final = 16
Answer = Literal["right", "wrong", "ended", "known"]


class ConfirmationRefused(ConflictError):
    """The redemption needs no code, or none any more."""


def issue(*, program_id: int, key: Key, actor: Actor) -> str:
    """Make a code for a redemption; answers it for the mail, and only now.

    :raises RedemptionUnknown: no redemption with this key.
    :raises ConfirmationRefused: it is not to be confirmed, or not reserved any more.
    :raises TooManyCodes: five were sent; release it and reserve again.
    """
    row = _waiting(redemption(program_id, key))
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"

    def run() -> None:
        _lock(row)
        known = OneTimeCode.objects.filter(redemption_id=row.fact_id).first()
        if known is not None and known.issued >= CODES:
            raise TooManyCodes(
                f"{CODES} codes were sent for this already.",
                field="redemption",
                mend="Release it and reserve again.",
            )
        salt = secrets.token_bytes(SALT_BYTES)
        fresh = {"salt": salt, "digest": _digest(salt, code), "tries": 0, "ends_at": now() + LIFE}
        if known is None:
            OneTimeCode.objects.create(redemption_id=row.fact_id, **fresh)
        else:
            own = OneTimeCode.objects.filter(redemption_id=row.fact_id)
            own.update(**fresh, issued=F("issued") + 1)

    change(
        actor=actor,
        action="redemption.confirm",
        program_id=program_id,
        subject="/".join(key),
        body=[*key, "issue"],
        run=run,
    )
    return code


def confirm(*, program_id: int, key: Key, code: str, actor: Actor) -> Row:
    """Confirm a redemption by its code; confirmed before, it stays so.

    :raises RedemptionUnknown: no redemption with this key.
    :raises ConfirmationRefused: it is not to be confirmed, or not reserved any more.
    :raises CodeWrong: with the tries that are left.
    :raises CodeEnded: when another code is needed.
    """
    row = redemption(program_id, key)
    if row.confirm == "done":
        return row
    _waiting(row)
    answer, left = change(
        actor=actor,
        action="redemption.confirm",
        program_id=program_id,
        subject="/".join(key),
        body=[*key, "confirm"],
        run=lambda: _tried(program_id, row, "".join(code.split())),
    )
    # The try is counted by now, whatever is answered.
    if answer == "ended":
        raise CodeEnded("This code has ended.", field="code", mend="Ask for a new one.")
    if answer == "wrong":
        tries = "try" if left == 1 else "tries"
        raise CodeWrong(
            "This is not the code we sent.",
            field="code",
            mend=f"Look in the newest mail. You have {left} more {tries}.",
        )
    return redemption(program_id, key)


def _tried(program_id: int, row: Row, code: str) -> tuple[Answer, int]:
    """Whether a code is right, and the tries that are left; a right one is used up."""
    hold_sequence(program_id)
    if _lock(row) == "done":
        return "known", 0
    known = OneTimeCode.objects.filter(redemption_id=row.fact_id).first()
    if known is None or known.ends_at <= now() or known.tries >= ATTEMPTS:
        return "ended", 0
    if not constant_time_compare(bytes(known.digest), _digest(bytes(known.salt), code)):
        OneTimeCode.objects.filter(redemption_id=row.fact_id).update(tries=F("tries") + 1)
        left = ATTEMPTS - known.tries - 1
        return ("wrong" if left else "ended"), left
    Redemption.objects.filter(fact_id=row.fact_id).update(confirm="done")
    tell(program_id, CONFIRMED, row.fact_id)
    return "right", 0


def _waiting(row: Row) -> Row:
    if row.confirm != "open" or row.state != "reserved":
        raise ConfirmationRefused(
            f"{row.key[1]!r} is not waiting for a code",
            field="redemption",
            value=row.confirm or row.state,
            mend="Only what is reserved, of a reward that says confirm: true, is confirmed.",
        )
    return row


def _lock(row: Row) -> str:
    """Let what is tried at once be counted one after the other; whether it is confirmed by now."""
    found = Redemption.objects.select_for_update().filter(fact_id=row.fact_id)
    return str(found.values_list("confirm", flat=True).get())


def _digest(salt: bytes, code: str) -> bytes:
    return salted_hmac(salt, code, algorithm="sha256").digest()
