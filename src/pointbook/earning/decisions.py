"""Reasons as they are stored with a fact, and read back. Nothing here raises."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pointbook.engine.rules.earning import Reason

ALWAYS: Final = ("rule", "unit", "base", "points")


def told(reason: Reason) -> dict[str, object]:
    """A reason as JSON; what is not set is left out."""
    body = reason._asdict()
    return {name: value for name, value in body.items() if value or name in ALWAYS}


def reason_of(body: Mapping[str, Any]) -> Reason:
    """The reason of a stored one, also of one that was stored before it said so much."""
    return Reason(**body)
