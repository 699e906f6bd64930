"""What changed between two programs: every part of the language, and nothing that is the same."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal, get_args, get_origin, get_type_hints

from pointbook.engine.rules.predicates import Named
from pointbook.engine.rules.prose import differences
from pointbook.engine.rules.reading import blueprints as reading
from tests.engine.rules.spoken import CHANGED, SMALL, SPOKEN

COAST, LATER = reading.read(SPOKEN), reading.read(CHANGED)
# Texts that are free, so that another one is as good. Other texts are codes of other parts.
FREE = {"name", "singular", "judgement", "time_zone"}
# What says nothing by itself: codes by which parts are matched, the document, a month of no date.
SILENT = {"code", "document", "policy"}


def changes(old, new):
    found = differences.compare(old, new)
    return "\n".join(f"{change.path}: {change.sentence}" for change in found) + "\n"


def test_a_year_later(golden):
    golden("spoken_changed.txt", changes(COAST, LATER))


def test_a_year_before(golden):
    golden("spoken_changed_back.txt", changes(LATER, COAST))


def test_whole_parts_of_the_language_come_and_go(golden):
    small = reading.read(SMALL)
    golden("spoken_parts_new.txt", changes(small, COAST))
    golden("spoken_parts_gone.txt", changes(COAST, small))


def test_a_new_name_is_told_once():
    """Not again for each condition and each award that calls a tier or a rule."""
    renamed = SPOKEN.replace("name: Pure Gold", "name: Solid gold")
    renamed = renamed.replace("name: Crew", "name: Sailors").replace("name: Tea,", "name: Teas,")
    found = differences.compare(COAST, reading.read(renamed))
    assert [change.path for change in found] == [
        "earn[items].name",
        "tiers.ladder[Gold].name",
        "tiers[crew].name",
    ]


def test_the_order_of_rules_counts_where_it_decides():
    moved = list(COAST.earn)
    first = next(rule for rule in moved if rule.code == "first")
    moved.remove(first)
    found = differences.compare(COAST, replace(COAST, earn=(first, *moved)))
    assert [(change.path, change.after) for change in found] == [
        ("groups.welcome.rules", "“First purchase” and “In the app”")
    ]
    assert not differences.compare(COAST, replace(COAST, rewards=COAST.rewards[::-1]))


def others(kind, value):
    """Another value that a field of that kind may have; none of what says nothing as it is."""
    if get_origin(kind) is Literal:
        return [one for one in get_args(kind) if one != value][:1]
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int | Decimal):
        return [value - 1 if value > 1 else value + 1] if value else []
    return [value + timedelta(days=1)] if isinstance(value, date) else []


def inside(held):
    """What a part of a program is made of: path, value, other values, and the part with another."""
    if isinstance(held, Named):
        return  # what it stands for is told where it has its name
    if isinstance(held, Mapping):
        for key, value in held.items():
            yield f".{key}", value, others(None, value), lambda new, key=key: {**held, key: new}
    elif isinstance(held, tuple):
        for n, value in enumerate(held):
            put = lambda new, n=n: (*held[:n], new, *held[n + 1 :])  # noqa: E731
            yield f"[{n}]", value, others(None, value), put
    elif is_dataclass(held) and not isinstance(held, type):
        hints = get_type_hints(type(held))
        for field in fields(held):
            name, value = field.name, getattr(held, field.name)
            changed = [f"{value}!"] if name in FREE else others(hints[name], value)
            if name == "operator":  # another one needs another constant, but for these
                changed = [{"at_least": "below", "above": "at_most", "below": "is"}.get(value)]
            changed = [one for one in changed if one is not None]
            if name not in SILENT:
                yield (
                    f".{name}",
                    value,
                    changed,
                    lambda new, name=name: replace(held, **{name: new}),
                )


def variants(held):
    """A part of a program with one figure, word or flag changed, and where."""
    for at, value, changed, put in inside(held):
        for other in changed:
            yield at, put(other)
        for deeper, other in variants(value):
            yield f"{at}{deeper}", put(other)


def test_whatever_changes_is_told():
    """Every figure, word and flag, one by one; but for those that say nothing where they stand."""
    silent = [path for path, other in variants(COAST) if not differences.compare(COAST, other)]
    assert silent == [
        ".units.points.expiry_by_tier.Silver.rounded_up_to",  # a month's end, of a year's end
        ".units.points.expiry_by_tier.Gold.since",  # of what never ends
        ".units.shells.expiry.rounded_up_to",
        ".units.chips.expiry.since",
        ".earn[9].limits[0].whole",  # of times
        ".earn[15].award.points",  # of a multiplier by tier: left out is once
        ".earn[19].limits[0].whole",
        ".earn[26].expiry.since",
        ".earn[28].limits[0].whole",
        ".ladders[0].ladder[0].every",  # of no need, or of one
        ".ladders[1].ladder[0].every",
        ".ladders[1].ladder[1].every",
        ".transfers.limits[1].whole",
    ]
