"""What members gave to causes is paid to them: what is owed, a payout, its file, and a receipt.

Money is minor units of the program's currency. What a cause gets is what members gave, and what is
added to it by whoever matches it, less the fee. What comes back after it was paid is set off
against later gifts. Raises NothingOwed, CauseUnknown, RedemptionUnknown.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, NamedTuple

from django.db import connection
from django.db.models import Max

from pointbook.controls.actors import Actor
from pointbook.controls.clock import clock
from pointbook.controls.operations import change, hold_sequence
from pointbook.engine.ledger.holds import Key
from pointbook.engine.rules.catalogue import Cause
from pointbook.engine.values.errors import ConflictError
from pointbook.engine.values.money import exponent, to_major
from pointbook.programs.models import Program
from pointbook.programs.queries import compiled
from pointbook.redemption.events import PAID_OUT
from pointbook.redemption.models import Payout
from pointbook.redemption.operations.announcing import tell
from pointbook.redemption.operations.fulfilling import note_steps
from pointbook.redemption.queries.redemptions import redemption
from pointbook.redemption.queries.rewards import CauseUnknown, cause_ever

COLUMNS: Final = (
    *("number", "day", "cause", "name", "payee", "gifts", "given", "matched", "matched_by"),
    *("fee", "paid", "currency", "reference"),
)


class NothingOwed(ConflictError):
    """There is nothing to pay to the cause."""


@dataclass(frozen=True, slots=True)
class Owed:
    """What a cause is to get for `gifts` redemptions: `given` and `matched`, less the `fee`.

    Below 0 where more came back than was given since the last payout: nothing is paid then.
    """

    cause: Cause
    gifts: int
    given: int
    matched: int
    fee: int

    @property
    def paid(self) -> int:
        """What is transferred."""
        return self.given + self.matched - self.fee


@dataclass(frozen=True, slots=True)
class Paid:
    """A payout: its number in the program, when, and what of."""

    number: int
    at: datetime
    reference: str
    owed: Owed


def owed(program_id: int, *, at: datetime | None = None) -> list[Owed]:
    """What each cause of the version in force is owed, in the program's order.

    After them those that are in the program no more and were given something before.
    """
    given, at = _given(program_id), at or clock(program_id)
    causes = [*compiled(program_id).version_at(at).blueprint.causes]
    dropped = sorted(given.keys() - {cause.code for cause in causes})
    causes += [_last(program_id, code, at) for code in dropped]
    return [owed_to(cause, *given.get(cause.code, (0, 0))) for cause in causes]


def _last(program_id: int, code: str, at: datetime) -> Cause:
    """A cause as it was last; one that no version knows by its code alone."""
    try:
        return cause_ever(program_id, code, at=at)
    except CauseUnknown:
        return Cause(code, code)


def owed_to(cause: Cause, gifts: int, given: int) -> Owed:
    """What `given` minor units of so many gifts come to; shares are rounded half up."""
    return Owed(cause, gifts, given, _share(given, cause.match), _share(given, cause.fee))


def pay_out(
    *, program_id: int, cause: str, actor: Actor, reference: str = "", key: str = ""
) -> Paid:
    """Pay what a cause is owed; numbers of payouts have no gaps. `key`: once, however often sent.

    :raises CauseUnknown: no such cause.
    :raises NothingOwed: nothing was given since the last payout.
    """
    at = clock(program_id)
    found = cause_ever(program_id, cause, at=at)

    def run() -> int:
        # Numbers have no gaps: the next one waits for this one.
        hold_sequence(program_id)
        gifts = _gifts(program_id, cause)
        given = [one.fact_id for one in gifts if one.due > 0]
        due = owed_to(found, len(given), sum(one.due for one in gifts))
        if due.given <= 0:
            raise NothingOwed(
                f"{found.name} is owed nothing",
                field="cause",
                value=cause,
                mend="Wait until something was given"
                + (", more than came back after it was paid." if gifts else "."),
            )
        last = Payout.objects.filter(program_id=program_id).aggregate(last=Max("number"))["last"]
        made = Payout.objects.create(
            program_id=program_id,
            number=(last or 0) + 1,
            cause=cause,
            at=at,
            given=due.given,
            matched=due.matched,
            fee=due.fee,
            gifts=due.gifts,
            reference=reference[:100],
            actor=actor.name,
        )
        with connection.cursor() as cursor:
            cursor.execute(
                """update redemption_redemption r set payout_id = %s, fulfilment = 'paid_out',
                    paid = r.paid + new.due
                from unnest(%s::bigint[], %s::bigint[]) as new(id, due) where r.fact_id = new.id""",
                [made.id, [one.fact_id for one in gifts], [one.due for one in gifts]],
            )
        note_steps(given, "paid_out", at=at, actor=actor.name, note=f"payout {made.number}")
        tell(program_id, PAID_OUT, made.id, body={"number": made.number, "cause": cause})
        return made.number

    number = change(
        actor=actor,
        action="cause.pay_out",
        program_id=program_id,
        subject=cause,
        body=[cause, reference],
        key=key or None,
        run=run,
    )
    return next(one for one in payouts(program_id, cause=cause) if one.number == number)


def payouts(program_id: int, *, cause: str | None = None) -> list[Paid]:
    """The payouts of a program (to a cause), the latest first."""
    known = {
        one.code: one for one in compiled(program_id).version_at(clock(program_id)).blueprint.causes
    }
    found = Payout.objects.filter(program_id=program_id).order_by("-number")
    return [
        Paid(
            number=one.number,
            at=one.at,
            reference=one.reference,
            owed=Owed(
                known.get(one.cause) or Cause(one.cause, one.cause),
                one.gifts,
                one.given,
                one.matched,
                one.fee,
            ),
        )
        for one in (found if cause is None else found.filter(cause=cause))
    ]


def payout_file(program_id: int, paid: Sequence[Paid]) -> str:
    """Payouts as CSV for the bank and for who matches, in major units, a line each."""
    program = Program.objects.get(id=program_id)
    places = exponent(program.currency)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    zone = compiled(program_id).zone
    for one in paid:
        due = one.owed
        sums = (due.given, due.matched, due.fee, due.paid)
        given, matched, fee, whole = (to_major(own, places=places) for own in sums)
        day = one.at.astimezone(zone).date()
        cause = (due.cause.code, due.cause.name, due.cause.payee, due.gifts)
        matching = (given, matched, due.cause.matched_by)
        writer.writerow(
            (one.number, day, *cause, *matching, fee, whole, program.currency, one.reference)
        )
    return text.getvalue()


def receipt(program_id: int, key: Key) -> str:
    """What a member gave, in lines of text: to whom, how much, on which day, under which number.

    :raises RedemptionUnknown: no redemption with this key.
    :raises NothingOwed: it was no gift to a cause, or it was not captured, or came back.
    """
    row = redemption(program_id, key)
    if row.kind != "charity" or row.state != "captured":
        raise NothingOwed(
            f"{key[1]!r} gave nothing to a cause",
            field="redemption",
            value=key[1],
            mend="Receipts are for gifts that were captured.",
        )
    program = Program.objects.get(id=program_id)
    causes = compiled(program_id).version_at(row.at).blueprint.causes
    name = next((one.name for one in causes if one.code == row.cause), row.cause)
    payee = next((one.payee for one in causes if one.code == row.cause), "")
    amount = to_major(_of(row.amount, row.used, row.points), places=exponent(program.currency))
    day = row.at.astimezone(compiled(program_id).zone).date()
    lines = [
        f"{program.name}: receipt of a gift",
        f"To: {name}" + (f" ({payee})" if payee and payee != name else ""),
        f"Amount: {amount} {program.currency}",
        f"Day: {day.isoformat()}",
        f"Number: {key[0]}/{key[1]}",
        "Given in points; passed on with the next payout.",
    ]
    return "\n".join(lines) + "\n"


def _share(amount: int, percent: Decimal) -> int:
    return int((amount * percent / 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _of(amount: int, used: int, points: int) -> int:
    """The part of an amount for the points that stayed used."""
    return amount * used // points if points else amount


# What gifts are worth now (of a part that was captured, its part of the amount) less what was paid.
OPEN: Final = """select r.fact_id, r.cause, r.paid, case when h.state <> 'captured' then 0
        when h.points > 0 then h.amount * (h.captured - h.back) / h.points
        else h.amount end - r.paid as due
    from redemption_redemption r join ledger_hold h on h.fact_id = r.fact_id
    where r.program_id = %(program)s and r.kind = 'charity'
    and (h.state = 'captured' or r.paid <> 0)"""


class _Gift(NamedTuple):
    """What is to be paid for a redemption, or (below 0) was paid too much."""

    fact_id: int
    due: int


def _given(program_id: int) -> dict[str, tuple[int, int]]:
    """The gifts to each cause that are not paid, and what is due to it."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""select cause, count(*) filter (where due > 0), sum(due) from ({OPEN}) o
            where due <> 0 group by 1""",
            {"program": program_id},
        )
        return {cause: (gifts, int(given)) for cause, gifts, given in cursor}


def _gifts(program_id: int, cause: str) -> list[_Gift]:
    """The open gifts to a cause under lock, so that none of them comes back meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{OPEN} and r.cause = %(cause)s order by r.fact_id for share of h",
            {"program": program_id, "cause": cause},
        )
        return [_Gift(own, int(due)) for own, _, _, due in cursor.fetchall() if due]
