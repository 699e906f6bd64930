"""Facts in: one at a time or as lines of a batch.

The answer to a fact is its receipt, so a repetition is answered like the first time. Raises what
the engine and the earning room raise for a single fact; a batch tells it line by line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

import orjson
from django.http import HttpRequest, HttpResponse
from ninja import Router, Status

from pointbook.controls.clock import clock
from pointbook.earning.operations import Outcome, ingest
from pointbook.earning.receipts import Receipt, receipts
from pointbook.engine.values.errors import PointbookError
from pointbook.engine.values.facts import Fact, normalise
from pointbook.interfaces.api import answers, bodies, problems
from pointbook.interfaces.api.caller import IDEMPOTENCY, Caller, answer_once, caller
from pointbook.interfaces.api.text import instant_or_none, moves, points, reasons
from pointbook.programs.queries import compiled

router = Router(tags=["Facts"])
SCOPE: Final = "facts.write"
ACTION: Final = "facts.ingest"
BATCH: Final = 1_000
Line = dict[str, object]


@router.post(
    "", operation_id="post_fact", response={200: answers.PostedFact, 201: answers.PostedFact}
)
def post_fact(request: HttpRequest, response: HttpResponse) -> Status[dict[str, object]]:
    """Post one fact: judged, its points moved, and told why.

    201 when it is new, 200 with the same answer when it was posted before.
    """
    who = caller(request, scope=SCOPE)
    raw = bodies.document(request)
    program = compiled(who.program.id)

    def run() -> dict[str, object]:
        return post_one(who, normalise(raw, currency=program.currency, zone=program.zone))

    answer = answer_once(
        request, response, actor=who.actor, action=ACTION, body=request.body, run=run
    )
    return Status(int(str(answer["status"])), answer["fact"])  # type: ignore[arg-type]


def post_one(who: Caller, fact: Fact) -> dict[str, object]:
    """Post a fact; answers the status and the receipt.

    :raises PointbookError: what it is refused for.
    """
    outcome = ingest(program=who.program.code, facts=[fact], actor=who.actor)[0]
    if outcome.error is not None:
        raise outcome.error
    key = (outcome.source, outcome.id)
    receipt = receipts(program_id=who.program.id, keys=[key])[key]
    return {"status": 201 if outcome.status == "posted" else 200, "fact": posted(receipt)}


@router.post("/batch", operation_id="post_facts", response={200: None})
def post_facts(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Post facts as NDJSON, one per line; answers one outcome per line, in order, as NDJSON.

    The status is 200 whenever the body could be read: what is wrong with a line is its outcome.
    At most 16 MiB and 10,000 lines. Facts are posted a thousand at a time, so after a broken
    connection send the batch again: what was posted is a duplicate then. With an Idempotency-Key
    the whole batch is one transaction.
    """
    who = caller(request, scope=SCOPE)
    text = bodies.batch(request)
    # A second part in one transaction would wait for members while it holds the sequence.
    at_once = bodies.MOST_LINES if IDEMPOTENCY in request.headers else BATCH
    told = answer_once(
        request,
        response,
        actor=who.actor,
        action=f"{ACTION}.batch",
        body=text,
        run=lambda: "".join(_outcomes(who, text, at_once=at_once)),
    )
    response.content = told
    response["Content-Type"] = bodies.NDJSON
    return response


def posted(receipt: Receipt) -> dict[str, object]:
    """A receipt as the API answers it."""
    blueprint = receipt.blueprint
    return {
        "source": receipt.source,
        "id": receipt.id,
        "member": None if receipt.member is None else str(receipt.member),
        "program_version": receipt.version,
        "moved": [
            {
                "kind": one.kind,
                "unit": one.unit,
                "points": points(one.points, unit=blueprint.units[one.unit]),
                "starts_at": instant_or_none(one.starts_at),
                "expires_at": instant_or_none(one.expires_at),
            }
            for one in receipt.moved
        ],
        "reasons": reasons(receipt.reasons, why=receipt.why, blueprint=blueprint),
        "moves": moves(receipt.moves),
        "made": [
            {
                "source": one.source,
                "id": one.key,
                "type": one.type,
                "member": None if one.member is None else str(one.member),
            }
            for one in receipt.made
        ],
    }


def _outcomes(who: Caller, text: bytes, *, at_once: int) -> Iterator[str]:
    """The outcomes of a batch as NDJSON, `at_once` lines at a time and in a transaction."""
    program = compiled(who.program.id)
    at = clock(who.program.id)
    numbered = bodies.lines(text)
    while part := list(islice(numbered, at_once)):
        facts: list[tuple[int, Fact]] = []
        told: list[Line] = []
        for number, line in part:
            try:
                raw = bodies.parsed(line)
                fact = normalise(raw, currency=program.currency, zone=program.zone)
            except PointbookError as error:
                told.append(_refused(number, "refused", error))
            else:
                facts.append((number, fact))
        outcomes = ingest(
            program=who.program.code, facts=[fact for _, fact in facts], actor=who.actor, at=at
        )
        told += _told(who, [number for number, _ in facts], outcomes)
        told.sort(key=lambda line: int(str(line["line"])))
        yield "".join(orjson.dumps(line).decode() + "\n" for line in told)


def _told(who: Caller, numbers: Sequence[int], outcomes: Sequence[Outcome]) -> list[Line]:
    keys = [(one.source, one.id) for one in outcomes if one.error is None]
    found = receipts(program_id=who.program.id, keys=keys) if keys else {}
    return [
        {
            "line": number,
            "status": one.status,
            "fact": posted(found[one.source, one.id]),
            "problem": None,
        }
        if one.error is None
        else _refused(number, one.status, one.error)
        for number, one in zip(numbers, outcomes, strict=True)
    ]


def _refused(number: int, status: str, error: PointbookError) -> Line:
    told = problems.of_error(error)
    return {"line": number, "status": status, "fact": None, "problem": told}
