"""Close a period: draw its figures up (soft close), then seal them.

Drawing up posts the period's journal and fixes its figures; what is posted later is late. Sealing
chains them and shuts the period. Both are safe to repeat: what is done is not done again. A
reopened period is drawn up anew, as the next version of its close. Raises CloseBlocked with
everything that stands in the way, PeriodError for a period that is none, OwnSeal and PersonNeeded.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Final

from pointbook.accounting import events
from pointbook.accounting.models import Close, CloseStage, Period, Seal
from pointbook.accounting.operations.locking import lock_books
from pointbook.accounting.operations.proposing import require_person
from pointbook.accounting.operations.stages import (
    STAGES,
    CloseBlocked,
    Work,
    refuse,
    require_closable,
)
from pointbook.accounting.queries.books import (
    entity,
    period_start,
    programs_of,
    sharing,
)
from pointbook.accounting.queries.checklist import undecided_journals
from pointbook.accounting.queries.sealing import FORM, covered, expected_digest
from pointbook.accounting.queries.settings import books_of
from pointbook.controls.actors import Actor
from pointbook.controls.clock import now
from pointbook.controls.operations import announce, change, next_seq
from pointbook.controls.queries import people_who_may
from pointbook.engine.values.calendar import month_name
from pointbook.engine.values.errors import PointbookError
from pointbook.ledger.operations.expiring import expire
from pointbook.programs.models import Entity

SEAL: Final = len(STAGES) + 1
_OPEN: Final = (Period.Status.OPEN, Period.Status.REOPENED)


class OwnSeal(PointbookError):
    """Who drew a period up may not seal it."""

    status = 403


@dataclass(frozen=True, slots=True)
class Done:
    """What a close did: entries posted by this run, and the period's status after it.

    `version` counts the closes of the period; `closed_by` drew its last one up, and `drawn` says
    that this run did.
    """

    entity: str
    period: str
    status: str
    posted: int
    sealed: bool
    version: int = 1
    closed_by: str = ""
    drawn: bool = False

    @property
    def waits_for_seal(self) -> bool:
        """Whether the figures are drawn up and somebody has still to seal them."""
        return self.status == Period.Status.SOFT_CLOSED


def close(*, entity_code: str, period: str, actor: Actor, reason: str = "") -> Done:
    """Draw up and seal a period. `reason` is why warnings are accepted.

    Where two persons keep the books, the first call draws up, and another person's seals.

    :raises CloseBlocked: the period is not over, the one before is open, or a table does not tie.
    :raises PeriodError: the text is no period, or one before the first fact.
    :raises OwnSeal: the actor drew it up before.
    :raises PersonNeeded: nobody of the team closes, where two persons keep the books.
    """
    drawn = draw_up(entity_code=entity_code, period=period, actor=actor, reason=reason)
    if drawn.status == Period.Status.CLOSED:
        return drawn
    if drawn.drawn and books_of(entity_code).second_person:
        return drawn
    sealed = seal(entity_code=entity_code, period=period, actor=actor)
    return replace(sealed, posted=drawn.posted, drawn=drawn.drawn)


def draw_up(*, entity_code: str, period: str, actor: Actor, reason: str = "") -> Done:
    """Soft-close a period: expire what is due, post its journal, tie it out.

    A reopened period is drawn up as its next version: what the one before derived is taken back.

    :raises CloseBlocked: naming every blocker; nothing is posted then.
    :raises PeriodError: the text is no period, or one before the first fact.
    :raises PersonNeeded: nobody of the team draws up, where two persons keep the books.
    """
    own, first_on = entity(entity_code), period_start(period)
    done = _done_before(own, first_on)
    if done is not None:
        return done
    require_person(own.code, actor)
    require_closable(own, first_on)
    for books in programs_of(own):
        # Outside the close's transaction: a till never waits for a close.
        expire(program_id=books.id, at=books.ends(first_on), entity_id=own.id)
    return change(
        actor=actor,
        action="period.close",
        run=partial(_draw_up, own, first_on, actor, reason),
        body={"entity": own.code, "period": period, "reason": reason},
        subject=f"{own.code} {period}",
        detail={"reason": reason} if reason else {},
    )


def _draw_up(own: Entity, first_on: date, actor: Actor, reason: str) -> Done:
    # What was used at another entity is posted there, too.
    lock_books({own.id, *sharing(own)})
    done = _done_before(own, first_on)
    if done is not None:
        return done
    # Again under the lock: another close may have come between.
    require_closable(own, first_on)
    work = _begin(own, first_on, actor, reason)
    drawn, done_stages = work.close, []
    for number, stage in enumerate(STAGES, 1):
        found = stage.run(work)
        done_stages.append(
            CloseStage(
                close=drawn,
                number=number,
                name=stage.name,
                status="warning" if found.warning else "done",
                summary=found.summary,
                by=found.by or actor.name,
                at=now(),
            )
        )
    CloseStage.objects.bulk_create(done_stages)
    period = work.period
    period.status = Period.Status.SOFT_CLOSED
    period.save(update_fields=["status"])
    _announce(work.program_ids, events.SOFT_CLOSED, drawn.id)
    return Done(
        entity=own.code,
        period=period.code,
        status=period.status,
        posted=work.posted,
        sealed=False,
        version=drawn.version,
        closed_by=actor.name,
        drawn=True,
    )


def _begin(own: Entity, first_on: date, actor: Actor, reason: str) -> Work:
    """The next version of the period's close, with nothing found yet."""
    code = month_name(first_on)
    Period.objects.get_or_create(entity=own, code=code, defaults={"first_on": first_on})
    period = Period.objects.select_for_update().get(entity=own, code=code)
    before = Close.objects.filter(period=period).order_by("-version").first()
    return Work(
        entity=own,
        period=period,
        close=Close.objects.create(
            entity=own,
            period=period,
            version=before.version + 1 if before else 1,
            closed_by=actor.name,
            closed_at=now(),
        ),
        programs=programs_of(own),
        by=actor.name,
        reason=reason,
        setting=books_of(own.code),
        before=before,
    )


