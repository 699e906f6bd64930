"""The rules of a document: what they listen to, what they give, and up to where.

Problems go to the Checker. Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any as Raw

from pointbook.engine.rules.blueprint import Base, Budget, EarnRule, Limit, Pending
from pointbook.engine.rules.fields import WEEKDAYS
from pointbook.engine.rules.reading.awards import Earner, Others, award, earner
from pointbook.engine.rules.reading.meaning import Checker
from pointbook.engine.rules.reading.predicates import predicate
from pointbook.engine.rules.reading.problems import Path
from pointbook.engine.rules.reading.units import expiry, released

# What the engine itself does something about: such facts move points by its own rules alone.
SILENT = frozenset(
    "burn cancel payment_expired transfer received merge merged void adjustment reinstate opening"
    " tier_floor status_match benefit segment claim".split()
)
# What tells of no release: sales, and what the engine reads otherwise.
NO_RELEASE = SILENT | {"purchase", "return"}


def rules(checker: Checker, raw: Raw) -> list[EarnRule]:
    """The rules of the document."""
    held = raw.get("earn")
    if not isinstance(held, list):
        return []
    others: dict[str, Earner | None] = {}
    for n, item in enumerate(held):
        if checker.sound("earn", n):
            others.setdefault(item["rule"], earner(item, unit=_plain_unit(checker, item)))
        else:
            others[str(item.get("rule")) if isinstance(item, dict) else ""] = None
    checker.names["rule"] = others
    if checker.sound("groups"):
        checker.names["group"] = raw.get("groups", {})
    found = checker.items(raw, "earn", code="rule")
    return [_rule(checker, path, item, others=others) for path, item in found]


def shared_limits(checker: Checker, raw: Raw, earn: Sequence[EarnRule]) -> tuple[Limit, ...]:
    """The limits that several of the rules share."""
    units = {rule.code: rule.unit for rule in earn}
    found = []
    for path, item in checker.items(raw, "limits", code="limit"):
        for n, code in enumerate(item["rules"]):
            checker.known((*path, "rules", n), code, "rule")
        given = [units[code] for code in item["rules"] if code in units]
        if "points" in item and len(set(given)) > 1:
            message = "These rules give different units."
            mend = "Write a limit for each unit, or limit times."
            checker.add((*path, "rules"), item["rules"], message, mend)
        unit = given[0] if given else ""
        one = limit(checker, path, item, code=item["limit"], unit=unit)
        found.append(replace(one, rules=tuple(item["rules"])))
    return tuple(found)


def limit(checker: Checker, path: Path, item: Raw, *, code: str, unit: str) -> Limit:
    """A sound limit, in the parts of `unit`."""
    points = item.get("points")
    if points is None and "times" not in item:
        mend = "Add points, such as points: 100, or times, such as times: 1."
        checker.add(
            (*path, "points"), None, "A limit without points or times limits nothing.", mend
        )
    return Limit(
        code=code,
        each=item["each"],
        points=None if points is None else checker.points((*path, "points"), points, unit=unit),
        times=item.get("times"),
        whole=item.get("above") == "nothing",
    )


def _rule(checker: Checker, path: Path, item: Raw, *, others: Others) -> EarnRule:
    code = item["rule"]
    _listens(checker, path, item)
    unit = _unit(checker, path, item, others=others)
    days = checker.ordered(path, item, what="The rule")
    if "group" in item:
        checker.known((*path, "group"), item["group"], "group")
    limits = [
        replace(limit(checker, at, one, code=f"{code}[{at[-1]}]", unit=unit), rules=(code,))
        for at, one in checker.entries(item, "limits", above=path)
    ]
    own = earner(item, unit=unit)
    return EarnRule(
        code=code,
        name=item["name"],
        on=item["on"],
        unit=unit,
        award=award(checker, path, item, own=own, others=others),
        rounding=item.get("rounding", "floor"),
        rounding_of=item.get("rounding_of", "order"),
        base=Base(**{key: held == "in" for key, held in item.get("base", {}).items()}),
        when=predicate(checker, (*path, "when"), item.get("when"), line=False),
        lines=predicate(checker, (*path, "lines"), item.get("lines"), line=True),
        from_on=days.from_on,
        until_on=days.until_on,
        weekdays=tuple(sorted(WEEKDAYS.index(day) for day in item.get("weekdays", ()))),
        hours=_hours(checker, path, item),
        stores=tuple(map(str, item.get("stores", ()))),
        channels=tuple(map(str, item.get("channels", ()))),
        limits=tuple(limits),
        budget=_budget(checker, path, item, unit=unit),
        priority=item.get("priority", 0),
        stop=item.get("stop", False),
        group=item.get("group", ""),
        pending=_pending(checker, path, item),
        expiry=expiry(checker, (*path, "expires"), item["expires"]) if "expires" in item else None,
    )


def _listens(checker: Checker, path: Path, item: Raw) -> None:
    on = item["on"]
    if on == "return":
        checker.add(
            (*path, "on"),
            "return",
            "A return earns nothing.",
            "Say under returns what becomes of the points, and earn on another type.",
        )
    elif on in SILENT:
        checker.add(
            (*path, "on"),
            on,
            f"A fact of type {on} earns nothing: it has a meaning of its own.",
            "Listen on purchase, sign_up or another type, or on a name of yours.",
        )


def _plain_unit(checker: Checker, item: Raw) -> str:
    """The unit of a rule, as far as that can be said without a look at the others."""
    return str(item.get("unit", checker.only_unit()))


def _unit(checker: Checker, path: Path, item: Raw, *, others: Others) -> str:
    """The unit of a rule; a multiplier has that of the rules that it names."""
    named = item["award"].get("of")
    if "unit" in item or not named:
        return checker.unit(path, item)
    targets = [others.get(code) for code in named]
    return next((target.unit for target in targets if target), "")


def _hours(checker: Checker, path: Path, item: Raw) -> tuple[int, int] | None:
    held = item.get("hours")
    if held is None:
        return None
    start, end = _minutes(held["from"]), _minutes(held["until"])
    if start >= end:
        message = f"The hours end before they begin ({held['from']})."
        mend = "Write a later time; hours over midnight are two rules."
        checker.add((*path, "hours", "until"), held["until"], message, mend)
    return start, end


def _minutes(time: str) -> int:
    hours, _, minutes = time.partition(":")
    return int(hours) * 60 + int(minutes)


def _budget(checker: Checker, path: Path, item: Raw, *, unit: str) -> Budget | None:
    held = item.get("budget")
    if held is None:
        return None
    points = checker.points((*path, "budget", "points"), held["points"], unit=unit)
    return Budget(points, held.get("each", "ever"))


def _pending(checker: Checker, path: Path, item: Raw) -> Pending | None:
    held = item.get("pending")
    if held is None:
        if "expires" in item:
            released(checker, (*path, "expires"), item["expires"])
        return None
    until = held.get("until", "")
    if until in NO_RELEASE:
        message = f"A fact of type {until} releases nothing: it has a meaning of its own."
        mend = "Write a type of yours, such as shipped."
        checker.add((*path, "pending", "until"), until, message, mend)
    return Pending(held.get("days", 0), until)
