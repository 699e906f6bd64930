"""What an entry of a member's history is called and why it is what it is, in plain words.

The same words stand before members and before staff. Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from pointbook.engine.rules.blueprint import Blueprint, Unit
from pointbook.engine.rules.earning import Reason
from pointbook.engine.rules.explaining.explanation import explain
from pointbook.engine.rules.prose import naming, phrases, wording
from pointbook.ledger.queries import FactRow, Move

# What a type of fact is called at the head of a line; all others by their own names.
CALLED: Final[Mapping[str, str]] = {
    "adjustment": "Correction",
    "benefit": "Benefit used",
    "cancel": "Order cancelled",
    "cancel_redemption": "Redemption cancelled",
    "capture": "Redeemed",
    "check_in": "Check-in",
    "claim": "Purchase",
    "company_purchase": "Purchase for the company",
    "company_return": "Return for the company",
    "invited": "Invited by a friend",
    "join_company": "Joined a company",
    "join_household": "Joined a household",
    "leave_company": "Left the company",
    "leave_household": "Left the household",
    "merge": "Two cards became one",
    "merged": "Two cards became one",
    "opening": "Carried over",
    "payment_expired": "Payment expired",
    "re_evaluated": "Counted again",
    "received": "From another member",
    "referral": "A friend came",
    "referred": "Came by invitation",
    "reinstate": "Brought back",
    "release": "Reservation ended",
    "reserve": "Reserved",
    "sign_up": "Sign-up",
    "status_match": "Status match",
    "tier_floor": "Tier given by hand",
    "top_up": "Topped up",
    "transfer": "To another member",
    "void": "Mistake taken back",
}
# What some movements are called, whatever fact they came with.
MOVED: Final[Mapping[str, str]] = {
    "expiry": "Expired",
    "lapse": "Voucher ended",
    "refund": "Came back with an order",
    "release": "Reservation ended",
    "reinstatement": "Brought back",
    "deduction": "Correction",
}
# What moved, for a fact of any type; {money} is the fact's spend, {reason} what its author said.
TOLD: Final = {
    "claw_back": "{points} taken back for a return of {money}.",
    "overdraft": "{points} taken back for a return of {money}. They were used already and are"
    " owed now.",
    "refund": "{points} came back with the order they were used for.",
    "release": "{points} that were reserved came back.",
    "reinstatement": "{points} that had expired came back.",
    "deduction": "{points} taken off by hand: {reason}.",
    "transfer_out": "{points} went into the purse of the household.",
    "transfer_in": "{points} came from another member.",
}
# The same for the facts by which points go to others.
LEFT: Final[Mapping[str, str]] = {
    "transfer": "{points} went to another member.",
    "merged": "{points} went to the card that this one became.",
    "merge": "{points} went to the card that this one became.",
}
# What moves points for a redemption: at once, or held first.
REDEEMS: Final[Mapping[str, str]] = {
    "burn": "spent",
    "hold": "reserved",
    "capture": "redeemed",
    "lapse": "gone: the voucher was not used in time",
}
# Facts that give stored value, and how it came.
GIVES: Final[Mapping[str, str]] = {
    "opening": "{points} brought from before.",
    "top_up": "{points} paid in.",
    **dict.fromkeys(("burn", "capture"), "{points} given as a reward."),
}
# Facts that take back what others gave, and why.
ENDED: Final = {
    "cancel": "the order was cancelled",
    "cancel_redemption": "the redemption was cancelled",
    "payment_expired": "the payment expired",
    "void": "it was a mistake",
    "re_evaluated": "an earlier purchase came late and changed the tier",
}
# What facts say that moved nothing.
STILL: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("return", "cancel", "payment_expired", "void", "company_return"),
        "Nothing had been earned that could be taken back.",
    ),
    "invited": "It counts when the terms of an invitation are met.",
    "join_household": "Points are shared with the household from now on.",
    "leave_household": "Points are no longer shared.",
    "join_company": "The company is told of purchases from now on.",
    "leave_company": "The company is told of purchases no more.",
    "merge": "Another card became this one.",
    "merged": "This card became another one.",
    "tier_floor": "Somebody set a tier by hand.",
    "status_match": "A status held elsewhere counts here.",
    "opening": "What was there before was brought along.",
    "reinstate": "Points that had ended can be used again.",
}


def title(kind: str, fact: FactRow | None) -> str:
    """What a line is called by what moved and the fact it came with: Correction, Purchase."""
    if fact is None:
        return MOVED["expiry"]
    if fact.type == "segment":
        return "Left a group" if _said(fact, "member") is False else "Joined a group"
    if kind == "refund" and fact.type == "cancel_redemption":
        return CALLED[fact.type]
    if kind == "award" and fact.type in ("burn", "capture"):
        return "Reward"
    if kind == "transfer_out" and fact.type not in LEFT:
        return "Into the purse of the household"
    return MOVED.get(kind) or called(fact.type)


def called(fact_type: str) -> str:
    """What a type of fact is called at the head of a line: Purchase, Order cancelled."""
    return CALLED.get(fact_type) or wording.opened(wording.plain(fact_type))


def why(
    move: Move,
    fact: FactRow | None,
    *,
    reasons: Sequence[Reason],
    blueprint: Blueprint,
    unit: Unit,
) -> tuple[str, ...]:
    """Why an entry is what it is, as sentences; `reasons` are those of the entry's unit."""
    points = phrases.points(abs(move.points) or move.settled, unit=unit)
    if move.kind == "expiry" or fact is None:
        return (f"{points} reached the end of their time without being used.",)
    if reasons and move.kind in ("award", fact.type):
        return tuple(explain(reason, blueprint=blueprint) for reason in reasons)
    if not (move.points or move.settled):
        return (_still(fact, blueprint, unit),)
    return (_told(move, fact, points, blueprint),)


