"""Errors as problem details (RFC 9457): one table of what can go wrong, one way to say it.

`type` is the address of the explanation below /v1/errors, `pointer` the place in the request's
body (RFC 6901), `parameter` the name of a header, query or path parameter. Raises nothing itself.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import orjson
from django.core.exceptions import RequestDataTooBig
from django.db import DataError, OperationalError
from django.http import HttpRequest, HttpResponse
from ninja.errors import AuthenticationError, ValidationError

from pointbook.engine.rules.reading.problems import LONGEST, BlueprintErrors, shown
from pointbook.engine.rules.reading.problems import Problem as Mistake
from pointbook.engine.values.errors import PointbookError
from pointbook.interfaces.api.changes import OrderChanged

log = logging.getLogger(__name__)
MEDIA_TYPE: Final = "application/problem+json"
ERRORS: Final = "/v1/errors"
# Mistakes of one document that an answer lists.
MOST_ERRORS: Final = 200


@dataclass(frozen=True, slots=True)
class Kind:
    """One thing that can go wrong: its code never changes."""

    code: str
    status: int
    title: str
    mend: str


KINDS: Final = {
    kind.code: kind
    for kind in (
        Kind("malformed-json", 400, "The body is not JSON", "Send one JSON object in UTF-8."),
        Kind("version-unknown", 400, "No such API version", "Leave Pointbook-Version out."),
        Kind("bad-request", 400, "The request cannot be read", "Compare it with the reference."),
        Kind("key-missing", 401, "No API key", "Send Authorization: Bearer pb_..."),
        Kind("key-unknown", 401, "The API key is not known", "Create one: pointbook key create."),
        Kind("scope-missing", 403, "The API key may not do this", "Use a key with the scope."),
        Kind("needs-another", 403, "It is too much for one", "Ask a second person."),
        Kind("not-found", 404, "Nothing is here", "Compare the address with the reference."),
        Kind("fact-not-found", 404, "No such fact", "Name one that was posted."),
        Kind("member-not-found", 404, "No such member", "Enrol the member first."),
        Kind("redemption-not-found", 404, "No such redemption", "Compare its key or its code."),
        Kind("reward-not-found", 404, "No such reward", "Name one of the program's."),
        Kind("program-not-found", 404, "No such program", "Publish it first."),
        Kind("method-not-allowed", 405, "Not with this method", "Use a method that Allow names."),
        Kind("conflict", 409, "It contradicts what is recorded", "Read what is recorded first."),
        Kind(
            "fact-conflict",
            409,
            "The fact was posted with other content",
            "Send a correction under its own id; a posted fact never changes.",
        ),
        Kind(
            "identifier-taken",
            409,
            "The identifiers belong to two members",
            "Send one member's identifiers, or merge the members first.",
        ),
        Kind(
            "version-refused",
            409,
            "The version contradicts what the program promised before",
            "Take the change back, or start on a later day.",
        ),
        Kind(
            "order-changed",
            409,
            "The order is not what was evaluated any more",
            "Evaluate it again, show it, and confirm what is shown.",
        ),
        Kind(
            "redemption-settled",
            409,
            "The redemption is in no state in which this can be done",
            "Read it; a redemption is settled once.",
        ),
        Kind(
            "confirmation-refused",
            409,
            "The redemption waits for no code",
            "Read it: only what is reserved and asks for it is confirmed.",
        ),
        Kind("code-ended", 409, "The one-time code has ended", "Ask for a new one."),
        Kind(
            "step-refused",
            409,
            "The redemption cannot take this step",
            "Read it: steps go forward only.",
        ),
        Kind(
            "supply-refused",
            409,
            "There cannot be so many of the reward",
            "Read what is left of it.",
        ),
        Kind(
            "idempotency-key-reused",
            409,
            "The idempotency key stands for another request",
            "Send a new key for a new request.",
        ),
        Kind("length-required", 411, "The length is missing", "Send Content-Length."),
        Kind("body-too-large", 413, "The body is too large", "Send less at once."),
        Kind("media-type-unknown", 415, "Not this media type", "Send what the reference names."),
        Kind("invalid-parameter", 422, "A parameter cannot be read", "Correct the parameter."),
        Kind("blueprint-refused", 422, "The document has mistakes", "Mend each of `errors`."),
        Kind("fact-refused", 422, "The fact cannot be posted", "Correct the field."),
        Kind("balance-too-low", 422, "There are not enough points", "Burn what is there."),
        Kind("person-refused", 422, "The person cannot be enrolled", "Correct the field."),
        Kind("code-wrong", 422, "The one-time code is wrong", "Look in the newest message."),
        Kind("value-refused", 422, "A value cannot be stored", "Send plain text and amounts."),
        Kind("too-many-codes", 429, "Too many codes were sent", "Release it and reserve again."),
        Kind(
            "internal-error",
            500,
            "Something went wrong on our side",
            "Try again; if it stays, tell the operator the request id.",
        ),
        Kind("unavailable", 503, "The database does not answer", "Try again later."),
    )
}
# Expected errors by their class, which names what is wrong; the others by their status.
BY_CLASS: Final = {
    "MalformedJson": "malformed-json",
    "VersionUnknown": "version-unknown",
    "KeyUnknown": "key-unknown",
    "ScopeMissing": "scope-missing",
    "PermissionRefused": "scope-missing",
    "FactNotFound": "fact-not-found",
    "NeedsAnother": "needs-another",
    "MemberNotFound": "member-not-found",
    "ProgramNotFound": "program-not-found",
    "RedemptionUnknown": "redemption-not-found",
    "RewardUnknown": "reward-not-found",
    "OrderChanged": "order-changed",
    "RedemptionSettled": "redemption-settled",
    "ConfirmationRefused": "confirmation-refused",
    "CodeWrong": "code-wrong",
    "CodeEnded": "code-ended",
    "TooManyCodes": "too-many-codes",
    "StepRefused": "step-refused",
    "SupplyRefused": "supply-refused",
    "FactConflict": "fact-conflict",
    "IdentifierTaken": "identifier-taken",
    "KeyReused": "idempotency-key-reused",
    "ParameterError": "invalid-parameter",
    "PeriodError": "invalid-parameter",
    "ReportError": "invalid-parameter",
    "UnitUnknown": "invalid-parameter",
    "BlueprintErrors": "blueprint-refused",
    "VersionRefused": "version-refused",
    "FactError": "fact-refused",
    "FactRefused": "fact-refused",
    "MadeRefused": "fact-refused",
    "BenefitError": "fact-refused",
    "TierError": "fact-refused",
    "MoneyError": "fact-refused",
    "BalanceError": "balance-too-low",
    "PersonError": "person-refused",
}
BY_STATUS: Final = {
    400: "bad-request",
    404: "not-found",
    405: "method-not-allowed",
    409: "conflict",
    411: "length-required",
    413: "body-too-large",
    415: "media-type-unknown",
    422: "value-refused",
    503: "unavailable",
}
# Errors whose field is a place in the body, or a parameter; of the others it is neither.
IN_BODY: Final = frozenset(
    {
        "fact-conflict",
        "identifier-taken",
        "version-refused",
        "fact-refused",
        "needs-another",
        "person-refused",
        "code-wrong",
        "step-refused",
        "supply-refused",
    }
)
# Fields that are parameters all the same.
BESIDE: Final = frozenset(
    {("version-refused", "from"), ("supply-refused", "reward"), ("reward-not-found", "reward")}
)
PARAMETERS: Final = frozenset(
    {
        "version-unknown",
        "key-missing",
        "key-unknown",
        "idempotency-key-reused",
        "length-required",
        "media-type-unknown",
        "invalid-parameter",
    }
)


def problem(
    code: str, *, detail: str = "", field: str = "", mend: str = "", request_id: str = ""
) -> dict[str, object]:
    """The members of one problem; `field` is a place in the body or a parameter, by the code."""
    kind = KINDS[code]
    body: dict[str, object] = {
        "type": f"{ERRORS}#{code}",
        "title": kind.title,
        "status": kind.status,
        "detail": detail or kind.title,
        "code": code,
        "mend": mend or kind.mend,
    }
    # The day of a version is asked for beside the document, a reward in the address.
    beside = (code, field) in BESIDE
    if field == "redemption":
        field = ""
    if field and code in IN_BODY and not beside:
        body["pointer"] = pointer(field)
    if field and (code in PARAMETERS or beside):
        body["parameter"] = field
    if request_id:
        body["request_id"] = request_id
    return body


def of_error(error: PointbookError, *, request_id: str = "") -> dict[str, object]:
    """The problem of an expected error."""
    name = type(error).__name__
    code = BY_CLASS.get(name) or BY_STATUS.get(error.status, "bad-request")
    if isinstance(error, BlueprintErrors):
        found = error.problems[:MOST_ERRORS]
        body = problem(code, detail=error.message, request_id=request_id)
        return {**body, "errors": [_mistake(one) for one in found]}
    told = problem(
        code, detail=error.message, field=error.field, mend=error.mend, request_id=request_id
    )
    if isinstance(error, OrderChanged):
        told["errors"] = [{**one._asdict(), "line": None} for one in error.changes]
    return told


def _mistake(found: Mistake) -> dict[str, object]:
    value = found.value
    told = value is None or isinstance(value, bool | int) or len(str(value)) <= LONGEST
    plain = told and not isinstance(value, list | dict)
    return {
        "pointer": found.pointer,
        "value": value if plain else shown(value),
        "detail": found.message,
        "mend": found.mend,
        "line": found.line,
    }


def pointer(field: str) -> str:
    """A field like lines[0].amount as a JSON pointer: /lines/0/amount."""
    return "".join(f"/{part}" for part in re.split(r"[.\[\]]+", field) if part)


def respond(request: HttpRequest, body: dict[str, object]) -> HttpResponse:
    """A problem as the answer to a request."""
    body.setdefault("request_id", getattr(request, "request_id", ""))
    status = int(str(body["status"]))
    response = HttpResponse(orjson.dumps(body), status=status, content_type=MEDIA_TYPE)
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = 'Bearer realm="pointbook"'
    return response


def on_expected(request: HttpRequest, error: PointbookError) -> HttpResponse:
    """An expected error: what is wrong and what mends it."""
    return respond(request, of_error(error))


def on_no_key(request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    """No Authorization header, or not a bearer's."""
    return respond(request, problem("key-missing", field="Authorization"))


