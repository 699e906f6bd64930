"""What people decide about members: corrections, voids, merges, claims, and codes to invite with.

Each is a fact like all others, posted under the source `api`, with the answer of a fact; here only
the shape is shorter. Raises what posting raises, MemberNotFound, FactNotFound, NeedsAnother and
ReferralsMissing.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Annotated, Final

import segno
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Path, Router, Status

from pointbook.controls.clock import clock
from pointbook.controls.operations import change
from pointbook.engine.replay.points import positive
from pointbook.engine.values.documents import known
from pointbook.engine.values.errors import NotFoundError, PointbookError
from pointbook.engine.values.facts import Fact, normalise
from pointbook.interfaces.api import answers, bodies
from pointbook.interfaces.api.caller import Caller, answer_once, caller
from pointbook.interfaces.api.people import READ, Reference
from pointbook.interfaces.api.postings import SCOPE, post_one
from pointbook.interfaces.api.text import points
from pointbook.ledger.queries import known as known_facts
from pointbook.members.queries import member as find_member
from pointbook.members.referrals import referral_code
from pointbook.programs.queries import compiled

router = Router(tags=["Members"])
facts = Router(tags=["Facts"])
SOURCE: Final = "api"
ATTRIBUTES: Final = "attributes."
Word = Annotated[str, Path(min_length=1, max_length=255, pattern=r"^[^\x00]+$")]
POSTED: Final = {200: answers.PostedFact, 201: answers.PostedFact}
Posted = Status[dict[str, object]]
Make = Callable[[Mapping[str, object]], dict[str, object]]


class FactNotFound(NotFoundError):
    """There is no fact under this key."""


class NeedsAnother(PointbookError):
    """The correction is larger than one may make alone."""

    status = 403


class ReferralsMissing(NotFoundError):
    """The program has no referrals."""


@router.post("/{reference}/adjustments", operation_id="adjust_points", response=POSTED)
def adjust_points(request: HttpRequest, response: HttpResponse, reference: Reference) -> Posted:
    """Give points by hand, or take some off (`"points": "-20"`), with the reason.

    Above what the program lets one do alone it is refused with 403.
    """
    who = caller(request, scope=SCOPE)
    own = str(find_member(who.program.id, reference).id)

    def make(raw: Mapping[str, object]) -> dict[str, object]:
        known(raw, frozenset(bodies.AdjustmentIn.model_fields))
        told = _told(raw, "points", "unit", "reason", "expires_on")
        return {"type": "adjustment", "member": own, "attributes": told}

    return _post(request, response, who, make=make, check=_within_reach)


@router.post("/{reference}/merge", operation_id="merge_members", response=POSTED)
def merge_members(request: HttpRequest, response: HttpResponse, reference: Reference) -> Posted:
    """Let another member become this one, with all they hold and are known by."""
    who = caller(request, scope=SCOPE)
    own = str(find_member(who.program.id, reference).id)

    def make(raw: Mapping[str, object]) -> dict[str, object]:
        known(raw, frozenset({"from", "id", "occurred_at"}))
        told = {"from": str(find_member(who.program.id, str(raw.get("from", ""))).id)}
        return {"type": "merge", "member": own, "attributes": told}

    return _post(request, response, who, make=make)


@router.post("/{reference}/claims", operation_id="claim_purchase", response=POSTED)
def claim_purchase(request: HttpRequest, response: HttpResponse, reference: Reference) -> Posted:
    """Let a purchase that nobody owned be this member's, judged as it would have been then."""
    who = caller(request, scope=SCOPE)
    own = str(find_member(who.program.id, reference).id)

    def make(raw: Mapping[str, object]) -> dict[str, object]:
        known(raw, frozenset(bodies.ClaimIn.model_fields))
        return {"type": "claim", "member": own, "about": raw.get("purchase")}

    return _post(request, response, who, make=make, about="purchase")


