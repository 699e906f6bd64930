"""Many hands at once: nothing is paid, given, counted or offered twice, and nobody is stuck."""

import pytest

from pointbook.earning.operations.cards import issue_card
from pointbook.earning.operations.redeeming import Key
from pointbook.engine.values.errors import PointbookError
from pointbook.engine.values.facts import Returned
from pointbook.members.queries import resolve
from pointbook.members.signin import CodeEnded, CodeWrong
from pointbook.redemption.models import OneTimeCode
from pointbook.redemption.operations.confirming import confirm, issue
from pointbook.redemption.operations.fulfilling import proceed
from pointbook.redemption.operations.paying_out import NothingOwed, pay_out
from pointbook.redemption.operations.queueing import join, offer_places
from pointbook.redemption.operations.supplying import SupplyRefused, import_codes, supply
from tests.rooms.ledger.test_races import HANDS, at_once, gap_free
from tests.rooms.redemption import shop
from tests.rooms.redemption.fair import BY, at, day, opened, reserve, take
from tests.rooms.till import broken, buy, fact, post, posted, publish, rows


def told(job):
    """A job that answers what it was refused for."""

    def run():
        try:
            return job()
        except PointbookError as error:
            return type(error)

    return run


def cancelled(key, now, **more):
    return fact(f"u-{key}", "cancel_redemption", member=None, about=Returned("till", key), **more)


@pytest.fixture
def fair(fresh_database):
    return opened()


@pytest.fixture
def cafe(fresh_database):
    program_id = publish(shop.CAFE)
    at(program_id, day(0, 60))
    posted(*(buy(f"p{n}", 50_000, member=f"m{n}") for n in range(HANDS)), at=day(0, 60))
    return program_id


def test_a_stock_is_never_less_than_is_taken(cafe):
    takes = [
        lambda n=n: post(shop.reserve(f"r{n}", "mug", member=f"m{n}"), at=day(0, 60))[0].status
        for n in range(HANDS)
    ]
    goes = [told(lambda: supply(program_id=cafe, reward="mug", change_by=-1, **BY))] * 3
    answers = at_once(*takes, *goes)
    supplied = 3 - sum(one is not SupplyRefused for one in answers[HANDS:])
    taken = answers[:HANDS].count("posted")
    assert rows("select supply, taken from redemption_shelf") == [(supplied, taken)]
    assert taken <= supplied
    assert gap_free(cafe)
    assert broken() == {}


def test_codes_that_come_twice_are_there_once(cafe):
    codes = [f"C{n}" for n in range(40)]
    jobs = [
        lambda n=n: import_codes(program_id=cafe, reward="cinema", codes=codes[n:], **BY)
        for n in range(HANDS)
    ]
    assert sum(one.new for one in at_once(*jobs)) == 40
    assert rows("select supply from redemption_shelf") == [(40,)]
    assert broken() == {}


def test_a_cause_is_paid_once_and_only_what_stays_given(fair):
    now = at(fair, day(1))
    for name in ("ada", "bea", "cy"):
        for turn in range(3):
            take(f"{name}{turn}", "trees", now, member=name, cause="trees")
    undo = [
        lambda key=key: post(cancelled(key, now, days=1), at=now)[0].status
        for key in ("ada0", "bea0", "cy0")
    ]
    pay = [told(lambda: pay_out(program_id=fair, cause="trees", **BY))] * 4
    answers = at_once(*undo, *pay)
    assert answers[:3] == ["posted"] * 3
    paid = [one for one in answers[3:] if one is not NothingOwed]
    assert sorted(one.number for one in paid) == list(range(1, len(paid) + 1))
    gifts = sum(one.owed.gifts for one in paid)
    assert 6 <= gifts <= 9
    assert rows("select count(*) from redemption_progress where step = 'paid_out'") == [(gifts,)]
    assert gap_free(fair)
    assert broken() == {}


def test_tries_at_once_are_all_counted(fair):
    reserve("r1", "trip", at(fair, day(1)))
    key = ("till", "r1")
    code = issue(program_id=fair, key=key, **BY)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    tries = [told(lambda: confirm(program_id=fair, key=key, code=wrong, **BY))] * HANDS
    assert sorted(one.__name__ for one in at_once(*tries)) == [
        *[CodeEnded.__name__] * (HANDS - 4),
        *[CodeWrong.__name__] * 4,
    ]
    assert OneTimeCode.objects.get().tries == 5
    with pytest.raises(CodeEnded):
        confirm(program_id=fair, key=key, code=code, **BY)


def test_steps_and_what_comes_back_do_not_block_each_other(fair):
    now = at(fair, day(1))
    keys = [take(f"r{n}", "mug", now, member=name) for n, name in enumerate(("ada", "bea", "cy"))]
    steps = [
        told(lambda key=key: proceed(program_id=fair, key=key, step="sent", **BY)) for key in keys
    ] * 2
    undo = [lambda key=key: post(cancelled(key[1], now, days=1), at=now)[0].status for key in keys]
    answers = at_once(*steps, *undo)
    assert answers[6:] == ["posted"] * 3
    sent = rows("select count(*), count(distinct redemption_id) from redemption_progress"
                " where step = 'sent'")  # fmt: skip
    assert sent[0][0] == sent[0][1]
    assert gap_free(fair)
    assert broken() == {}


def test_a_place_is_offered_once_and_a_card_sold_once(fair):
    now = at(fair, day(1))
    take("r1", "class", now, slot="one")
    for name, own in resolve(fair, ["bea", "cy"]).items():
        assert name
        join(program_id=fair, reward="class", slot="one", member=own, **BY)
    posted(cancelled("r1", now, days=1), at=now)
    assert sum(at_once(*[lambda: offer_places(program_id=fair, at=now)] * 4)) == 1
    sell = told(
        lambda: issue_card(program="beauty", key=Key("till", "g1"), amount="25.00", **BY).number
    )
    numbers = at_once(*[sell] * 4)
    assert len({one for one in numbers if isinstance(one, str)}) == 1
    assert rows("select count(*) from members_member where bearer") == [(1,)]
    assert broken() == {}
