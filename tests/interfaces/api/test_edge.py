"""What every answer has: a request id, a version, a problem for whatever goes wrong; and keys."""

import re
from pathlib import Path

import pytest
from django.db import OperationalError
from django.test import Client

from pointbook.controls.actors import SYSTEM
from pointbook.controls.keys import NameUnfit, ScopeUnknown, create, keys, revoke
from pointbook.interfaces.api import problems, promises
from pointbook.interfaces.api.edge import VERSIONS
from pointbook.programs.queries import program
from tests.interfaces.api.conftest import Api, buy

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "api.md"


def told(response, status, code):
    """The answer is this problem, whole."""
    body = response.json()
    assert (response.status_code, body["status"], body["code"]) == (status, status, code)
    assert response["Content-Type"] == "application/problem+json"
    assert body["type"] == f"/v1/errors#{code}"
    assert all(body[name] for name in ("title", "detail", "mend"))
    assert body["request_id"] == response["X-Request-Id"]
    assert response["Pointbook-Version"] == VERSIONS[-1]
    return body


def test_health_needs_no_key(db):
    answer = Client().get("/v1/health")
    assert answer.status_code == 200
    assert answer.json()["database"] == "ok"
    assert re.fullmatch("[0-9a-f]{32}", answer["X-Request-Id"])


def test_health_tells_that_the_database_is_down(db, monkeypatch):
    class Down:
        def cursor(self):
            raise OperationalError("gone")

    monkeypatch.setattr(promises, "connection", Down())
    told(Client().get("/v1/health"), 503, "unavailable")


def test_a_plain_request_id_comes_back(db):
    for given, same in (("abc-1.2_3", True), ("a b", False), ("x" * 65, False)):
        answer = Client().get("/v1/health", headers={"x-request-id": given})
        assert (answer["X-Request-Id"] == given) is same


def test_versions_are_dates_we_know(db):
    answer = Client().get("/v1/health", headers={"pointbook-version": VERSIONS[0]})
    assert (answer.status_code, answer["Pointbook-Version"]) == (200, VERSIONS[0])
    body = told(
        Client().get("/v1/health", headers={"pointbook-version": "2001-01-01"}),
        400,
        "version-unknown",
    )
    assert body["parameter"] == "Pointbook-Version"


@pytest.mark.parametrize("header", ["", "Basic eDp5", "Bearer"])
def test_without_a_key_nothing_is_told(db, header):
    answer = Client().get("/v1/program", headers={"authorization": header} if header else {})
    told(answer, 401, "key-missing" if header != "Bearer" else "key-unknown")
    assert answer["WWW-Authenticate"] == 'Bearer realm="pointbook"'


def test_a_key_is_known_until_it_is_revoked(api):
    own = program("beauty").id
    told(Api("pb_00000000_x").get("program"), 401, "key-unknown")
    assert api.get("program").status_code == 200
    revoke(program_id=own, prefix=keys(own)[0].prefix, actor=SYSTEM)
    told(api.get("program"), 401, "key-unknown")


def test_a_key_opens_its_scopes_only(api):
    own = program("beauty").id
    reader = Api(create(program_id=own, name="app", scopes=["members.read"], actor=SYSTEM)[1])
    api.post("members", {"card": "1"})
    assert reader.get("members/1").status_code == 200
    for answer in (
        reader.post("facts", buy()),
        reader.batch([buy()]),
        reader.post("members", {"card": "2"}),
        reader.post("orders/evaluate", {}),
        reader.get("program"),
    ):
        told(answer, 403, "scope-missing")


def test_a_key_is_kept_as_a_digest(api):
    own = program("beauty").id
    key, secret = create(program_id=own, name="app", actor=SYSTEM)
    assert secret.startswith(f"{key.prefix}_")
    assert secret not in str(keys(own))
    with pytest.raises(ScopeUnknown):
        create(program_id=own, name="app", scopes=["x"], actor=SYSTEM)
    for name in ("", " ", "x" * 61, "a\nb"):
        with pytest.raises(NameUnfit):
            create(program_id=own, name=name, actor=SYSTEM)


def test_no_such_address_and_wrong_methods(api):
    told(api.get("nothing"), 404, "not-found")
    told(api.get(""), 404, "not-found")
    told(api.get("members/1/nothing"), 404, "not-found")
    wrong = api.get("facts")
    told(wrong, 405, "method-not-allowed")
    assert wrong["Allow"] == "POST"


def test_an_unknown_host_is_told(db):
    told(Client().get("/v1/health", headers={"host": "evil.example"}), 400, "bad-request")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"1", b"\xff", b"[" * 2_000])
def test_a_body_that_is_no_object(api, body):
    for path in ("facts", "members", "orders/evaluate"):
        told(api.post(path, body), 400, "malformed-json")


def test_a_body_without_a_length(api):
    told(api.post("facts", buy(), transfer_encoding="chunked"), 411, "length-required")


def test_a_mistake_of_ours_tells_nothing(api, monkeypatch, caplog):
    def broken(_code):
        raise RuntimeError("secret")

    monkeypatch.setattr(promises, "versions", broken)
    answer = api.get("program")
    body = told(answer, 500, "internal-error")
    assert b"secret" not in answer.content
    assert body["request_id"] in caplog.text
    assert "RuntimeError: secret" in caplog.text


def test_other_doors_are_left_alone(db):
    assert "X-Request-Id" not in Client().get("/card/")


def test_every_problem_is_documented(db):
    listed = Client().get("/v1/errors").json()
    assert [one["code"] for one in listed] == list(problems.KINDS)
    text = REFERENCE.read_text(encoding="utf-8")
    for kind in problems.KINDS.values():
        assert f"### {kind.code}\n" in text
    named = {*problems.BY_CLASS.values(), *problems.BY_STATUS.values()}
    assert named <= set(problems.KINDS)
