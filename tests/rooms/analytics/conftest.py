"""Two public data sets in one database of this run: imported, burned, run off, never changed."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import duckdb
import pytest
from demo import prepare

from pointbook.analytics.queries import held
from pointbook.controls.actors import SYSTEM
from pointbook.earning.operations import burn_by_habit, publish
from pointbook.engine.rules.reading import read_behaviour
from pointbook.engine.values.calendar import (
    first_of_month,
    last_second,
    midnight,
    next_month,
)
from pointbook.interfaces.cli import home
from pointbook.interfaces.cli.imports import import_file
from pointbook.interfaces.importers.fields import Request
from pointbook.ledger.operations.expiring import expire
from pointbook.ledger.queries import last_judged
from pointbook.programs.queries import compiled, program
from tests.plugins.database import FreshDatabase, pointed_at

STARTERS = files("pointbook.programs") / "starters"
BLUEPRINT = (STARTERS / "beauty-tiers.yaml").read_text(encoding="utf-8")
BEHAVIOUR = (STARTERS / "month-end-burners.yaml").read_text(encoding="utf-8")


def journey(target: Path) -> Path:
    """The Complete Journey by basket: its lines are read by tests/analytics, here is its ledger."""
    lines = prepare.journey(target.with_name("lines.parquet"))
    duckdb.execute(
        f"""COPY (SELECT id, occurred_at, member, store,
            sum(round(amount::decimal(18, 4), 2)) - sum(round(coupon::decimal(18, 4), 2)) AS total
            FROM read_parquet('{lines}') GROUP BY ALL) TO '{target}' (FORMAT parquet)"""
    )
    return target


SETS = {"journey": ("journey.parquet", journey), "cdnow": ("cdnow.csv", prepare.cdnow)}


@pytest.fixture(scope="session")
def public_data(
    postgres, template_database, django_db_blocker, tmp_path_factory
) -> Iterator[FreshDatabase]:
    """A program for each data set, with all that ever happens in it."""
    name = f"{postgres.prefix}_public"
    postgres.clone(template=template_database, name=name)
    made = FreshDatabase(
        name, postgres.dsn(database=name), postgres.dsn(database=name, role=home.OWNER_ROLE)
    )
    folder = tmp_path_factory.mktemp("public")
    with django_db_blocker.unblock(), pointed_at(made.dsn):
        for code, (file, prepared) in SETS.items():
            publish(document=BLUEPRINT.replace("code: beauty", f"code: {code}"), actor=SYSTEM)
            request = Request(prepared(folder / file), {}, {"source": code, "type": "purchase"})
            tally = import_file(request, program=code, behaviour=BEHAVIOUR)
            assert set(tally.facts) == set(tally.burns) == {"posted"}
            run_off(code)
    yield made
    postgres.drop(name)


def run_off(code: str) -> None:
    """Burn at month ends and expire from the month of the last fact until nothing is left."""
    row = program(code)
    folded = compiled(row.id)
    habits = read_behaviour(BEHAVIOUR, blueprint=folded.versions[-1].blueprint).burns
    last = last_judged(row.id)
    assert last is not None
    month = first_of_month(last, folded.zone)
    left = 1
    while left:
        done = burn_by_habit(program=code, habits=habits, month=month, actor=SYSTEM)
        assert {one.status for one in done} <= {"posted"}
        expire(program_id=row.id, at=last_second(month, folded.zone))
        month = next_month(month)
        left = held(row.id, unit="points", at=midnight(month, folded.zone))


@pytest.fixture
def public(public_data, django_db_blocker) -> Iterator[FreshDatabase]:
    """Django looks at the public data."""
    with django_db_blocker.unblock(), pointed_at(public_data.dsn):
        yield public_data
