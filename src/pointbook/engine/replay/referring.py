"""Referrals: who invited whom, when that counts, and what becomes of it when the friend returns.

The friend's facts make facts for both: `referral` for who invited, `referred` for the friend.
Rules listen on them. Raises FactRefused for an invitation that cannot be.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from pointbook.engine.replay.cases import Case, refuse
from pointbook.engine.replay.heirs import now
from pointbook.engine.replay.member import Invitation, Key, Record
from pointbook.engine.replay.verdicts import MAKER, Made, made, made_id
from pointbook.engine.values.facts import Returned
from pointbook.engine.values.money import exponent, to_major

LONGEST_CHAIN = 20


def invite(case: Case) -> None:
    """Remember who invited the member; a trigger of sign_up counts at once.

    :raises FactRefused: no referrer, oneself, a ring, a member who was invited or bought before.
    """
    fact, member = case.fact, case.member
    terms = case.version.blueprint.referrals
    referrer = str(fact.attributes.get("referrer") or "")
    if terms is None:
        raise refuse(
            "the program has no referrals",
            field="type",
            value=fact.type,
            mend="Add a section referrals to the blueprint.",
        )
    if not referrer:
        raise refuse(
            "the invitation does not say who invited",
            field="attributes.referrer",
            value=None,
            mend="Send the member who invited.",
        )
    _admit(case, referrer)
    member.invited = Invitation(referrer, fact.occurred_at)
    if terms.trigger == "sign_up":
        _count(case, case.key, spend=None)


def _admit(case: Case, referrer: str) -> None:
    member = case.member
    problem = mend = ""
    if now(case, referrer) == case.fact.member:
        problem, mend = "nobody can invite themselves", "Name another member."
    elif member.invited is not None:
        problem, mend = "the member was invited before", "Nothing is left to do."
    elif any(record.type == "purchase" for record in member.records.values()) or member.bought:
        problem, mend = "the member has bought before", "Only new members can be invited."
    elif _ring(case, referrer):
        problem, mend = "the two invited each other", "Name another member."
    if problem:
        raise refuse(problem, field="attributes.referrer", value=referrer, mend=mend)


def _ring(case: Case, referrer: str) -> bool:
    """Whether who invites was invited, perhaps by others, by the member."""
    if case.others is None:
        return False
    for _ in range(LONGEST_CHAIN):
        other = case.others(referrer)
        if other is None or other.invited is None:
            return False
        referrer = other.invited.referrer
        if referrer == case.fact.member:
            return True
    return False


def count_purchase(case: Case, key: Key) -> None:
    """A purchase of a friend: it counts for who invited when the terms say so."""
    terms, invited = case.version.blueprint.referrals, case.member.invited
    if terms is None or invited is None or terms.trigger == "sign_up":
        return
    late = terms.within_days and case.at >= invited.at + timedelta(days=terms.within_days)
    done = terms.trigger == "first_purchase" and invited.counted
    if not late and not done and case.fact.spend >= max(1, terms.minimum):
        _count(case, key, spend=case.fact.spend)


def _count(case: Case, key: Key, *, spend: int | None) -> None:
    fact, invited = case.fact, case.member.invited
    assert invited is not None, "only who was invited counts"
    invited.counted.append([*key])
    places = exponent(case.program.currency)
    body = {} if spend is None else {"spend": str(to_major(spend, places=places))}
    # The friend's own reference may be one that a fact's content must not hold: nobody is named.
    for kind, whose in (("referral", invited.referrer), ("referred", fact.member or "")):
        case.spawned.append(Made(made(kind, by=fact, of=key, member=whose, attributes=body)))


def reverse(case: Case, key: Key, record: Record) -> None:
    """A friend's purchase came back: what was given for it to both is taken back."""
    version, invited = case.program.version_at(record.at), case.member.invited
    terms = version.blueprint.referrals
    if terms is None or invited is None or list(key) not in invited.counted:
        return
    if record.kept >= max(1, terms.minimum):
        return
    invited.counted.remove(list(key))
    whose = (("referral", invited.referrer), ("referred", case.fact.member or ""))
    for place, (kind, member) in enumerate(whose):
        told = made(
            "void",
            by=case.fact,
            member=member,
            attributes={"reason": "the friend's purchase came back"},
            place=place,
        )
        about = Returned(MAKER, made_id(kind, *key))
        case.spawned.append(Made(replace(told, about=about)))
