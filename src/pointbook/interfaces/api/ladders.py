"""Ladders and standings as the API answers them: every measure typed, what is missing, benefits.

Nothing here raises.
"""

from __future__ import annotations

from typing import Final

from pointbook.earning.queries import MeasureStep, Standing
from pointbook.engine.rules.blueprint import Blueprint, Measure, MeasureKind, Rung, Tiers
from pointbook.interfaces.api.text import instant_or_none, measured

KINDS: Final[dict[MeasureKind, str]] = {
    "spend": "money",
    "earned": "points",
    "visits": "count",
    "count": "count",
}


def standing(held: Standing, *, blueprint: Blueprint) -> dict[str, object]:
    """Where a member stands on one ladder, what is next and what is missing to it."""
    return {
        "ladder": held.ladder,
        "name": held.name,
        "tier": held.tier.code,
        "tier_name": held.tier.name,
        "until": instant_or_none(held.until),
        "measures": [_value(step, blueprint) for step in held.measures],
        "next": None if held.next is None else _next(held, held.next, blueprint),
        "benefits": [
            {
                "benefit": one.code,
                "name": one.name,
                "each": one.each,
                "given": one.given,
                "left": one.left,
            }
            for one in held.benefits
        ],
    }


def ladder(tiers: Tiers, *, blueprint: Blueprint) -> dict[str, object]:
    """The terms of one ladder, its lowest rung first."""
    return {
        "ladder": tiers.code,
        "name": tiers.name,
        "tiers": [_rung(rung, tiers, blueprint) for rung in tiers.ladder],
    }


def _rung(rung: Rung, tiers: Tiers, blueprint: Blueprint) -> dict[str, object]:
    return {
        "tier": rung.code,
        "name": rung.name,
        "needs": _needs(rung),
        "measures": [
            {
                **_measure(measure),
                "least": measured(measure, rung.needs[measure.code], blueprint=blueprint),
            }
            for measure in tiers.measures
            if measure.code in rung.needs
        ],
        "benefits": [
            {
                "benefit": one.code,
                "name": one.name,
                "each": one.each,
                "given": rung.benefits[one.code],
            }
            for one in tiers.benefits
            if one.code in rung.benefits
        ],
    }


def _next(held: Standing, above: Rung, blueprint: Blueprint) -> dict[str, object]:
    return {
        "tier": above.code,
        "name": above.name,
        "needs": _needs(above),
        "measures": [
            {
                **_value(step, blueprint),
                "least": measured(step.measure, step.least, blueprint=blueprint),
                "missing": measured(step.measure, step.missing, blueprint=blueprint),
            }
            for step in held.steps
        ],
    }


def _value(step: MeasureStep, blueprint: Blueprint) -> dict[str, object]:
    return {
        **_measure(step.measure),
        "value": measured(step.measure, step.value, blueprint=blueprint),
    }


def _measure(measure: Measure) -> dict[str, object]:
    return {
        "measure": measure.code,
        "kind": KINDS[measure.kind],
        "unit": measure.unit or None,
    }


def _needs(rung: Rung) -> str:
    return "all" if rung.every else "any"
