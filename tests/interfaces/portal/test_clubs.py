"""The card of a program with several units, points that wait, benefits, and friends to invite."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse

from pointbook.controls.actors import SYSTEM
from pointbook.controls.clock import set_test_clock
from pointbook.earning.operations import ingest, publish
from pointbook.earning.queries import balance
from pointbook.engine.values.facts import Fact, Returned
from pointbook.interfaces.portal.invites import accept
from pointbook.members.models import Identifier
from pointbook.members.queries import member as find_member
from pointbook.programs.queries import program as find_program
from tests.interfaces.portal.conftest import TODAY, mailed_code

pytestmark = pytest.mark.django_db
CLUB = """
blueprint: 1
program: {code: club, name: The club, currency: USD, time_zone: UTC, unknown_members: enrol}
units:
  points: {name: points, singular: point, value: "0.01", expires: {after_months: 12}}
  merits: {name: merits, singular: merit, value: "0", spendable: false, expires: {never: true}}
  vouchers: {name: vouchers, singular: voucher, value: "5.00", expires: {after_days: 30}}
earn:
  - {rule: purchases, name: Purchases, on: purchase, unit: points, award: {points: 1, per: "1.00"},
     pending: {until: shipped}}
  - {rule: merit, name: A merit, on: purchase, unit: merits, award: {points: 1}}
  - {rule: gift, name: A gift, on: gift, unit: vouchers, award: {points: 1}}
  - {rule: invite, name: A friend, on: referral, unit: points, award: {points: 200}}
  - {rule: welcome, name: Welcome, on: referred, unit: points, award: {points: 100}}
tiers:
  measure: visits
  window: {calendar: year}
  validity: {end_of_year: 1}
  benefits: [{benefit: lounge, name: Lounge visit, each: year}]
  ladder: [{tier: Guest, from: 0, benefits: {lounge: 1}}, {tier: Regular, from: 2,
           benefits: {lounge: 2}}, {tier: Host, from: 10}]
rewards:
  - {reward: cup, name: A cup, unit: points, price: 150, value: "1.50"}
  - {reward: lunch, name: Lunch, unit: vouchers, price: 1, value: "5.00"}
