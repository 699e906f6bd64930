"""A program, and what changes between two, as text for a terminal: headings and wrapped sentences.

The text is Markdown, so that it can be handed on. Nothing here raises.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import Final

from pointbook.engine.rules.blueprint import Blueprint
from pointbook.engine.rules.prose import tell
from pointbook.engine.rules.prose.differences import Change, compare

WIDTH: Final = 100
# Above this a sentence with both texts is hard to read: each gets a line of its own.
LONGEST: Final = 160
# The parts of a document by the headings under which members would look for them, in that order.
HEADINGS: Final = {
    "Earning": ("earn", "groups", "limits", "conditions", "segments", "measures"),
    "Points": ("units",),
    "Tiers": ("tiers",),
    "Rewards": ("rewards", "pay_with_points", "causes", "automatic", "redemption"),
    "Friends, households and companies": ("referrals", "transfers", "households", "companies"),
    "Returns and corrections": ("returns", "corrections"),
    "The program": ("program",),
    "Books": ("books",),
}


def sound(blueprint: Blueprint) -> str:
    """One line on a program without mistakes: coffee-stars is sound: 6 rules, 1 ladder, 2 units."""
    parts = (
        (len(blueprint.earn), "rule"),
        (len(blueprint.ladders), "ladder"),
        (len(blueprint.units), "unit"),
    )
    told = ", ".join(f"{n} {word}{'' if n == 1 else 's'}" for n, word in parts if n)
    return f"{blueprint.code} is sound: {told}."


def explained(blueprint: Blueprint) -> str:
    """The whole program in sentences, chapter by chapter."""
    lines = [f"# {blueprint.name}"]
    for paragraph in tell(blueprint):
        lines += ["", f"## {paragraph.title}", ""]
        for sentence in paragraph.sentences:
            lines += _item(sentence)
    return "\n".join(lines)


def changed(before: Blueprint, after: Blueprint) -> str:
    """What changes from one program to another, under the headings of its parts."""
    groups: dict[str, list[Change]] = {heading: [] for heading in HEADINGS}
    for change in compare(before, after):
        groups[_heading(change)].append(change)
    lines: list[str] = []
    for heading, changes in groups.items():
        if changes:
            lines += ["", f"## {heading}", "", *_items(changes)]
    return "\n".join(lines[1:]) or "Nothing changes."


def _heading(change: Change) -> str:
    root = change.path.split(".")[0].split("[")[0]
    return next((name for name, roots in HEADINGS.items() if root in roots), "The program")


def _items(changes: Iterable[Change]) -> Iterator[str]:
    for change in changes:
        was, now = change.before, change.after
        if was and now and len(change.sentence) > LONGEST:
            both = f"{now.removesuffix('.')} instead of {was.removesuffix('.')}."
            yield from _item(change.sentence.removesuffix(both).rstrip())
            yield from _item(f"was: {was}", indent="    ")
            yield from _item(f"now: {now}", indent="    ")
        else:
            yield from _item(change.sentence)


def _item(text: str, *, indent: str = "") -> list[str]:
    """One item of a list, wrapped."""
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=f"{indent}- ",
        subsequent_indent=f"{indent}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
