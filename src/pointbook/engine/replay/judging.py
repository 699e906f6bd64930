"""One fact judged for one member: points that move, why, and the standing after it.

`judge` is the only place where rules and the ledger of points meet. It changes the member's state
in place (the working copy of a fold) and answers with a verdict that says everything that changed.
A fact that is refused (FactError, FactRefused, BalanceError) changes nothing but what time alone
had changed by then, which the next verdict tells.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from pointbook.engine.ledger.lots import FOREVER, Lot
from pointbook.engine.replay import corrections, handing, opening, redeeming, referring, returns
from pointbook.engine.replay.awards import award, end_of
from pointbook.engine.replay.cases import Case, Others, Shelves, pass_time, stand
from pointbook.engine.replay.heirs import asked_of, send_on
from pointbook.engine.replay.inheriting import inherit
from pointbook.engine.replay.lifetimes import end_under, own_term
from pointbook.engine.replay.member import Budgets, Key, Member, Record
from pointbook.engine.replay.program import Program
from pointbook.engine.replay.re_evaluating import again, re_evaluate
from pointbook.engine.replay.verdicts import MADE, MAKER, Verdict
from pointbook.engine.values.calendar import day_of, midnight
from pointbook.engine.values.facts import Fact, FactError

Handler = Callable[[Case], None]
# Faster than the constructor of a NamedTuple with defaults, which is a function of Python.
_VERDICT: Final = tuple.__new__
NOTHING: Final[AbstractSet[str]] = frozenset()


def judge(
    program: Program,
    member: Member,
    fact: Fact,
    *,
    budgets: Budgets | None = None,
    origins: Sequence[Lot] = (),
    others: Others | None = None,
    shelves: Shelves | None = None,
) -> Verdict:
    """Judge a fact of this member by the version in force when it occurred.

    `budgets` are what all members share, `origins` the lots behind received points, `others` finds
    another member for checks, `shelves` what all share of rewards (None: it is not asked). The
    verdict's `spawned` facts are for the caller to judge next.

    :raises FactError: what the fact says cannot be read, or names what the program does not know.
    :raises FactRefused: the terms do not allow it.
    :raises BalanceError: more points than can be used.
    """
    if fact.type in MADE and fact.source != MAKER:
        raise FactError(
            f"facts of type {fact.type!r} are made by Pointbook itself",
            field="type",
            value=fact.type,
            mend="Send the fact that makes it, such as a transfer or a purchase.",
        )
    at = fact.occurred_at
    version = program.version_at(at)
    if version.ladders and member.standings:
        pass_time(program, member, at)
    case = Case(program, version, member, fact, budgets, origins, others, shelves)
    KINDS.get(fact.type, earn)(case)
    if fact.type in version.releasing:
        release(case)
    send_on(case)
    moves, member.unposted = member.unposted, []
    if member.shifted:
        case.shifts += member.shifted
        member.shifted = []
    return _VERDICT(
        Verdict,
        (
            fact,
            version.number,
            case.reasons,
            case.transfers,
            moves,
            case.recoveries,
            case.shifts,
            case.spawned,
            case.steps,
        ),
    )


def earn(case: Case) -> None:
    """Whatever happened: it is counted, keeps points alive, and earns what the rules say."""
    slide(case)
    touched = count(case)
    lots = award(case)
    if lots:
        case.record = Record(case.at, 0, lots, case.fact.type)
        case.member.records[case.key] = case.record
        touched |= {source for lot in lots if (source := case.program.earned.get(lot.unit))}
    if touched and case.version.ladders:
        stand(case, touched)


def claim(case: Case) -> None:
    """A purchase that nobody owned, now somebody's: judged as it would have been then."""
    about = case.fact.about
    if about is None:
        raise FactError(
            "the claim names no purchase",
            field="about",
            value=None,
            mend='Send "about": {"source": ..., "id": ...} of the purchase.',
        )
    purchase(case, about)


def purchase(case: Case, key: Key | None = None) -> None:
    """A purchase: what it earns, and a record for the returns that may come under its key."""
    member, fact, program = case.member, case.fact, case.program
    if program.sliding:
        slide(case, "purchase")
    count_purchase(case)
    lots = award(case, kind="purchase")
    key = key or (fact.source, fact.id)
    record = Record(case.at, fact.spend, lots, "purchase", fact.total, fact.total, [])
    if member.waiting:
        record.burned = member.waiting.pop(key, [])
    member.records[key] = case.record = record
    if program.linked:
        referring.count_purchase(case, key)
        handing.tell_company(case, key, record)
    member.bought = True
    if case.version.ladders:
        stand(case)
        if program.re_evaluates:
            re_evaluate(case)


def company_purchase(case: Case) -> None:
    """A purchase of somebody of the company: no spend of its own, but it earns."""
    earn(case)
    fact = case.fact
    record = case.member.records.setdefault(case.key, Record(case.at, 0, [], fact.type))
    record.kept, record.whole, record.total = fact.spend, fact.total, fact.total


def count_purchase(case: Case) -> None:
    """Count a purchase as spend, as a visit, and as what it is."""
    fact, sources = case.fact, case.program.sources
    if sources:
        if "spend" in sources:
            case.member.histories.add("spend", at=case.at, amount=fact.spend)
        if "visits" in sources:
            case.member.histories.add("visits", at=case.at, amount=1)
    if case.program.counted or case.program.tallied:
        count(case, "purchase")


def count_in(case: Case) -> None:
    """Count a fact as rules see it counted, for those who only want to ask them."""
    if case.fact.type in ("purchase", "claim"):
        count_purchase(case)
        return
    if case.fact.type == "profile":
        case.member.profile |= dict(case.fact.attributes)
    count(case)


