"""Companies: a share of what their people buy, and back with what comes back."""

import pytest

from tests.rooms.earning.clubs import founded, refusal, rule, sent, told, usable, whose
from tests.rooms.till import buy, give_back, rows

pytestmark = pytest.mark.usefixtures("sound")
SHARE = rule("share", "company_purchase", {"points": 1, "per": "2.00"})


def opened(*rules, **more):
    own = founded(*(rules or (SHARE,)), companies=True, **more)
    sent(told("c", "sign_up", member="acme"), joins())
    return own


def joins(member="ada", company="acme", days=0):
    return told(f"join-{member}", "join_company", member=member, company=company, days=days)


def test_the_company_has_its_share():
    opened()
    sent(buy("1", 10_000, days=1), buy("2", 500, member="bob", days=1))
    assert usable("ada", "acme", "bob") == (100, 50, 5)


@pytest.mark.parametrize("cut", [True, False])
def test_what_comes_back_takes_the_share_along(cut):
    opened()
    facts = [
        buy("1", 10_000, days=1),
        give_back("r1", "1", 2_000, days=2),
        give_back("r2", "1", 1_000, member=None, days=3),
        buy("2", 4_000, days=4),
        told("c2", "cancel", about="2", days=5),
    ]
    for part in [[one] for one in facts] if cut else [facts]:
        sent(*part)
    assert usable("ada", "acme") == (70, 35)


def test_who_left_takes_the_share_along_too():
    opened()
    sent(buy("1", 10_000, days=1), told("l", "leave_company", days=2))
    sent(give_back("r", "1", 10_000, days=3), buy("2", 1_000, days=4))
    assert usable("ada", "acme") == (10, 0)


def test_what_was_bought_before_is_not_the_companys():
    own = founded(SHARE, companies=True)
    sent(told("c", "sign_up", member="acme"), buy("0", 10_000), joins(days=1))
    sent(buy("1", 1_000, days=2), give_back("r", "0", 10_000, days=3))
    assert usable("ada", "acme") == (10, 5)
    assert own


def test_the_spend_is_the_members_alone():
    opened(
        tiers={
            "measure": "spend",
            "window": "lifetime",
            "ladder": [{"tier": "Basic"}, {"tier": "Gold", "from": "50.00"}],
        }
    )
    sent(buy("1", 10_000, days=1), give_back("r", "1", 9_000, days=2))
    sent(buy("own", 5_000, member="acme", days=3))
    standing = "select tier from tiers_standing where member_id = %s order by id"
    assert rows(standing, whose("acme")) == [("Gold",)]


def test_a_company_and_its_people_are_two():
    opened()
    assert refusal(joins("acme", "acme"))[1] == "attributes.company"
    assert refusal(joins("bob", "nobody"))[0].startswith("there is no member 'nobody'")
