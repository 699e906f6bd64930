"""Close a period: draw its figures up (soft close), then seal them.

Drawing up posts the period's journal and fixes its figures; what is posted later is late. Sealing
chains them and shuts the period. Both are safe to repeat: what is done is not done again. Raises
CloseBlocked with everything that stands in the way, and PeriodError for a period that is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final

from pointbook.accounting import events
from pointbook.accounting.models import Close, CloseStage, JournalEntry, Period, Seal
from pointbook.accounting.operations.locking import lock_books
from pointbook.accounting.operations.stages import (
    STAGES,
    CloseBlocked,
    Work,
    require_closable,
)
from pointbook.accounting.queries.books import (
    entity,
    period_start,
    programs_of,
)
from pointbook.accounting.queries.sealing import digest
from pointbook.controls.actors import Actor
from pointbook.controls.clock import now
from pointbook.controls.operations import announce, change, next_seq
from pointbook.engine.values.calendar import month_name
from pointbook.ledger.operations.expiring import expire
from pointbook.programs.models import Entity

SEAL: Final = len(STAGES) + 1


@dataclass(frozen=True, slots=True)
class Done:
    """What a close did: entries posted by this run, and the period's status after it."""

    entity: str
    period: str
    status: str
    posted: int
    sealed: bool


def close(*, entity_code: str, period: str, actor: Actor, reason: str = "") -> Done:
    """Draw up and seal a period. `reason` is why warnings are accepted.

    :raises CloseBlocked: the period is not over, the one before is open, or a table does not tie.
    :raises PeriodError: the text is no period, or one before the first fact.
    """
    drawn = draw_up(entity_code=entity_code, period=period, actor=actor, reason=reason)
    if drawn.status == Period.Status.CLOSED:
        return drawn
    sealed = seal(entity_code=entity_code, period=period, actor=actor)
    return Done(sealed.entity, sealed.period, sealed.status, drawn.posted, sealed.sealed)


def draw_up(*, entity_code: str, period: str, actor: Actor, reason: str = "") -> Done:
    """Soft-close a period: expire what is due, post its journal, tie it out.

    :raises CloseBlocked: naming every blocker; nothing is posted then.
    :raises PeriodError: the text is no period, or one before the first fact.
    """
    own, first_on = entity(entity_code), period_start(period)
    done = _done_before(own, first_on)
    if done is not None:
        return done
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
    lock_books([own.id])
    done = _done_before(own, first_on)
    if done is not None:
        return done
    code = month_name(first_on)
    Period.objects.get_or_create(entity=own, code=code, defaults={"first_on": first_on})
    period = Period.objects.select_for_update().get(entity=own, code=code)
    drawn = Close.objects.create(entity=own, period=period, closed_by=actor.name, closed_at=now())
    work = Work(own, period, drawn, programs_of(own), actor.name, reason)
    done_stages = []
    for number, stage in enumerate(STAGES, 1):
        found = stage.run(work)
        done_stages.append(
            CloseStage(
                close=drawn,
                number=number,
                name=stage.name,
                status="warning" if found.warning else "done",
                summary=found.summary,
                by=actor.name,
                at=now(),
            )
        )
    CloseStage.objects.bulk_create(done_stages)
    period.status = Period.Status.SOFT_CLOSED
    period.save(update_fields=["status"])
    _announce(work.program_ids, events.SOFT_CLOSED, drawn.id)
    return Done(own.code, code, period.status, work.posted, sealed=False)


def seal(*, entity_code: str, period: str, actor: Actor) -> Done:
    """Seal a soft-closed period; nothing can be posted in it any more.

    :raises CloseBlocked: when it was not drawn up yet.
    :raises PeriodError: when the text is no period.
    """
    own, first_on = entity(entity_code), period_start(period)
    done = _done_before(own, first_on)
    if done is not None and done.status == Period.Status.CLOSED:
        return done
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
    if period is None or period.status == Period.Status.OPEN:
        raise CloseBlocked(
            f"{code} is not drawn up yet", field="period", value=code, mend="Close it first."
        )
    if period.status == Period.Status.CLOSED:
        return Done(own.code, code, period.status, 0, sealed=False)
    drawn = Close.objects.filter(period=period).order_by("-version")[0]
    last = Seal.objects.filter(close__entity=own).order_by("-number").first()
    block = last.number + 1 if last else 1
    at = now()
    Seal.objects.create(
        close=drawn,
        before=last,
        number=block,
        digest=digest(close_id=drawn.id, before=bytes(last.digest) if last else b""),
        sealed_by=actor.name,
        sealed_at=at,
    )
    entries = JournalEntry.objects.filter(close=drawn).count()
    CloseStage.objects.create(
        close=drawn,
        number=SEAL,
        name="Seal",
        status="done",
        summary=f"Chains {entries:,} entries to block {block}",
        by=actor.name,
        at=at,
    )
    period.status = Period.Status.CLOSED
    period.save(update_fields=["status"])
    _announce([books.id for books in programs_of(own)], events.SEALED, drawn.id)
    return Done(own.code, code, period.status, 0, sealed=True)


def _done_before(own: Entity, first_on: date) -> Done | None:
    """What is to be said of a period that was drawn up already; None while it is open."""
    period = Period.objects.filter(entity=own, first_on=first_on).first()
    if period is None or period.status == Period.Status.OPEN:
        return None
    return Done(own.code, period.code, period.status, 0, sealed=False)


def _announce(program_ids: list[int], kind: str, close_id: int) -> None:
    for program_id in sorted(program_ids):
        announce(program_id=program_id, start=next_seq(program_id), rows=[(kind, close_id, None)])
