"""What a rule of a document gives, and what that leaves it to say about baskets and rounding.

Problems go to the Checker. Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any as Raw
from typing import NamedTuple

from pointbook.engine.rules.blueprint import Award, AwardKind
from pointbook.engine.rules.reading.meaning import Checker
from pointbook.engine.rules.reading.problems import Path

# What people do without paying; facts of every other type may carry amounts.
UNPAID = frozenset(
    "sign_up birthday anniversary profile review share survey check_in invited referral referred"
    " join_household leave_household join_company leave_company".split()
)
FORMS = ("points", "by_tier", "percent", "percent_by_tier", "multiply", "multiply_by_tier")
ON_BASE: tuple[AwardKind, ...] = ("per_amount", "percent")
OF_LINES = ("item", "line")


class Earner(NamedTuple):
    """A rule as others see it: the facts it listens to, its unit, how it gives, what it counts."""

    on: str
    unit: str
    kind: AwardKind
    each: str

    @property
    def on_lines(self) -> bool:
        """Whether lines of the basket can be chosen for it."""
        return self.kind in (*ON_BASE, "multiply") or self.each in OF_LINES


# All rules by their codes; None for one that is broken.
Others = Mapping[str, Earner | None]


def earner(item: Raw, *, unit: str) -> Earner:
    """A sound rule as others see it."""
    held = item["award"]
    form = _form(held).removesuffix("_by_tier")
    kind: AwardKind = "fixed"
    if form in ("percent", "multiply"):
        kind = form  # type: ignore[assignment]
    elif "each" in held:
        kind = "counted"
    elif "per" in held:
        kind = "per_amount"
    return Earner(item["on"], unit, kind, held.get("each", "") if kind == "counted" else "")


def award(checker: Checker, path: Path, item: Raw, *, own: Earner, others: Others) -> Award:
    """The award of a sound rule."""
    held = item["award"]
    at = (*path, "award")
    form = _form(held)
    for key, message in _out_of_place(held, own):
        checker.add((*at, key), held[key], message, f"Leave {key} out.")
    _fits_the_fact(checker, at, held, own)
    _fits_the_award(checker, path, item, own)
    if own.kind == "multiply":
        _multiplies(checker, path, item, own=own, others=others)
    ladder = checker.ladder(at, held, needed=form.endswith("by_tier"))
    by_tier: dict[str, Decimal] = {}
    points = Decimal(own.kind == "multiply")
    if form.endswith("by_tier"):
        for tier, value in held[form].items():
            checker.tier((*at, form, tier), tier, ladder=ladder)
            by_tier[tier] = _number(checker, (*at, form, tier), value, own=own, nothing=True)
    else:
        nothing = own.kind == "multiply"
        points = _number(checker, (*at, form), held[form], own=own, nothing=nothing)
    return Award(
        kind=own.kind,
        points=points,
        per=_per(checker, (*at, "per"), held, own),
        each=own.each,
        by_tier=by_tier,
        ladder=ladder,
        of=tuple(held.get("of", ())) if own.kind == "multiply" else (),
    )


def _form(held: Raw) -> str:
    return next(key for key in FORMS if key in held)


def _number(checker: Checker, path: Path, value: Raw, *, own: Earner, nothing: bool) -> Decimal:
    """How many points or how often; only what is given as it stands must fit the unit."""
    if own.kind == "fixed":
        checker.points(path, value, unit=own.unit, nothing=nothing)
    elif not nothing and not Decimal(value):
        checker.add(path, value, f"{value} is too small.", "Write a number above 0.")
    return Decimal(value)


def _per(checker: Checker, path: Path, held: Raw, own: Earner) -> int:
    if own.kind == "counted":
        return checker.whole(path, held.get("per", 1), least=1)
    if own.kind == "per_amount":
        return checker.money(path, held["per"], positive="Leave per out for a fixed award.")
    return 0


def _out_of_place(held: Raw, own: Earner) -> Iterator[tuple[str, str]]:
    """Keys that say nothing beside the others, and why."""
    if own.kind in ("percent", "multiply"):
        for key in ("per", "each"):
            if key in held:
                yield key, f"{key} goes with points."
    if "of" in held and own.kind != "multiply":
        yield "of", "of goes with multiply."


def _fits_the_fact(checker: Checker, path: Path, held: Raw, own: Earner) -> None:
    """Note an award that asks a fact for amounts that it does not have."""
    mend = "Write a fixed award, or listen on purchase."
    if own.kind == "percent" and own.unit in checker.worthless:
        message = f"{own.unit} have no value to pay in."
        checker.add((*path, _form(held)), held[_form(held)], message, "Give the unit a value.")
    if own.on not in UNPAID:
        return
    if own.kind == "per_amount":
        key, mend = "per", "Leave per out for a fixed award, or listen on purchase."
    elif own.kind == "percent":
        key = _form(held)
    elif own.each in OF_LINES:
        checker.add((*path, "each"), own.each, f"A fact of type {own.on} has no lines.", mend)
        return
    else:
        return
    checker.add((*path, key), held[key], f"A fact of type {own.on} has no amount.", mend)


def _fits_the_award(checker: Checker, path: Path, item: Raw, own: Earner) -> None:
    """Note what a rule says of baskets and rounding that its award does not ask."""
    named = {"fixed": "A fixed award", "counted": f"An award for each {own.each}"}
    if "base" in item and own.kind not in ON_BASE:
        if own.kind == "multiply":
            message, mend = "A multiplier has the base of the rules it multiplies.", "Leave it out."
        else:
            message = f"{named[own.kind]} has no base."
            mend = "Leave base out, or add per to the award."
        checker.add((*path, "base"), item["base"], message, mend)
    if "lines" in item and not own.on_lines:
        checker.add(
            (*path, "lines"),
            item["lines"],
            f"{named[own.kind]} does not count lines.",
            "Write when: {any_line: ...}, or add per to the award.",
        )
    for key in ("rounding", "rounding_of"):
        if key in item and own.kind == "multiply":
            message = "A multiplier rounds like the rules it multiplies."
            checker.add((*path, key), item[key], message, f"Leave {key} out.")


def _multiplies(checker: Checker, path: Path, item: Raw, *, own: Earner, others: Others) -> None:
    """Note rules that a multiplier cannot reach, and one that reaches none."""
    held = item["award"]
    at = (*path, "award")
    for n, code in enumerate(held.get("of", ())):
        here = (*at, "of", n)
        target = others.get(code)
        if checker.known(here, code, "rule") and target is not None:
            _reachable(checker, here, code, own=own, target=target, lines="lines" in item)
    if "of" in held or not own.unit or None in others.values():
        return
    mine = [one for one in others.values() if one and (one.on, one.unit) == (own.on, own.unit)]
    if not any(one.kind in ON_BASE for one in mine):
        form = _form(held)
        message = f"No rule on {own.on} gives {own.unit} by amount, so there is none to multiply."
        checker.add((*at, form), held[form], message, "Add of: the rules to multiply.")


def _reachable(
    checker: Checker, path: Path, code: str, *, own: Earner, target: Earner, lines: bool
) -> None:
    message = ""
    if target.kind == "multiply":
        message = f"{code} is a multiplier itself."
    elif target.on != own.on:
        message = f"{code} listens on {target.on}, not on {own.on}."
    elif target.unit != own.unit:
        message = f"{code} gives {target.unit}, not {own.unit}."
    elif lines and not target.on_lines:
        message = f"{code} does not count lines, so lines cannot choose among them."
    if message:
        checker.add(path, code, message, "Name a rule that can be multiplied, or leave it out.")
