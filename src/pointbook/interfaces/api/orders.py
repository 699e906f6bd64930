"""What an order would earn, before it is bought. Nothing is posted.

Raises what posting the fact would raise.
"""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from ninja import Router

from pointbook.controls.clock import clock
from pointbook.earning import queries as earning
from pointbook.engine.values.facts import normalise
from pointbook.interfaces.api import answers, bodies
from pointbook.interfaces.api.caller import Caller, answer_once, caller
from pointbook.interfaces.api.text import money, moves, points, reasons
from pointbook.members.queries import resolve
from pointbook.programs.queries import compiled

router = Router(tags=["Orders"])
SCOPE: Final = "orders.evaluate"


@router.post("/evaluate", operation_id="evaluate_order", response=answers.Evaluation)
def evaluate_order(request: HttpRequest, response: HttpResponse) -> dict[str, object]:
    """What an order would earn and why, rule by rule, and which rewards it brings within reach.

    Send what you would post as a fact; source, id, type and occurred_at may be left out. The trace
    has every rule, also those that do not match, and says why. Points that the order would earn and
    that can be used at once are counted towards the rewards.
    """
    who = caller(request, scope=SCOPE)
    raw = bodies.document(request)
    return answer_once(
        request,
        response,
        actor=who.actor,
        action=SCOPE,
        body=request.body,
        run=lambda: _evaluated(who, dict(raw)),
    )


def _evaluated(who: Caller, raw: dict[str, object]) -> dict[str, object]:
    program = compiled(who.program.id)
    now = {
        "source": "order",
        "id": "order",
        "type": "purchase",
        "occurred_at": clock(who.program.id),
    }
    fact = normalise({**now, **raw}, currency=program.currency, zone=program.zone)
    found = earning.evaluate(who.program.code, fact)
    owner = None
    if fact.member is not None:
        owner = resolve(who.program.id, [fact.member]).get(fact.member)
    blueprint = found.blueprint
    units, currency = blueprint.units, blueprint.currency
    rules = {rule.code: rule for rule in blueprint.earn}
    return {
        "member": owner and str(owner),
        "program_version": found.verdict.version,
        "earned": [
            {"unit": unit, "points": points(parts, unit=units[unit])}
            for unit, parts in found.earned.items()
        ],
        "reasons": reasons(found.verdict.reasons, why=found.why, blueprint=blueprint),
        "trace": [
            {
                "rule": one.rule,
                "name": one.name,
                "matched": one.matched,
                "unit": unit,
                "points": points(one.points, unit=units[unit]),
                "why": one.why,
            }
            for one in found.traces
            for unit in [rules[one.rule].unit]
        ],
        "moves": moves(found.verdict.moves),
        "rewards": [
            {
                "reward": step.reward.code,
                "name": step.reward.name,
                "unit": step.reward.unit,
                "price": points(step.reward.price, unit=units[step.reward.unit]),
                "value": money(step.reward.value, currency=currency),
                "affordable": not step.missing,
                "missing": points(step.missing, unit=units[step.reward.unit]),
            }
            for step in found.rewards
        ],
    }
