"""Places in lists of redemptions as words for addresses. Raises ParameterError."""

from __future__ import annotations

import base64
from contextlib import suppress

from pointbook.interfaces.api.caller import ParameterError

LARGEST = 2**63


def cursor_of(fact_id: int) -> str:
    """The cursor of the page after a row; what it says is ours to change."""
    return base64.urlsafe_b64encode(str(fact_id).encode()).decode().rstrip("=")


def place_of(cursor: str) -> int | None:
    """The row behind a cursor; None for an empty one.

    :raises ParameterError: when it is not one of ours.
    """
    if not cursor:
        return None
    with suppress(ValueError):  # binascii.Error is one
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        if text.isascii() and text.isdigit() and int(text) < LARGEST:
            return int(text)
    raise ParameterError(
        "the cursor is not one of ours", field="cursor", mend="Send `next` as it was answered."
    )
