"""Reports by API: with a key that may, of its own program, and problems for what cannot be."""

import pytest

from pointbook.accounting.operations.closing import close
from pointbook.controls.actors import SYSTEM, Actor
from pointbook.controls.clock import set_test_clock
from pointbook.controls.keys import create
from pointbook.programs.queries import program
from tests.interfaces.api.conftest import NOON, Api, buy
from tests.interfaces.api.test_edge import told

ANA = Actor("user", "ana", "controller")


def key(*, code="beauty", scopes=("books.read",)):
    own = None if code is None else program(code).id
    return Api(create(program_id=own, name="books", scopes=scopes, actor=SYSTEM)[1])


@pytest.fixture
def closed(api):
    assert api.post("facts", buy(total="100.00")).status_code == 201
    set_test_clock(program_id=program("beauty").id, at=NOON.replace(month=4))
    close(entity_code="main", period="2017-03", actor=ANA, reason="a test")
    return api


def test_a_report_says_what_it_was_made_of(closed):
    body = key().get("reports/liability-rollforward?period=2017-03").json()
    (row,) = [row for row in body["rows"] if row["unit"] == "points"]
    assert (row["opening"], row["new"], row["closing"]) == ("0.00", "1.96", "1.96")
    assert body["row_count"] == len(body["rows"])
    assert body["parameters"]["program"] == "beauty"
    (seal,) = body["sources"]
    assert seal.startswith("2017-03 version 1: seal 1, ")
    again = key(code=None).get("reports/liability-rollforward?period=2017-03&version=1").json()
    assert again["sha256"] == body["sha256"]


def test_what_cannot_be_asked_is_a_problem(closed):
    own = key()
    assert told(own.get("reports/nothing"), 422, "invalid-parameter")["parameter"] == "name"
    told(own.get("reports/tax?from=2017-3"), 422, "invalid-parameter")
    told(own.get("reports/tax?period=2016-01"), 422, "invalid-parameter")
    told(own.get("reports/tax?period=2017-03&version=2"), 422, "invalid-parameter")
    told(own.get("reports/tax?program=cafe"), 404, "program-not-found")
    told(own.get("reports/tax?entity=nobody"), 404, "not-found")
    told(closed.get("reports/tax"), 403, "scope-missing")
