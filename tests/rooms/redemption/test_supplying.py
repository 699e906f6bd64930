"""Stock, places and codes: never less than is taken, nothing lost, nothing twice."""

from typing import Any

import pytest

from pointbook.controls.actors import SYSTEM, Actor
from pointbook.controls.operations import KeyReused
from pointbook.controls.permissions import PermissionRefused
from pointbook.redemption.operations.supplying import (
    SupplyRefused,
    export_codes,
    generate_codes,
    import_codes,
    supply,
)
from pointbook.redemption.queries.rewards import RewardUnknown
from pointbook.redemption.queries.shelves import standing
from tests.rooms.redemption.shop import CAFE, reserve, settle
from tests.rooms.till import broken, buy, day, post, posted, publish, rows

pytestmark = pytest.mark.django_db
BY: dict[str, Any] = {"actor": SYSTEM}


@pytest.fixture
def cafe(db):
    program_id = publish(CAFE)
    posted(buy("p1", 90_000))
    return program_id


def left(program_id, reward):
    own = next(one for one in standing(program_id, at=day(1)).rows if one.reward == reward)
    return own.left


def test_a_stock_grows_and_shrinks_but_not_below_what_is_taken(cafe):
    assert supply(program_id=cafe, reward="mug", change_by=2, **BY).left == 5
    posted(reserve("r1", "mug", attributes={"quantity": 2}), at=day(0, 60))
    assert supply(program_id=cafe, reward="mug", change_by=-3, **BY).left == 0
    with pytest.raises(SupplyRefused, match="2 of 'mug' are taken"):
        supply(program_id=cafe, reward="mug", change_by=-1, **BY)
    assert left(cafe, "mug") == 0
    kinds = rows("select kind from controls_outbox where kind = 'reward.supplied'")
    assert len(kinds) == 2
    assert broken() == {}


def test_places_are_those_of_a_slot(db):
    evening = "{slot: may, from: 2027-05-07T18:00, until: 2027-05-07T21:00, capacity: 2}"
    own = publish(
        CAFE.replace(
            "gives: {product: {}}, giftable: true", f"gives: {{experience: {{slots: [{evening}]}}}}"
        )
    )
    with pytest.raises(SupplyRefused, match=r"those of its slots\. Name one of: may"):
        supply(program_id=own, reward="flower", change_by=1, **BY)
    assert supply(program_id=own, reward="flower", slot="may", change_by=1, **BY).left == 3


def test_a_key_makes_it_happen_once(cafe):
    for _ in range(2):
        assert supply(program_id=cafe, reward="mug", change_by=2, key="k1", **BY).supply == 5
    with pytest.raises(KeyReused):
        supply(program_id=cafe, reward="mug", change_by=3, key="k1", **BY)


def test_what_has_any_number_has_no_stock(cafe):
    with pytest.raises(SupplyRefused, match="any number"):
        supply(program_id=cafe, reward="card", change_by=1, **BY)
    with pytest.raises(RewardUnknown, match="no reward 'cup'"):
        supply(program_id=cafe, reward="cup", change_by=1, **BY)
    with pytest.raises(PermissionRefused):
        supply(program_id=cafe, reward="mug", change_by=1, actor=Actor("user", "ann", "auditor"))


def test_codes_are_imported_once_and_given_in_order(cafe):
    done = import_codes(program_id=cafe, reward="cinema", codes=["A1", "B2", " A1 ", ""], **BY)
    assert (done.new, done.doubled) == (2, ("A1",))
    again = import_codes(program_id=cafe, reward="cinema", codes=["B2", "C3"], **BY)
    assert (again.new, again.doubled) == (1, ("B2",))
    assert left(cafe, "cinema") == 3
    posted(reserve("r1", "cinema"), settle("c1", "capture", "r1"))
    text = export_codes(program_id=cafe, reward="cinema", **BY)
    lines = text.splitlines()
    assert lines[0] == "code,state,redemption_source,redemption,used_at"
    assert lines[1].startswith("A1,used,till,r1,2017-01-01T12:00:02")
    assert lines[2:] == ["B2,free,,,", "C3,free,,,"]
    assert broken() == {}


def test_codes_that_are_none(cafe):
    for codes in (["x" * 65], ["a\x00b"]):
        with pytest.raises(SupplyRefused, match="is no code"):
            import_codes(program_id=cafe, reward="cinema", codes=codes, **BY)
    with pytest.raises(SupplyRefused, match="no codes of its own"):
        import_codes(program_id=cafe, reward="mug", codes=["A1"], **BY)


def test_codes_are_made_and_run_out(cafe):
    made = generate_codes(program_id=cafe, reward="cinema", count=2, **BY)
    assert len(set(made)) == 2
    posted(reserve("r1", "cinema", attributes={"quantity": 2}))
    (gone,) = post(reserve("r2", "cinema"))
    assert gone.status == "refused"
    with pytest.raises(SupplyRefused, match="0 codes"):
        generate_codes(program_id=cafe, reward="cinema", count=0, **BY)
    assert broken() == {}
