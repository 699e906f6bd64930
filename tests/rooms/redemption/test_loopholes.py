"""Ways round the terms that somebody may try, and that lead nowhere."""

from dataclasses import replace
from decimal import Decimal

import pytest

from pointbook.controls.actors import SYSTEM
from pointbook.earning.operations import confirming, redeeming
from pointbook.earning.operations.confirming import EvaluationChanged, confirm_order
from pointbook.earning.operations.days import run_daily
from pointbook.earning.operations.redeeming import Key, reserve
from pointbook.earning.orders import Wish, evaluate_order
from pointbook.engine.rules.rewards.situations import Claim
from pointbook.engine.values.baskets import Line
from pointbook.engine.values.errors import PointbookError
from pointbook.engine.values.facts import FactError, Returned
from pointbook.interfaces.portal import vouchers
from pointbook.members.queries import resolve
from pointbook.redemption.operations.drawing import draw
from pointbook.redemption.operations.paying_out import owed, pay_out
from pointbook.redemption.operations.queueing import join, offer_places
from pointbook.redemption.operations.supplying import import_codes
from pointbook.redemption.queries.redemptions import redemption
from pointbook.redemption.queries.rewards import reward_at
from tests.rooms.redemption import fair
from tests.rooms.redemption.shop import CAFE, settle
from tests.rooms.redemption.shop import reserve as kept
from tests.rooms.till import balance, broken, buy, day, fact, post, posted, publish, rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def cafe(db):
    own = publish(CAFE)
    posted(buy("p1", 50_000))
    return own


def order(key="o1", **more):
    coffee = Line(sku="coffee", category="drinks", amount=2_000, quantity=Decimal(1))
    return fact(key, "purchase", currency="USD", total=2_000, lines=(coffee,), seconds=60, **more)


def take(key, reward, **more):
    claim = Claim(reward, **more)
    return reserve(
        program="beauty",
        key=Key("shop", key),
        member="ada",
        claim=claim,
        actor=SYSTEM,
        at=day(0, 9),
    )


def test_nobody_calls_a_burn_automatic_to_be_spared_the_code(db):
    publish(CAFE, confirmed=('value: "8.00"', 'value: "8.00", confirm: true'))
    posted(buy("p1", 50_000))
    (burnt,) = post(
        fact("b1", "burn", attributes={"reward": "mug", "automatic": "monthly"}, seconds=9)
    )
    assert burnt.status == "refused"
    (once,) = post(fact("b2", "burn", attributes={"reward": "flower", "automatic": "x"}, seconds=9))
    assert once.status == "posted"
    assert rows("select quantity from redemption_redemption") == [(1,)]


@pytest.mark.parametrize("call", [redeeming.capture, redeeming.release])
def test_nobody_settles_in_the_name_of_pointbook(cafe, call):
    own = take("v1", "voucher")
    with pytest.raises(FactError, match="Pointbook's own"):
        call(
            program="beauty",
            redemption=Key(*own.key),
            key=Key("pointbook", "x"),
            actor=SYSTEM,
            at=day(0, 10),
        )
    with pytest.raises(FactError, match="Pointbook's own"):
        reserve(
            program="beauty",
            key=Key("pointbook", "release:shop:v1"),
            member="ada",
            claim=Claim("mug"),
            actor=SYSTEM,
            at=day(0, 10),
        )


@pytest.mark.parametrize(
    "told", [{"country": "Germany"}, {"cause": "x" * 150}, {"slot": "x" * 150}]
)
def test_what_no_table_can_hold_is_refused_and_not_an_error(cafe, told):
    with pytest.raises(PointbookError):
        take("r1", "flower", **told)


def test_a_gift_card_for_an_order_does_not_give_its_points_back_with_it(cafe):
    confirm_order(
        program="beauty", order=order(), wish=Wish(claims=[Claim("card")]), actor=SYSTEM,
        at=day(0, 60),
    )  # fmt: skip
    before = balance()
    assert balance(unit="gift") == 200
    posted(fact("x1", "cancel", seconds=90, about=Returned("till", "o1")))
    assert (balance(), balance(unit="gift")) == (before - 20, 200)
    assert broken() == {}


def test_a_part_of_the_points_does_not_buy_all_of_a_gift_card(cafe):
    posted(kept("r1", "card"))
    (part,) = post(settle("c1", "capture", "r1", attributes={"points": "1"}))
    assert part.status == "refused"
    posted(settle("c2", "capture", "r1", attributes={"points": "200"}))
    assert balance(unit="gift") == 200


