"""Several legal persons: programs and stores in the books of one of them."""

import pytest

from pointbook.accounting.queries.books import periods, programs_of
from pointbook.controls.actors import SYSTEM, Actor
from pointbook.controls.permissions import PermissionRefused
from pointbook.earning.operations import publish as publish_document
from pointbook.ledger.models import Fact
from pointbook.programs.models import Entity
from pointbook.programs.operations.entities import (
    EntityRefused,
    EntityUnknown,
    add_entity,
    place_store,
)
from pointbook.programs.operations.publishing import VersionRefused
from pointbook.programs.queries import ProgramNotFound, entity_rows
from tests.rooms.till import BEAUTY, buy, posted, publish

pytestmark = pytest.mark.django_db


def test_a_program_begins_in_the_books_that_are_named():
    assert add_entity(code="north", name="North Ltd", actor=SYSTEM)
    assert not add_entity(code="north", name="North Ltd", actor=SYSTEM)
    publish_document(document=BEAUTY, actor=SYSTEM, entity_code="north")
    assert [(one.code, one.programs) for one in entity_rows()] == [("north", "beauty")]
    publish_document(document=BEAUTY, actor=SYSTEM)
    with pytest.raises(VersionRefused) as caught:
        publish_document(document=BEAUTY, actor=SYSTEM, entity_code="main")
    assert caught.value.field == "entity"
    assert periods(entity_code="north") == []


def test_facts_of_a_store_are_in_the_books_of_its_entity_from_then_on():
    publish()
    add_entity(code="north", name="North Ltd", actor=SYSTEM)
    posted(buy("1", 1_000, days=10, store="n1"))
    assert place_store(program="beauty", store="n1", entity_code="north", actor=SYSTEM)
    assert not place_store(program="beauty", store="n1", entity_code="north", actor=SYSTEM)
    posted(buy("2", 1_000, days=11, store="n1"), buy("3", 1_000, days=12, store="m1"))
    owners = Fact.objects.order_by("key").values_list("key", "entity__code")
    assert list(owners) == [("1", "main"), ("2", "north"), ("3", "main")]
    north = Entity.objects.get(code="north")
    assert [one.code for one in programs_of(north)] == ["beauty"]
    assert [(one.code, one.stores) for one in entity_rows()] == [
        ("main", ""),
        ("north", "beauty n1"),
    ]


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("entity", {"code": "North", "name": "N"}),
        ("entity", {"code": "", "name": "N"}),
        ("name", {"code": "north", "name": " "}),
        ("name", {"code": "main", "name": "Another"}),
    ],
)
def test_what_is_no_entity_is_refused(field, told):
    publish()
    with pytest.raises(EntityRefused) as caught:
        add_entity(**told, actor=SYSTEM)
    assert (caught.value.field, bool(caught.value.mend)) == (field, True)


def test_unknown_things_and_persons_are_refused():
    publish()
    with pytest.raises(EntityUnknown, match="main"):
        place_store(program="beauty", store="n1", entity_code="north", actor=SYSTEM)
    with pytest.raises(ProgramNotFound):
        place_store(program="nope", store="n1", entity_code="main", actor=SYSTEM)
    with pytest.raises(EntityRefused):
        place_store(program="beauty", store="", entity_code="main", actor=SYSTEM)
    with pytest.raises(PermissionRefused):
        add_entity(code="north", name="North", actor=Actor("user", "max", "manager"))
