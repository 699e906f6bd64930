"""The units of a document and how long their points last.

Problems go to the Checker. Nothing here raises.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any as Raw

from pointbook.engine.rules.blueprint import EarnRule, Expiry, ExpiryKind, Unit
from pointbook.engine.rules.reading.meaning import Checker
from pointbook.engine.rules.reading.problems import Path

COUNTED: Mapping[str, ExpiryKind] = {
    "after_days": "days",
    "after_months": "months",
    "end_of_month": "end_of_month",
    "end_of_year": "end_of_year",
    "membership_year": "membership_year",
}
INACTIVITY: Mapping[str, ExpiryKind] = {"days": "inactivity_days", "months": "inactivity_months"}
VERBS: Mapping[str, str] = {"decimals": "are", "value": "is"}
MOST_PLACES = 9  # decimals that a number in a document may have
LEAP = 2024  # a year that has every day


def units(checker: Checker, raw: Raw) -> dict[str, Unit]:
    """The units by their codes."""
    held = {str(path[-1]): (path, item) for path, item in checker.entries(raw, "units")}
    if checker.sound("units"):
        checker.units = {
            code: _money_places(checker) if item.get("money") else item.get("decimals", 0)
            for code, (_, item) in held.items()
        }
    checker.stored = {code for code, (_, item) in held.items() if item.get("money")}
    checker.unspendable = {code for code, (_, item) in held.items() if not _spendable(item)}
    checker.worthless = {
        code
        for code, (_, item) in held.items()
        if not item.get("money") and not Decimal(item.get("value", 0))
    }
    return {code: _unit(checker, path, item) for code, (path, item) in held.items()}


def expiry(checker: Checker, path: Path, item: Raw) -> Expiry:
    """The one term of a sound `expires`."""
    found = Expiry(
        *_term(checker, path, item),
        rounded_up_to=item.get("rounded_up_to", ""),
        since=item.get("since", "award"),
    )
    if found.rounded_up_to and found.kind == "never":
        _pointless(checker, path, item, "rounded_up_to", "What never expires has no end.")
    if found.since == "release" and found.kind == "never":
        _pointless(checker, path, item, "since", "What never expires has no beginning to count.")
    if found.since == "release" and found.sliding:
        message = "Inactivity counts from what the member did last."
        _pointless(checker, path, item, "since", message)
    return found


def check_terms(checker: Checker, raw: Raw, rules: Sequence[EarnRule]) -> None:
    """What a unit's terms ask of the rules that give it; `rules` are all there are."""
    for path, item in checker.entries(raw, "units"):
        held = item.get("expires", {})
        own = [rule for rule in rules if rule.unit == path[-1]]
        terms = [((*path, "expires"), held)]
        terms += [((*path, "expires", "by_tier", tier), term) for tier, term in _tiers(held)]
        terms += [
            ((*path, "expires", "by_country", country), term) for country, term in _countries(held)
        ]
        if not any(rule.pending for rule in own):
            for at, term in terms:
                released(checker, at, term)
        slides = any("inactivity" in term for _, term in terms)
        if "activity" in held and not slides and not any(_slides(rule) for rule in own):
            message = "activity says nothing without inactivity."
            checker.add(
                (*path, "expires", "activity"), held["activity"], message, "Leave activity out."
            )


def released(checker: Checker, path: Path, term: Raw) -> None:
    """Note a term that waits for a release that never comes."""
    if term.get("since") == "release":
        checker.add(
            (*path, "since"),
            "release",
            "No points are released: nothing is pending.",
            "Write since: award, or add pending to a rule.",
        )


def _unit(checker: Checker, path: Path, item: Raw) -> Unit:
    code = str(path[-1])
    held = item.get("expires", {})
    at = (*path, "expires")
    by_tier = dict(_tiers(held))
    ladder = checker.ladder(at, held, needed=bool(by_tier))
    for tier in by_tier:
        checker.tier((*at, "by_tier", tier), tier, ladder=ladder)
    money = item.get("money", False)
    if money:
        _stored(checker, path, item)
    elif "value" not in item and _spendable(item):
        mend = "Add value: what one is worth to a member, in the program's currency."
        checker.add((*path, "value"), None, "value is missing.", mend)
    most = item.get("most")
    again = item.get("reinstate", {})
    return Unit(
        code=code,
        name=item["name"],
        singular=item.get("singular", item["name"]),
        decimals=_money_places(checker) if money else item.get("decimals", 0),
        value=Decimal(1 if money else item.get("value", 0)),
        expiry=expiry(checker, at, held) if held else Expiry(),
        spend_order=item.get("spend_order", "oldest"),
        spendable=_spendable(item),
        money=money,
        most=None if most is None else checker.points((*path, "most"), most, unit=code),
        expiry_by_tier={
            tier: expiry(checker, (*at, "by_tier", tier), term) for tier, term in by_tier.items()
        },
        expiry_by_country={
            country: expiry(checker, (*at, "by_country", country), term)
            for country, term in _countries(held)
        },
        ladder=ladder,
        activity=tuple(held.get("activity", ("purchase",))),
        reinstate_days=again.get("within_days", 0),
        reinstated_for=again.get("for_days", 0),
    )


def _money_places(checker: Checker) -> int:
    """The decimals of a unit of money; more than any where the currency is not known."""
    return MOST_PLACES if checker.places is None else checker.places


def _stored(checker: Checker, path: Path, item: Raw) -> None:
    """Note what a unit of money says otherwise than the currency does."""
    for key, said in (("decimals", checker.places), ("value", 1)):
        if said is not None and key in item and Decimal(item[key]) != said:
            message = f"A unit of money is in the currency: its {key} {VERBS[key]} {said}."
            checker.add((*path, key), item[key], message, f"Leave {key} out.")
    if not _spendable(item):
        message = "What somebody paid for can be used."
        checker.add((*path, "spendable"), False, message, "Leave spendable out, or money.")


def _spendable(item: Raw) -> bool:
    return bool(item.get("spendable", True))


def _tiers(held: Raw) -> list[tuple[str, Raw]]:
    return list(held.get("by_tier", {}).items())


def _countries(held: Raw) -> list[tuple[str, Raw]]:
    return list(held.get("by_country", {}).items())


def _slides(rule: EarnRule) -> bool:
    return rule.expiry is not None and rule.expiry.sliding


def _term(checker: Checker, path: Path, item: Raw) -> tuple[ExpiryKind, int, int, int]:
    """Kind, n, month and day."""
    for key, kind in COUNTED.items():
        if key in item:
            return kind, item[key], 0, 0
    if "on_date" in item:
        day = item["on_date"]
        if day["day"] > monthrange(LEAP, day["month"])[1]:
            message = f"Month {day['month']} has no day {day['day']}."
            checker.add((*path, "on_date", "day"), day["day"], message, "Write a day there is.")
        return "on_date", day.get("after", 0), day["month"], day["day"]
    if "on_day" in item:
        return "on_day", item["on_day"]["months"], 0, item["on_day"]["day"]
    if "inactivity" in item:
        key, count = next(iter(item["inactivity"].items()))
        return INACTIVITY[key], count, 0, 0
    return "never", 0, 0, 0


def _pointless(checker: Checker, path: Path, item: Raw, key: str, message: str) -> None:
    checker.add((*path, key), item[key], message, f"Leave {key} out.")
