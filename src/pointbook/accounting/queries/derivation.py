"""What a period posts: the points ledger's movements, read through the policy of the books.

Pure reading: a close writes what is derived here, a page shows it before. The cost is that of the
cohorts open before and of the period's own movements, however long the history. Raises CohortError
when ledger and books contradict each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from pointbook.accounting.models import Close, Cohort, CohortTotal
from pointbook.accounting.models import CohortEntry as Written
from pointbook.accounting.queries.books import (
    ProgramBooks,
    entity,
    first_open,
    last_close,
    watermarks,
)
from pointbook.accounting.queries.settings import books_of
from pointbook.engine.revenue.cohorts import CohortKey, CohortState, Movement
from pointbook.engine.revenue.policies import ROLES, Event, Policy
from pointbook.engine.revenue.recognition import (
    CohortEntry,
    InForce,
    JournalEntry,
    PeriodPosting,
    journal,
    post_period,
    rate_of,
)
from pointbook.engine.values.calendar import add_months, next_month
from pointbook.ledger.movements import Movements, Span, movements

States = Mapping[CohortKey, CohortState]


@dataclass(frozen=True, slots=True)
class Derived:
    """A program's period: what moved, what every cohort came to, and what that posts."""

    books: ProgramBooks
    span: Span
    rate_before: Decimal
    rate: Decimal
    before: States
    moved: Movements
    postings: tuple[PeriodPosting, ...]
    costs: frozenset[str] = frozenset()

    @property
    def entries(self) -> list[CohortEntry]:
        """The entries of all cohorts."""
        return [entry for posting in self.postings for entry in posting.entries]

    @property
    def journal(self) -> tuple[JournalEntry, ...]:
        """The entity's journal entries, in the order of posting."""
        return tuple(one for one in self._all if not one.here)

    @property
    def pairs(self) -> tuple[JournalEntry, ...]:
        """The other halves: what stands in the books of the entities where points were used."""
        return tuple(one for one in self._all if one.here)

    @property
    def _all(self) -> tuple[JournalEntry, ...]:
        return journal(self.entries, costs=self.costs)

    @property
    def after(self) -> dict[CohortKey, CohortState]:
        """The totals of every cohort that was open before or moved."""
        return {posting.after.key: posting.after for posting in self.postings}

    @property
    def stale(self) -> list[CohortKey]:
        """Cohorts of which more is used already than was ever expected."""
        return [posting.after.key for posting in self.postings if posting.stale_estimate]

    def released(self, event: Event) -> int:
        """What one event took out of the liability, minor units."""
        return -sum(entry.change for entry in self.entries if entry.event is event)


def derive(
    *,
    books: ProgramBooks,
    span: Span,
    before: States,
    rate_before: Decimal | None,
    rate: Decimal | None = None,
    ended: States = MappingProxyType({}),
) -> Derived:
    """Post the movements of a span on the totals before it, by what is in force or by `rate`.

    `ended` are cohorts that were used up in periods before that have no close yet.

    :raises CohortError: when a movement takes more from a cohort than it holds.
    """
    flat = rate
    rate = books.rate(span.first_on) if rate is None else rate
    rate_before = rate if rate_before is None else rate_before
    moved = movements(span)
    still = {movement.key: movement for movement in moved.by_cohort}
    again = [key for key in still if key not in before]
    known = {**before, **used_up(books, again, before_on=span.first_on, rate=flat)}
    known |= {
        key: as_before(books, ended[key], before_on=span.first_on, rate=flat)
        for key in again
        if key in ended
    }
    postings = tuple(
        post_period(
            before=known.get(key) or CohortState(key=key, rate=rate),
            movement=still.get(key) or Movement(key=key),
            now=in_force(books, key, first_on=span.first_on, rate=flat),
        )
        for key in sorted({*before, *still})
    )
    return Derived(
        books=books,
        span=span,
        rate_before=rate_before,
        rate=rate,
        before=before,
        moved=moved,
        postings=postings,
        costs=_with_costs(books, moved.by_cohort),
    )


def in_force(
    books: ProgramBooks, key: CohortKey, *, first_on: date, rate: Decimal | None = None
) -> InForce:
    """What a cohort is measured by in a period; at another `rate` in a what-if."""
    found = books.in_force(first_on, key)
    return found if rate is None else found._replace(rate=rate_of(key, rate))


