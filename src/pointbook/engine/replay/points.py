"""What a fact says about points: of which unit, and how many. Raises FactError."""

from __future__ import annotations

from pointbook.engine.replay.program import Version
from pointbook.engine.values.facts import Fact, FactError
from pointbook.engine.values.money import MoneyError, to_minor


def unit_of(version: Version, fact: Fact) -> str:
    """The unit that a fact names; the program's first when it names none.

    :raises FactError: no such unit.
    """
    unit = str(fact.attributes.get("unit", next(iter(version.units))))
    if unit in version.units:
        return unit
    raise FactError(
        f"no unit {unit!r}",
        field="attributes.unit",
        value=unit,
        mend=f"Use one of: {', '.join(version.units)}.",
    )


def parts_of(fact: Fact, decimals: int) -> int:
    """The positive number of points that a fact names, in smallest parts.

    :raises FactError: no number, none above 0, or more decimals than the unit has.
    """
    return positive(fact.attributes.get("points"), decimals, field="attributes.points")


def positive(value: object, decimals: int, *, field: str) -> int:
    """A positive number of points in smallest parts.

    :raises FactError: no number, none above 0, or more decimals than the unit has.
    """
    try:
        parts = to_minor(value, places=decimals)
    except MoneyError:
        parts = 0
    if parts > 0:
        return parts
    raise FactError(
        f"{value!r} is not a positive number of points",
        field=field,
        value=value,
        mend=f"Send a positive number with at most {decimals} decimals.",
    )
