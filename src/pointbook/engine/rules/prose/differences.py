"""What changed between two blueprints, each change with its place and a sentence.

Rules, units, tiers and rewards are matched by their codes, so moving one changes nothing but what
its place decides. Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from pointbook.engine.rules.blueprint import Blueprint
from pointbook.engine.rules.prose.entries import Part
from pointbook.engine.rules.prose.inventory import parts

# Terms whose keys are no words for members.
LABELS: Mapping[str, str] = {
    "burned": "what was used comes back",
    "checks": "not to be shared",
    "money": "stored value",
    "most": "highest balance",
    "negative": "a minus above the balance",
    "stop": "stops",
}
# What ends the paths of terms that are names themselves.
NAMES = (".name", ".singular")


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: `before` and `after` in words, None where there was or is nothing."""

    path: str
    before: str | None
    after: str | None
    sentence: str


def compare(old: Blueprint, new: Blueprint) -> tuple[Change, ...]:
    """Every change from `old` to `new`, in the order of the document."""
    before, after = _by_path(old), _by_path(new)
    changes: list[Change] = []
    for path in dict.fromkeys([*before, *after]):
        if path not in before:
            part = after[path]
            told = f"New: {part.title}. {part.sentence}"
            changes.append(Change(path, None, part.sentence, told))
        elif path not in after:
            part = before[path]
            told = f"Gone: {part.title}. {part.sentence}"
            changes.append(Change(path, part.sentence, None, told))
        else:
            changes += _changed(before[path], after[path])
    if any(change.path.endswith(NAMES) for change in changes):
        # What calls a tier or a rule by a new name did not change for that.
        changes = _but_names(changes, _by_path(_bare(old)), _by_path(_bare(new)))
    return tuple(changes)


def _by_path(blueprint: Blueprint) -> dict[str, Part]:
    return {part.path: part for part in parts(blueprint)}


def _changed(was: Part, now: Part) -> Iterator[Change]:
    for term in dict.fromkeys([*was.terms, *now.terms]):
        before, after = was.terms.get(term), now.terms.get(term)
        if before != after:
            label = LABELS.get(term) or term.replace("_", " ").replace(".", " ")
            what = f"{was.title}, {label}" if term else was.title
            sentence = f"{what}: {_moved(before, after)}."
            yield Change(_place(was.path, term), before, after, sentence)


def _place(path: str, term: str) -> str:
    return f"{path}.{term}" if term else path


def _but_names(
    changes: list[Change], before: Mapping[str, Part], after: Mapping[str, Part]
) -> list[Change]:
    """The changes but for those that vanish when all is called by its code."""
    vanish = {
        _place(path, term)
        for path, part in before.items()
        if path in after
        for term, told in part.terms.items()
        if told == after[path].terms.get(term)
    }
    return [
        change for change in changes if change.path not in vanish or change.path.endswith(NAMES)
    ]


def _bare(blueprint: Blueprint) -> Blueprint:
    """A program whose rules, ladders, tiers, rewards and causes are called by their codes."""
    return replace(
        blueprint,
        rewards=tuple(replace(one, name=one.code) for one in blueprint.rewards),
        causes=tuple(replace(one, name=one.code) for one in blueprint.causes),
        earn=tuple(replace(rule, name=rule.code) for rule in blueprint.earn),
        ladders=tuple(
            replace(
                tiers,
                name=tiers.code,
                ladder=tuple(replace(rung, name=rung.code) for rung in tiers.ladder),
            )
            for tiers in blueprint.ladders
        ),
    )


def _moved(before: str | None, after: str | None) -> str:
    was, now = (before or "").removesuffix("."), (after or "").removesuffix(".")
    if after is None:
        return f"no longer {was}"
    return f"now {now}" if before is None else f"{now} instead of {was}"
