"""One-time codes: five tries, five codes, ten minutes, and then the redemption can be captured."""

from datetime import timedelta

import pytest

from pointbook.members.signin import CodeEnded, CodeWrong, TooManyCodes
from pointbook.redemption.models import OneTimeCode
from pointbook.redemption.operations.confirming import ConfirmationRefused, confirm, issue
from tests.rooms.redemption.fair import BY, at, capture, day, opened, reserve
from tests.rooms.till import rows

pytestmark = pytest.mark.django_db
KEY = ("till", "r1")


@pytest.fixture
def fair(db):
    program_id = opened()
    reserve("r1", "trip", at(program_id, day(1)))
    return program_id


def wrong(code):
    return f"{(int(code) + 1) % 10**6:06}"


def test_a_redemption_is_confirmed_by_the_code_that_was_sent(fair):
    code = issue(program_id=fair, key=KEY, **BY)
    assert len(code) == 6
    with pytest.raises(CodeWrong) as told:
        confirm(program_id=fair, key=KEY, code=wrong(code), **BY)
    assert "4 more tries" in told.value.mend
    typed = f"{code[:3]} {code[3:]}"
    for _ in range(2):
        assert confirm(program_id=fair, key=KEY, code=typed, **BY).confirm == "done"
    capture("r1", day(1))
    with pytest.raises(ConfirmationRefused):
        issue(program_id=fair, key=KEY, **BY)
    assert rows("select count(*) from controls_outbox where kind = 'redemption.confirmed'") == [
        (1,)
    ]


def test_five_tries_and_a_new_code(fair):
    code = issue(program_id=fair, key=KEY, **BY)
    for left in range(4, 0, -1):
        with pytest.raises(CodeWrong, match=f"{left} more"):
            confirm(program_id=fair, key=KEY, code=wrong(code), **BY)
    for tried in (wrong(code), code):
        with pytest.raises(CodeEnded):
            confirm(program_id=fair, key=KEY, code=tried, **BY)
    again = issue(program_id=fair, key=KEY, **BY)
    assert confirm(program_id=fair, key=KEY, code=again, **BY).confirm == "done"


def test_codes_end(fair):
    for _ in range(5):
        code = issue(program_id=fair, key=KEY, **BY)
    with pytest.raises(TooManyCodes):
        issue(program_id=fair, key=KEY, **BY)
    row = OneTimeCode.objects.get()
    assert code.encode() not in bytes(row.digest)
    row.ends_at -= timedelta(minutes=10)
    row.save()
    with pytest.raises(CodeEnded):
        confirm(program_id=fair, key=KEY, code=code, **BY)


def test_what_needs_no_code(fair):
    reserve("r2", "mug", day(1))
    for call in (
        lambda: issue(program_id=fair, key=("till", "r2"), **BY),
        lambda: confirm(program_id=fair, key=("till", "r2"), code="1", **BY),
    ):
        with pytest.raises(ConfirmationRefused, match="not waiting for a code"):
            call()
