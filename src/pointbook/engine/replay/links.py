"""Who touches whom: members whose facts name each other are folded together. Nothing here raises.

Union by the references that facts of these types hold; everybody else stands alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from pointbook.engine.values.facts import Fact

# Facts that name another member, and under which attribute; for rewards, who gets them as a gift.
LINKS: Final[Mapping[str, str]] = {
    "invited": "referrer",
    "transfer": "to",
    "merge": "from",
    "join_household": "head",
    "join_company": "company",
    "reserve": "for",
    "burn": "for",
}


def linked_to(fact: Fact) -> str | None:
    """The other member that a fact names; None when it names none."""
    name = LINKS.get(fact.type)
    if name is None:
        return None
    other = fact.attributes.get(name)
    return None if not other else str(other)


def groups(
    names: Iterable[str], pairs: Iterable[tuple[str, str]] = (), *, together: bool
) -> list[list[str]]:
    """The members in groups that do not touch each other, by name; all in one if `together`.

    `pairs` are the members that touch each other.
    """
    ordered = sorted(names)
    if together:
        return [ordered] if ordered else []
    parents: dict[str, str] = {}

    def root(name: str) -> str:
        while parents.get(name, name) != name:
            name = parents[name]
        return name

    for name, other in pairs:
        low, high = sorted((root(name), root(other)))
        parents[high] = low
    if not parents:
        return [[name] for name in ordered]
    found: dict[str, list[str]] = {}
    for name in sorted({*ordered, *parents, *parents.values()}):
        found.setdefault(root(name), []).append(name)
    return [found[name] for name in sorted(found)]
