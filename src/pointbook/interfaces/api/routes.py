"""The HTTP API, version 1: every route hangs here. Nothing here raises."""

from __future__ import annotations

from typing import Any

from ninja import NinjaAPI

from pointbook.interfaces.api import (
    acts,
    fulfilment,
    openapi,
    orders,
    people,
    postings,
    programs,
    promises,
    redemptions,
    reports,
    rewards,
    supplies,
    vouchers,
)
from pointbook.interfaces.api.caller import ApiKey
from pointbook.interfaces.api.problems import HANDLERS

DESCRIPTION = """Facts in, points out, with the reason for every point.

Every amount is decimal text: money in major units (`45.99`), points in whole units (`45`). Amounts
may be sent as text or as numbers. Errors are problem details (RFC 9457)."""


class Api(NinjaAPI):
    """Ninja's API whose OpenAPI document tells all that it does."""

    def get_openapi_schema(self, **options: Any) -> dict[str, Any]:  # type: ignore[override]
        """The document of /v1/openapi.json."""
        return openapi.complete(super().get_openapi_schema(**options))


api = Api(
    title="Pointbook",
    version="1",
    description=DESCRIPTION,
    urls_namespace="v1",
    auth=ApiKey(),
    docs_url=None,  # ninja's page loads its parts from elsewhere
)
for expected, handler in HANDLERS.items():
    api.add_exception_handler(expected, handler)  # type: ignore[arg-type]
api.add_router("/facts", postings.router)
api.add_router("/facts", acts.facts)
api.add_router("/members", people.router)
api.add_router("/members", acts.router)
api.add_router("/members", redemptions.members)
api.add_router("/orders", orders.router)
api.add_router("/redemptions", redemptions.router)
api.add_router("/redemptions", fulfilment.router)
api.add_router("/vouchers", vouchers.router)
api.add_router("/rewards", rewards.router)
api.add_router("/rewards", supplies.router)
api.add_router("/programs", programs.router)
api.add_router("/reports", reports.router)
api.add_router("", promises.router)
