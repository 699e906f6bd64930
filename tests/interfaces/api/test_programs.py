"""Programs by API: published, checked with every mistake, read back; and which key may."""

import contextlib
import json
import threading

import pytest
from django.db import connections

from pointbook.controls.actors import SYSTEM
from pointbook.controls.clock import set_test_clock
from pointbook.controls.keys import NAMED, SCOPES, ScopeUnknown, create, keys, revoke
from pointbook.controls.models import AuditRow
from pointbook.engine.rules.reading.problems import LONGEST
from pointbook.interfaces.api import problems
from pointbook.interfaces.cli import keys as command
from pointbook.interfaces.cli.main import main
from pointbook.programs.models import BlueprintVersion, Program
from pointbook.programs.queries import program
from tests.interfaces.api.conftest import BEAUTY, NOON, Api, buy
from tests.interfaces.api.test_edge import told

CAFE = BEAUTY.replace("code: beauty, name: Beauty tiers", "code: cafe, name: The café")


def key(scopes=("programs.publish", "program.read"), *, code=None):
    """A client with a key of one program, or of all."""
    own = None if code is None else program(code).id
    return Api(create(program_id=own, name="ops", scopes=scopes, actor=SYSTEM)[1])


def send(api, document, path="programs", *, content_type="application/yaml", **headers):
    return api.post(path, document.encode(), content_type=content_type, **headers)


def as_json(document=None, **parts):
    """The café as JSON, some of its parts changed."""
    from pointbook.engine.rules.reading.documents import parse

    body = parse(document or CAFE, title="").value
    assert isinstance(body, dict)
    return json.dumps({**body, **parts})


def test_a_first_program_is_made_with_a_key_of_all(db):
    api = key()
    answer = send(api, CAFE)
    body = answer.json()
    assert answer.status_code == 201
    assert (body["code"], body["name"], body["version"]) == ("cafe", "The café", 1)
    assert (body["from_at"], body["until_at"], body["document"]) == (None, None, CAFE)
    assert body["published_by"].startswith("ops pb_")
    # It is a program like all others: a key of it posts facts.
    set_test_clock(program_id=program("cafe").id, at=NOON)
    till = Api(create(program_id=program("cafe").id, name="till", actor=SYSTEM)[1])
    assert till.post("facts", buy(total="100.00")).status_code == 201
    assert till.get("members/ada@example.org/balance").json()["points"] == "100"
    audited = AuditRow.objects.get(action="program.publish")
    assert (audited.actor_kind, audited.subject) == ("key", "cafe")


def test_the_same_document_again_is_the_same_version(db):
    api = key()
    assert [send(api, CAFE).status_code for _ in range(3)] == [201, 200, 200]
    assert BlueprintVersion.objects.count() == 1


def test_a_later_version_needs_a_day(api):
    own = key(code="beauty")
    later = BEAUTY.replace("price: 50,", "price: 40,")
    body = told(send(own, later), 409, "version-refused")
    assert (body["parameter"], "from" in body["mend"]) == ("from", True)
    assert "pointer" not in body
    early = told(send(own, later, "programs?from=1800-01-01"), 409, "version-refused")
    assert early["parameter"] == "from"
    answer = send(own, later, "programs?from=2017-04-01")
    assert (answer.status_code, answer.json()["version"]) == (201, 2)
    assert answer.json()["from_at"] == "2017-04-01T00:00:00Z"
    none = told(send(own, later, "programs?from=soon"), 422, "invalid-parameter")
    assert none["parameter"] == "from"
    changed = BEAUTY.replace("currency: USD", "currency: EUR")
    refused = told(send(own, changed, "programs?from=2017-05-01"), 409, "version-refused")
    assert refused["pointer"] == "/program/currency"


def test_versions_are_told_with_their_documents(api):
    own = key(code="beauty")
    later = BEAUTY.replace("price: 50,", "price: 40,")
    send(own, later, "programs?from=2017-04-01")
    body = own.get("programs/beauty/versions").json()
    assert body["code"] == "beauty"
    assert [(one["version"], one["from_at"], one["until_at"]) for one in body["versions"]] == [
        (2, "2017-04-01T00:00:00Z", None),
        (1, None, "2017-04-01T00:00:00Z"),
    ]
    assert [one["document"] for one in body["versions"]] == [later, BEAUTY]
    assert key().get("programs/beauty/versions").json() == body


def test_every_mistake_is_told_with_its_place(db):
    wrong = CAFE.replace("price: 500", "price: free").replace('value: "0.02"', 'value: "x"')
    wrong = wrong.replace("claw_back: clamp", "claw_back: clamp, a/b.c: 1")
    for path in ("programs", "programs/check"):
        body = told(send(key(), wrong, path), 422, "blueprint-refused")
        places = {one["pointer"]: one for one in body["errors"]}
        assert places.keys() == {"/units/points/value", "/rewards/0/price", "/returns/a~1b.c"}
        price = places["/rewards/0/price"]
        assert (price["value"], price["line"]) == ("free", 17)
        assert all(one["detail"] and one["mend"] for one in body["errors"])
        assert body["detail"] == "the blueprint has 3 mistakes."
    assert not Program.objects.exists()


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ("", ""),
        ("{", ""),
        ("[]", ""),
        ("a: 1\na: 2", "/a"),
        ("blueprint: 1\nunits: [" + ", ".join(f"u{n}" for n in range(99)) + "]", "/units"),
        ("name: " + "x" * 500, "/name"),
    ],
)
def test_what_is_no_blueprint_at_all(db, document, place):
    body = told(send(key(), document), 422, "blueprint-refused")
    one = next(one for one in body["errors"] if one["pointer"] == place)
    assert len(str(one["value"] or "")) <= LONGEST


