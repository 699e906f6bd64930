"""What happens to a redemption beside its points: one-time codes, and the steps of fulfilment.

Raises RedemptionUnknown, ConfirmationRefused, StepRefused, TooManyCodes, CodeWrong and CodeEnded.
"""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from ninja import Router

from pointbook.earning.operations import attending
from pointbook.earning.operations.redeeming import Key
from pointbook.engine.values.documents import known, text_of
from pointbook.interfaces.api import bodies, problems, redeemed
from pointbook.interfaces.api.acts import Word
from pointbook.interfaces.api.caller import answer_once, caller
from pointbook.interfaces.api.redemptions import WRITE, Document, body_of, redemption_document
from pointbook.members.signin import CodeEnded, CodeWrong
from pointbook.redemption.operations import confirming, fulfilling

router = Router(tags=["Redemptions"])
SEND: Final = "redemptions.code"


@router.post("/{source}/{id}/code", operation_id="issue_code", response=redeemed.OneTimeCode)
def issue_code(
    request: HttpRequest,
    source: Word,
    id: Word,  # noqa: A002 - the name in the address
) -> Document:
    """Make the one-time code of a redemption, to be sent to the member by you; told only now.

    It lives ten minutes and allows five tries; a newer one replaces it. No Idempotency-Key: the
    code is kept nowhere.
    """
    who = caller(request, scope=SEND)
    code = confirming.issue(program_id=who.program.id, key=(source, id), actor=who.actor)
    return {"code": code}


@router.post(
    "/{source}/{id}/confirm", operation_id="confirm_redemption", response=redeemed.Redemption
)
def confirm(
    request: HttpRequest,
    response: HttpResponse,
    source: Word,
    id: Word,  # noqa: A002 - the name in the address
) -> Document | HttpResponse:
    """Confirm a redemption by the one-time code that the member was sent; then it can be captured.

    A wrong code counts as a try.
    """
    who = caller(request, scope=WRITE)
    raw = bodies.document(request)

    def run() -> Document:
        known(raw, frozenset(bodies.OneTimeCodeIn.model_fields))
        code = text_of(raw, "code", required=True)
        try:
            row = confirming.confirm(
                program_id=who.program.id, key=(source, id), code=code, actor=who.actor
            )
        except (CodeWrong, CodeEnded) as error:
            # An answer and no error: an error would take back that the try was counted.
            return {"problem": problems.of_error(error)}
        return {"redemption": redemption_document(row, program_id=who.program.id)}

    answer = answer_once(
        request, response, actor=who.actor, action=request.path, body=request.body, run=run
    )
    told = answer.get("problem")
    if isinstance(told, dict):
        return problems.respond(request, told)
    return answer["redemption"]  # type: ignore[return-value]


@router.post(
    "/{source}/{id}/progress", operation_id="progress_redemption", response=redeemed.Redemption
)
def progress(
    request: HttpRequest,
    response: HttpResponse,
    source: Word,
    id: Word,  # noqa: A002 - the name in the address
) -> Document:
    """Take the next step of a redemption's fulfilment, or say which: `sent`, `attended`, `no_show`.

    Steps go forward only, and one that was taken before changes nothing. After `no_show` the points
    come back where the reward says so.
    """
    who = caller(request, scope=WRITE)
    raw = body_of(request, bodies.ProgressIn.model_fields)
    own = Key(source, id)

    def run() -> Document:
        step, note = text_of(raw, "step"), text_of(raw, "note")
        if step == fulfilling.NO_SHOW:
            row = attending.no_show(
                program=who.program.code, redemption=own, actor=who.actor, note=note
            )
        else:
            row = fulfilling.proceed(
                program_id=who.program.id, key=own, actor=who.actor, step=step or None, note=note
            )
        return redemption_document(row, program_id=who.program.id)

    return answer_once(
        request, response, actor=who.actor, action=request.path, body=request.body, run=run
    )