def test_who_gave_a_voucher_away_does_not_use_it(db):
    publish(CAFE, given=('value: "5.00",', 'value: "5.00", giftable: true,'))
    posted(buy("p1", 50_000), buy("p2", 100, member="bea"))
    own = take("v1", "voucher", receiver="bea")
    (code,) = (one.code for one in own.codes)
    wish = Wish(vouchers=[code])
    with pytest.raises(PointbookError, match="no voucher"):
        confirm_order(program="beauty", order=order(), wish=wish, actor=SYSTEM, at=day(0, 60))
    hers = replace(order(), member="bea")
    confirm_order(program="beauty", order=hers, wish=wish, actor=SYSTEM, at=day(0, 60))
    assert broken() == {}


def test_a_code_does_not_stand_in_a_fact(cafe):
    own = take("v1", "voucher")
    (code,) = (one.code for one in own.codes)
    wish = Wish(vouchers=[code])
    confirm_order(program="beauty", order=order(), wish=wish, actor=SYSTEM, at=day(0, 60))
    told = rows("select key || content from ledger_fact")
    told += rows("select detail::text || subject from controls_auditrow")
    told += rows("select coalesce(body::text, '') from controls_outbox")
    assert [one for (one,) in told if code in one] == []


def test_a_place_that_is_kept_for_one_is_not_taken_in_the_same_batch(db):
    own = fair.opened()
    bea = resolve(own, ["bea"])["bea"]
    fair.take("r1", "class", fair.at(own, day(1)), slot="one")
    join(program_id=own, member=bea, reward="class", slot="one", **fair.BY)
    now = fair.at(own, day(2))
    posted(fact("x1", "cancel_redemption", member=None, about=Returned("till", "r1"), days=2),
           at=now)  # fmt: skip
    assert offer_places(program_id=own, at=now) == 1
    mine = fact("r2", "reserve", member="cy", days=2, attributes={"reward": "class", "slot": "one"})
    hers = fact("b2", "burn", member="bea", days=2, attributes={"points": "1"})
    refused, _ = post(mine, hers, at=now)
    assert refused.status == "refused"
    posted(replace(mine, id="r3", member="bea"), at=now)


def test_a_price_that_changed_meanwhile_is_said(cafe, monkeypatch):
    wish = Wish(claims=[Claim("mug")])
    shown = evaluate_order("beauty", order(), wish=wish)
    (granted,) = shown.settlement.granted
    dearer = replace(
        shown,
        settlement=replace(
            shown.settlement,
            granted=(granted._replace(price=granted.price._replace(points=90)),),
        ),
    )
    monkeypatch.setattr(confirming, "evaluate_order", lambda *_a, **_k: dearer)
    with pytest.raises(EvaluationChanged, match="costs 100 points now, not 90 points"):
        confirm_order(program="beauty", order=order(), wish=wish, actor=SYSTEM, at=day(0, 60))
    assert balance() == 500


def test_a_reward_that_is_gone_does_not_hold_for_ever(cafe):
    posted(kept("r1", "voucher"), kept("r2", "mug"))
    head, _, rest = CAFE.partition("rewards:")
    publish(head + "redemption:" + rest.partition("redemption:")[2], from_on=day(30).date())
    run_daily(program_id=cafe, at=day(100))
    assert rows("select state from ledger_hold order by fact_id") == [("lapsed",), ("released",)]
    assert broken() == {}


def test_nobody_says_for_whom_a_burn_was_in_the_name_of_pointbook(cafe):
    told = {"reward": "flower", "burned_by": str(resolve(cafe, ["ada"])["ada"])}
    (burnt,) = post(fact("b1", "burn", attributes=told, seconds=9))
    assert "Pointbook's own" in str(burnt.error)


def test_codes_without_end_are_not_made(db):
    publish(CAFE, free=("price: 50,", "price: 0,"))
    posted(buy("p1", 100))
    (many,) = post(kept("r1", "voucher", attributes={"quantity": 1_001}))
    assert "at most 1,000" in str(many.error)


def test_words_of_ones_own_say_no_more_than_they_must(db):
    worked = "gives: {service: {options: {monogram: []}}},\n     stock: 3"
    publish(CAFE, worked=("gives: {product: {}},\n     stock: 3", worked))
    posted(buy("p1", 50_000))
    for words in ("x" * 201, "ada@example.org"):
        (refused,) = post(kept("r1", "mug", attributes={"options": {"monogram": words}}))
        assert refused.status == "refused"
    posted(kept("r2", "mug", attributes={"options": {"monogram": "A.L."}}))


def without(document, begin, end):
    return document[: document.index(begin)] + document[document.index(end) :]


def test_a_sweepstake_that_is_no_more_in_the_program_is_drawn(db):
    own = fair.opened()
    fair.take("r1", "bicycle", fair.at(own, day(1)))
    publish(without(fair.FAIR, "  - {reward: bicycle", "causes:"), from_on=day(10).date())
    fair.at(own, day(20))
    assert draw(program_id=own, reward="bicycle", actor=fair.ANN).entries == 1


