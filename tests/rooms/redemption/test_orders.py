"""Orders evaluated and confirmed: what was shown is posted, or what changed is said."""

from dataclasses import replace
from decimal import Decimal

import pytest

from pointbook.controls.actors import SYSTEM
from pointbook.earning.operations.confirming import EvaluationChanged, Expected, confirm_order
from pointbook.earning.operations.ingesting import FactConflict
from pointbook.earning.operations.redeeming import Key, cancel, capture_code, reserve
from pointbook.earning.orders import Wish, evaluate_order
from pointbook.engine.rules.rewards.situations import Claim
from pointbook.engine.values.baskets import Line
from pointbook.engine.values.facts import Returned
from tests.rooms.redemption.shop import CAFE
from tests.rooms.till import balance, broken, buy, day, fact, posted, publish, rows

pytestmark = pytest.mark.django_db
PAYING = """
pay_with_points: {unit: points, minimum: 10, step: 10, share: 50}
"""


@pytest.fixture
def cafe(db):
    own = publish(CAFE + PAYING)
    posted(buy("p1", 50_000))
    return own


def order(key="o1", **more):
    coffee = Line(sku="coffee", category="drinks", amount=2_000, quantity=Decimal(1))
    return fact(key, "purchase", currency="USD", total=2_000, lines=(coffee,), seconds=60, **more)


WISH = Wish(claims=[Claim("mug")], points={"points": 200})


def test_an_order_tells_what_it_earns_and_what_can_be_had(cafe):
    found = evaluate_order("beauty", order(), wish=WISH)
    assert found.settlement.due == 1_800
    assert found.earned.earned == {"points": 18}
    assert [one.reward.code for one, _ in found.offers][:2]
    assert {one.reward.code: [own.code for own in one.missing] for one, _ in found.offers}[
        "cinema"
    ] == ["sold_out"]
    assert [(one.least, one.most, one.step) for one in found.payable] == [(10, 400, 10)]
    assert rows("select count(*) from ledger_hold") == [(0,)]


def test_what_is_confirmed_is_what_was_evaluated_and_once(cafe):
    shown = evaluate_order("beauty", order(), wish=WISH)
    expected = Expected(due=shown.settlement.due, earned=shown.earned.earned)
    for repeated in (False, True):
        done = confirm_order(
            program="beauty", order=order(), wish=WISH, expected=expected, actor=SYSTEM
        )
        assert done.repeated is repeated
        assert balance() == 500 - 100 - 200 + 18
    with pytest.raises(FactConflict):
        confirm_order(program="beauty", order=order(), actor=SYSTEM)
    assert broken() == {}


def test_what_changed_is_said_and_nothing_is_posted(cafe):
    with pytest.raises(EvaluationChanged, match="points earned were 99, are 18"):
        confirm_order(
            program="beauty",
            order=order(),
            wish=WISH,
            expected=Expected(earned={"points": 99}),
            actor=SYSTEM,
        )
    with pytest.raises(EvaluationChanged, match="A gift card"):
        confirm_order(
            program="beauty",
            order=order(),
            wish=Wish(claims=[Claim("card", quantity=9)]),
            actor=SYSTEM,
        )
    assert balance() == 500
    assert broken() == {}


def test_a_voucher_takes_its_part_off_the_bill(cafe):
    at = day(0, 30)
    own = reserve(
        program="beauty",
        key=Key("shop", "v1"),
        member="ada",
        claim=Claim("voucher"),
        actor=SYSTEM,
        at=at,
    )
    (code,) = (one.code for one in own.codes)
    shown = evaluate_order("beauty", order(), wish=Wish(vouchers=[code]))
    assert [one.missing for one in shown.vouchers] == [()]
    assert shown.settlement.due == 1_500
    confirm_order(
        program="beauty", order=order(), wish=Wish(vouchers=[code]), actor=SYSTEM, at=day(0, 60)
    )
    assert rows("select state from redemption_code") == [("used",)]
    assert (balance(), balance("held")) == (450 + 15, 0)
    posted(fact("x1", "cancel", seconds=90, about=Returned("till", "o1")))
    assert balance() == 500
    assert rows("select state, back from ledger_hold") == [("cancelled", 50)]
    assert broken() == {}


def test_a_code_is_used_once_and_cancelled(cafe):
    at = day(0, 30)
    own = reserve(
        program="beauty",
        key=Key("shop", "v1"),
        member="ada",
        claim=Claim("voucher"),
        actor=SYSTEM,
        at=at,
    )
    code = own.codes[0].code.lower()
    used = capture_code(
        program="beauty", code=code, key=Key("till", "c1"), actor=SYSTEM, at=day(0, 40)
    )
    assert (used.state, used.captured) == ("captured", 50)
    with pytest.raises(Exception, match="was captured"):
        capture_code(
            program="beauty", code=code, key=Key("till", "c2"), actor=SYSTEM, at=day(0, 41)
        )
    back = cancel(
        program="beauty",
        redemption=Key("shop", "v1"),
        key=Key("till", "u1"),
        actor=SYSTEM,
        at=day(0, 50),
    )
    assert (back.state, balance()) == ("cancelled", 500)
    assert broken() == {}


def test_an_order_for_which_points_paid_comes_back(cafe):
    confirm_order(program="beauty", order=order(), wish=WISH, actor=SYSTEM)
    posted(replace(fact("x1", "cancel", seconds=90), about=Returned("till", "o1")))
    assert balance() == 500
    assert broken() == {}
