"""The tours of docs/guides/api.md and redeem.md, request by request, and how a key is made."""

import contextlib
import json
import re
import shlex
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import Client

import pointbook
from pointbook.controls.actors import SYSTEM
from pointbook.controls.clock import set_test_clock
from pointbook.controls.keys import create
from pointbook.earning.operations import publish
from pointbook.interfaces.cli import keys
from pointbook.interfaces.cli.main import main
from pointbook.programs.queries import program
from tests.interfaces.api.conftest import Api

GUIDES = Path(__file__).parents[3] / "docs" / "guides"
GUIDE, REDEEM = GUIDES / "api.md", GUIDES / "redeem.md"
STARTER = Path(pointbook.__file__).parent / "programs" / "starters" / "beauty-tiers.yaml"


@pytest.fixture
def command(db, monkeypatch, capsys):
    """`pointbook key ...` on the database of the test."""
    monkeypatch.setattr(keys, "database", contextlib.nullcontext)
    publish(document=STARTER.read_text(encoding="utf-8"), actor=SYSTEM)

    def run(*words):
        status = main(["key", *words, "--program", "beauty"])
        told = capsys.readouterr()
        return status, told.out + told.err

    return run


def test_keys_are_made_listed_and_revoked(command):
    assert command("list")[1].startswith("No keys yet.")
    status, told = command("create", "--name", "app", "--scope", "members.read")
    assert status == 0
    secret = told.splitlines()[-1]
    prefix = secret.rpartition("_")[0][:11]
    assert f"Key {prefix} of app may: members.read." in told
    assert re.fullmatch(rf"{prefix}  \S+  in use  app: members.read\n", command("list")[1])
    assert command("revoke", prefix) == (0, f"Key {prefix} of app is revoked.\n")
    assert "revoked" in command("list")[1]
    assert command("revoke", prefix)[0] == 0
    assert Api(secret).get("program").status_code == 401


def test_a_mistake_is_one_line(command):
    assert command("revoke", "pb_x") == (
        2,
        "pointbook: there is no key 'pb_x'. List them: pointbook key list.\n",
    )
    assert command("create", "--name", "x", "--scope", "y")[0] == 2


def requests(page):
    """The curl commands of a guide, as words, with what is piped into them."""
    for block in re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
        text, _, piped = block.replace("\\\n", " ").partition("<<'FACTS'\n")
        for line in re.findall(r"^curl .*?(?=^curl |^export |\Z)", text, re.DOTALL | re.MULTILINE):
            yield shlex.split(line), piped.replace("FACTS\n", "")


def sent(words, piped, **known):
    """The answer to a curl command, in whose words names like $KEY stand for what is known."""
    for name, value in {"API": "/v1", **known}.items():
        words = [word.replace(f"${name}", value) for word in words]
    path = words[1]
    options = list(zip(words[2::2], words[3::2], strict=True))
    headers = dict(value.split(": ", 1) for name, value in options if name == "-H")
    media = headers.pop("Content-Type", "application/x-www-form-urlencoded")
    data = [piped if value == "@-" else value for name, value in options if "-d" in name]
    if not data:
        return path.partition("?")[0], Client().get(path, headers=headers)
    return path, Client().post(path, data[0], content_type=media, headers=headers)


def test_the_tour_works(command):
    secret = command("create", "--name", "shop")[1].splitlines()[-1]
    set_test_clock(program_id=program("beauty").id, at=datetime(2026, 11, 22, tzinfo=UTC))
    statuses = []
    for words, piped in requests(GUIDE):
        path, answer = sent(words, piped, KEY=secret)
        statuses.append((path, answer.status_code))
        assert b'"problem":{' not in answer.content
    assert statuses == [
        ("/v1/health", 200),
        ("/v1/members", 201),
        ("/v1/orders/evaluate", 200),
        ("/v1/facts", 201),
        ("/v1/members/ada@example.org/balance", 200),
        ("/v1/members/ada@example.org/entries", 200),
        ("/v1/facts", 201),
        ("/v1/facts/batch", 200),
        ("/v1/members/ada@example.org/adjustments", 201),
    ]


def test_redeeming_works_as_told(db):
    page = REDEEM.read_text(encoding="utf-8")
    (document,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    publish(document=document, actor=SYSTEM)
    own = program("corner").id
    set_test_clock(program_id=own, at=datetime(2026, 11, 22, 12, tzinfo=UTC))
    known = {"KEY": create(program_id=own, name="shop", actor=SYSTEM)[1]}
    answers = []
    for words, piped in requests(REDEEM):
        path, answer = sent(words, piped, **known)
        assert answer.status_code in (200, 201), (path, answer.content)
        answers.append(answer)
        if path == "/v1/redemptions" and answer.json()["codes"]:
            known["CODE"] = answer.json()["codes"][0]["code"]
    told = [json.loads(one) for one in re.findall(r"(?s)^\{.*?\}$", shown(page), re.MULTILINE)]
    effects = answers[3].json()["effects"]
    assert [{name: one[name] for name in told[0]} for one in effects[1:]] == told
    assert [answer.status_code for answer in answers[4:6]] == [201, 201]
    last = [(one["id"], one["state"]) for one in answers[-1].json()["redemptions"]]
    assert last == [
        ("v-1", "captured"),
        ("r-2", "released"),
        ("r-1", "cancelled"),
        ("2002:1", "cancelled"),
    ]


def shown(page):
    """The first answer that a page shows."""
    found = re.search(r"```json\n(.*?)```", page, re.DOTALL)
    assert found
    return found[1]