@facts.post("/{source}/{id}/void", operation_id="void_fact", response=POSTED)
def void_fact(
    request: HttpRequest,
    response: HttpResponse,
    source: Word,
    id: Word,  # noqa: A002 - the name in the address
) -> Posted:
    """Take back what a fact was given by mistake: all of it, or what one rule gave."""
    who = caller(request, scope=SCOPE)
    key = (source, id)

    def make(raw: Mapping[str, object]) -> dict[str, object]:
        known(raw, frozenset(bodies.VoidIn.model_fields))
        if key not in known_facts(who.program.id, [key]):
            raise FactNotFound(
                f"there is no fact {source}/{id}",
                field="id",
                value=id,
                mend="Name the source and the id under which it was posted.",
            )
        about = {"source": source, "id": id}
        return {"type": "void", "about": about, "attributes": _told(raw, "rule", "reason")}

    return _post(request, response, who, make=make)


@router.get("/{reference}/referral", operation_id="read_referral", response=answers.Referral)
def read_referral(request: HttpRequest, reference: Reference) -> dict[str, str]:
    """The code by which a member invites, its link, and the link as a QR code in SVG.

    The code is made when it is first asked for, and stays.
    """
    who = caller(request, scope=READ)
    program = who.program
    if compiled(program.id).version_at(clock(program.id)).blueprint.referrals is None:
        raise ReferralsMissing(
            "the program has no referrals", mend="Add a section referrals to the blueprint."
        )
    own = find_member(program.id, reference)
    code = own.identifiers.get("referral") or change(
        actor=who.actor,
        action="members.describe",
        program_id=program.id,
        subject=str(own.id),
        run=lambda: referral_code(program_id=program.id, member_id=own.id),
    )
    link = request.build_absolute_uri(reverse("portal:by", args=[program.code, code]))
    drawn = segno.make_qr(link, error="m").svg_inline(border=4, scale=4)
    return {"code": code, "link": link, "qr_svg": drawn}


def _told(raw: Mapping[str, object], *names: str) -> dict[str, object]:
    """The attributes of the fact: what is said of these."""
    return {name: str(raw[name]) for name in names if raw.get(name) is not None}


def _within_reach(who: Caller, fact: Fact) -> None:
    """Refuse a correction that is too large for one.

    :raises NeedsAnother: when the program asks a second person for as many points.
    """
    version = compiled(who.program.id).version_at(fact.occurred_at)
    unit = version.units.get(str(fact.attributes.get("unit") or next(iter(version.units))))
    most = None if unit is None else version.blueprint.corrections.most.get(unit.code)
    if unit is None or most is None:
        return
    text = str(fact.attributes.get("points", "")).strip().lstrip("+-")
    if positive(text, unit.decimals, field="points") > most:
        raise NeedsAnother(
            f"{text} {unit.name} are more than one may give or take alone",
            field="points",
            value=text,
            mend=f"Send {points(most, unit=unit)} or fewer, or ask a second person.",
        )


def _post(
    request: HttpRequest,
    response: HttpResponse,
    who: Caller,
    *,
    make: Make,
    check: Callable[[Caller, Fact], None] | None = None,
    about: str = "",
) -> Posted:
    """Post the fact that `make` makes of the body, by default as of now and under a new key.

    `about` is what the body calls the fact that this one is about.
    """
    raw = bodies.document(request) if request.body else {}
    program = compiled(who.program.id)

    def run() -> dict[str, object]:
        try:
            body = {
                "source": SOURCE,
                "id": raw.get("id") or uuid.uuid4().hex,
                "occurred_at": raw.get("occurred_at") or clock(who.program.id),
                **make(raw),
            }
            fact = normalise(body, currency=program.currency, zone=program.zone)
            if check is not None:
                check(who, fact)
            return post_one(who, fact)
        except PointbookError as error:
            # What the fact calls its attributes are the fields of the body here.
            name = error.field.removeprefix(ATTRIBUTES)
            error.field = about if name == "about" else name
            raise

    answer = answer_once(
        request, response, actor=who.actor, action=request.path, body=request.body, run=run
    )
    return Status(int(str(answer["status"])), answer["fact"])  # type: ignore[arg-type]
