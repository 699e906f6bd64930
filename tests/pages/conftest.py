"""A shop of three months on a test clock, with its books, and a person signed in to its pages."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from axe_playwright_python.sync_playwright import Axe

from pointbook.accounting.operations.closing import close
from pointbook.accounting.operations.estimating import set_estimate
from pointbook.controls.actors import Actor
from pointbook.controls.clock import set_test_clock
from pointbook.controls.models import User
from pointbook.earning.operations import ingest, publish
from pointbook.engine.values.facts import Coupon, Fact, Line, Returned
from pointbook.programs.queries import program as find_program
from tests.pages.samples import DOCUMENT

OWNER = Actor("user", "olga", "owner")
PASSWORD = "ledger paper and ink"


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def sale(key, when, cents, *, member="elif@example.org", coupon=0, items=3):
    cost = cents + coupon
    lines = tuple(
        Line(sku=f"{n}", amount=cost // items + (cost % items if n == 0 else 0))
        for n in range(items)
    )
    coupons = (Coupon("SPRING", coupon),) if coupon else ()
    return Fact(
        "till", key, "purchase", at(when), member,
        store="367", currency="USD", total=cents, lines=lines, coupons=coupons,
    )  # fmt: skip


def burn(key, when, points, *, member="elif@example.org", simulated=False):
    attributes = {"points": points, "reward": "ten-off"}
    return Fact("app", key, "burn", at(when), member, attributes=attributes, simulated=simulated)


def give_back(key, when, of, cents, *, member="elif@example.org"):
    return Fact(
        "till", key, "return", at(when), member,
        currency="USD", total=cents, returns=Returned("till", of),
    )  # fmt: skip


STORY = (
    sale("r-001", "2017-01-10T09:30", 20000),
    sale("r-002", "2017-01-20T10:00", 12345, member="ada"),
    *(sale(f"n-{n:03}", "2017-01-25T12:00", 1000 + n, member=f"m{n:03}") for n in range(60)),
    sale("r-003", "2017-02-11T17:42", 45000),
    burn("b-001", "2017-02-28T23:59:59", 500, simulated=True),
    sale("r-004", "2017-03-05T11:00", 4570, coupon=150),
    give_back("t-001", "2017-03-06T12:00", "r-002", 12345, member="ada"),
)


@pytest.fixture
def people(fresh_database):
    """Olga owns, Ada only reads."""
    for name, role in (("olga", "owner"), ("ada", "auditor")):
        User.objects.create_user(name, f"{name}@example.org", PASSWORD, role=role)


@pytest.fixture
def shop(people):
    """Three months of Beauty tiers; January is closed, and it is 2 April."""
    publish(document=DOCUMENT.read_text(encoding="utf-8"), actor=OWNER)
    set_test_clock(program_id=find_program("beauty").id, at=at("2017-04-02T10:00"))
    set_estimate(program="beauty", rate=Decimal("0.9"), from_period="2017-01", actor=OWNER)
    outcomes = ingest(program="beauty", facts=STORY, actor=OWNER)
    assert [one.error for one in outcomes] == [None] * len(STORY)
    close(entity_code="main", period="2017-01", actor=OWNER)


class Desk:
    """A signed-in browser tab that remembers what went wrong in it."""

    def __init__(self, page, site):
        self.page, self.site = page, site
        self.errors: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _heard(self, line):
        if line.type == "error":
            self.errors.append(line.text)

    def sign_in(self, name="olga"):
        self.go("/")
        self.page.get_by_label("Name or e-mail address").fill(name)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_load_state()
        return self

    def go(self, path):
        self.page.goto(self.site + path, wait_until="networkidle")

    def text(self, selector="main"):
        return " ".join(self.page.locator(selector).first.inner_text().split())

    def is_well(self, *, width=None):
        """No error, nothing wider than the window, nothing axe objects to."""
        if width is not None:
            self.page.set_viewport_size({"width": width, "height": 844})
        assert self.errors == []
        wider = "document.documentElement.scrollWidth - innerWidth"
        assert self.page.evaluate(wider) <= 0, self.page.url
        found = Axe().run(self.page).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"]) for one in found] == [], self.page.url


@pytest.fixture
def desk(page, site):
    """A tab on the served database, not signed in."""
    return Desk(page, site)
