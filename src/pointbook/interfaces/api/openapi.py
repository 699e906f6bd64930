"""The OpenAPI document, completed: bodies, problems and headers that ninja does not know of.

Nothing here raises. docs/reference/openapi.json is this document.
"""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from pointbook.interfaces.api import answers, bodies, problems
from pointbook.interfaces.api.caller import IDEMPOTENCY, LONGEST_KEY, REPLAYED
from pointbook.interfaces.api.edge import VERSIONS
from pointbook.interfaces.api.programs import YAML
from pointbook.interfaces.api.vouchers import SVG

Json = dict[Any, Any]  # ninja counts statuses as numbers
JSON: Final = "application/json"
REFERENCE: Final = "#/components/schemas/{model}"

BODIES: Final[dict[str, tuple[str, type[BaseModel]]]] = {
    "post_fact": (JSON, bodies.FactIn),
    "post_facts": (bodies.NDJSON, bodies.FactIn),
    "enrol_member": (JSON, bodies.PersonIn),
    "evaluate_order": (JSON, bodies.OrderIn),
    "confirm_order": (JSON, bodies.ConfirmIn),
    "reserve_redemption": (JSON, bodies.ReserveIn),
    "capture_redemption": (JSON, bodies.CaptureIn),
    "release_redemption": (JSON, bodies.GiveBackIn),
    "cancel_redemption": (JSON, bodies.GiveBackIn),
    "redeem_voucher": (JSON, bodies.SettleIn),
    "confirm_redemption": (JSON, bodies.OneTimeCodeIn),
    "progress_redemption": (JSON, bodies.ProgressIn),
    "change_stock": (JSON, bodies.StockIn),
    "import_codes": (JSON, bodies.CodesIn),
    "adjust_points": (JSON, bodies.AdjustmentIn),
    "merge_members": (JSON, bodies.MergeIn),
    "claim_purchase": (JSON, bodies.ClaimIn),
    "void_fact": (JSON, bodies.VoidIn),
}
# Bodies that may be left out.
BARE: Final = (bodies.SettleIn, bodies.CaptureIn, bodies.GiveBackIn, bodies.ProgressIn)
# Operations that take no key of idempotency, because their answer is kept nowhere.
UNKEPT: Final = ("issue_code",)
# Operations whose body is a blueprint.
DOCUMENTS: Final = ("publish_program", "check_program")
# What each operation may answer besides its success; every one may fail with 500 and 503.
ALWAYS: Final = ("version-unknown", "internal-error", "unavailable")
KEYED: Final = ("key-missing", "key-unknown", "scope-missing")
POSTING: Final = (
    *("malformed-json", "bad-request", "length-required", "body-too-large"),
    *("idempotency-key-reused", "invalid-parameter", "value-refused"),
)
ACTING: Final = ("fact-conflict", "fact-refused", "balance-too-low")
SETTLING: Final = (*ACTING, "redemption-not-found", "redemption-settled")
OWN: Final[dict[str, tuple[str, ...]]] = {
    "adjust_points": (*ACTING, "member-not-found", "needs-another"),
    "merge_members": (*ACTING, "member-not-found"),
    "claim_purchase": (*ACTING, "member-not-found"),
    "void_fact": (*ACTING, "fact-not-found"),
    "read_referral": ("member-not-found", "invalid-parameter", "not-found"),
    "post_fact": ("fact-conflict", "fact-refused", "balance-too-low"),
    "post_facts": ("media-type-unknown",),
    "evaluate_order": ("fact-refused", "balance-too-low"),
    "confirm_order": (*ACTING, "order-changed"),
    "reserve_redemption": (*ACTING, "conflict"),
    "capture_redemption": SETTLING,
    "release_redemption": SETTLING,
    "cancel_redemption": SETTLING,
    "redeem_voucher": SETTLING,
    "issue_code": ("redemption-not-found", "confirmation-refused", "too-many-codes"),
    "confirm_redemption": (
        *("redemption-not-found", "confirmation-refused"),
        *("code-wrong", "code-ended", "fact-refused"),
    ),
    "progress_redemption": (*SETTLING, "step-refused"),
    "change_stock": ("reward-not-found", "supply-refused", "fact-refused"),
    "import_codes": ("reward-not-found", "supply-refused", "fact-refused"),
    "read_redemption": ("redemption-not-found", "invalid-parameter"),
    "list_redemptions": ("invalid-parameter",),
    "read_redemptions": ("member-not-found", "invalid-parameter"),
    "read_voucher": ("redemption-not-found", "invalid-parameter"),
    "draw_voucher": ("redemption-not-found", "invalid-parameter"),
    "list_rewards": ("member-not-found", "invalid-parameter"),
    "enrol_member": ("person-refused", "identifier-taken"),
    "publish_program": ("blueprint-refused", "version-refused"),
    "check_program": ("blueprint-refused",),
    "read_report": ("program-not-found", "not-found", "invalid-parameter", "value-refused"),
    "read_versions": ("program-not-found", "invalid-parameter"),
    "read_member": ("member-not-found", "invalid-parameter"),
    "read_balance": ("member-not-found", "invalid-parameter"),
    "read_entries": ("member-not-found", "invalid-parameter"),
}
EXAMPLES: Final[dict[str, Json]] = {
    "post_fact": {
        "source": "till",
        "id": "S1-0042",
        "type": "purchase",
        "occurred_at": "2026-11-02T17:05:00Z",
        "member": "ada@example.org",
        "store": "S1",
        "total": "45.99",
        "tax": "3.40",
        "lines": [{"sku": "4711", "category": "make-up", "quantity": 1, "amount": "45.99"}],
    },
    "enrol_member": {"email": "ada@example.org"},
    "adjust_points": {"points": "50", "reason": "goodwill"},
    "merge_members": {"from": "ada@example.com"},
    "claim_purchase": {"purchase": {"source": "till", "id": "S1-0043"}},
    "void_fact": {"reason": "rung up twice"},
    "evaluate_order": {
        "member": "ada@example.org",
        "total": "45.99",
        "redeem": [{"reward": "five-off"}],
        "pay": {"points": {"points": "300"}},
    },
    "confirm_order": {
        "source": "shop",
        "id": "1005",
        "member": "ada@example.org",
        "total": "45.99",
        "redeem": [{"reward": "five-off"}],
        "expected": {"due": "40.99", "earned": {"points": "40"}},
    },
    "reserve_redemption": {
        "source": "shop",
        "id": "r-1",
        "member": "ada@example.org",
        "reward": "five-off",
    },
    "capture_redemption": {"id": "c-1"},
    "release_redemption": {"id": "l-1"},
    "cancel_redemption": {"id": "u-1", "reason": "the member changed their mind"},
    "redeem_voucher": {"id": "c-2"},
    "confirm_redemption": {"code": "482913"},
    "progress_redemption": {"step": "sent"},
    "change_stock": {"change": 12},
    "import_codes": {"codes": ["KX-1", "KX-2"]},
}


