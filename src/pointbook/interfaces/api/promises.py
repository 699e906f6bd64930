"""The program in force, what can go wrong, and whether we are well. Raises ProgramNotFound."""

from __future__ import annotations

from importlib.metadata import version
from typing import Final

from django.db import connection
from django.http import HttpRequest
from ninja import Router

from pointbook.controls.clock import clock
from pointbook.engine.rules.prose import tell
from pointbook.interfaces.api import answers, problems
from pointbook.interfaces.api.caller import caller
from pointbook.interfaces.api.ladders import ladder
from pointbook.interfaces.api.text import instant, instant_or_none, money, points
from pointbook.programs.queries import versions

router = Router()
SCOPE: Final = "program.read"


@router.get("/program", operation_id="read_program", response=answers.Program, tags=["Program"])
def read_program(request: HttpRequest) -> dict[str, object]:
    """The program in force: its units, tiers and rewards, and all of it as prose."""
    who = caller(request, scope=SCOPE)
    at = clock(who.program.id)
    published = versions(who.program.code)
    row = next((one for one in published if one.from_at <= at), published[-1])
    blueprint = row.blueprint
    units, currency = blueprint.units, blueprint.currency
    return {
        "code": blueprint.code,
        "name": blueprint.name,
        "currency": currency,
        "time_zone": blueprint.time_zone,
        "at": instant(at),
        "version": row.number,
        "from_at": None if row is published[-1] else instant(row.from_at),
        "until_at": instant_or_none(row.until_at),
        "units": [
            {
                "unit": unit.code,
                "name": unit.name,
                "decimals": unit.decimals,
                "value": format(unit.value, "f"),
                "spendable": unit.spendable,
            }
            for unit in units.values()
        ],
        "ladders": [ladder(tiers, blueprint=blueprint) for tiers in blueprint.ladders],
        "rewards": [
            {
                "reward": reward.code,
                "name": reward.name,
                "unit": reward.unit,
                "price": points(reward.price, unit=units[reward.unit]),
                "price_by_tier": {
                    tier: points(price, unit=units[reward.unit])
                    for tier, price in reward.price_by_tier.items()
                },
                "tiers": list(reward.tiers),
                "value": money(reward.value, currency=currency),
            }
            for reward in blueprint.rewards
        ],
        "terms": [
            {"title": part.title, "sentences": list(part.sentences)} for part in tell(blueprint)
        ],
        "document": row.document,
    }


@router.get(
    "/health", operation_id="read_health", response=answers.Health, auth=None, tags=["Service"]
)
def read_health(request: HttpRequest) -> dict[str, str]:  # noqa: ARG001 - ninja passes it
    """Whether Pointbook and its database answer; needs no key. 503 when they do not."""
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    return {"status": "ok", "database": "ok", "version": version("pointbook")}


@router.get(
    "/errors",
    operation_id="read_errors",
    response=list[answers.ErrorKind],
    auth=None,
    tags=["Service"],
)
def read_errors(request: HttpRequest) -> list[problems.Kind]:  # noqa: ARG001 - as above
    """Everything that can go wrong, by its code; `type` of a problem points here. Needs no key."""
    return list(problems.KINDS.values())
