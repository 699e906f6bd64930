"""What awards are in the books: the `books` section of a document.

Problems go to the Checker. Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any as Raw
from typing import Final

from pointbook.engine.rules.books import EVERYWHERE, AwardRow, Books, StatusRight, Tax
from pointbook.engine.rules.reading.meaning import Checker
from pointbook.engine.rules.reading.problems import Path, choice

# Policies that name a partner and a price.
PARTNERED: Final = ("funded", "agent", "agent_goodwill")
# Reasons of awards that every program may have; corrections may have more.
REASONS: Final = ("adjustment", "goodwill", "opening", "referral", "challenge")
ASKED: Final = ("rule", "reason", "unit")
BROUGHT: Final = "brought"
DEFERRED: Final = "deferred_revenue"


def books(checker: Checker, raw: Raw) -> Books:
    """The policies of the program's awards, of gift cards' breakage, tax and tiers."""
    held: Raw = raw.get("books")
    if not isinstance(held, dict) or not checker.sound("books"):
        return Books()
    policy = held.get("policy", "deferred_revenue")
    rows = _rows(checker, held, raw)
    partner, price = _partner(checker, ("books",), held, policy)
    _one_price(checker, rows, (policy, partner, price))
    return Books(
        policy=policy,
        judgement=held["judgement"],
        partner=partner,
        price=price,
        awards=tuple(rows.values()),
        unclaimed=_unclaimed(held),
        tax={
            country: Tax(Decimal(item["rate"]), item["award"])
            for country, item in held.get("tax", {}).items()
        },
        **_tier(checker, held),
    )


def _rows(checker: Checker, held: Raw, raw: Raw) -> dict[Path, AwardRow]:
    """The rows by their paths."""
    reasons = dict.fromkeys((*REASONS, *_reasons(checker, raw)))
    units = {
        one["rule"]: one.get("unit", checker.only_unit()) for _, one in checker.entries(raw, "earn")
    }
    sales = {one["rule"] for _, one in checker.entries(raw, "earn") if one["on"] == "purchase"}
    found: dict[Path, AwardRow] = {}
    seen: set[tuple[str, str, str]] = set()
    for path, item in checker.entries(held, "awards", above=("books",)):
        row = found[path] = _row(checker, path, item, reasons, units)
        if row.policy == DEFERRED and (row.reason or row.rule in units.keys() - sales):
            message = "No sale gives these awards, so there is no price to defer."
            mend = "Write no_sale, or another policy that expects no sale."
            checker.add((*path, "policy"), row.policy, message, mend)
        named = (row.rule, row.reason, row.unit)
        if named in seen:
            mend = "Keep one of the rows: the first that fits counts."
            checker.add(path, item["policy"], "A row above is about the same awards.", mend)
        seen.add(named)
    return found


def _reasons(checker: Checker, raw: Raw) -> Iterable[str]:
    """The reasons that the program's corrections name."""
    sound = "corrections" in raw and checker.sound("corrections")
    return raw["corrections"].get("reasons", ()) if sound else ()


def _row(
    checker: Checker, path: Path, item: Raw, reasons: Iterable[str], units: Mapping[str, str]
) -> AwardRow:
    rule, reason, unit = (item.get(key, "") for key in ASKED)
    policy = item["policy"]
    _named(checker, path, item, reasons, units)
    if policy == BROUGHT and reason != "opening":
        message = "Only what an opening brings is an opening balance."
        checker.add((*path, "policy"), policy, message, "Write reason: opening, or another policy.")
    if policy == "bought" and not rule:
        message = "Points are bought by a sale, and a rule gives them."
        checker.add((*path, "policy"), policy, message, "Name the rule that gives them.")
    partner, price = _partner(checker, path, item, policy)
    if partner:
        # A partner's price is of a unit, also where a rule says which.
        unit = unit or units.get(rule, "")
    return AwardRow(policy, item["judgement"], rule, reason, unit, partner, price)


