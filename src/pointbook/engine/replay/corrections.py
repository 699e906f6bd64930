"""What people decide: manual plus and minus, points that come back, tiers, benefits.

Raises FactError and FactRefused for facts that say too little or what the terms do not allow, and
BalanceError for a minus that is not covered.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from pointbook.engine.ledger.lots import BalanceError, Lot, Shift
from pointbook.engine.ledger.transfers import Transfer
from pointbook.engine.replay.awards import credit, end_of, settle_debt, treat
from pointbook.engine.replay.cases import Case, moved, refuse
from pointbook.engine.replay.member import Record
from pointbook.engine.replay.points import positive, unit_of
from pointbook.engine.revenue.treatments import ADJUSTMENT
from pointbook.engine.rules.tiers import Ladder, Standing
from pointbook.engine.values.calendar import day_of, midnight
from pointbook.engine.values.facts import FactError


class Placing(NamedTuple):
    """A tier given by hand, None to take it away; `kind` is floor, match or opening."""

    ladder: Ladder
    kind: str
    tier: str | None
    since: datetime | None
    until: datetime | None


def adjust(case: Case) -> None:
    """A manual plus (an award of its own) or minus (a deduction in spend order).

    :raises FactError: no number of points, or no reason.
    :raises FactRefused: a reason that is none of the program's.
    :raises BalanceError: a minus above the balance where the terms refuse that.
    """
    fact, terms = case.fact, case.version.blueprint.corrections
    unit = unit_of(case.version, fact)
    decimals = case.version.units[unit].decimals
    text = str(fact.attributes.get("points", "")).strip()
    points = positive(text.lstrip("+-"), decimals, field="attributes.points")
    reason = _reason(case, terms.reasons)
    if text.startswith("-"):
        _deduct(case, unit, points)
        return
    ends = day_told(case, fact.attributes, "expires_on", after=True)
    if ends is None:
        ends = end_of(case, unit, case.at, starts=case.at)
    lot = Lot(fact.id, ADJUSTMENT, unit, case.at, ends, points, points)
    treat(case, lot, reasons=(ADJUSTMENT, reason))
    credit(case, lot)
    case.member.records[case.key] = Record(case.at, 0, [lot], fact.type)


def _reason(case: Case, known: tuple[str, ...]) -> str:
    reason = str(case.fact.attributes.get("reason") or "")
    if not reason:
        raise FactError(
            "the correction has no reason",
            field="attributes.reason",
            value=None,
            mend="Send a reason" + (f": {', '.join(known)}." if known else "."),
        )
    if known and reason not in known:
        raise refuse(
            f"{reason!r} is no reason of the program",
            field="attributes.reason",
            value=reason,
            mend=f"Use one of: {', '.join(known)}.",
        )
    return reason


def _deduct(case: Case, unit: str, points: int) -> None:
    wallet = case.member.wallet(unit, case.version)
    held = wallet.available(case.at)
    policy = case.version.blueprint.corrections.negative
    if points > held and policy == "refuse":
        raise BalanceError(
            f"the balance is {held}, {points} were to be taken off",
            field="points",
            value=points,
            mend=f"Take off {held} or fewer.",
        )
    taken = min(points, held)
    if taken:
        draws = tuple(wallet.draw(taken, at=case.at))
        case.transfers.append(Transfer("deduction", unit, taken, case.at, None, draws))
    if points > taken and policy == "allow":
        wallet.debt += points - taken
        case.transfers.append(Transfer("overdraft", unit, points - taken, case.at))


def reinstate(case: Case) -> None:
    """Points that expired within the unit's window come back, one entry for all of them.

    :raises FactRefused: the unit brings nothing back, or nothing expired in time.
    """
    unit = unit_of(case.version, case.fact)
    terms, zone = case.version.units[unit], case.version.zone
    today = day_of(case.at, zone)
    since = midnight(today - timedelta(days=terms.reinstate_days), zone)
    until = midnight(today + timedelta(days=terms.reinstated_for), zone)
    draws, alive = [], []
    if terms.reinstate_days:
        wallet = case.member.wallet(unit, case.version)
        # What has ended and was not emptied yet only needs another end.
        alive = [lot for lot in wallet.lots if since <= lot.expires_at <= case.at]
        draws = wallet.reinstate(since=since, at=case.at, until=until)
    if not draws and not alive:
        raise refuse(
            f"no {terms.name} expired in the last {terms.reinstate_days} days",
            field="attributes.unit",
            value=unit,
            mend="Write reinstate in the unit's terms, or give points with a reason.",
        )
    for lot in alive:
        case.shifts.append(wallet.release(lot, starts_at=lot.starts_at, expires_at=until))
    points = sum(draw.points for draw in draws)
    if points:
        case.shifts += [Shift(draw.lot, draw.lot.starts_at, until) for draw in draws]
        case.transfers.append(Transfer("reinstatement", unit, points, case.at, None, tuple(draws)))
        settle_debt(case, unit, [draw.lot for draw in draws])


def floor(case: Case) -> None:
    """A tier given by hand, below which the member does not fall."""
    place_tier(case, placing_told(case, kind="floor"))


def match(case: Case) -> None:
    """A tier given for a status elsewhere, up to an end date, with its proof."""
    if not case.fact.attributes.get("proof"):
        raise FactError(
            "the status match has no proof",
            field="attributes.proof",
            value=None,
            mend="Say what was shown, for example the number of the other card.",
        )
    place_tier(case, placing_told(case, kind="match"))


def placing_told(
    case: Case,
    *,
    kind: str,
    told: Mapping[str, Any] | None = None,
    path: str = "attributes",
) -> Placing:
    """On which tier of which ladder the member is put, since and until when the fact says so.

    `told` stands under `path` in the fact; the fact's attributes when it is left out.
    """
    body = case.fact.attributes if told is None else told
    ladder = ladder_told(case, body, at=path)
    tier = body.get("tier")
    if str(tier) not in ladder.ranks and (tier is not None or kind != "floor"):
        raise FactError(
            f"no tier {tier!r}",
            field=f"{path}.tier",
            value=tier,
            mend=f"Use one of: {', '.join(ladder.codes)}.",
        )
    until = day_told(case, body, "until", at=path, after=True)
    if kind == "match" and until is None:
        raise FactError(
            "the status match has no end",
            field=f"{path}.until",
            value=None,
            mend="Send its last day as YYYY-MM-DD.",
        )
    since = day_told(case, body, "since", at=path)
    return Placing(ladder, kind, None if tier is None else str(tier), since, until)


def place_tier(case: Case, placing: Placing) -> None:
    """Put the member on a tier of a ladder."""
    member, ladder = case.member, placing.ladder
    move = ladder.place(
        member.standing(ladder.code),
        tier=placing.tier,
        at=case.at,
        until=placing.until,
        kind=placing.kind,
        since=placing.since,
        joined_at=member.joined_at,
    )
    if move is not None:
        moved(case.program, member, [move], at=case.at)


def ladder_told(case: Case, body: Mapping[str, Any], *, at: str = "attributes") -> Ladder:
    """The ladder that stands under `at` in the fact; the program's main one when none does.

    :raises FactError: a ladder that the program does not have.
    """
    ladders = {ladder.code: ladder for ladder in case.version.ladders}
    named = body.get("ladder", next(iter(ladders), None))
    if str(named) in ladders:
        return ladders[str(named)]
    raise FactError(
        f"no ladder {named!r}",
        field=f"{at}.ladder",
        value=named,
        mend=f"Use one of: {', '.join(ladders) or 'none yet'}.",
    )


def use_benefit(case: Case) -> None:
    """Use one of the benefits that the tier gives in this span of time.

    :raises FactRefused: the tier does not give it, or all of them were used.
    """
    ladder = ladder_told(case, case.fact.attributes)
    code = str(case.fact.attributes.get("benefit") or "")
    # A refusal leaves nothing behind, not even a standing.
    standing = case.member.standings.get(ladder.code) or Standing()
    left = ladder.benefit_left(standing, code, at=case.at, joined_at=case.member.joined_at)
    if left <= 0:
        raise refuse(
            f"no {code or 'benefit'} is left",
            field="attributes.benefit",
            value=code or None,
            mend="Use a benefit of the member's tier that is left in this span of time.",
        )
    case.member.standings[ladder.code] = standing
    ladder.use_benefit(standing, code, at=case.at, joined_at=case.member.joined_at)


def day_told(
    case: Case,
    body: Mapping[str, Any],
    name: str,
    *,
    at: str = "attributes",
    after: bool = False,
) -> datetime | None:
    """The midnight of a day in the program's zone, or of the one `after` it; None: not told.

    :raises FactError: no day, or one that no calendar has.
    """
    value = body.get(name)
    if value is None:
        return None
    try:
        day = date.fromisoformat(str(value))
        return midnight(day + timedelta(days=1) if after else day, case.version.zone)
    except (ValueError, OverflowError):
        raise FactError(
            f"{value!r} is not a date",
            field=f"{at}.{name}",
            value=value,
            mend="Write YYYY-MM-DD.",
        ) from None