def seal(*, entity_code: str, period: str, actor: Actor) -> Done:
    """Seal a soft-closed period; nothing can be posted in it any more.

    :raises CloseBlocked: when it was not drawn up yet, or a manual entry of it waits.
    :raises PeriodError: when the text is no period.
    :raises OwnSeal: the actor drew it up, where two persons keep the books.
    :raises PersonNeeded: nobody of the team seals, where two persons keep the books.
    """
    own, first_on = entity(entity_code), period_start(period)
    done = _done_before(own, first_on)
    if done is not None and done.status == Period.Status.CLOSED:
        return done
    require_person(own.code, actor)
    return change(
        actor=actor,
        action="period.close",
        run=partial(_seal, own, period, actor),
        body={"entity": own.code, "period": period, "seal": True},
        subject=f"{own.code} {period}",
    )


def _seal(own: Entity, code: str, actor: Actor) -> Done:
    lock_books([own.id])
    period = Period.objects.select_for_update().filter(entity=own, code=code).first()
    if period is None or period.status in _OPEN:
        raise CloseBlocked(
            f"{code} is not drawn up yet", field="period", value=code, mend="Close it first."
        )
    drawn = Close.objects.filter(period=period).select_related("entity").order_by("-version")[0]
    if period.status == Period.Status.CLOSED:
        return _done(own, period, drawn)
    _require_sealable(drawn, period, actor)
    _write_seal(drawn, actor)
    period.status = Period.Status.CLOSED
    period.save(update_fields=["status"])
    _announce([books.id for books in programs_of(own)], events.SEALED, drawn.id)
    return replace(_done(own, period, drawn), sealed=True)


def _require_sealable(drawn: Close, period: Period, actor: Actor) -> None:
    """A seal is an approval: of the figures, by another person than who drew them up.

    :raises OwnSeal: naming who drew it up, and who else may.
    :raises CloseBlocked: a manual entry of the period waits for somebody.
    """
    own = drawn.entity
    if drawn.closed_by == actor.name and books_of(own.code).second_person:
        others = [name for name in people_who_may("period.close") if name != actor.name]
        raise OwnSeal(
            f"{drawn.closed_by} drew {period.code} of {own.code} up, so {actor.name} may not"
            " seal it",
            field="actor",
            value=actor.name,
            mend=f"Ask one of: {', '.join(others)}." if others else "Invite somebody who may.",
        )
    if waiting := undecided_journals(own, period.first_on):
        refuse(
            period.code,
            [one.text for one in waiting],
            "Decide about them first: pointbook approve.",
        )


def _write_seal(drawn: Close, actor: Actor) -> None:
    last = Seal.objects.filter(close__entity=drawn.entity).order_by("-number").first()
    block = last.number + 1 if last else 1
    made = Seal(
        close=drawn,
        before=last,
        number=block,
        form=FORM,
        sealed_by=actor.name,
        sealed_at=now(),
    )
    made.digest = expected_digest(made)
    made.save(force_insert=True)
    CloseStage.objects.create(
        close=drawn,
        number=SEAL,
        name="Seal",
        status="done",
        summary=f"Chains {covered(made):,} entries to block {block}",
        by=actor.name,
        at=made.sealed_at,
    )


def _done_before(own: Entity, first_on: date) -> Done | None:
    """What is to be said of a period that was drawn up already; None while it is open."""
    period = Period.objects.filter(entity=own, first_on=first_on).first()
    if period is None or period.status in _OPEN:
        return None
    return _done(own, period, Close.objects.filter(period=period).order_by("-version")[0])


def _done(own: Entity, period: Period, drawn: Close) -> Done:
    return Done(
        entity=own.code,
        period=period.code,
        status=period.status,
        posted=0,
        sealed=False,
        version=drawn.version,
        closed_by=drawn.closed_by,
    )


def _announce(program_ids: list[int], kind: str, close_id: int) -> None:
    for program_id in sorted(program_ids):
        announce(program_id=program_id, start=next_seq(program_id), rows=[(kind, close_id, None)])
