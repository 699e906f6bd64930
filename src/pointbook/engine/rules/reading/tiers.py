"""Measures and ladders of a document: what is counted of members, and what it lifts them to.

Problems go to the Checker. Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any as Raw

from pointbook.engine.rules.blueprint import (
    Benefit,
    Measure,
    Rung,
    Tiers,
    Validity,
    ValidityKind,
    Window,
    WindowKind,
)
from pointbook.engine.rules.reading.meaning import Checker
from pointbook.engine.rules.reading.problems import Path, choice

ALONE = "tiers"  # the code of a ladder that needs none
CALENDARS: Mapping[str, WindowKind] = {"year": "calendar_year", "month": "calendar_month"}
VALIDITIES: tuple[ValidityKind, ...] = (
    "end_of_year",
    "end_of_month",
    "days",
    "months",
    "membership_year",
)
PLAIN = ("spend", "visits")  # measures that a ladder names without more words
NO_WINDOW = Window("lifetime")  # where the document forgot it


def name_ladders(checker: Checker, raw: Raw) -> None:
    """Let the Checker know the ladders and their tiers, so that the rest may refer to them."""
    if not checker.sound("tiers"):
        return
    found: dict[str, list[str]] = {}
    for path, item in _held(raw):
        code = item.get("code", ALONE)
        if len(path) > 1 and "code" not in item:
            mend = "Add code: the ladder's code, such as status."
            checker.add((*path, "code"), None, "code is missing.", mend)
        elif code in found:
            message = f"{code} stands here twice."
            checker.add((*path, "code"), code, message, "Write another code.")
        found[code] = [rung["tier"] for rung in item["ladder"]]
    if checker.sound("tiers"):
        checker.ladders = found


def measures(checker: Checker, raw: Raw) -> tuple[Measure, ...]:
    """The measures that the document names; from here on the others may refer to them."""
    found: dict[str, Measure] = {}
    for path, item in checker.entries(raw, "measures"):
        code = str(path[-1])
        found[code] = _measure(checker, path, code=code, item=item)
        if item.get("window") == "since_review":
            checker.add(
                (*path, "window"),
                "since_review",
                "Only ladders are reviewed.",
                "Write this measure inside tiers.",
            )
    checker.measures = found
    held = raw.get("measures", {})
    if isinstance(held, dict):
        checker.names["measure"] = held
    return tuple(found.values())


def ladders(checker: Checker, raw: Raw) -> tuple[Tiers, ...]:
    """The ladders, the one that members see first."""
    if not checker.sound("tiers"):
        return ()
    return tuple(_ladder(checker, path, item) for path, item in _held(raw))


def _held(raw: Raw) -> Iterator[tuple[Path, Raw]]:
    """The ladders of a sound section: one, or a list."""
    held = raw.get("tiers", [])
    if isinstance(held, dict):
        yield ("tiers",), held
    else:
        for n, item in enumerate(held):
            yield ("tiers", n), item


def _ladder(checker: Checker, path: Path, item: Raw) -> Tiers:
    counted = _measures(checker, path, item)
    validity = _validity(checker, path, item)
    _reviewed(checker, path, item, validity=validity, counted=counted)
    benefits = [
        Benefit(one["benefit"], one["name"], one["each"])
        for _, one in checker.items(item, "benefits", above=path, code="benefit")
    ]
    checker.names["benefit"] = [one.code for one in benefits]
    rungs: list[Rung] = []
    for at, rung in checker.items(item, "ladder", above=path, code="tier"):
        rungs.append(_rung(checker, at, rung, counted=counted, below=rungs))
    tiers = [rung.code for rung in rungs]
    for old, new in item.get("moved", {}).items():
        at = (*path, "moved", old)
        if old in tiers:
            checker.add(at, old, f"{old} is still a tier here.", "Leave it out of moved.")
        elif new not in tiers:
            checker.add(at, new, f"{new} is no tier here.", choice(new, tiers))
    code = item.get("code", ALONE)
    return Tiers(
        code=code,
        name=item.get("name", code),
        measures=tuple(counted.values()),
        ladder=tuple(rungs),
        upgrade=item.get("upgrade", "at_once"),
        validity=validity,
        downgrade=item.get("downgrade", "full"),
        grace_days=item.get("grace_days", 0),
        benefits=tuple(benefits),
        moved=dict(item.get("moved", {})),
    )


def _measures(checker: Checker, path: Path, item: Raw) -> dict[str, Measure]:
    """What the ladder counts, by the names that its tiers ask for."""
    if "measure" in item:
        found = _own(checker, path, item, at=(*path, "measure"), held=item["measure"])
        return {found.code: found}
    return {
        code: replace(_own(checker, path, item, at=(*path, "measures", code), held=held), code=code)
        for code, held in item["measures"].items()
    }


def _own(checker: Checker, path: Path, item: Raw, *, at: Path, held: Raw) -> Measure:
    """One of them: in full, spend or visits in the ladder's window, or the program's by its name.

    Where the program calls a measure visits too, the ladder's window tells which is meant.
    """
    window = item.get("window")
    if not isinstance(held, str):
        return _measure(checker, at, code=held["measure"], item={"window": window, **held})
    known = checker.names.get("measure", [held])  # what cannot be said is not held against it
    if held in PLAIN and (window is not None or held not in known):
        plain = {"measure": held, "window": window}
        return _measure(checker, path, code=held, item=plain)
    if held not in known:
        checker.add(
            at, held, f"{held} is no measure here.", choice(held, dict.fromkeys([*PLAIN, *known]))
        )
    elif window is not None and "measure" in item:
        message = f"The measure {held} has its own window."
        checker.add((*path, "window"), window, message, "Leave window out.")
    return checker.measures.get(held, Measure(held, "spend", NO_WINDOW))


def _measure(checker: Checker, path: Path, *, code: str, item: Raw) -> Measure:
    kind, window = item["measure"], item.get("window")
    if window is None:
        mend = "Add window: over which time it is counted, such as {rolling_days: 365}."
        checker.add((*path, "window"), None, "window is missing.", mend)
    if kind == "count" and "of" not in item:
        mend = "Add of: the type of the facts, such as review."
        checker.add((*path, "of"), None, "of is missing.", mend)
    for key, owner in (("unit", "earned"), ("of", "count")):
        if key in item and kind != owner:
            message = f"{key} says nothing of {kind}."
            checker.add((*path, key), item[key], message, f"Leave {key} out.")
    return Measure(
        code=code,
        kind=kind,
        window=NO_WINDOW if window is None else _window(window),
        unit=checker.unit(path, item) if kind == "earned" else "",
        type=item.get("of", "") if kind == "count" else "",
    )


def _window(held: Raw) -> Window:
    if isinstance(held, str):
        return Window(held)  # type: ignore[arg-type]  # the schema knows the words
    if "calendar" in held:
        return Window(CALENDARS[held["calendar"]])
    return Window("rolling_days", held["rolling_days"])


def _validity(checker: Checker, path: Path, item: Raw) -> Validity:
    held = item.get("validity", {"until": "purchase"})
    if "until" in held:
        if "plus_days" in held:
            message = "plus_days is added to a date, and there is none."
            checker.add(
                (*path, "validity", "plus_days"), held["plus_days"], message, "Leave it out."
            )
        return Validity(held["until"])
    kind = next(key for key in VALIDITIES if key in held)
    return Validity(kind, held[kind], held.get("plus_days", 0))


def _reviewed(
    checker: Checker,
    path: Path,
    item: Raw,
    *,
    validity: Validity,
    counted: Mapping[str, Measure],
) -> None:
    """Note what waits for a review where no tier ends on a date."""
    if validity.kind not in ("purchase", "for_ever"):
        return
    if any(measure.window.kind == "since_review" for measure in counted.values()):
        message = "A window since_review begins with the review of a tier, and there is none."
        begin = "Write a validity that ends, such as {end_of_year: 1}, or another window."
        checker.add((*path, "validity"), item.get("validity"), message, begin)
    mend = "Leave it out, or write a validity that ends, such as {end_of_year: 1}."
    if item.get("upgrade") == "at_review":
        message = "No tier is reviewed: its validity names no date."
        checker.add((*path, "upgrade"), "at_review", message, mend)
    if item.get("grace_days"):
        message = "A tier without a date of its end has no days after it."
        checker.add((*path, "grace_days"), item["grace_days"], message, mend)


def _rung(
    checker: Checker, path: Path, item: Raw, *, counted: Mapping[str, Measure], below: list[Rung]
) -> Rung:
    given = [key for key in ("from", "any", "all") if key in item]
    for key in given[1:]:
        message = f"{given[0]} says already what reaches the tier."
        checker.add((*path, key), item[key], message, "Keep one of from, any and all.")
    needs: dict[str, int] = {}
    if given:
        needs = _needs(checker, path, given[0], item, counted=counted)
    for benefit in item.get("benefits", {}):
        checker.known((*path, "benefits", benefit), benefit, "benefit")
    rung = Rung(
        code=item["tier"],
        name=item.get("name", item["tier"]),
        needs=needs,
        every=given[:1] == ["all"],
        lifetime=item.get("lifetime", False),
        benefits=dict(item.get("benefits", {})),
    )
    if not below:
        return _first(checker, path, item, rung=rung, given=given)
    if not given:
        mend = 'Add from, such as from: "350.00", or any or all with several measures.'
        checker.add((*path, "from"), None, "Only the first tier needs nothing.", mend)
    elif checker.sound(*path) and all(_countable(checker, one) for one in counted.values()):
        _rising(checker, (*path, given[0]), item[given[0]], rung=rung, below=below)
    return rung


def _first(checker: Checker, path: Path, item: Raw, *, rung: Rung, given: list[str]) -> Rung:
    """The lowest tier, where everybody begins."""
    if any(rung.needs.values()):
        key = given[0]
        message = "The first tier begins above 0."
        mend = 'Write from: "0".' if key == "from" else f"Leave {key} out."
        checker.add((*path, key), item[key], message, mend)
    return replace(rung, needs={}, every=False)


def _needs(
    checker: Checker, path: Path, key: str, item: Raw, *, counted: Mapping[str, Measure]
) -> dict[str, int]:
    at = (*path, key)
    if key == "from":
        if len(counted) > 1:
            mend = f"Write any or all, such as any: {{{next(iter(counted))}: {item[key]}}}."
            checker.add(at, item[key], "There are several measures.", mend)
        measure = next(iter(counted.values()))
        return {measure.code: checker.amount(at, item[key], measure=measure)}
    needs = {}
    for code, value in item[key].items():
        if code in counted:
            needs[code] = checker.amount((*at, code), value, measure=counted[code])
        else:
            message = f"{code} is no measure of this ladder."
            checker.add((*at, code), code, message, choice(code, counted))
    return needs


def _countable(checker: Checker, measure: Measure) -> bool:
    """Whether amounts of it could be read: its unit or the currency is known."""
    if measure.kind == "earned":
        return measure.unit in (checker.units or ())
    return measure.kind != "spend" or checker.places is not None


def _rising(checker: Checker, path: Path, value: Raw, *, rung: Rung, below: list[Rung]) -> None:
    """Note a tier that is not harder to reach than those below it."""
    lower = below[-1]
    fallen = [
        code
        for code, least in rung.needs.items()
        if any(least < one.needs.get(code, 0) for one in below)
    ]
    if fallen or _reaches(lower, rung):
        message = f"{rung.code} begins no higher than {lower.code}."
        mend = "Write the tiers lowest first, each from more than the one before."
        checker.add(path, value, message, mend)


def _reaches(one: Rung, other: Rung) -> bool:
    """Whether whoever just meets the needs of one tier meets those of the other."""
    whole = one.every or not one.needs
    ways = [one.needs] if whole else [{code: least} for code, least in one.needs.items()]
    enough = all if other.every else any
    return all(
        enough(way.get(code, 0) >= least for code, least in other.needs.items()) for way in ways
    )
