"""The stages of a close, in order; each answers what it found. They run in one transaction.

Checks find blockers, which nobody can skip, and warnings, which the close accepts with a recorded
reason. Raises CloseBlocked, with everything that stands in the way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple, NoReturn

from pointbook.accounting.models import Close, Period, TieOut, Watermark
from pointbook.accounting.operations.posting import post
from pointbook.accounting.operations.reversing import take_back
from pointbook.accounting.queries.books import ProgramBooks, last_close
from pointbook.accounting.queries.checklist import (
    CHECKS,
    Examined,
    blockers,
    in_the_way,
    run,
    warnings,
)
from pointbook.accounting.queries.derivation import Derived, next_of
from pointbook.accounting.queries.settings import BooksSetting
from pointbook.accounting.queries.statements import Tie, tie_outs
from pointbook.engine.revenue.estimating.ranges import FLAT
from pointbook.engine.revenue.policies import Event
from pointbook.engine.values.calendar import month_name
from pointbook.engine.values.errors import ConflictError
from pointbook.engine.values.money import exponent, to_major
from pointbook.ledger.evidence import Sales, sales
from pointbook.programs.models import Entity, Estimate

# As much as is kept of who a stage rests on.
LONGEST_BY: Final = 150
ACCEPTED: Final = "accepted without a remark"


class CloseBlocked(ConflictError):
    """The period cannot be closed yet."""


@dataclass(slots=True)
class Work:
    """A close in the making: what the stages before have found.

    `before` is the version that this one takes the place of, when the period was reopened.
    """

    entity: Entity
    period: Period
    close: Close
    programs: list[ProgramBooks]
    by: str
    reason: str
    setting: BooksSetting
    before: Close | None = None
    derived: list[Derived] = field(default_factory=list)
    sold: list[Sales] = field(default_factory=list)
    posted: int = 0

    @property
    def examined(self) -> Examined:
        """The period as its checks see it."""
        return Examined(
            entity=self.entity,
            first_on=self.period.first_on,
            derived=self.derived,
            sold=self.sold,
            setting=self.setting,
            expired=True,
        )

    @property
    def program_ids(self) -> list[int]:
        """The programs of the entity."""
        return [books.id for books in self.programs]

    def money(self, minor: int) -> str:
        """An amount in major units; all programs of an entity are shown in their own currency."""
        return f"{to_major(minor, places=exponent(self.programs[0].currency)):,}"


class Found(NamedTuple):
    """What a stage has to say; `warning` when somebody had to accept something.

    `by` is whose work it rests on, '' for that of who closes.
    """

    summary: str
    warning: bool = False
    by: str = ""


class Stage(NamedTuple):
    """A named step of the close."""

    name: str
    run: Callable[[Work], Found]


def require_closable(own: Entity, first_on: date) -> None:
    """Refuse a period whose turn it is not, before anything is touched.

    :raises PeriodError: when it lies before the entity's first fact.
    :raises CloseBlocked: when it is not over, or the one before is not closed.
    """
    if stopped := in_the_way(own, first_on):
        refuse(month_name(first_on), stopped)


def refuse(code: str, stopped: Sequence[str], mend: str = "") -> NoReturn:
    """Say everything that stands in the way of a period.

    :raises CloseBlocked: always.
    """
    raise CloseBlocked(
        f"{code} cannot be closed: {'; '.join(stopped)}.", field="period", value=code, mend=mend
    )


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
        Watermark(
            close=work.close,
            program_id=one.books.id,
            seq=one.span.up_to,
            rate=one.rate,
            estimate=estimate.number if estimate else None,
        )
        for one in work.derived
        for estimate in [one.books.compiled.estimate_in(work.period.code)]
    )
    work.sold = [sales(one.span) for one in work.derived]
    baskets, burns, late = (
        sum(getattr(one, name) for one in work.sold) for name in ("baskets", "burns", "late")
    )
    came_late = f"{late:,} late" if late else "none late"
    return Found(f"{baskets:,} baskets, {burns:,} burns, {came_late}")


def _check(work: Work) -> Found:
    """Run every check on what was derived.

    :raises CloseBlocked: for what blocks, and in full books for a warning without a reason.
    """
    found = run(work.examined)
    if stopped := blockers(found):
        refuse(work.period.code, stopped, "Decide about them first: pointbook approve.")
    accepted = warnings(found)
    if not accepted:
        return Found(f"{len(CHECKS)} checks pass")
    if work.setting.full and not work.reason:
        refuse(work.period.code, accepted, "Accept the warnings with a reason: --reason TEXT.")
    passed = sum(not findings for findings in found)
    said = f"“{work.reason}”" if work.reason else ACCEPTED
    return Found(f"{passed} of {len(CHECKS)} checks pass; {'; '.join(accepted)}: {said}", True)


def _estimate(work: Work) -> Found:
    """The estimates in force: their rates, methods and ranges, and who answers for them."""
    rates, people = [], []
    for one in work.derived:
        change = "" if one.rate == one.rate_before else f"{one.rate_before:.1%} → "
        said = f"{one.books.code} {change}{one.rate:.1%}"
        in_force = one.books.compiled.estimate_in(work.period.code)
        number = in_force.number if in_force else 0
        row = Estimate.objects.filter(program_id=one.books.id, number=number).first()
        if row is not None:
            people.append(f"{row.prepared_by}, approved {row.approved_by}")
            if row.method != FLAT:
                said += f" by {row.method.replace('_', ' ')}"
            if row.low is not None and row.high is not None:
                said += f", range {row.low:.1%} to {row.high:.1%}"
        rates.append(said)
    by = "; ".join(dict.fromkeys(people))
    return Found(f"Redemption rate {'; '.join(rates)}", by=by[:LONGEST_BY])


def _true_up(work: Work) -> Found:
    """Post the journal: every cohort's entries, the change of estimate last."""
    released = sum(one.released(Event.ESTIMATE) for one in work.derived)
    open_cohorts = sum(
        state.outstanding > 0 for one in work.derived for state in one.after.values()
    )
    again = ""
    if work.before is not None:
        back = take_back(close=work.close, before=work.before)
        again = f"{back:,} entries of version {work.before.version} taken back; "
    work.posted = post(period=work.period, close=work.close, derived=work.derived)
    word = "released" if released >= 0 else "added"
    return Found(f"{again}{work.money(abs(released))} {word}, {open_cohorts} open cohorts")


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
