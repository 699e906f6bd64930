"""What a close carries on from the one before it: points that members held, balances of accounts.

The close before wrote down what its figures were tied to, so this one adds only what came since.
`pointbook verify` counts all lots, balances and lines again. Nothing here raises.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from pointbook.accounting.models import Close, TieOut
from pointbook.accounting.queries.books import entity, last_close, watermarks
from pointbook.accounting.queries.derivation import Derived
from pointbook.engine.values.calendar import next_month
from pointbook.ledger.evidence import Holdings, holdings
from pointbook.ledger.increments import increments

IN_LOTS: Final = "Points: closing to lots less debts"
IN_BALANCES: Final = "Points: closing to member balances"
TO_ACCOUNT: Final = "Cohorts to account "


@dataclass(frozen=True, slots=True)
class Carried:
    """What the close right before a period wrote down of a program; None for its first."""

    close: Close | None


def carried_from(derived: Derived) -> Carried | None:
    """The close on which a derived period stands; None when it stands on others without one."""
    span = derived.span
    close = last_close(entity(derived.books.entity), before=span.first_on)
    mark = watermarks(close).get(span.program_id)
    if mark is None:
        return Carried(None) if span.after == 0 else None
    straight = close is not None and next_month(close.period.first_on) == span.first_on
    return Carried(close) if straight and mark.seq == span.after else None


def held_at_end(derived: Derived) -> list[Holdings]:
    """What members held at the end of a derived period, by unit.

    From what the close before was tied to and what the period changed, read by transfers and by
    lots; all lots and balances there are when it stands on periods that have no close yet.
    """
    carried = carried_from(derived)
    if carried is None:
        return holdings(derived.span)
    outstanding: Counter[str] = Counter()
    for key, state in derived.before.items():
        outstanding[key.unit] += state.outstanding
    ties = {(row.name, row.unit): row for row in _points(carried.close, derived.books.id)}
    found = []
    for unit, more in increments(derived.span).items():
        lots, balances = ties.get((IN_LOTS, unit)), ties.get((IN_BALANCES, unit))
        owed = outstanding[unit] - lots.this_side if lots else 0
        found.append(
            Holdings(
                unit=unit,
                lots=(lots.that_side + owed if lots else 0) + more.lots,
                owed=owed + more.owed,
                balances=(balances.that_side if balances else 0) + more.transfers,
            )
        )
    return found


def _points(close: Close | None, program_id: int) -> list[TieOut]:
    rows = TieOut.objects.filter(close=close, program_id=program_id)
    return list(rows.filter(name__in=[IN_LOTS, IN_BALANCES])) if close else []


def carried_balances(derived: Derived) -> Counter[str] | None:
    """What closes had posted on each account that cohorts tie to, credits less debits.

    As the close before wrote it down; entries by hand stand beside the cohorts. None for a period
    that stands on others without a close.
    """
    carried = carried_from(derived)
    if carried is None:
        return None
    if carried.close is None:
        return Counter()
    rows = TieOut.objects.filter(
        close=carried.close, program_id=derived.books.id, name__startswith=TO_ACCOUNT
    ).values_list("name", "that_side")
    return Counter({name.removeprefix(TO_ACCOUNT): balance for name, balance in rows})