def on_parameter(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """A parameter that ninja could not read; the first one is told."""
    first = error.errors[0]
    name = str(first["loc"][-1])
    return respond(
        request, problem("invalid-parameter", detail=f"{name}: {first['msg']}", field=name)
    )


def on_too_big(request: HttpRequest, _error: RequestDataTooBig) -> HttpResponse:
    """A document that is larger than Django reads into memory."""
    return respond(request, problem("body-too-large"))


def on_unstorable(request: HttpRequest, _error: DataError) -> HttpResponse:
    """Text with a NUL character, or a number beyond what the database holds."""
    return respond(request, problem("value-refused"))


def on_no_database(request: HttpRequest, error: OperationalError) -> HttpResponse:
    """The database is down, restarting, or gave up waiting."""
    log.error("the database does not answer: %s", error)
    return respond(request, problem("unavailable"))


def on_unexpected(request: HttpRequest, error: Exception) -> HttpResponse:
    """A mistake of ours: the log has the traceback, the answer only the request id."""
    log.error("request %s failed", getattr(request, "request_id", ""), exc_info=error)
    return respond(request, problem("internal-error"))


HANDLERS: Final = {
    PointbookError: on_expected,
    AuthenticationError: on_no_key,
    ValidationError: on_parameter,
    RequestDataTooBig: on_too_big,
    DataError: on_unstorable,
    OperationalError: on_no_database,
    Exception: on_unexpected,
}