def test_what_was_given_to_a_cause_that_is_no_more_in_the_program_is_paid(db):
    own = fair.opened()
    fair.take("r1", "trees", fair.at(own, day(1)))
    later = without(fair.FAIR, "  - {reward: trees", "  - {reward: bicycle")
    publish(without(later, "causes:", "redemption:"), from_on=day(10).date())
    fair.at(own, day(20))
    assert [(one.cause.payee, one.given) for one in owed(own)] == [("Trees e.V.", 1_000)]
    assert pay_out(program_id=own, cause="trees", actor=SYSTEM).owed.given == 1_000
    assert owed(own) == []


def test_a_hold_of_the_head_that_is_over_is_let_go_for_the_household(db):
    own = publish(CAFE, pool=("redemption:", "households: {pool: [points]}\nredemption:"))
    posted(buy("p1", 10_000), buy("p2", 100, member="bea"))
    head = {"head": str(resolve(own, ["ada"])["ada"])}
    posted(fact("j1", "join_household", member="bea", attributes=head, seconds=2))
    posted(kept("r1", "mug", seconds=3), at=day(0, 60))
    hers = fact("x", "purchase", member="bea", seconds=5_000, currency="USD", total=5_000)
    assert evaluate_order("beauty", hers, wish=Wish(claims=[Claim("mug")])).settlement.refused == ()
    mug = fact("b1", "burn", member="bea", seconds=5_000, attributes={"reward": "mug"})
    posted(mug, at=day(0, 5_000))
    assert (balance(), balance("held")) == (1, 0)
    assert broken() == {}


@pytest.mark.parametrize("reward", ["mug", "flower"])
def test_what_is_for_an_order_alone_is_alone_whoever_asks_in_parts(db, reward):
    own = ("gives: {product: {}}, giftable: true", "gives: {product: {}}, exclusive: true")
    publish(CAFE, alone=own)
    posted(buy("p1", 50_000))
    about = Returned("till", "o1")
    other = {"mug": "flower", "flower": "mug"}[reward]
    posted(kept("r1", other, about=about), at=day(0, 60))
    (refused,) = post(kept("r2", reward, about=about, seconds=2), at=day(0, 60))
    assert "cannot be combined" in str(refused.error)
    posted(kept("r3", reward, about=Returned("till", "o2"), seconds=2), at=day(0, 60))
    posted(settle("x1", "release", "r1", seconds=3), at=day(0, 60))
    posted(kept("r4", reward, about=about, seconds=4), at=day(0, 60))


def test_a_reservation_does_not_name_its_own_price(cafe):
    (both,) = post(kept("r1", "mug", attributes={"points": "1"}))
    assert "not of both" in str(both.error)
    assert rows("select count(*) from ledger_hold") == [(0,)]


def test_more_points_than_a_table_can_hold_are_refused(cafe):
    for points in ("9" * 19, "9" * 30):
        with pytest.raises(PointbookError):
            redeeming.pay_with_points(
                program="beauty",
                key=Key("shop", "r1"),
                member="ada",
                unit="points",
                points=points,
                actor=SYSTEM,
                at=day(0, 9),
            )


def test_everything_at_once_counts_once(cafe):
    capture = settle("c1", "capture", "r1")
    outcomes = post(
        *(kept("r1", "mug"), capture, capture, settle("c2", "capture", "r1")),
        *(settle(key, "cancel_redemption", "r1", seconds=3) for key in ("u1", "u2")),
        *(settle("x1", "release", "r1", seconds=3), kept("r1", "mug")),
        at=day(0, 60),
    )
    assert [one.status for one in outcomes] == [
        *("posted", "posted", "duplicate", "refused"),
        *("posted", "refused", "refused", "duplicate"),
    ]
    assert (balance(), balance("held")) == (500, 0)
    assert rows("select taken from redemption_shelf") == [(0,)]
    assert broken() == {}


def test_a_code_that_is_used_elsewhere_is_told_once_its_points_are_used(cafe):
    import_codes(program_id=cafe, reward="cinema", codes=["SEAT-1"], actor=SYSTEM)
    own = take("v1", "cinema")
    reward = reward_at(cafe, "cinema", at=own.at)
    assert vouchers.codes_of(own, reward, live=True) == []
    redeeming.capture(
        program="beauty", redemption=Key(*own.key), key=Key("shop", "c1"), actor=SYSTEM,
        at=day(0, 10),
    )  # fmt: skip
    used = redemption(cafe, own.key)
    assert [(one.text, one.good) for one in vouchers.codes_of(used, reward, live=False)] == [
        ("SEAT-1", True)
    ]
