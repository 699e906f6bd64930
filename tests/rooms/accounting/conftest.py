"""A program on a test clock, whose facts and closes the tests tell as short stories."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from pointbook.accounting.operations.closing import close
from pointbook.accounting.operations.estimating import set_estimate
from pointbook.controls.actors import Actor
from pointbook.controls.clock import set_test_clock
from pointbook.earning.operations import ingest, publish
from pointbook.engine.values.facts import Fact, Returned
from pointbook.ledger.operations.expiring import expire
from pointbook.programs.models import Program

ANA = Actor("user", "ana", "controller")
OWNER = Actor("user", "olga", "owner")
BLUEPRINT = """
blueprint: 1
program: {{code: {code}, name: Shop, currency: {currency}, time_zone: {zone},
           unknown_members: enrol}}
units: {{points: {{name: points, singular: point, decimals: 0, value: "{value}",
         expires: {expires}, spend_order: oldest{unit}}}{units}}}
earn: [{{rule: buy, name: Buy, on: purchase, award: {{points: 1, per: "{per}"}}, rounding: floor}}]
returns: {{claw_back: {claw_back}}}
{more}
books: {{{books}}}
"""


@dataclass
class Shop:
    """Tells what happened; every time is UTC text."""

    code: str = "shop"
    zone: str = "UTC"
    value: str = "1.00"
    per: str = "10.00"
    currency: str = "USD"
    expires: str = "{after_months: 60}"
    claw_back: str = "clamp"
    unit: str = ""
    units: str = ""
    more: str = ""
    books: str = 'policy: deferred_revenue, judgement: "A material right."'
    today: str = "2030-01-01"
    facts: int = 0
    bought: list[tuple[str, str, int]] = field(default_factory=list)
    held: list[str] = field(default_factory=list)

    def open(self) -> "Shop":
        document = BLUEPRINT.format(**vars(self))
        publish(document=document, actor=OWNER)
        self.clock(self.today)
        return self

    def clock(self, at: str) -> None:
        set_test_clock(program_id=self.id, at=self.at(at))

    @property
    def id(self) -> int:
        return Program.objects.get(code=self.code).id

    def at(self, at: str) -> datetime:
        return datetime.fromisoformat(at).replace(tzinfo=UTC)

    def happened(self, *facts: Fact):
        outcomes = ingest(program=self.code, facts=facts, actor=OWNER)
        assert [one.error for one in outcomes] == [None] * len(facts)
        return outcomes

    def buy(self, at, total, *, member="m1", key=None, **more):
        return self._fact("purchase", at, member, key, currency=self.currency, total=total, **more)

    def burn(self, at, points, *, member="m1", **more):
        return self._fact("burn", at, member, None, attributes={"points": points}, **more)

    def give_back(self, at, key, total, *, member="m1"):
        returns = Returned("till", key)
        return self._fact(
            "return", at, member, None, currency=self.currency, total=total, returns=returns
        )

    def tell(self, kind, at, *, member="m1", about=None, key=None, **attributes):
        """A fact of any other type, perhaps about another of the till."""
        about = None if about is None else Returned("till", about)
        return self._fact(kind, at, member, key, about=about, attributes=attributes)

    def expire(self, at):
        return expire(program_id=self.id, at=self.at(at))

    def _fact(self, kind, at, member, key, **more):
        self.facts += 1
        return Fact("till", key or f"f{self.facts:05d}", kind, self.at(at), member, **more)

    def estimate(self, rate, start):
        return set_estimate(program=self.code, rate=Decimal(rate), from_period=start, actor=ANA)

    def close(self, period, **more):
        return close(entity_code="main", period=period, actor=ANA, **more)


@pytest.fixture
def shop(db):
    """Points worth a dollar, one for every ten spent, that last five years."""
    return Shop().open()


@pytest.fixture
def committed_shop(fresh_database):
    """The same shop in a database of its own, where commits are real."""
    return Shop().open()
