"""The OpenAPI document: golden, complete, and true of every answer schemathesis can provoke."""

import json
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from pointbook.config.wsgi import application
from pointbook.controls.actors import SYSTEM
from pointbook.controls.keys import SCOPES, create
from pointbook.engine.values import facts, people
from pointbook.interfaces.api import bodies, redemptions, wishes
from pointbook.interfaces.api.routes import api as routes
from pointbook.programs.queries import program
from tests.interfaces.api.conftest import open_program

DOCUMENT = Path(__file__).parents[3] / "docs" / "reference" / "openapi.json"
KEY = {"id", "occurred_at"}  # of every act
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def document():
    return json.loads(json.dumps(routes.get_openapi_schema()))


def test_the_document_in_the_docs_is_the_one_we_serve(request, client):
    text = json.dumps(document(), indent=1, ensure_ascii=False) + "\n"
    if request.config.getoption("--golden-update"):
        DOCUMENT.write_text(text, encoding="utf-8")
    assert text == DOCUMENT.read_text(encoding="utf-8"), "if meant, make golden"
    assert client.get("/v1/openapi.json").json() == document()


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (bodies.FactIn, facts.FIELDS),
        (bodies.OrderIn, {*facts.FIELDS, *wishes.FIELDS}),
        (bodies.ConfirmIn, {*facts.FIELDS, *wishes.FIELDS, "expected"}),
        (bodies.RedeemIn, wishes.CLAIM),
        (bodies.PayIn, wishes.PAY),
        (bodies.ExpectedIn, wishes.EXPECTED),
        (bodies.ReserveIn, redemptions.RESERVE),
        (bodies.BasketIn, facts.FIELDS - {"type", "occurred_at"}),
        (bodies.LineIn, facts.Line._fields),
        (bodies.TenderIn, facts.Tender._fields),
        (bodies.CouponIn, facts.Coupon._fields),
        (bodies.ReturnedIn, facts.Returned._fields),
        (bodies.PersonIn, people.FIELDS),
        (bodies.AdjustmentIn, {*KEY, "points", "unit", "reason", "expires_on"}),
        (bodies.MergeIn, {*KEY, "from"}),
        (bodies.ClaimIn, {*KEY, "purchase"}),
        (bodies.VoidIn, {*KEY, "rule", "reason"}),
    ],
)
def test_every_field_the_engine_reads_is_described(model, fields):
    described = document()["components"]["schemas"][model.__name__]["properties"]
    assert set(described) == set(fields)


def test_every_tender_is_described():
    schema = document()["components"]["schemas"]["TenderIn"]
    assert schema["properties"]["kind"]["enum"] == list(facts.TENDERS)


def test_every_operation_asks_for_a_key_or_says_why_not():
    for path, methods in document()["paths"].items():
        for operation in methods.values():
            assert ("security" in operation) != (path in ("/v1/health", "/v1/errors"))


@pytest.fixture
def schema(fresh_database):
    """The document with a program behind it, and a key with every scope."""
    open_program()
    own = program("beauty").id
    secret = create(program_id=own, name="all", scopes=[*SCOPES], actor=SYSTEM)[1]
    found = schemathesis.openapi.from_wsgi("/v1/openapi.json", application)

    @found.auth()
    class _Key:
        def get(self, _case, _context):
            return secret

        def set(self, case, data, _context):
            case.headers["Authorization"] = f"Bearer {data}"

    return found


def operations():
    return [(method, path) for path, methods in document()["paths"].items() for method in methods]


@schemathesis.serializer(bodies.NDJSON)
def _as_lines(_context, value):
    """The generated fact twice, after what is no fact."""
    line = json.dumps(value)
    return f"x\n{line}\n\n{line}\n".encode()


@schemathesis.deserializer(bodies.NDJSON)
def _last_line(_context, response):
    return json.loads(response.content.splitlines()[-1])


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize(("method", "path"), operations())
def test_no_request_breaks_it(schema, method, path, mode):
    operation = schema[path][method]

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=20,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def check(case):
        case.call_and_validate(checks=CHECKS)

    check()