referrals: {trigger: sign_up}
households: {pool: [points]}
returns: {claw_back: clamp}
books: {policy: deferred_revenue, judgement: "None."}
"""
ADA, BEN = "ada@example.org", "ben@example.org"


@pytest.fixture(autouse=True)
def club():
    publish(document=CLUB, actor=SYSTEM)
    set_test_clock(program_id=find_program("club").id, at=TODAY)


def post(*facts):
    for outcome in ingest(program="club", facts=facts, actor=SYSTEM):
        assert outcome.status == "posted", outcome.error


def fact(own, kind="purchase", *, days=1, member=ADA, **more):
    return Fact("till", own, kind, TODAY - timedelta(days=days), member, **more)


def buy(own, cents=9000, **more):
    return fact(own, currency="USD", total=cents, **more)


def url(name, *more):
    return reverse(f"portal:{name}", args=["club", *more])


def sign_in(client, email=ADA, **more):
    client.post(url("join"), {"email": email, **more})
    answer = client.post(url("code"), {"code": mailed_code()})
    assert answer.headers["Location"] == url("card")


def text(answer, *, status=200):
    """What a page says below its name, without tags."""
    assert answer.status_code == status, answer.status_code
    body = re.sub(r"<svg.*?</svg>", "", answer.content.decode(), flags=re.DOTALL)
    body = body.partition("<main")[2]
    return " ".join(re.sub(r"<[^>]*>", " ", f"<{body}").replace(" ,", ",").split())


def test_the_card_tells_of_every_unit_of_what_waits_and_of_the_tier(client):
    post(buy("1"), buy("2", 6050), fact("g", "gift", member=ADA))
    post(fact("b", "benefit", attributes={"benefit": "lounge"}))
    sign_in(client)
    told = text(client.get(url("card")))
    assert "Regular member until 31 December 2018" in told
    assert "0 points, worth $0.00" in told
    assert "Also 1 voucher" in told
    assert "merits" not in told
    assert "150 points on the way. When you can use them" not in told
    assert "150 points on the way. To be used once your purchase is shipped." in told
    assert "10 more purchases and you are Host" in told
    assert "0 of 10 purchases this year" in told
    assert "Lounge visit 2 of 2 left this year" in told
    assert "Lunch is yours for 1 voucher" in told
    assert "1 voucher expire" in told
    assert "Gift vouchers +1" in told
    rewards = text(client.get(url("rewards")))
    assert "You have 0 points, worth $0.00; also 1 voucher." in rewards


def test_points_that_waited_can_be_used(client):
    post(buy("1", days=2), fact("s", "shipped", about=Returned("till", "1")))
    sign_in(client)
    told = text(client.get(url("card")))
    assert "90 points, worth $0.90" in told
    assert "on the way" not in told


def test_every_unit_has_its_history(client):
    post(buy("1"), fact("g", "gift"), fact("p", "profile", attributes={"shoe": "42"}))
    sign_in(client)
    assert "Profile" not in text(client.get(url("card")))
    history = client.get(url("history"))
    assert "Purchase +90" in text(history)
    assert "Profile 0" in text(history)
    assert 'aria-current="true">Points' in history.content.decode()
    merits = text(client.get(url("history") + "?unit=merits"))
    assert "A merit: 1 merit" in merits
    assert "+90" not in merits
    assert text(client.get(url("history") + "?unit=nonsense")) == text(history)


def test_a_household_has_one_purse(client):
    post(
        buy("1", days=3, member=BEN), fact("s", "shipped", member=BEN, about=Returned("till", "1"))
    )
    post(buy("2"), fact("h", "join_household", attributes={"head": BEN}))
    sign_in(client)
    told = text(client.get(url("card")))
    assert "90 points in your household\N{RIGHT SINGLE QUOTATION MARK}s purse, worth $0.90" in told


def test_a_friend_joins_by_a_link_and_both_are_thanked(client):
    sign_in(client)
    page = client.get(url("invite"))
    (link,) = set(re.findall(r"http://testserver(/card/club/by/\w+/)", page.content.decode()))
    told = text(page)
    assert "For you 200 points For your friend 100 points" in told
    assert "A referral counts when a friend you invited signs up." in told
    assert "<svg" in page.content.decode()
    assert link in client.get(url("invite")).content.decode()
    client.post(url("sign-out"))
    assert client.get(link).headers["Location"] == url("join")
    told = text(client.get(url("join")))
    assert "A friend invited you. For you 100 points For your friend 200 points" in told
    assert "Invitation code" not in told
    sign_in(client, BEN)
    assert "100 points" in text(client.get(url("card")))
    assert balance("club", ADA).points == 200
    assert "Came by invitation +100" in text(client.get(url("card")))
    assert "A friend invited you" not in text(client.get(url("card")))


def test_a_friend_may_write_the_code_by_hand(client):
    sign_in(client)
    client.get(url("invite"))
    code = Identifier.objects.get(kind="referral").value
    client.post(url("sign-out"))
    wrong = client.post(url("join"), {"email": BEN, "by": "NOBODYS"})
    assert wrong.status_code == 422
    assert "Nobody invites with this code." in text(wrong, status=422)
    assert "NOBODYS" in wrong.content.decode()
    assert len(mail.outbox) == 1
    sign_in(client, BEN, by=f" {code.lower()} ")
    assert balance("club", ADA).points == 200


def test_an_invitation_is_for_who_is_new(client):
    sign_in(client)
    client.get(url("invite"))
    link = url("by", Identifier.objects.get(kind="referral").value)
    assert client.get(link).headers["Location"] == url("card")
    client.post(url("sign-out"))
    post(buy("1", member=BEN))
    client.get(link)
    sign_in(client, BEN)
    assert balance("club", ADA).points == 0
    client.post(url("sign-out"))
    client.get(url("by", "NOBODYS"))
    assert "A friend invited you" not in text(client.get(url("join")))


def test_an_invitation_that_the_terms_do_not_allow_is_no_error(client):
    sign_in(client)
    own = find_member(find_program("club").id, ADA).id
    accept(program="club", member=own, referrer=own, at=TODAY)
    assert balance("club", ADA).points == 0


def test_without_referrals_nobody_is_invited(client, open_shop):
    open_shop("beauty", "Marigold Beauty")
    client.post(reverse("portal:join", args=["beauty"]), {"email": ADA, "by": "X"})
    client.post(reverse("portal:code", args=["beauty"]), {"code": mailed_code()})
    assert client.get(reverse("portal:invite", args=["beauty"])).headers["Location"] == reverse(
        "portal:card", args=["beauty"]
    )
    card = client.get(reverse("portal:card", args=["beauty"]))
    assert "Invite" not in card.content.decode()
