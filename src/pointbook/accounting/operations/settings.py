"""Say how an entity keeps its books, and what a currency was worth: proposed and approved.

Raises SettingRefused for what cannot be, and what proposing raises.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from decimal import Decimal
from typing import Final

from pointbook.accounting.models import ExchangeRate, Proposal, Setting
from pointbook.accounting.operations.approving import PERMITS
from pointbook.accounting.operations.proposing import Proposed, propose_and_approve
from pointbook.accounting.queries.books import entity, last_close, period_start
from pointbook.accounting.queries.settings import BooksSetting, books_of
from pointbook.controls.actors import Actor
from pointbook.controls.clock import now
from pointbook.controls.queries import people_who_may
from pointbook.engine.values.errors import PointbookError
from pointbook.engine.values.money import exponent

PLACES: Final = 9  # decimals that a rate of exchange is kept with
HIGHEST: Final = Decimal(10) ** 9


class SettingRefused(PointbookError):
    """The books cannot be kept like this."""

    status = 422


def keep_books(*, wanted: BooksSetting, actor: Actor, note: str = "") -> Proposed:
    """Propose how an entity keeps its books; where its owner keeps them, it is so at once.

    Simple books are kept by their owner. `number` of `wanted` is not looked at.

    :raises EntityNotFound: no such entity.
    :raises SettingRefused: an unknown currency, simple books of two persons, or nobody who could
        be the second one.
    """
    before = books_of(wanted.entity)
    _require_possible(wanted)
    if replace(wanted, number=before.number) == before:
        raise SettingRefused(
            f"the books of {wanted.entity} are kept like this already",
            field="entity",
            value=wanted.entity,
            mend="Nothing is to do.",
        )
    body = {name: said for name, said in asdict(wanted).items() if name not in _NOT_SAID}
    return propose_and_approve(
        kind="settings", entity_code=wanted.entity, body=body, actor=actor, note=note
    )


_NOT_SAID: Final = frozenset({"entity", "number"})


def _require_possible(wanted: BooksSetting) -> None:
    if not wanted.full and not wanted.owner_run:
        raise SettingRefused(
            "simple books are kept by their owner",
            field="owner_run",
            value="no",
            mend="Keep full books, or let the owner keep simple ones.",
        )
    if wanted.currency:
        _require_currency(wanted.currency)
    if wanted.second_person:
        people = people_who_may(PERMITS["settings"].decide)
        if len(people) < 2:  # noqa: PLR2004 - one to propose, one to approve
            raise SettingRefused(
                "two persons cannot keep these books: nobody else may approve"
                if people
                else "two persons cannot keep these books: nobody of the team may approve",
                field="owner_run",
                value="no",
                mend="Invite a second owner or controller first.",
            )


def _require_currency(code: str) -> None:
    try:
        exponent(code)
    except (KeyError, PointbookError):
        raise SettingRefused(
            f"{code!r} is no currency", field="currency", value=code, mend="Write ISO 4217: USD."
        ) from None


def approve_settings(proposal: Proposal, approver: str) -> BooksSetting:
    """What the approval does: the next row of settings, in force from now on.

    :raises SettingRefused: what was proposed cannot be any more.
    """
    own = proposal.entity
    wanted = BooksSetting(own.code, **proposal.body)
    _require_possible(wanted)
    number = books_of(own.code).number + 1
    Setting.objects.create(
        entity=own,
        number=number,
        recorded_by=approver,
        recorded_at=now(),
        **proposal.body,
    )
    return replace(wanted, number=number)


def set_exchange_rate(
    *, entity_code: str, currency: str, period: str, rate: Decimal, actor: Actor, note: str = ""
) -> Proposed:
    """Propose what one unit of a currency is worth in the functional one at a period's end.

    :raises EntityNotFound: no such entity.
    :raises PeriodError: the text is no period.
    :raises SettingRefused: no currency, or a rate that cannot be.
    """
    own = entity(entity_code)
    period_start(period)
    _require_currency(currency)
    if not rate.is_finite() or not 0 < rate < HIGHEST or rate != round(rate, PLACES):
        raise SettingRefused(
            f"{rate} is no rate of exchange",
            field="rate",
            value=str(rate),
            mend=f"Give a number above 0 with at most {PLACES} decimals.",
        )
    body = {"currency": currency, "period": period, "rate": f"{rate:f}"}
    return propose_and_approve(
        kind="exchange", entity_code=own.code, body=body, actor=actor, note=note
    )


def approve_exchange_rate(proposal: Proposal, approver: str) -> Decimal:
    """What the approval does: the rate is in force; the last one of a period counts.

    :raises SettingRefused: the figures of the period are fixed.
    """
    body = proposal.body
    last = last_close(proposal.entity)
    if last is not None and str(body["period"]) <= last.period.code:
        raise SettingRefused(
            f"the figures of {body['period']} are fixed: {last.period.code} is drawn up",
            field="period",
            value=body["period"],
            mend="Refuse it and propose the rate of an open period.",
        )
    made = ExchangeRate.objects.create(
        entity=proposal.entity,
        currency=str(body["currency"]),
        period=str(body["period"]),
        rate=Decimal(str(body["rate"])),
        recorded_by=approver,
        recorded_at=now(),
    )
    return made.rate
