"""The stages of a close, in order; each answers what it found. They run in one transaction.

Checks find blockers, which nobody can skip, and warnings, which the close accepts with a recorded
reason. Raises CloseBlocked, with everything that stands in the way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple

from pointbook.accounting.models import Close, Period, TieOut, Watermark
from pointbook.accounting.operations.posting import post
from pointbook.accounting.queries.books import (
    PeriodError,
    ProgramBooks,
    first_open,
    first_period,
    last_close,
    programs_of,
)
from pointbook.accounting.queries.derivation import Derived, next_of
from pointbook.accounting.queries.statements import Tie, tie_outs
from pointbook.engine.revenue.policies import Event
from pointbook.engine.values.calendar import month_name
from pointbook.engine.values.errors import ConflictError
from pointbook.engine.values.money import exponent, to_major
from pointbook.ledger.evidence import sales
from pointbook.programs.models import Entity, Estimate

ACCEPTED: Final = "accepted without a remark"


class CloseBlocked(ConflictError):
    """The period cannot be closed yet."""


@dataclass(slots=True)
class Work:
    """A close in the making: what the stages before have found."""

    entity: Entity
    period: Period
    close: Close
    programs: list[ProgramBooks]
    by: str
    reason: str
    derived: list[Derived] = field(default_factory=list)
    posted: int = 0

    @property
    def program_ids(self) -> list[int]:
        """The programs of the entity."""
        return [books.id for books in self.programs]

    def money(self, minor: int) -> str:
        """An amount in major units; all programs of an entity are shown in their own currency."""
        return f"{to_major(minor, places=exponent(self.programs[0].currency)):,}"


class Found(NamedTuple):
    """What a stage has to say; `warning` when somebody had to accept something."""

    summary: str
    warning: bool = False


class Stage(NamedTuple):
    """A named step of the close."""

    name: str
    run: Callable[[Work], Found]


def require_closable(own: Entity, first_on: date) -> None:
    """Refuse a period whose turn it is not, before anything is touched.

    :raises PeriodError: when it lies before the entity's first fact.
    :raises CloseBlocked: when it is not over, or the one before is not closed.
    """
    first, code = first_period(own), month_name(first_on)
    if first is None or first_on < first:
        raise PeriodError(
            f"entity {own.code} has no facts in {code} or before",
            field="period",
            value=code,
            mend=f"The first period is {month_name(first)}." if first else "Import facts first.",
        )
    blockers = [*_not_over(own, first_on), *_not_in_turn(own, first_on)]
    if blockers:
        raise CloseBlocked(
            f"{code} cannot be closed: {'; '.join(blockers)}.", field="period", value=code
        )


def _not_over(own: Entity, first_on: date) -> list[str]:
    return [
        f"it is not over for program {books.code}, whose clock stands at"
        f" {books.now().astimezone(books.compiled.zone):%Y-%m-%d %H:%M}"
        for books in programs_of(own)
        if books.now() < books.ends(first_on)
    ]


def _not_in_turn(own: Entity, first_on: date) -> list[str]:
    turn, last = first_open(own), last_close(own)
    if last is not None and last.period.status != Period.Status.CLOSED:
        return [f"{last.period.code} is drawn up but not sealed"]
    return [f"{month_name(turn)} is not closed yet"] if turn and turn < first_on else []


def _expire_due(work: Work) -> Found:
    """The points that ended in the period; they were expired before the transaction began."""
    work.derived = [
        next_of(
            books=books,
            close=last_close(work.entity, before=work.period.first_on),
            first_on=work.period.first_on,
        )
        for books in work.programs
    ]
    gone = [
        f"{_points(one, unit)} from {one.moved.count(Event.EXPIRY):,} lots"
        for one in work.derived
        for unit in sorted({movement.key.unit for movement in one.moved.by_cohort})
    ]
    return Found("; ".join(gone) or "Nothing to expire")


def _points(derived: Derived, unit: str) -> str:
    parts = sum(one.expired for one in derived.moved.by_cohort if one.key.unit == unit)
    return f"{to_major(parts, places=derived.books.decimals(unit)):,} {unit}"


def _post_all(work: Work) -> Found:
    """Fix how far each program's sequence was read: what comes later is late."""
    Watermark.objects.bulk_create(
        Watermark(close=work.close, program_id=one.books.id, seq=one.span.up_to, rate=one.rate)
        for one in work.derived
    )
    sold = [sales(one.span) for one in work.derived]
    baskets, burns, late = (
        sum(getattr(one, name) for one in sold) for name in ("baskets", "burns", "late")
    )
    came_late = f"{late:,} late" if late else "none late"
    return Found(f"{baskets:,} baskets, {burns:,} burns, {came_late}")


