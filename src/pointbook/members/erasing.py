"""Erasure: everything that can identify a member goes; the random id and its points stay.

Facts, points, books and the audit name the random id only and do not change: no hash and no figure
does. Raises MemberNotFound, PermissionRefused and ErasureRefused.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from typing import Final, NamedTuple

import orjson
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models.functions import Lower

from pointbook.controls.actors import Actor
from pointbook.controls.operations import change, rewrite_answers
from pointbook.controls.permissions import require
from pointbook.engine.values.errors import ConflictError
from pointbook.members.identity import former
from pointbook.members.models import Identifier, Member, Profile, SignInCode, UnclaimedFact
from pointbook.members.queries import member as find_member

ACTION: Final = "members.erase"
LONGEST_REASON: Final = 500


class ErasureRefused(ConflictError):
    """The member cannot be erased like this."""


class Erased(NamedTuple):
    """Who was erased, by the random id, and how many rows were emptied; all 0 the second time.

    `identifiers` and `profiles` are the member's, also of members who were merged into this one.
    `codes` and `visits` are ways in, `references` facts of nobody that named the member, `answers`
    stored answers of the API.
    """

    member: uuid.UUID
    identifiers: int = 0
    profiles: int = 0
    codes: int = 0
    visits: int = 0
    references: int = 0
    answers: int = 0


class _Known(NamedTuple):
    """What there is to be forgotten: ids of the member, and what they are known by."""

    program_id: int
    ids: list[uuid.UUID]
    words: frozenset[str]
    emails: frozenset[str]
    told: int


def erase(*, program_id: int, member: str, actor: Actor, reason: str) -> Erased:
    """Empty whatever can identify a member; the same member again changes nothing.

    `reason` is kept in the audit and may not say who it was.

    :raises MemberNotFound: when nobody is known by `member`, which may be the random id.
    :raises ErasureRefused: without a reason, with one that names the member, or for a gift card.
    """
    require(actor=actor, action=ACTION)
    with transaction.atomic():
        found = find_member(program_id, member)
        locked = Member.objects.select_for_update().get(id=found.id)
        known = _known(program_id, found.id)
        _admit(locked, _reason(reason), {*known.words, found.name.lower()} - {""})
        if not known.words and not known.told:
            return Erased(found.id)
        return change(
            actor=actor,
            action=ACTION,
            program_id=program_id,
            subject=str(found.id),
            body=[str(found.id)],
            detail={"reason": _reason(reason)},
            run=lambda: _emptied(found.id, known),
        )


def _reason(reason: str) -> str:
    return " ".join(reason.split())


def _admit(member: Member, reason: str, names: set[str]) -> None:
    if member.bearer:
        raise ErasureRefused(
            "a gift card's number is all that is known of who holds it",
            field="member",
            value=str(member.id),
            mend="Nothing is to be erased; the card is money, and stays.",
        )
    if not 0 < len(reason) <= LONGEST_REASON:
        raise ErasureRefused(
            "an erasure needs a reason",
            field="reason",
            mend=f"Say why, in 1 to {LONGEST_REASON} characters.",
        )
    if any(_names(reason, one) for one in names):
        raise ErasureRefused(
            "the reason names the member, and it would stay in the audit",
            field="reason",
            mend="Say why without a name, address or number, for example 'asked on 3 May'.",
        )


def _names(text: str, word: str) -> bool:
    """Whether a text has these words in it, whole."""
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) is not None


def _known(program_id: int, member: uuid.UUID) -> _Known:
    """Everything the member is known by, with what those had who were merged into them."""
    ids = [member, *former([member]).get(member, ())]
    rows = Identifier.objects.filter(member_id__in=ids).values_list("value", flat=True)
    words = frozenset(value.lower() for value in rows)
    emails = frozenset(word for word in words if "@" in word)
    told = Profile.objects.filter(member_id__in=ids).count()
    return _Known(program_id, ids, words, emails, told)


def _emptied(member: uuid.UUID, known: _Known) -> Erased:
    mine = Identifier.objects.filter(member_id__in=known.ids)
    references = UnclaimedFact.objects.annotate(lower=Lower("reference"))
    return Erased(
        member,
        identifiers=mine.delete()[0],
        profiles=Profile.objects.filter(member_id__in=known.ids).delete()[0],
        codes=SignInCode.objects.filter(
            program_id=known.program_id, email__in=known.emails
        ).delete()[0],
        visits=_end_visits(known),
        # The rows stay, because months count what waits for a claim; whom it waits for does not.
        references=references.filter(program_id=known.program_id, lower__in=known.words).update(
            reference=""
        ),
        answers=rewrite_answers(
            program_id=known.program_id,
            naming=[*map(str, known.ids), *sorted(known.words)],
            rewrite=lambda answer: _without(answer, known),
        ),
    )


def _end_visits(known: _Known) -> int:
    """End every session that knows the member, or an address of theirs to which a code goes."""
    asked = [*map(str, known.ids), *known.emails]
    ended: list[str] = []
    for session in Session.objects.iterator():
        told = orjson.dumps(session.get_decoded(), default=str).decode().lower()
        if any(word in told for word in asked):
            ended.append(session.session_key)
    return Session.objects.filter(session_key__in=ended).delete()[0]


def _without(value: object, known: _Known, name: str = "") -> object:
    """A stored answer without what the member was known by: same shape, empty words."""
    if isinstance(value, dict):
        if "identifiers" in value and str(value.get("id")) in map(str, known.ids):
            value = {**value, "name": "", "identifiers": {}, "birthday": None, "consent": False}
        return {key: _without(one, known, key) for key, one in value.items()}
    if isinstance(value, list):
        return [_without(one, known, name) for one in value]
    return _text_without(value, known, name) if isinstance(value, str) else value


def _text_without(text: str, known: _Known, name: str) -> str:
    """Numbers are taken out only where a member stands: elsewhere they may be points or days."""
    if name in ("member", "value") and text.lower() in known.words:
        return ""
    for word in _longest_first(known.words):
        quoted = word if "@" in word else f"'{word}'"
        text = re.sub(re.escape(quoted), "''" if quoted != word else "", text, flags=re.IGNORECASE)
    return text


def _longest_first(words: frozenset[str]) -> Sequence[str]:
    return sorted(words, key=lambda word: (-len(word), word))