def _told(move: Move, fact: FactRow, points: str, blueprint: Blueprint) -> str:
    reason = wording.plain(str(_said(fact, "reason") or ""))
    if move.kind in REDEEMS:
        return _redeemed(move, fact, points, blueprint)
    if move.kind == "award":
        return GIVES.get(fact.type, "{points} given by hand: {reason}.").format(
            points=points, reason=reason
        )
    if move.kind == "overdraft" and fact.type == "opening":
        return f"{points} were owed from before."
    if move.kind == "overdraft" and fact.type == "adjustment":
        return f"{points} taken off by hand: {reason}. They were used already and are owed now."
    if fact.type in ENDED:
        verb = "came back" if move.kind == "refund" else "taken back"
        owed = " They were used already and are owed now." if move.kind == "overdraft" else ""
        return f"{points} {verb}: {reason or ENDED[fact.type]}.{owed}"
    money = phrases.money(fact.spend, currency=fact.currency or blueprint.currency)
    text = LEFT.get(fact.type) if move.kind == "transfer_out" else None
    text = text or TOLD.get(move.kind, "{points} moved.")
    return text.format(points=points, money=money, reason=reason)


def _redeemed(move: Move, fact: FactRow, points: str, blueprint: Blueprint) -> str:
    simulated = " Simulated: no member did this." if fact.simulated else ""
    name = bought(move.reward or fact.reward, blueprint=blueprint)
    what = "on" if move.kind == "burn" else "for"
    return f"{points} {REDEEMS[move.kind]}{f' {what} {name}' if name else ''}.{simulated}"


def bought(reward: object, *, blueprint: Blueprint) -> str:
    """The name of a reward by its code; '' for none and for one that is no longer there."""
    return next((one.name for one in blueprint.rewards if one.code == reward), "")


def _still(fact: FactRow, blueprint: Blueprint, unit: Unit) -> str:
    """What a fact says that moved no points."""
    if fact.type == "benefit":
        return f"{_benefit(fact, blueprint)} was used."
    if fact.type == "segment":
        joins = _said(fact, "member") is not False
        group = wording.quoted(wording.plain(str(_said(fact, "segment") or "")))
        return f"{'Added to' if joins else 'Taken out of'} the group {group}."
    if any(rule.pending and rule.pending.on == fact.type for rule in blueprint.earn):
        return f"{wording.opened(unit.name)} that waited for this can be used now."
    return STILL.get(fact.type) or f"No rule gave {unit.name} for this."


def _benefit(fact: FactRow, blueprint: Blueprint) -> str:
    code = str(_said(fact, "benefit") or "")
    ladder = naming.ladder(str(_said(fact, "ladder") or ""), blueprint=blueprint)
    benefits = ladder.benefits if ladder else ()
    return next((one.name for one in benefits if one.code == code), wording.plain(code))


def _said(fact: FactRow, name: str) -> object:
    """An attribute of a fact; None when it has none of that name."""
    attributes = fact.body.get("attributes")
    return attributes.get(name) if isinstance(attributes, Mapping) else None
