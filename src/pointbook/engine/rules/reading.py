"""A YAML document to a Blueprint or a Behaviour, or every mistake in it at once.

Text (`documents`), then shape (`shape`), then meaning: what a schema cannot see is checked while
each sound part is built. Raises BlueprintErrors.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any as Raw
from zoneinfo import ZoneInfo

from pointbook.engine.rules.blueprint import (
    Behaviour,
    Blueprint,
    Books,
    BurnHabit,
    EarnRule,
    Expiry,
    Reward,
    Rung,
    Tiers,
    Unit,
    WindowKind,
)
from pointbook.engine.rules.documents import parse
from pointbook.engine.rules.meaning import Checker
from pointbook.engine.rules.predicates import predicate
from pointbook.engine.rules.problems import BlueprintErrors, Path, located
from pointbook.engine.rules.shape import SchemaName, mistakes
from pointbook.engine.values.facts import SALES
from pointbook.engine.values.money import MoneyError, exponent

EXPIRIES: Mapping[str, str] = {
    "after_days": "days",
    "after_months": "months",
    "end_of_month": "end_of_month",
}
CALENDARS: Mapping[str, WindowKind] = {"year": "calendar_year", "month": "calendar_month"}


def read(text: str | bytes) -> Blueprint:
    """The blueprint in a YAML text.

    :raises BlueprintErrors: with every mistake, its path, value, mend and line.
    """
    document = parse(text, title="the blueprint")
    return _blueprint(document.value, document.lines)


def read_document(document: object) -> Blueprint:
    """The blueprint of an already parsed document, such as `Blueprint.document` kept as JSON.

    :raises BlueprintErrors: with every mistake, its path, value and mend.
    """
    return _blueprint(document, {})


def read_behaviour(text: str | bytes, *, blueprint: Blueprint) -> Behaviour:
    """The behaviour in a YAML text, in the units of the blueprint it is played under.

    :raises BlueprintErrors: with every mistake, its path, value, mend and line.
    """
    document = parse(text, title="the behaviour")
    checker = _checker(document.value, name="behaviour")
    checker.units = {code: unit.decimals for code, unit in blueprint.units.items()}
    raw: Raw = document.value if isinstance(document.value, dict) else {}
    habits = [_habit(checker, path, item) for path, item in checker.items(raw, "burn")]
    _conclude(checker, document.lines, title="the behaviour")
    return Behaviour(name=raw["name"], burns=tuple(habits))


def _checker(document: object, *, name: SchemaName) -> Checker:
    return Checker(mistakes(document, name=name))


def _conclude(checker: Checker, lines: dict[str, int], *, title: str) -> None:
    if checker.problems:
        raise BlueprintErrors(located(checker.problems.values(), lines=lines), title=title)


def _blueprint(document: object, lines: dict[str, int]) -> Blueprint:
    checker = _checker(document, name="blueprint")
    raw: Raw = document if isinstance(document, dict) else {}
    program = _program(checker, raw)
    units = _units(checker, raw)
    earn = [_rule(checker, path, item) for path, item in checker.items(raw, "earn", code="rule")]
    ladder = _tiers(checker, raw)
    shelf = checker.items(raw, "rewards", code="reward")
    rewards = [_reward(checker, path, item) for path, item in shelf]
    _conclude(checker, lines, title="the blueprint")
    return Blueprint(
        **program,
        units=units,
        earn=tuple(earn),
        tiers=ladder,
        rewards=tuple(rewards),
        claw_back=raw.get("returns", {}).get("claw_back", "clamp"),
        books=Books(**{"policy": "deferred_revenue", **raw["books"]}),
        document=raw,
    )


def _program(checker: Checker, raw: Raw) -> dict[str, Raw]:
    program = raw.get("program")
    if checker.sound("program", "currency"):
        currency = program["currency"]
        try:
            checker.places = exponent(currency)
        except MoneyError as error:
            checker.add(("program", "currency"), currency, f"{error.message}.", error.mend)
    if checker.sound("program", "time_zone"):
        zone = program["time_zone"]
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError):  # unknown, a path, a folder of zones
            checker.add(
                ("program", "time_zone"),
                zone,
                f"{zone} is no time zone.",
                "Write an IANA name, such as UTC, Europe/Paris or America/New_York.",
            )
    return {"unknown_members": "enrol", **program} if checker.sound("program") else {}


def _units(checker: Checker, raw: Raw) -> dict[str, Unit]:
    units: dict[str, Unit] = {}
    for path, item in checker.entries(raw, "units"):
        code = str(path[-1])
        expiry = Expiry()
        for key, count in item.get("expires", {}).items():
            expiry = Expiry(EXPIRIES[key], count)  # type: ignore[arg-type]
        units[code] = Unit(
            code=code,
            name=item["name"],
            singular=item.get("singular", item["name"]),
            decimals=item.get("decimals", 0),
            value=Decimal(item["value"]),
            expiry=expiry,
            spend_order=item.get("spend_order", "oldest"),
        )
    if checker.sound("units"):
        checker.units = {code: unit.decimals for code, unit in units.items()}
    return units


def _rule(checker: Checker, path: Path, item: Raw) -> EarnRule:
    award = item["award"]
    unit = checker.unit(path, item)
    points = checker.points((*path, "award", "points"), award["points"], unit=unit)
    per = 0
    if item["on"] == "return":
        checker.add(
            (*path, "on"),
            "return",
            "A return earns nothing.",
            "Say under returns what becomes of the points, and earn on another type.",
        )
    if "per" in award:
        at = (*path, "award", "per")
        per = checker.money(at, award["per"], positive="Leave per out for a fixed award.")
        if item["on"] not in SALES:
            checker.add(
                at,
                award["per"],
                f"A fact of type {item['on']} has no amount.",
                "Leave per out for a fixed award, or listen on purchase.",
            )
    elif "lines" in item:
        checker.add(
            (*path, "lines"),
            item["lines"],
            "A fixed award does not count lines.",
            "Write when: {any_line: ...}, or add per to the award.",
        )
    start = checker.date((*path, "from"), item.get("from"))
    end = checker.date((*path, "until"), item.get("until"))
    if start and end and start > end:
        checker.add(
            (*path, "until"),
            item["until"],
            f"The rule would end before it begins ({item['from']}).",
            "Write a last day that is not before the first.",
        )
    return EarnRule(
        code=item["rule"],
        name=item["name"],
        on=item["on"],
        unit=unit,
        points=points,
        per=per,
        rounding=item.get("rounding", "floor"),
        when=predicate(checker, (*path, "when"), item.get("when"), line=False),
        lines=predicate(checker, (*path, "lines"), item.get("lines"), line=True),
        from_on=start,
        until_on=end,
    )


def _tiers(checker: Checker, raw: Raw) -> Tiers | None:
    rungs: list[Rung] = []
    ladder = raw.get("tiers")
    for path, item in checker.items(ladder, "ladder", above=("tiers",), code="tier"):
        at = (*path, "from")
        threshold = checker.money(at, item["from"])
        if path[-1] == 0 and threshold:
            checker.add(at, item["from"], "The first tier begins above 0.", 'Write from: "0".')
        elif rungs and checker.places is not None and threshold <= rungs[-1].threshold:
            checker.add(
                at,
                item["from"],
                f"{item['tier']} begins no higher than {rungs[-1].code}.",
                "Write the tiers lowest first, each from a higher spend.",
            )
        rungs.append(Rung(item["tier"], item.get("name", item["tier"]), threshold))
    if ladder is None or not checker.sound("tiers"):
        return None
    window = ladder["window"]
    kind = CALENDARS[window["calendar"]] if "calendar" in window else "rolling_days"
    return Tiers(window=kind, days=window.get("rolling_days", 0), ladder=tuple(rungs))


def _reward(checker: Checker, path: Path, item: Raw) -> Reward:
    unit = checker.unit(path, item)
    price = checker.points((*path, "price"), item["price"], unit=unit)
    value = checker.money((*path, "value"), item["value"])
    return Reward(item["reward"], item["name"], unit, price, value)


def _habit(checker: Checker, path: Path, item: Raw) -> BurnHabit:
    unit = checker.unit(path, item)
    key = "when_balance_at_least"
    threshold = checker.points((*path, key), item[key], unit=unit)
    step = checker.points((*path, "in_steps_of"), item["in_steps_of"], unit=unit)
    return BurnHabit(unit=unit, threshold=threshold, step=step)
