"""Why an entry of a member's history is what it is, as sentences a member can read.

Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from pointbook.engine.rules import phrases
from pointbook.engine.rules.blueprint import Blueprint, Unit
from pointbook.engine.rules.earning import Reason
from pointbook.engine.rules.explanation import explain
from pointbook.ledger.queries import FactRow, Move

# What moved, for a fact of any type; {money} is the fact's spend, {reason} what its author said.
TOLD: Final = {
    "claw_back": "{points} taken back for a return of {money}.",
    "overdraft": "{points} taken back for a return of {money}. They were used already and are"
    " owed now.",
    "refund": "{points} came back with the order they were used for.",
    "reinstatement": "{points} that had expired came back.",
    "deduction": "{points} taken off by hand: {reason}.",
    "transfer_out": "{points} went to another member.",
    "transfer_in": "{points} came from another member.",
}
# Facts that take back what others gave, and why.
ENDED: Final = {
    "cancel": "the order was cancelled",
    "payment_expired": "the payment expired",
    "void": "it was a mistake",
    "re_evaluated": "an earlier purchase came late and changed the tier",
}


def why(
    move: Move,
    fact: FactRow | None,
    *,
    reasons: Sequence[Reason],
    blueprint: Blueprint,
    unit: Unit,
) -> tuple[str, ...]:
    """Why an entry is what it is, as sentences."""
    points = phrases.points(abs(move.points), unit=unit)
    if move.kind == "expiry" or fact is None:
        return (f"{points} reached the end of their time without being used.",)
    if reasons and move.kind in ("award", fact.type):
        return tuple(explain(reason, blueprint=blueprint) for reason in reasons)
    return (_told(move, fact, points, blueprint),)


def _told(move: Move, fact: FactRow, points: str, blueprint: Blueprint) -> str:
    attributes = fact.body.get("attributes")
    reason = attributes.get("reason", "") if isinstance(attributes, Mapping) else ""
    if move.kind == "burn":
        simulated = " Simulated: no member did this." if fact.simulated else ""
        bought = next((one for one in blueprint.rewards if one.code == fact.reward), None)
        spent = f"{points} spent on {bought.name}." if bought else f"{points} spent."
        return spent + simulated
    if move.kind == "award":
        by_hand = f"{points} given by hand: {reason}."
        return f"{points} brought from before." if fact.type == "opening" else by_hand
    if move.kind in TOLD and fact.type in ENDED:
        verb = "came back" if move.kind == "refund" else "taken back"
        return f"{points} {verb}: {reason or ENDED[fact.type]}."
    if move.kind in TOLD:
        money = phrases.money(fact.spend, currency=fact.currency or blueprint.currency)
        return TOLD[move.kind].format(points=points, money=money, reason=reason)
    return "No rule gave points for this."
