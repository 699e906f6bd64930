"""The other terms of a document: referrals, transfers, households and corrections.

Problems go to the Checker. Nothing here raises.
"""

from __future__ import annotations

from typing import Any as Raw

from pointbook.engine.rules.blueprint import Corrections, Referrals, Transfers
from pointbook.engine.rules.reading.meaning import Checker
from pointbook.engine.rules.reading.rules import limit


def referrals(checker: Checker, raw: Raw) -> Referrals | None:
    """When a referral counts; None where none does."""
    held = raw.get("referrals")
    if held is None or not checker.sound("referrals"):
        return None
    at = ("referrals", "minimum")
    minimum = held.get("minimum", 0)
    if "minimum" in held and held["trigger"] == "sign_up":
        message = "Nothing is bought when somebody signs up."
        checker.add(at, minimum, message, "Leave minimum out, or wait for first_purchase.")
    checks = {"checks": tuple(held["checks"])} if "checks" in held else {}
    return Referrals(
        held["trigger"], checker.money(at, minimum), held.get("within_days", 0), **checks
    )


def transfers(checker: Checker, raw: Raw) -> Transfers | None:
    """What members may hand to each other; None where nothing."""
    held = raw.get("transfers")
    if held is None or not checker.sound("transfers"):
        return None
    units = checker.units_of(("transfers", "units"), held["units"])
    limits = []
    for path, item in checker.entries(held, "limits", above=("transfers",)):
        if "points" in item and len({(checker.units or {}).get(unit) for unit in units}) > 1:
            message = "The units have different decimals, so no number of points is for all."
            mend = "Hand over units with the same decimals, or limit times."
            checker.add((*path, "points"), item["points"], message, mend)
        limits.append(limit(checker, path, item, code=f"transfers[{path[-1]}]", unit=units[0]))
    return Transfers(units, keep=held.get("expiry", "keep") == "keep", limits=tuple(limits))


def pooled(checker: Checker, raw: Raw) -> tuple[str, ...]:
    """The units that households share."""
    if "households" not in raw or not checker.sound("households"):
        return ()
    return checker.units_of(("households", "pool"), raw["households"]["pool"])


def corrections(checker: Checker, raw: Raw) -> Corrections:
    """What people may add and take off by hand."""
    if "corrections" not in raw or not checker.sound("corrections"):
        return Corrections()
    held = raw["corrections"]
    most = {}
    for code, value in held.get("most", {}).items():
        at = ("corrections", "most", code)
        if checker.is_unit(at, code):
            most[code] = checker.points(at, value, unit=code, nothing=True)
    return Corrections(
        reasons=tuple(held.get("reasons", ())),
        most=most,
        negative=held.get("negative", "refuse"),
    )
