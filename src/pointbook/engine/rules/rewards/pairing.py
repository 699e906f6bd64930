"""Buy some, get some: how many units come with units bought, when each unit counts once.

Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from pointbook.engine.rules.rewards.bills import Part


class Pairing(NamedTuple):
    """Units by the places of their lines: those `given`, and those `bought` for them."""

    given: Mapping[int, int]
    bought: Mapping[int, int]


def given_of(
    buys: Sequence[Part], gets: Sequence[Part], *, buy: int, get: int, sets: int | None
) -> Pairing:
    """For every `buy` whole units of `buys` up to `get` units of `gets`; at most so many sets.

    Only units in the basket are given (the cheapest first), and a unit is bought or given, never
    both. As many are given as can be, with as few bought as that needs (the dearest first, of
    lines that cannot be given before others).
    """
    both = {part.place for part in buys} & {part.place for part in gets}
    shared = _units(part for part in gets if part.place in both)
    only_bought = _units(buys) - shared
    only_given = _units(gets) - shared
    most = (only_bought + shared) // buy
    most = most if sets is None else min(most, sets)

    def given(count: int) -> int:
        lent = max(0, count * buy - only_bought)
        return min(count * get, only_given + shared - lent)

    # More sets give more until what is to be given runs short: the best is where the two meet.
    alone = -(-(only_given + shared) // get)
    lending = (only_bought + only_given + shared) // (buy + get)
    counts = {min(most, one) for one in (alone, only_bought // buy, lending, lending + 1)}
    count = max(sorted(counts), key=given)
    lent = max(0, count * buy - only_bought)
    cheapest = sorted(gets, key=lambda part: (part.each, part.place))
    free = _picked(cheapest, given(count), shared - lent, both)
    first = sorted(buys, key=lambda part: (part.place in both, -part.each, part.place))
    return Pairing(free, _bought(first, count * buy if free else 0, free))


def _units(parts: Sequence[Part] | Iterator[Part]) -> int:
    return sum(int(part.units) for part in parts)


def _picked(parts: Sequence[Part], count: int, lendable: int, both: set[int]) -> dict[int, int]:
    """So many units of parts in order, of which at most `lendable` from those in `both`."""
    found = {}
    for part in parts:
        units = min(count, int(part.units), lendable if part.place in both else count)
        if units:
            found[part.place] = units
            count -= units
            lendable -= units if part.place in both else 0
    return found


def _bought(parts: Sequence[Part], count: int, free: Mapping[int, int]) -> dict[int, int]:
    found = {}
    for part in parts:
        units = min(count, int(part.units) - free.get(part.place, 0))
        if units:
            found[part.place] = units
            count -= units
    return found