def test_of_very_many_mistakes_the_first_are_told(db, monkeypatch):
    monkeypatch.setattr(problems, "MOST_ERRORS", 3)
    body = told(send(key(), "{}"), 422, "blueprint-refused")
    assert len(body["errors"]) == 3


def test_json_is_a_document_too(db):
    api = key()
    parts = {"program": {"code": "cafe", "name": "Café 🥐 \\u0041", "currency": "USD",
                         "time_zone": "UTC", "unknown_members": "enrol"}}  # fmt: skip
    document = as_json(**parts)
    assert "\\ud83e\\udd50" in document
    answer = send(api, document, content_type="application/json")
    assert (answer.status_code, answer.json()["name"]) == (201, "Café 🥐 \\u0041")
    assert program("cafe").name == "Café 🥐 \\u0041"
    twice = '{"blueprint": 1, "blueprint": 1}'
    body = told(send(api, twice, content_type="application/json"), 422, "blueprint-refused")
    assert body["errors"][0]["pointer"] == "/blueprint"


def test_half_a_character_is_refused(db):
    document = as_json().replace("The caf\\u00e9", "\\ud83e")
    told(send(key(), document), 422, "blueprint-refused")
    body = told(key().post("programs", b"\xff\xfe"), 422, "blueprint-refused")
    assert "UTF-8" in body["errors"][0]["detail"]


def test_a_check_publishes_nothing_and_says_what_would_change(api):
    own = key(code="beauty")
    fresh = send(key(), CAFE, "programs/check").json()
    assert (fresh["code"], fresh["version"], fresh["changes"]) == ("cafe", None, [])
    assert fresh["terms"][0]["sentences"]
    same = send(own, BEAUTY, "programs/check").json()
    assert (same["version"], same["changes"]) == (1, [])
    changed = send(own, BEAUTY.replace("price: 50,", "price: 40,"), "programs/check").json()
    assert len(changed["changes"]) == 1
    assert BlueprintVersion.objects.count() == 1


def test_a_key_of_one_program_publishes_no_other(api):
    send(key(), CAFE)
    own = key(code="beauty")
    for document in (CAFE, CAFE.replace("code: cafe", "code: other")):
        for path in ("programs", "programs/check"):
            body = told(send(own, document, path), 403, "scope-missing")
            assert "'beauty'" in body["detail"]
    for code in ("cafe", "nothing"):
        body = told(own.get(f"programs/{code}/versions"), 404, "program-not-found")
        assert "Use beauty" in body["mend"]
    told(key().get("programs/nothing/versions"), 404, "program-not-found")


def test_publishing_is_given_by_name_only(api):
    # `api` has a key with every scope, as `pointbook key create` makes one without --scope.
    told(send(api, BEAUTY), 403, "scope-missing")
    told(send(api, BEAUTY, "programs/check"), 403, "scope-missing")
    own = program("beauty").id
    (made,) = keys(own)
    assert set(made.scopes) == SCOPES.keys() - NAMED
    told(send(key(["program.read"]), CAFE), 403, "scope-missing")


def test_a_key_of_all_programs_opens_nothing_else(db):
    api = key(())
    (made,) = keys(None)
    assert made.scopes == ("program.read", "programs.publish")
    send(api, CAFE)
    body = told(api.get("program"), 403, "scope-missing")
    assert "all programs" in body["detail"]
    told(api.post("facts", buy()), 403, "scope-missing")
    with pytest.raises(ScopeUnknown, match="is for keys of one program"):
        key(["facts.write"])
    with pytest.raises(ScopeUnknown, match="no scope 'x'"):
        key(["x"])
    revoke(program_id=None, prefix=made.prefix, actor=SYSTEM)
    told(send(api, CAFE), 401, "key-unknown")


def test_the_command_makes_such_keys(db, monkeypatch, capsys):
    monkeypatch.setattr(command, "database", contextlib.nullcontext)

    def run(*words):
        status = main(["key", *words])
        return status, capsys.readouterr().out

    status, said = run("create", "--all-programs", "--name", "ops")
    assert (status, "may: program.read, programs.publish." in said) == (0, True)
    secret = said.splitlines()[-1]
    assert send(Api(secret), CAFE).status_code == 201
    (made,) = keys(None)
    assert run("list", "--all-programs")[1].startswith(made.prefix)
    assert run("list", "--program", "cafe")[1].startswith("No keys yet.")
    assert run("revoke", made.prefix, "--all-programs")[0] == 0
    told(send(Api(secret), CAFE), 401, "key-unknown")
    with pytest.raises(SystemExit):
        main(["key", "create", "--name", "ops"])


def test_a_retry_with_a_key_gets_the_first_answer(db):
    api = key()
    first, again = (send(api, CAFE, idempotency_key="k") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert again["Idempotent-Replayed"] == "true"
    other = send(api, CAFE, "programs?from=2030-01-01", idempotency_key="k")
    told(other, 409, "idempotency-key-reused")


def test_two_first_versions_at_once_are_one_program(fresh_database):
    secret = create(program_id=None, name="ops", actor=SYSTEM)[1]
    gate, found = threading.Barrier(4), []

    def run():
        try:
            gate.wait()
            found.append(send(Api(secret), CAFE).status_code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [200, 200, 200, 201]
    assert (Program.objects.count(), BlueprintVersion.objects.count()) == (1, 1)
