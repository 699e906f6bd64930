"""What the parts of a program are called: its tiers, rules, ladders and units by their codes.

A code that the program does not know, or any code where no program is given, is its own name.
Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Iterable

from pointbook.engine.rules.blueprint import Blueprint, EarnRule, Measure, Tiers, Unit
from pointbook.engine.rules.prose.wording import listed


def ladder(code: str, *, blueprint: Blueprint | None) -> Tiers | None:
    """The ladder of that code, or the first one; None when there is none."""
    if blueprint is None:
        return None
    return next((one for one in blueprint.ladders if one.code == code), blueprint.tiers)


def tier(code: str, *, on: str, blueprint: Blueprint | None) -> str:
    """The name of a tier on a ladder; with an empty `on` that is the first ladder.

    A tier of another ladder says of which: Captain in Crew.
    """
    found = ladder(on, blueprint=blueprint)
    rungs = found.ladder if found else ()
    name = next((rung.name for rung in rungs if rung.code == code), code)
    first = blueprint is None or found is blueprint.tiers
    return name if found is None or first else f"{name} in {found.name}"


def tiers(codes: Iterable[str], *, on: str, blueprint: Blueprint | None) -> str:
    """Tiers in a row: Gold or Platinum."""
    return listed([tier(code, on=on, blueprint=blueprint) for code in codes])


def rule(code: str, *, blueprint: Blueprint | None) -> str:
    """The name of a rule."""
    rules: Iterable[EarnRule] = blueprint.earn if blueprint else ()
    return next((one.name for one in rules if one.code == code), code)


def measure(code: str, *, blueprint: Blueprint | None) -> Measure | None:
    """The named measure of that code; None when there is none."""
    measures: Iterable[Measure] = blueprint.measures if blueprint else ()
    return next((one for one in measures if one.code == code), None)


def unit(code: str, *, blueprint: Blueprint | None) -> Unit | None:
    """The unit of that code; None when there is none."""
    return blueprint.units.get(code) if blueprint else None
