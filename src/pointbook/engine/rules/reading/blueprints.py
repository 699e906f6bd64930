"""A YAML document to a Blueprint or a Behaviour, or every mistake in it at once.

Text (`documents`), then shape (`shape`), then meaning: what a schema cannot see is checked while
each sound part is built. Raises BlueprintErrors.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any as Raw
from zoneinfo import ZoneInfo

from pointbook.engine.rules.blueprint import Behaviour, Blueprint, BurnHabit
from pointbook.engine.rules.reading.books import books
from pointbook.engine.rules.reading.documents import parse
from pointbook.engine.rules.reading.meaning import Checker
from pointbook.engine.rules.reading.predicates import conditions
from pointbook.engine.rules.reading.problems import BlueprintErrors, Path, located
from pointbook.engine.rules.reading.redemption import automatic, causes, paying, redemption
from pointbook.engine.rules.reading.rewards import rewards
from pointbook.engine.rules.reading.rules import rules, shared_limits
from pointbook.engine.rules.reading.shape import SchemaName, mistakes
from pointbook.engine.rules.reading.terms import (
    corrections,
    pooled,
    referrals,
    transfers,
)
from pointbook.engine.rules.reading.tiers import ladders, measures, name_ladders
from pointbook.engine.rules.reading.units import check_terms, units
from pointbook.engine.values.money import MoneyError, exponent


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
    checker.unspendable = {code for code, unit in blueprint.units.items() if not unit.spendable}
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
    # What others refer to is read before them.
    name_ladders(checker, raw)
    if checker.sound("segments"):
        checker.names["segment"] = raw.get("segments", ())
    points = units(checker, raw)
    counted = measures(checker, raw)
    named = conditions(checker, raw)
    standing = ladders(checker, raw)
    earn = rules(checker, raw)
    shared = shared_limits(checker, raw, earn)
    if checker.sound("earn") and checker.sound("units"):
        check_terms(checker, raw, earn)
    given = causes(checker, raw)
    bought = rewards(checker, raw)
    others: dict[str, Raw] = {
        "rewards": bought,
        "causes": given,
        "paying": paying(checker, raw),
        "automatic": automatic(checker, raw, bought),
        "redemption": redemption(checker, raw),
        "referrals": referrals(checker, raw),
        "transfers": transfers(checker, raw),
        "pooled": pooled(checker, raw),
        "corrections": corrections(checker, raw),
        "books": books(checker, raw),
    }
    _conclude(checker, lines, title="the blueprint")
    returns: Mapping[str, Raw] = raw.get("returns", {})
    return Blueprint(
        **program,
        units=points,
        earn=tuple(earn),
        ladders=standing,
        claw_back=returns.get("claw_back", "clamp"),
        burned=returns.get("burned", "pro_rata"),
        conditions=named,
        segments=tuple(raw.get("segments", ())),
        measures=counted,
        groups=dict(raw.get("groups", {})),
        limits=shared,
        companies=raw.get("companies", False),
        **others,
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
            checker.zone = ZoneInfo(zone)
        except (KeyError, ValueError, OSError):  # unknown, a path, a folder of zones
            checker.add(
                ("program", "time_zone"),
                zone,
                f"{zone} is no time zone.",
                "Write an IANA name, such as UTC, Europe/Paris or America/New_York.",
            )
    return {"unknown_members": "enrol", **program} if checker.sound("program") else {}


def _habit(checker: Checker, path: Path, item: Raw) -> BurnHabit:
    unit = checker.unit(path, item, spent=True)
    key = "when_balance_at_least"
    threshold = checker.points((*path, key), item[key], unit=unit)
    step = checker.points((*path, "in_steps_of"), item["in_steps_of"], unit=unit)
    return BurnHabit(unit=unit, threshold=threshold, step=step)