def _named(
    checker: Checker, path: Path, item: Raw, reasons: Iterable[str], units: Mapping[str, str]
) -> None:
    """Note rows that are about no awards, or about awards that there are not."""
    rule, reason, unit = (item.get(key, "") for key in ASKED)
    if rule and reason:
        message = "A row is of a rule or of a reason, not of both."
        checker.add((*path, "reason"), reason, message, "Leave one of them out, or write two rows.")
    elif not (rule or reason or unit):
        message = "The row does not say which awards it is about."
        mend = "Add rule, reason or unit; books.policy is for all."
        checker.add(path, item["policy"], message, mend)
    if rule:
        checker.known((*path, "rule"), rule, "rule")
    if reason and reason not in reasons:
        message = f"{reason} is no reason here."
        checker.add((*path, "reason"), reason, message, choice(reason, reasons))
    if unit and checker.is_unit((*path, "unit"), unit) and units.get(rule, unit) not in ("", unit):
        message = f"{rule} gives {units[rule]}, not {unit}."
        checker.add((*path, "unit"), unit, message, "Leave unit out: the rule has its own.")


def _partner(checker: Checker, path: Path, item: Raw, policy: str) -> tuple[str, Decimal | None]:
    """The partner and the price that a policy asks for, and that others may not have."""
    mends = {"partner": "Name the partner, such as partner: airline.", "price": ""}
    mends["price"] = 'Write what a whole point costs, such as price: "0.009".'
    for key, mend in mends.items():
        if policy in PARTNERED and key not in item:
            checker.add((*path, key), None, f"{key} is missing: {policy} asks for it.", mend)
        elif policy not in PARTNERED and key in item:
            message = f"{key} says nothing where the policy is {policy}."
            checker.add((*path, key), item[key], message, f"Leave {key} out.")
    if policy not in PARTNERED:
        return "", None
    price = Decimal(item["price"]) if "price" in item else None
    if price is not None and not price:
        message = f"{item['price']} is too small."
        checker.add((*path, "price"), item["price"], message, "Write a number above 0.")
    return item.get("partner", ""), price


def _one_price(
    checker: Checker, rows: Mapping[Path, AwardRow], usual: tuple[str, str, Decimal | None]
) -> None:
    """Note a partner with two prices: cohorts know the partner, the unit and the policy only."""
    policy, partner, price = usual
    known: dict[tuple[str, bool, str], Decimal | None] = {}
    if partner:
        known = {(partner, policy == "funded", unit): price for unit in checker.units or ()}
    for path, row in rows.items():
        for unit in [row.unit] if row.unit else checker.units or ():
            before = known.setdefault((row.partner, row.policy == "funded", unit), row.price)
            if row.partner and before != row.price:
                message = f"{row.partner} has another price for {unit} already: {before}."
                mend = "Write the same price, or name another partner."
                checker.add((*path, "price"), str(row.price), message, mend)


def _unclaimed(held: Raw) -> dict[str, Decimal]:
    told = held.get("unclaimed", {})
    if not isinstance(told, dict):
        told = {EVERYWHERE: told}
    return {country: Decimal(share) for country, share in told.items()}


def _tier(checker: Checker, held: Raw) -> dict[str, Raw]:
    """What a tier is, and what a year in one is worth."""
    told = held.get("tier")
    if told is None:
        return {}
    at = ("books", "tier")
    right = told["policy"] == "material_right"
    if right and "values" not in told:
        mend = 'Add values, such as values: [{tier: Gold, value: "12.00"}].'
        checker.add((*at, "values"), None, "values is missing: a right has a value.", mend)
    if not right and "values" in told:
        mend = "Leave values out, or write policy: material_right."
        checker.add((*at, "values"), None, "values say nothing where a tier is marketing.", mend)
    rights, seen = [], set()
    for path, item in checker.entries(told, "values", above=at):
        ladder = checker.ladder(path, item, needed=True)
        checker.tier((*path, "tier"), item["tier"], ladder=ladder)
        value = checker.money((*path, "value"), item["value"], positive="Write a number above 0.")
        if (ladder, item["tier"]) in seen:
            message = f"{item['tier']} stands here twice."
            checker.add((*path, "tier"), item["tier"], message, "Keep one of them.")
        seen.add((ladder, item["tier"]))
        rights.append(StatusRight(ladder, item["tier"], value))
    return {
        "tier": told["policy"],
        "tier_judgement": told["judgement"],
        "rights": tuple(rights),
    }
