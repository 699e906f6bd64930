"""Which rewards matter to a member: an order that a person can follow, each place with its reason.

What can be had now comes first. Within that the score decides, a sum of whole numbers:

- affordability, 0 to 1000: what the member has of the price, in thousandths (of a price of 0: all);
- their choices, 0 to 600: 150 for each time that they took it, four times at most;
- choices of its kind, 0 to 200: 50 for each time that they took one, four times at most;
- their purchases, 0 to 500: the share of what they spent on the labels of the reward, all is 500;
- everybody's choices, 0 to 100: 10 for each doubling of the times that members took it.

So what is loved stands above what is only nearly paid. Equal scores go by price, lowest first, then
by code. Points are smallest parts of the reward's unit. Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from pointbook.engine.rules.blueprint import Unit
from pointbook.engine.rules.prose import wording

AFFORDED: Final = 1000
TIMES: Final = 4
EACH_CHOICE: Final = 150
EACH_OF_KIND: Final = 50
PURCHASES: Final = 500
DOUBLINGS: Final = 10
EACH_DOUBLING: Final = 10
# Basis points: all of a member's spend, and the share from which they buy something often.
ALL: Final = 10_000
OFTEN: Final = 1_000
NO_UNITS: Final[Mapping[str, Unit]] = {}


class Candidate(NamedTuple):
    """A reward that a member may want; codes differ.

    `price` is theirs, `short` what they lack of it, in smallest parts of `unit`. `available` says
    that nothing but points is missing. They took it `chosen` times, all members together `others`.
    """

    code: str
    unit: str
    price: int
    short: int = 0
    available: bool = True
    labels: tuple[str, ...] = ()
    kind: str = ""
    chosen: int = 0
    others: int = 0


@dataclass(frozen=True, slots=True)
class Tastes:
    """What a member likes: their spend and their choices.

    `categories` are shares of their spend by category or label, in basis points; `kinds` how often
    they took rewards of a kind.
    """

    categories: Mapping[str, int] = field(default_factory=dict)
    kinds: Mapping[str, int] = field(default_factory=dict)


class Score(NamedTuple):
    """The parts of a score, whole numbers from 0."""

    affordability: int
    choices: int
    of_its_kind: int
    purchases: int
    everybody: int


class Ranked(NamedTuple):
    """A candidate with its score, whether it can be had now, and why it stands there."""

    candidate: Candidate
    now: bool
    score: Score
    reason: str


def rank(
    candidates: Sequence[Candidate], tastes: Tastes, *, units: Mapping[str, Unit] = NO_UNITS
) -> tuple[Ranked, ...]:
    """The candidates in order, what matters most first.

    Points in reasons are told in the words of `units`; of a unit that is not there as they are.
    """
    found = [_ranked(one, tastes, units) for one in candidates]
    return tuple(sorted(found, key=_order))


def _order(ranked: Ranked) -> tuple[bool, int, int, str]:
    candidate = ranked.candidate
    return not ranked.now, -sum(ranked.score), candidate.price, candidate.code


def _ranked(candidate: Candidate, tastes: Tastes, units: Mapping[str, Unit]) -> Ranked:
    now = candidate.available and candidate.short <= 0
    score = _score(candidate, tastes)
    lead = _lead(candidate, now, units)
    why = _why(candidate, tastes, score)
    if why:
        lead += f", and {why}" if now else f"; {why}"
    return Ranked(candidate, now, score, f"{lead}.")


def _score(candidate: Candidate, tastes: Tastes) -> Score:
    price = candidate.price
    held = max(0, price - max(0, candidate.short))
    spent = min(ALL, sum(tastes.categories.get(one, 0) for one in set(candidate.labels)))
    return Score(
        affordability=AFFORDED * held // price if price > 0 else AFFORDED,
        choices=EACH_CHOICE * min(TIMES, candidate.chosen),
        of_its_kind=EACH_OF_KIND * min(TIMES, tastes.kinds.get(candidate.kind, 0)),
        purchases=PURCHASES * spent // ALL,
        everybody=EACH_DOUBLING * min(DOUBLINGS, candidate.others.bit_length()),
    )


def _lead(candidate: Candidate, now: bool, units: Mapping[str, Unit]) -> str:  # noqa: FBT001 -- ours
    """You can have it now; 120 points to go; It cannot be had now."""
    if now:
        return "You can have it now"
    if candidate.short <= 0:
        return "It cannot be had now"
    unit = units.get(candidate.unit)
    if unit is None:
        return f"{wording.counted(candidate.short, 'point', 'points')} to go"
    return f"{wording.points(candidate.short, unit=unit)} to go"


def _why(candidate: Candidate, tastes: Tastes, score: Score) -> str:
    """The largest part of the score beside what the member has; '' when there is none."""
    most = max(score[1:])
    if most == 0:
        return ""
    if score.choices == most:
        return f"you chose it {wording.times(candidate.chosen)}"
    if score.purchases == most:
        label = max(sorted(candidate.labels), key=lambda one: tastes.categories.get(one, 0))
        often = "often " if tastes.categories[label] >= OFTEN else ""
        return f"you {often}buy {label}"
    if score.of_its_kind == most:
        return "you chose one like it before"
    return f"members took it {wording.times(candidate.others)}"
