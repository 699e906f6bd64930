"""How many there are of a reward: its stock, the places of a slot, and codes that were bought.

Raises RewardUnknown, SupplyRefused, and FactError for what the body says wrongly.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.http import HttpRequest, HttpResponse
from ninja import Router

from pointbook.engine.values.documents import known, plain, text_of
from pointbook.engine.values.facts import FactError
from pointbook.interfaces.api import bodies, redeemed
from pointbook.interfaces.api.acts import Word
from pointbook.interfaces.api.caller import answer_once, caller
from pointbook.redemption.operations.supplying import import_codes, supply

router = Router(tags=["Rewards"])
SCOPE: Final = "rewards.supply"
Document = dict[str, object]


@router.post("/{reward}/stock", operation_id="change_stock", response=redeemed.Stock)
def change_stock(request: HttpRequest, response: HttpResponse, reward: Word) -> Document:
    """Add to the stock of a reward, or to the places of a slot, or take from it (`"change": -3`).

    Without an Idempotency-Key a retry changes it again.
    """
    who = caller(request, scope=SCOPE)
    raw = bodies.document(request)

    def run() -> Document:
        known(raw, frozenset(bodies.StockIn.model_fields))
        stand = supply(
            program_id=who.program.id,
            reward=reward,
            slot=text_of(raw, "slot"),
            change_by=_change(raw),
            actor=who.actor,
        )
        return {**stand._asdict(), "left": stand.left}

    return answer_once(
        request, response, actor=who.actor, action=request.path, body=request.body, run=run
    )


@router.post("/{reward}/codes", operation_id="import_codes", response=redeemed.ImportedCodes)
def add_codes(request: HttpRequest, response: HttpResponse, reward: Word) -> Document:
    """Put codes into a reward's pool; those that are known already are told, and not put twice."""
    who = caller(request, scope=SCOPE)
    raw = bodies.document(request)

    def run() -> Document:
        known(raw, frozenset(bodies.CodesIn.model_fields))
        found = import_codes(
            program_id=who.program.id, reward=reward, codes=_codes(raw), actor=who.actor
        )
        return {"new": found.new, "doubled": list(found.doubled)}

    return answer_once(
        request, response, actor=who.actor, action=request.path, body=request.body, run=run
    )


def _change(raw: Mapping[str, object]) -> int:
    value = raw.get("change")
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise FactError(
        "change is not a whole number", field="change", value=value, mend="Send 12, or -3."
    )


def _codes(raw: Mapping[str, object]) -> list[str]:
    value = raw.get("codes")
    told = value if isinstance(value, list) else []
    if 0 < len(told) <= bodies.MOST_CODES and all(isinstance(code, str) for code in told):
        return [plain(code, f"codes[{place}]") for place, code in enumerate(told)]
    raise FactError(
        f"codes is not a list of 1 to {bodies.MOST_CODES:,} texts",
        field="codes",
        value=None,
        mend="Send them in parts.",
    )
