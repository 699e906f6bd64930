"""What a member can use of every unit: of pooled ones what the household holds.

Raises what `earning.queries` raises of a member.
"""

from __future__ import annotations

from pointbook.earning import queries as earning
from pointbook.interfaces.portal.visits import Visit


def held_by(visit: Visit, standing: earning.Progress) -> list[earning.Balance]:
    """The balances of the member on a visit, of pooled units those of the household's head."""
    own = earning.balances(visit.code, visit.known.id, at=visit.at)
    if standing.head is None:
        return list(own)
    purse = earning.balances(visit.code, standing.head, at=visit.at)
    pooled = visit.version.blueprint.pooled
    return [
        theirs if one.unit.code in pooled else one for one, theirs in zip(own, purse, strict=True)
    ]
