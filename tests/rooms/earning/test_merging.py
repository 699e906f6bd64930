"""Two members that were one: everything of the one is the other's from then on."""

import pytest

from pointbook.engine.values.people import Person
from pointbook.members.operations import enrol_person
from pointbook.members.queries import member
from pointbook.programs.queries import program
from tests.rooms.earning.clubs import (
    founded,
    held,
    lots,
    refusal,
    rule,
    send,
    sent,
    told,
    usable,
    whose,
)
from tests.rooms.till import buy, day, give_back, rows

pytestmark = pytest.mark.usefixtures("sound")
TIERS = {
    "measure": "spend",
    "window": "lifetime",
    "ladder": [{"tier": "Basic"}, {"tier": "Gold", "from": "300.00"}],
}


def merged(key="m", *, member="ada", other="bob", days=20, **more):
    return told(key, "merge", member=member, days=days, **{"from": other}, **more)


def opened(*rules, **more):
    own = founded(*rules, points={"expires": {"after_days": 100}}, **more)
    sent(buy("1", 10_000), buy("2", 20_000, member="bob", days=5))
    return own


def tier(name):
    return rows("select tier from tiers_standing where member_id = %s order by id", whose(name))


def test_everything_comes_over():
    own = opened(tiers=TIERS)
    enrol_person(program_id=own, person=Person(member="bob", email="bob@example.org"), at=day(6))
    before, price = whose("bob"), sum(lot[1] for lot in [*lots("ada"), *lots("bob")])
    assert tier("ada") == [("Basic",)]
    sent(merged())
    assert usable("ada", days=30) == 300
    assert [lot[3].date() for lot in lots("ada")] == [day(100).date(), day(105).date()]
    assert sum(lot[1] for lot in lots("ada")) == price
    assert tier("ada") == [("Basic",), ("Gold",)]
    assert whose("bob") == whose("bob@example.org") == whose(str(before)) == whose("ada") != before
    assert member(own, "bob").id == whose("ada")


def test_what_comes_later_goes_to_who_is_left():
    opened()
    before = whose("bob")
    sent(merged())
    sent(buy("3", 100, member="bob", days=21), buy("4", 200, member=str(before), days=22))
    assert usable("ada", days=30) == 303
    sent(told("b", "burn", member="bob", points=300, days=23))
    assert usable("ada", "bob", days=30) == (3, 3)


def test_later_facts_of_the_same_batch_too():
    founded()
    sent(
        buy("1", 10_000),
        buy("2", 20_000, member="bob", days=5),
        merged(),
        buy("3", 100, member="bob", days=21),
        give_back("r", "2", 5_000, member=None, days=22),
        give_back("s", "2", 5_000, member="bob", days=23),
    )
    assert usable("ada", days=30) == 100 + 200 + 1 - 100


@pytest.mark.parametrize("by", ["ada", "bob", None])
def test_a_return_of_what_the_other_bought_takes_it_back(by):
    opened(tiers=TIERS)
    sent(merged(), give_back("r", "2", 5_000, member=by, days=25))
    assert usable("ada", days=30) == 250
    sent(told("c", "cancel", member=by, about="2", days=26))
    assert usable("ada", days=30) == 100
    sent(buy("3", 100, days=27))
    assert tier("ada")[-1] == ("Basic",)


def test_points_burned_on_the_others_order_come_back():
    opened()
    sent(told("b", "burn", member="bob", about="2", points=150, days=6))
    sent(merged(), told("c", "cancel", member="bob", about="2", days=25))
    assert usable("ada", days=30) == 100 + 150 - 150
    assert held("ada", days=30) == (100, 0, 0)


def test_facts_from_before_are_still_duplicates():
    opened(transfers={"units": ["points"]}, referrals={"trigger": "first_purchase"})
    sale, gift = buy("2", 20_000, member="bob", days=5), told("g", "transfer", to="bob", points=10)
    invited = told("i", "invited", member="cy", referrer="bob")
    sent(gift, invited)
    sent(merged())
    found = send(sale, gift, invited, merged())
    assert [one.status for one in found] == ["duplicate"] * 4
    assert found[0].member == whose("ada")


def test_waiting_points_come_over_and_can_be_set_free():
    founded(rule("bonus", "purchase", 50, pending={"until": "shipped"}))
    sent(buy("1", 100), buy("2", 100, member="bob"), merged())
    assert held("ada", days=30) == (2, 100, 0)
    sent(told("s1", "shipped", about="1", days=21))
    sent(told("s2", "shipped", member="bob", about="2", days=21))
    assert held("ada", days=30) == (102, 0, 0)


def test_limits_that_were_used_are_used():
    opened(rule("visit", "visit", 10, limits=[{"times": 2, "each": "ever"}]))
    sent(told("v1", "visit"), told("v2", "visit", member="bob"))
    sent(merged())
    sent(told("v3", "visit", days=21))
    assert usable("ada", days=30) == 300 + 20


def test_what_was_told_of_the_other_is_known():
    founded(
        rule("vip", "visit", 5, when={"field": "member.segments", "has": "vip"}),
        rule("size", "visit", 7, when={"field": "member.profile.size", "is": 40}),
        segments=["vip"],
    )
    sent(told("a", "sign_up"), told("s", "segment", member="bob", segment="vip"))
    sent(told("p", "profile", member="bob", size=40))
    sent(merged(), told("v", "visit", days=21))
    assert usable("ada", days=30) == 12


def test_links_of_the_other_lead_to_who_is_left():
    founded(
        rule("brought", "referral", 50),
        rule("ours", "company_purchase", 1),
        referrals={"trigger": "first_purchase"},
        households={"pool": ["points"]},
        companies=True,
    )
    sent(told("a", "sign_up"), told("b", "sign_up", member="bob"))
    sent(told("i", "invited", member="cy", referrer="bob"))
    sent(told("h", "join_household", member="di", head="bob"))
    sent(told("c", "join_company", member="ed", company="bob"))
    sent(merged())
    sent(buy("1", 100, member="cy", days=21))
    assert usable("ada", "cy", days=30) == (50, 1)
    sent(buy("2", 100, member="di", days=21), buy("3", 100, member="ed", days=21))
    assert usable("ada", "di", "ed", days=30) == (50 + 1 + 1, 0, 1)
    sent(told("burn", "burn", member="di", points=30, days=22))
    assert usable("ada", days=30) == 22


def test_chains_of_merges():
    opened()
    sent(buy("3", 5_000, member="cy", days=6), merged("m1", member="bob", other="cy"))
    sent(merged("m2", days=21))
    sent(buy("4", 100, member="cy", days=22), give_back("r", "3", 5_000, member="cy", days=23))
    assert usable("ada", "cy", days=30) == (301, 301)


def test_who_may_not_be_merged():
    opened(returns={"claw_back": "allow_negative"})
    assert refusal(merged(other="ada"))[1] == "attributes.from"
    assert refusal(merged(other="nobody"))[0].startswith("there is no member 'nobody'")
    sent(told("b", "burn", member="bob", points=200, days=6))
    sent(give_back("r", "2", 20_000, member="bob", days=7))
    assert refusal(merged())[0].startswith("the other member owes points")
    assert usable("ada", days=30) == 100
    assert program("club")


def test_a_birthday_that_only_the_other_told_is_known():
    own = opened()
    born = day(0).date().replace(year=1990)
    enrol_person(program_id=own, person=Person(member="bob", name="Bob", birthday=born), at=day(6))
    sent(merged())
    found = member(own, "ada")
    assert (found.name, found.birthday) == ("Bob", born)