def complete(document: Json) -> Json:
    """Add to ninja's document what the API does beside it."""
    models = [model for _, model in BODIES.values()]
    described = [(model, "validation") for model in (*models, answers.Problem)]
    described += [(answers.LineOutcome, "serialization")]
    _, found = models_json_schema(described, ref_template=REFERENCE)  # type: ignore[arg-type]
    schemas = document["components"]["schemas"]
    schemas |= found["$defs"]
    document["components"]["schemas"] = dict(sorted(schemas.items()))
    document["components"]["headers"] = HEADERS
    for methods in document["paths"].values():
        for method, operation in methods.items():
            _complete(operation, posts=method == "post")
    return document


HEADERS: Final[Json] = {
    "RequestId": {
        "description": "Names the request in our log; the one you sent when it is a plain word.",
        "schema": {"type": "string"},
    },
    "Version": {"description": "The version of the API.", "schema": {"type": "string"}},
    "Replayed": {
        "description": "The answer was given to this Idempotency-Key before.",
        "schema": {"type": "string", "enum": ["true"]},
    },
}


def _complete(operation: Json, *, posts: bool) -> None:
    name = operation["operationId"]
    answered = operation["responses"]
    if name in BODIES:
        media, model = BODIES[name]
        content: Json = {"schema": {"$ref": REFERENCE.format(model=model.__name__)}}
        if name in EXAMPLES:
            content["example"] = EXAMPLES[name]
        needed = model not in BARE
        operation["requestBody"] = {"content": {media: content}, "required": needed}
    if name in DOCUMENTS:
        operation["requestBody"] = {"content": BLUEPRINT, "required": True}
    if name == "draw_voucher":
        answered[200]["content"] = {SVG: {"schema": {"type": "string"}}}
    if name == "post_facts":
        outcome = {"$ref": REFERENCE.format(model=answers.LineOutcome.__name__)}
        answered[200]["content"] = {bodies.NDJSON: {"schema": outcome}}
    operation["parameters"] += [PARAMETERS["version"]]
    for response in answered.values():
        response["headers"] = _headers(posts=posts)
    if posts and name not in UNKEPT:
        operation["parameters"] += [PARAMETERS["key"]]
    codes = (*ALWAYS, *(KEYED if "security" in operation else ()), *(POSTING if posts else ()))
    _fail(answered, (*codes, *OWN.get(name, ())))
    operation["responses"] = {str(status): answered[status] for status in sorted(answered)}


BLUEPRINT: Final[Json] = {
    JSON: {"schema": {"type": "object", "description": "The blueprint."}},
    YAML: {"schema": {"type": "string", "description": "The text of the blueprint."}},
}
PARAMETERS: Final[dict[str, Json]] = {
    "version": {
        "in": "header",
        "name": "Pointbook-Version",
        "required": False,
        "description": "The version of the API you were written for; left out: the latest.",
        "schema": {"type": "string", "enum": list(VERSIONS)},
    },
    "key": {
        "in": "header",
        "name": IDEMPOTENCY,
        "required": False,
        "description": "Makes a retry safe: the same key and body get the same answer.",
        "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
    },
}


def _headers(*, posts: bool) -> Json:
    names = {"X-Request-Id": "RequestId", "Pointbook-Version": "Version"}
    if posts:
        names[REPLAYED] = "Replayed"
    return {header: {"$ref": f"#/components/headers/{name}"} for header, name in names.items()}


def _fail(answered: Json, codes: tuple[str, ...]) -> None:
    """Describe the problems of an operation, by status."""
    by_status: dict[int, list[problems.Kind]] = {}
    for code in codes:
        kind = problems.KINDS[code]
        by_status.setdefault(kind.status, []).append(kind)
    problem = {"$ref": REFERENCE.format(model=answers.Problem.__name__)}
    for status, kinds in by_status.items():
        answered[status] = {
            "description": "; ".join(f"{kind.code}: {kind.title}" for kind in kinds) + ".",
            "content": {problems.MEDIA_TYPE: {"schema": problem}},
            "headers": _headers(posts=False),
        }
