"""Why points were given: one reason for each award of a fact. Nothing here raises."""

from __future__ import annotations

from typing import Final, NamedTuple

# Named as the limit of a reason where it was no limit of a rule that cut the award.
BUDGET: Final = "budget"
MOST: Final = "most"


class Reason(NamedTuple):
    """`points` (smallest parts of `unit`) given by `rule` on `base`.

    `base` is in minor units, or what a counted award counted. `asked` is what the rule would have
    given without the `limit` that cut it (0: it was not cut). `tier` is the tier whose rate was
    taken, `of` the rule whose points a multiplier multiplied. The rate and the rounding are the
    rule's own, in the version that judged the fact.
    """

    rule: str
    unit: str
    base: int
    points: int
    asked: int = 0
    limit: str = ""
    tier: str = ""
    of: str = ""