def count(case: Case, kind: str = "") -> AbstractSet[str]:
    """Count the fact for measures and conditions, as one of type `kind` (its own by default).

    Answers the sources of measures that it moved.
    """
    kind, program, member = kind or case.fact.type, case.program, case.member
    if kind in program.counted:
        member.counts[kind] = member.counts.get(kind, 0) + 1
    source = program.tallied.get(kind)
    if source is None:
        return NOTHING
    member.histories.add(source, at=case.at, amount=1)
    return {source}


def slide(case: Case, kind: str = "") -> None:
    """Activity puts off the ends of points that live as long as the member is active."""
    member, at = case.member, case.at
    for unit in case.program.sliding.get(kind or case.fact.type, ()):
        before = member.active.get(unit)
        if before is not None and at <= before:
            continue
        member.active[unit] = at
        wallet = member.wallets.get(unit)
        if wallet is not None and wallet.lots:
            case.shifts += wallet.slide(partial(_put_off, case), at=at)


def _put_off(case: Case, lot: Lot) -> datetime:
    """The end of a lot after activity, by the version that gave it; others keep theirs."""
    version = case.program.version_at(lot.earned_at)
    if lot.unit not in version.units:
        return lot.expires_at
    term = own_term(version, case.member, lot) or case.term(version, lot.unit, case.at)
    return end_under(term, case.member, lot) if term.expiry.sliding else lot.expires_at


def burn(case: Case) -> None:
    """Points are used at once."""
    redeeming.burn(case)
    slide(case)
    count(case)


def capture(case: Case) -> None:
    """A redemption is used: as active, and counted, as a burn."""
    redeeming.capture(case)
    slide(case, "burn")
    count(case, "burn")


def top_up(case: Case) -> None:
    """Money becomes stored value; rules may listen."""
    lot = redeeming.top_up(case)
    earn(case)
    earned = [] if case.record is None else case.record.lots
    case.record = Record(case.at, 0, [lot, *earned], case.fact.type)
    case.member.records[case.key] = case.record


def release(case: Case) -> None:
    """Points that wait for such a fact about their order can be used from now on."""
    about = case.fact.about
    record = None if about is None else case.member.records.get((about.source, about.id))
    if record is None:
        return
    version = case.program.version_at(record.at)
    for lot in record.lots:
        rule = version.rules.get(lot.rule)
        pending = None if rule is None else rule.pending
        if pending is None or pending.on != case.fact.type or lot.starts_at != FOREVER:
            continue
        starts = case.at
        if pending.days:
            day = day_of(starts, version.zone) + timedelta(days=pending.days)
            starts = midnight(day, version.zone)
        wallet = case.member.wallet(lot.unit, case.version)
        ends = None
        if lot.expires_at == FOREVER:
            ends = end_of(case, lot.unit, lot.earned_at, starts=starts, rule=rule, version=version)
        case.shifts.append(wallet.release(lot, starts_at=starts, expires_at=ends))
        heir = asked_of(case, lot.unit, record)
        if heir and not lot.remaining:
            _pass_release(case, heir, lot, starts=starts, ends=ends)


def _pass_release(
    case: Case, heir: str, lot: Lot, *, starts: datetime, ends: datetime | None
) -> None:
    """Ask who keeps the points to set them free."""
    fact, rule, earned_at = lot.root
    case.pass_to(heir).released.append(
        {
            "unit": lot.unit,
            "of": [fact, rule],
            "earned_at": earned_at.isoformat(),
            "starts": starts.isoformat(),
            "ends": None if ends is None else ends.isoformat(),
        }
    )


def tell_profile(case: Case) -> None:
    """What the member told about themselves, for rules that ask; then it earns like all others."""
    case.member.profile |= dict(case.fact.attributes)
    earn(case)


def tell_segment(case: Case) -> None:
    """The member joins or leaves a segment.

    :raises FactError: a segment that the program does not know.
    """
    body, known = case.fact.attributes, case.version.blueprint.segments
    name = body.get("segment")
    if name not in known:
        raise FactError(
            f"no segment {name!r}",
            field="attributes.segment",
            value=name,
            mend=f"Use one of: {', '.join(known) or 'none yet'}.",
        )
    if body.get("member", True):
        case.member.segments.add(str(name))
    else:
        case.member.segments.discard(str(name))


KINDS: Final[dict[str, Handler]] = {
    "purchase": purchase,
    "return": returns.give_back,
    "cancel": returns.undo,
    "payment_expired": returns.undo,
    "burn": burn,
    "reserve": redeeming.reserve,
    "capture": capture,
    "release": redeeming.release,
    "cancel_redemption": redeeming.cancel,
    "top_up": top_up,
    "profile": tell_profile,
    "segment": tell_segment,
    "claim": claim,
    "void": returns.void,
    "adjustment": corrections.adjust,
    "reinstate": corrections.reinstate,
    "opening": opening.bring,
    "tier_floor": corrections.floor,
    "status_match": corrections.match,
    "benefit": corrections.use_benefit,
    "invited": referring.invite,
    "transfer": handing.transfer,
    "received": handing.receive,
    "merge": handing.merge,
    "merged": handing.merged,
    "join_household": handing.join_household,
    "leave_household": handing.leave_household,
    "join_company": handing.join_company,
    "leave_company": handing.leave_company,
    "company_purchase": company_purchase,
    "company_return": returns.company_returns,
    "re_evaluated": again,
    "passed_on": inherit,
}