def _with_costs(books: ProgramBooks, moved: Sequence[Movement]) -> frozenset[str]:
    """The entities that book the cost of own goods, of this one and those where points went."""
    others = {use.other for movement in moved for use in movement.uses} - {""}
    return frozenset(code for code in {books.entity, *others} if books_of(code).costs)


def next_of(*, books: ProgramBooks, close: Close | None, first_on: date) -> Derived:
    """The period that begins on `first_on`, right after `close` (None: the first)."""
    mark = watermarks(close).get(books.id)
    return derive(
        books=books,
        span=books.span(first_on, after=mark.seq if mark else 0),
        before=open_states(close, books),
        rate_before=mark.rate if mark else None,
    )


def preview(*, books: ProgramBooks, until: date) -> list[Derived]:
    """The periods without a close up to the one that begins on `until`, one upon the other."""
    own = entity(books.entity)
    month = first_open(own)
    found: list[Derived] = []
    ended: dict[CohortKey, CohortState] = {}
    while month is not None and month <= until:
        if found:
            last = found[-1]
            derived = derive(
                books=books,
                span=books.span(month, after=last.span.up_to, up_to=last.span.up_to),
                before={key: one for key, one in last.after.items() if one.outstanding},
                rate_before=last.rate,
                ended=ended,
            )
        else:
            derived = next_of(books=books, close=last_close(own), first_on=month)
        found.append(derived)
        ended |= {key: one for key, one in derived.after.items() if not one.outstanding}
        month = next_month(month)
    return found


def states_of(close: Close | None, books: ProgramBooks) -> dict[CohortKey, CohortState]:
    """The totals that a close wrote down for a program."""
    if close is None:
        return {}
    rows = CohortTotal.objects.filter(close=close, program_id=books.id).order_by("id")
    return {state.key: state for state in (_state(books, row) for row in rows)}


def open_states(close: Close | None, books: ProgramBooks) -> dict[CohortKey, CohortState]:
    """The totals of the cohorts that a close left open."""
    return {key: one for key, one in states_of(close, books).items() if one.outstanding}


def total_key(books: ProgramBooks, row: Cohort) -> CohortKey:
    """The cohort that a row is of."""
    return CohortKey(
        entity=books.entity,
        program=books.code,
        unit=row.unit,
        currency=row.currency,
        issued_on=row.issued_on,
        policy=Policy(row.policy),
        funder=row.funder,
    )


def entry_of(books: ProgramBooks, row: Written) -> CohortEntry:
    """What an event did to a cohort, as a close wrote it down."""
    return CohortEntry(
        key=total_key(books, row),
        event=Event(row.event),
        points=row.points,
        change=row.change,
        share=row.share,
        breakage=row.breakage,
        side=row.side,
        other=row.other,
        cost=row.cost,
        unclaimed=row.unclaimed,
    )


def _state(books: ProgramBooks, row: CohortTotal) -> CohortState:
    return CohortState(
        key=total_key(books, row),
        rate=row.rate,
        issued=row.issued,
        redeemed=row.redeemed,
        expired=row.expired,
        allocated=row.allocated,
        each=row.each,
    )


def used_up(
    books: ProgramBooks,
    keys: Sequence[CohortKey],
    *,
    before_on: date,
    rate: Decimal | None = None,
) -> dict[CohortKey, CohortState]:
    """The last totals of cohorts that were used up before a day and move again.

    A late fact moves them, or what comes back. Nothing was owed for them, whatever the rate, so
    they begin with what was in force right before that day, or at `rate`.
    """
    found: dict[CohortKey, CohortState] = {}
    months = sorted({key.issued_on for key in keys})
    if not months:
        return found
    rows = (
        CohortTotal.objects.filter(
            entity_id=books.entity_id,
            program_id=books.id,
            issued_on__in=months,
            close__period__first_on__lt=before_on,
        )
        .order_by("unit", "currency", "issued_on", "policy", "funder", "-id")
        .distinct("unit", "currency", "issued_on", "policy", "funder")
    )
    states = [_state(books, row) for row in rows]
    return {
        state.key: as_before(books, state, before_on=before_on, rate=rate)
        for state in states
        if state.key in set(keys)
    }


def as_before(
    books: ProgramBooks, state: CohortState, *, before_on: date, rate: Decimal | None = None
) -> CohortState:
    """Totals of a used up cohort with what was in force in the month before a day.

    What is due to a partner keeps the price of its sales.
    """
    last = in_force(books, state.key, first_on=add_months(before_on, -1), rate=rate)
    due = ROLES[state.key.policy].measure == "due"
    return replace(state, rate=last.rate, each=state.each if due else last.each)
