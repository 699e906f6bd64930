"""What changed of an order since it was evaluated, each with its place in the body.

Nothing here raises; OrderChanged is raised by orders.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from pointbook.earning.operations.confirming import EvaluationChanged, Expected
from pointbook.earning.orders import Ordered, Wish
from pointbook.engine.values.errors import ConflictError
from pointbook.interfaces.api.effects import refusals
from pointbook.interfaces.api.text import money, points

AGAIN: Final = "Evaluate it again, show it, and confirm what is shown."


class Change(NamedTuple):
    """One thing that is not as it was evaluated; `pointer` is its place in the body."""

    pointer: str
    value: str | int | bool | None
    detail: str
    mend: str


class OrderChanged(ConflictError):
    """The order is not what was evaluated any more: nothing was posted."""

    def __init__(self, message: str, *, changes: tuple[Change, ...], mend: str = "") -> None:
        super().__init__(message, mend=mend)
        self.changes = changes


def order_changed(error: EvaluationChanged, wish: Wish, expected: Expected) -> OrderChanged:
    """The error as the API tells it: with everything that changed, in the body's own terms."""
    found = error.found
    if found is None:
        place = "/expected" if error.field == "expected" else ""
        change = Change(place, None, error.message, error.mend)
        return OrderChanged(error.message, changes=(change,), mend=error.mend)
    changes = (*_lacking(found, wish), *_different(found, expected))
    detail = "; ".join(one.detail for one in changes)
    return OrderChanged(f"the order changed: {detail}", changes=changes, mend=error.mend)


def _lacking(found: Ordered, wish: Wish) -> tuple[Change, ...]:
    return tuple(
        Change(_place(pointer, lack.field), _plain(lack.value), lack.message, lack.mend)
        for pointer, lacks in refusals(found, wish)
        for lack in lacks
    )


def _different(found: Ordered, expected: Expected) -> tuple[Change, ...]:
    blueprint, due = found.earned.blueprint, found.settlement.due
    changes = []
    if expected.due is not None and expected.due != due:
        was = money(expected.due, currency=blueprint.currency)
        now = money(due, currency=blueprint.currency)
        changes.append(Change("/expected/due", was, f"{was} was due, {now} is", AGAIN))
    for code, parts in (expected.earned or {}).items():
        earned, unit = found.earned.earned.get(code, 0), blueprint.units[code]
        if parts != earned:
            was, now = points(parts, unit=unit), points(earned, unit=unit)
            detail = f"{was} {unit.name} were earned, {now} are"
            changes.append(Change(f"/expected/earned/{code}", was, detail, AGAIN))
    return tuple(changes)


def _place(pointer: str, field: str) -> str:
    """Where a wish says what is missing: /redeem/0/slot."""
    name = field.removeprefix("attributes.")
    chosen = pointer.startswith("/redeem/") and name != "reward"
    return f"{pointer}/{name.replace('.', '/')}" if chosen else pointer


def _plain(value: object) -> str | int | bool | None:
    return value if value is None or isinstance(value, str | int | bool) else str(value)