def _check(work: Work) -> Found:
    warnings = [text for check in CHECKS for text in check(work)]
    if not warnings:
        return Found(f"{len(CHECKS)} checks pass")
    passed = sum(not check(work) for check in CHECKS)
    said = f"“{work.reason}”" if work.reason else ACCEPTED
    return Found(f"{passed} of {len(CHECKS)} checks pass; {'; '.join(warnings)}: {said}", True)


def _in_turn(work: Work) -> list[str]:
    """Again under the lock: another close may have come between.

    :raises CloseBlocked: when the one before is not closed.
    """
    before = last_close(work.entity, before=work.period.first_on)
    expected = first_period(work.entity) if before is None else None
    if before is not None and before.period.status != Period.Status.CLOSED:
        raise CloseBlocked(f"{before.period.code} is not sealed yet.", field="period")
    if expected is not None and expected < work.period.first_on:
        raise CloseBlocked(f"{month_name(expected)} is not closed yet.", field="period")
    return []


def _estimated(work: Work) -> list[str]:
    return [
        f"no approved estimate for {one.books.code} in {work.period.code}, every point is"
        " expected to be redeemed"
        for one in work.derived
        if not Estimate.objects.filter(
            program_id=one.books.id, from_period__lte=work.period.code
        ).exists()
    ]


def _fresh(work: Work) -> list[str]:
    return [
        f"the estimate for {one.books.code} is stale for points of"
        f" {', '.join(month_name(key.issued_on) for key in one.stale)}:"
        " as many were used as were ever expected"
        for one in work.derived
        if one.stale
    ]


CHECKS: Final[tuple[Callable[[Work], list[str]], ...]] = (_in_turn, _estimated, _fresh)


def _estimate(work: Work) -> Found:
    rates = []
    for one in work.derived:
        change = "" if one.rate == one.rate_before else f"{one.rate_before:.1%} → "
        rates.append(f"{one.books.code} {change}{one.rate:.1%}")
    return Found(f"Redemption rate {', '.join(rates)}")


def _true_up(work: Work) -> Found:
    """Post the journal: every cohort's entries, the change of estimate last."""
    released = sum(one.released(Event.ESTIMATE) for one in work.derived)
    open_cohorts = sum(
        state.outstanding > 0 for one in work.derived for state in one.after.values()
    )
    work.posted = post(period=work.period, close=work.close, derived=work.derived)
    word = "released" if released >= 0 else "added"
    return Found(f"{work.money(abs(released))} {word}, {open_cohorts} open cohorts")


def _roll_forward(work: Work) -> Found:
    """Tie the period out and write the ties down.

    :raises CloseBlocked: when one is off; nothing was posted then.
    """
    ties = [(one.books, number, tie) for one in work.derived for number, tie in _numbered(one)]
    off = [tie for _, _, tie in ties if tie.off]
    if off:
        raise CloseBlocked(
            "the books do not tie: "
            + "; ".join(f"{tie.name}: {tie.this_side} and {tie.that_side}" for tie in off),
            field="period",
            value=work.period.code,
            mend="Run pointbook verify.",
        )
    TieOut.objects.bulk_create(
        TieOut(
            close=work.close,
            program_id=books.id,
            number=number,
            name=tie.name,
            unit=tie.unit,
            currency=tie.currency,
            this_side=tie.this_side,
            that_side=tie.that_side,
        )
        for books, number, tie in ties
    )
    return Found(f"Points and money tie: {len(ties)} of {len(ties)} at zero")


def _numbered(derived: Derived) -> list[tuple[int, Tie]]:
    return list(enumerate(tie_outs(derived), 1))


STAGES: Final = (
    Stage("Expire due", _expire_due),
    Stage("Post all", _post_all),
    Stage("Check", _check),
    Stage("Estimate", _estimate),
    Stage("True up", _true_up),
    Stage("Roll forward", _roll_forward),
)
