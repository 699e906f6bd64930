"""How points were used: by side, at which entity, and what was given for them."""

from datetime import date

import pytest
from django.db import connection

from pointbook.accounting.queries.books import program_books
from pointbook.engine.revenue.cohorts import Use
from pointbook.engine.revenue.policies import Event
from pointbook.ledger.movements import Cause, listing, movements
from pointbook.programs.models import Entity, Program, Store
from tests.rooms.till import rows


@pytest.fixture
def told(as_owner):
    """Says what the redemption of a fact is, as if its rewards had said so."""

    def tell(key, *, side, cost=None):
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("alter table ledger_transfer disable trigger user")
            cursor.execute(
                "update ledger_transfer t set side = %s, cost = %s from ledger_fact f"
                " where f.id = t.fact_id and f.key = %s and t.kind in ('burn', 'refund')",
                [side, cost, key],
            )
            cursor.execute("alter table ledger_transfer enable trigger user")

    return tell


def other_entity(shop):
    """A second entity, which has the shop's store "mall"."""
    made = Entity.objects.create(code="other", name="Other")
    Store.objects.create(program=Program.objects.get(code=shop.code), code="mall", entity=made)
    return made


def moved(shop, *, month=date(2017, 1, 1), entity=None, after=0):
    books = program_books(program_code=shop.code, entity_code=entity)
    return movements(books.span(month, after=after))


def test_what_a_redemption_cost_is_shared_over_its_draws_and_adds_up(shop, told):
    shop.happened(
        shop.buy("2017-01-01", 1_000),
        shop.buy("2017-02-01", 1_000),
        shop.buy("2017-03-01", 1_000),
    )
    shop.happened(shop.burn("2017-03-05", 3))
    (key,) = rows("select key from ledger_fact where type = 'burn'")[0]
    told(key, side="principal", cost=100)
    found = moved(shop, month=date(2017, 3, 1))
    used = {one.key.issued_on.month: one.uses for one in found.by_cohort}
    assert used == {
        1: (Use("principal", "", burned=1, cost=33),),
        2: (Use("principal", "", burned=1, cost=34),),
        3: (Use("principal", "", burned=1, cost=33),),
    }


def test_what_has_no_known_cost_stays_uncosted(shop, told):
    shop.happened(shop.buy("2017-01-01", 10_000), shop.burn("2017-01-05", 3))
    shop.happened(shop.burn("2017-01-06", 4))
    first, second = (row[0] for row in rows("select key from ledger_fact where type = 'burn'"))
    told(first, side="own_goods", cost=7)
    told(second, side="own_goods")
    (one,) = moved(shop).by_cohort
    assert one.uses == (Use("own_goods", "", burned=7, cost=7, uncosted=4),)


def test_points_used_at_another_entity_name_it(shop):
    other_entity(shop)
    shop.happened(shop.buy("2017-01-01", 10_000), shop.burn("2017-01-05", 3))
    shop.happened(shop.burn("2017-01-06", 4, store="mall"))
    found = moved(shop)
    (one,) = found.by_cohort
    assert one.by_use == (
        Use("", "", burned=3, uncosted=3),
        Use("", "other", burned=4, uncosted=4),
    )
    assert found.count(Event.BURN) == 2
    books = program_books(program_code=shop.code)
    for other, points in [("", 3), ("other", 4)]:
        cause = Cause(one.key, Event.BURN, "", other)
        assert found.rows[cause] == 1
        assert [row.points for row in listing(books.span(date(2017, 1, 1), after=0), cause)] == [
            points
        ]
    # The other entity gave nothing, so nothing of it moved.
    assert moved(shop, entity="other").by_cohort == ()


@pytest.mark.parametrize("side", ["", "principal"])
def test_a_burn_that_comes_back_takes_its_cost_back(shop, told, side):
    other_entity(shop)
    shop.happened(shop.buy("2017-01-01", 10_000), shop.buy("2017-01-02", 100, key="order"))
    shop.happened(
        shop.tell("burn", "2017-01-05", key="b", about="order", points=3),
        shop.burn("2017-01-06", 2),
    )
    shop.happened(shop.tell("cancel", "2017-01-07", key="c", about="order"))
    told("b", side=side, cost=9)
    told("c", side=side, cost=9)
    (one,) = moved(shop).by_cohort
    assert [use for use in one.by_use if use.side == side] == [
        Use(side, "", burned=5, back=3, cost=9, cost_back=9, uncosted=2)
        if not side
        else Use(side, "", burned=3, back=3, cost=9, cost_back=9)
    ]
