"""The one base of every expected error: a message, what mends it, and its HTTP status.

Doors turn it into problem details (RFC 9457), into one line on stderr, or into a form error.
"""

from __future__ import annotations


class PointbookError(Exception):
    """Something the caller can mend; `field` names the place and `value` what stood there."""

    status = 400

    def __init__(
        self, message: str, *, mend: str = "", field: str = "", value: object = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.mend = mend
        self.field = field
        self.value = value

    def __str__(self) -> str:
        if not self.mend:
            return self.message
        stop = "" if self.message.endswith((".", "?", ":")) else "."
        return f"{self.message}{stop} {self.mend}"


class NotFoundError(PointbookError):
    """What was named does not exist."""

    status = 404


class ConflictError(PointbookError):
    """What was asked contradicts what is already recorded."""

    status = 409
