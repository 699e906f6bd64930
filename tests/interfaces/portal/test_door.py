"""Joining and signing in by a code: who gets in, who does not, and what nobody can learn."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from pointbook.controls import clock
from pointbook.controls.models import AuditRow, User
from pointbook.members import signin
from pointbook.members.models import Member, Profile, SignInCode
from pointbook.members.queries import member as find_member
from tests.interfaces.portal.conftest import mailed_code

pytestmark = pytest.mark.django_db
ELIF = "elif@example.org"


@pytest.fixture(autouse=True)
def beauty(open_shop):
    return open_shop("beauty", "Marigold Beauty")


@pytest.fixture
def later(monkeypatch):
    """Let the real time pass: `later(minutes=11)`."""
    past: list[timedelta] = []
    monkeypatch.setattr(signin, "now", lambda: clock.now() + sum(past, timedelta()))

    def pass_by(**span):
        past.append(timedelta(**span))

    return pass_by


def url(name, program="beauty"):
    return reverse(f"portal:{name}", args=[program])


def ask(client, email=ELIF, program="beauty"):
    return client.post(url("join", program), {"email": email})


def give(client, code, program="beauty"):
    return client.post(url("code", program), {"code": code})


def to(response):
    """Where a page sends us."""
    assert response.status_code == 302, response.status_code
    return response.headers["Location"]


def wrong(code):
    return f"{(int(code) + 1) % 1_000_000:06}"


def told(response):
    return " ".join(response.content.decode().split())


def test_a_new_address_joins_when_its_code_is_right_and_not_before(client):
    assert to(ask(client, " Elif@Example.org ")) == url("code")
    assert mail.outbox[0].to == [ELIF]
    assert mail.outbox[0].subject == f"{mailed_code()} is your code for Marigold Beauty"
    assert not Member.objects.exists()
    code = mailed_code()
    assert to(give(client, f" {code[:3]} {code[3:]} ")) == url("card")
    assert Member.objects.count() == 1
    assert "Nothing here yet" in told(client.get(url("card")))
    assert AuditRow.objects.get(action="members.enrol").actor == "portal"


def test_a_member_comes_back_as_the_same_member(client, beauty):
    beauty.buy("1", 4599, days=3)
    ask(client)
    give(client, mailed_code())
    assert Member.objects.count() == 1
    page = told(client.get(url("card")))
    assert "45 points, worth $0.90 · Marigold Beauty" in page
    assert "Purchases: 1 point for every $1.00 of $45.99 is 45 points, rounded down." in page


def test_known_and_unknown_addresses_get_the_same_answer(beauty):
    beauty.buy("1", 4599, days=3)
    pages = []
    for email in (ELIF, "nobody@example.org"):
        client = Client()
        asked = ask(client, email)
        page = told(client.get(to(asked))).replace(email, "…")
        refused = told(give(client, wrong(mailed_code()))).replace(email, "…")
        text = mail.outbox[-1].body.replace(mailed_code(), "…")
        tokens = "".join(page.split("csrfmiddlewaretoken")[:1])
        pages.append((asked.status_code, tokens, len(refused), text))
    assert pages[0] == pages[1]
    assert Member.objects.count() == 1


def test_a_wrong_code_says_how_many_tries_are_left(client):
    ask(client)
    code = mailed_code()
    page = give(client, wrong(code))
    assert page.status_code == 422
    assert "This is not the code we sent. Look in the newest mail. You have 4 more tries." in told(
        page
    )
    assert 'aria-describedby="code-error"' in told(page)
    assert give(client, code).status_code == 302


def test_five_tries_and_the_code_is_void(client):
    ask(client)
    code = mailed_code()
    pages = [told(give(client, wrong(code))) for _ in range(5)]
    assert "You have 1 more try." in pages[3]
    assert "it was the last try. Ask for a new one." in pages[4]
    assert "This code has ended." in told(give(client, code))
    assert not Member.objects.exists()


@pytest.mark.parametrize(("minutes", "status"), [(9, 302), (10, 409)])
def test_a_code_lives_ten_minutes_of_real_time(client, later, minutes, status):
    ask(client)
    later(minutes=minutes, seconds=0)
    assert give(client, mailed_code()).status_code == status


def test_a_code_is_used_once(client):
    other = Client()
    ask(other)
    ask(client)
    code = mailed_code()
    assert give(client, code).status_code == 302
    assert give(other, code).status_code == 409
    assert to(other.get(url("card"))) == url("join")


def test_only_the_newest_code_counts(client):
    ask(client)
    first = mailed_code()
    ask(client)
    if first != mailed_code():
        assert give(client, first).status_code == 422
    assert give(client, mailed_code()).status_code == 302


def test_five_codes_an_hour_and_ten_a_day(client, later):
    for _ in range(5):
        assert ask(client).status_code == 302
    page = ask(client)
    assert page.status_code == 429
    assert "5 codes were sent to this address already. Use the newest one, or wait" in told(page)
    assert ask(Client(), "bob@example.org").status_code == 302
    later(minutes=61)
    for _ in range(5):
        assert ask(client).status_code == 302
    later(minutes=61)
    assert "10 codes were sent to this address already." in told(ask(client))
    later(hours=22)
    assert ask(client).status_code == 302
    assert len(mail.outbox) == 12


def test_old_codes_are_forgotten(client, later):
    ask(client)
    later(hours=25)
    ask(client, "bob@example.org")
    assert SignInCode.objects.get().email == "bob@example.org"


def test_only_a_keyed_hash_of_the_code_is_kept(client):
    ask(client)
    row = SignInCode.objects.get()
    assert len(bytes(row.digest)) == 32
    assert mailed_code().encode() not in bytes(row.digest)


def test_a_code_opens_one_program_only(client, open_shop):
    open_shop("tea", "Tea House")
    ask(client)
    beauty_code = mailed_code()
    ask(client, program="tea")
    if beauty_code != mailed_code():
        assert give(client, beauty_code, "tea").status_code == 422
    give(client, beauty_code)
    assert client.get(url("card")).status_code == 200
    assert to(client.get(url("card", "tea"))) == url("join", "tea")
    choice = told(client.get(reverse("portal:choose")))
    assert choice.count("You are signed in") == 1
    assert choice.count("Join or sign in") == 1


def test_what_is_no_address_says_how_to_write_it(client):
    for nonsense in ("", "elif", "elif@", "<a@b.org>", "a@b.org,c@d.org", "a" * 300 + "@b.org"):
        page = ask(client, nonsense)
        assert page.status_code == 422, nonsense
        assert "This is not an e-mail address. Write it like name@example.org." in told(page)
    assert not mail.outbox
    assert not SignInCode.objects.exists()


def test_a_mail_that_cannot_be_sent_says_so(client, monkeypatch):
    def refuse(*args, **kwargs):
        raise ConnectionRefusedError

    monkeypatch.setattr("pointbook.interfaces.portal.mails.send_mail", refuse)
    page = ask(client)
    assert page.status_code == 503
    assert "The mail with your code could not be sent. Try again in a few minutes." in told(page)


def test_signing_in_changes_the_key_and_the_cookie_is_kept_from_scripts(client):
    ask(client)
    before = client.cookies["pointbook_card"].value
    give(client, mailed_code())
    cookie = client.cookies["pointbook_card"]
    assert cookie.value != before
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/card/", True, "Lax")
    assert cookie["max-age"] == 180 * 24 * 3600
    old = Client()
    old.cookies["pointbook_card"] = before
    assert to(old.get(url("card"))) == url("join")


def test_members_and_staff_do_not_sign_each_other_in_or_out(client):
    client.force_login(User.objects.create_user("ada"))
    assert to(client.get(url("card"))) == url("join")
    ask(client)
    give(client, mailed_code())
    client.post(reverse("account_logout"))
    assert "_auth_user_id" not in client.session
    assert client.get(url("card")).status_code == 200
    client.force_login(User.objects.get())
    client.post(url("sign-out"))
    assert to(client.get(url("card"))) == url("join")
    assert "_auth_user_id" in client.session


def test_signing_out_ends_the_session_on_the_server_too(client):
    ask(client)
    give(client, mailed_code())
    kept = client.cookies["pointbook_card"].value
    assert client.get(url("sign-out")).status_code == 405
    assert to(client.post(url("sign-out"))) == url("join")
    thief = Client()
    thief.cookies["pointbook_card"] = kept
    assert to(thief.get(url("card"))) == url("join")


def test_forms_are_refused_without_their_token():
    client = Client(enforce_csrf_checks=True)
    assert ask(client).status_code == 403
    assert not mail.outbox


def test_nothing_of_a_card_is_cached_and_no_script_runs(client):
    ask(client)
    give(client, mailed_code())
    for name in ("card", "rewards", "history", "you", "manifest"):
        answer = client.get(url(name))
        assert answer.status_code == 200
        assert "no-store" in answer["Cache-Control"]
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert b"<script" not in answer.content


def test_pages_for_members_send_strangers_to_the_door(client):
    for name in ("card", "rewards", "history", "you"):
        assert to(client.get(url(name))) == url("join")
    assert to(client.get(url("code"))) == url("join")
    assert client.get(url("card", "nowhere")).status_code == 404
    assert to(client.get(reverse("portal:choose"))) == url("card")


def test_a_name_and_consent_are_kept_and_consent_is_dated_once(client, beauty):
    ask(client)
    give(client, mailed_code())
    client.post(url("you"), {"name": "  Elif \x00 Kaya ", "consent": "on"})
    own = find_member(beauty.program.id, ELIF)
    assert (own.name, own.consent) == ("Elif Kaya", True)
    given = Profile.objects.get().consent_at
    assert given == clock.clock(beauty.program.id)
    assert to(client.post(url("you"), {"name": "E. Kaya", "consent": "on"})).endswith("?saved")
    assert Profile.objects.get().consent_at == given
    client.post(url("you"), {"name": "E. Kaya"})
    assert (Profile.objects.get().consent, Profile.objects.get().consent_at) == (False, None)
    assert AuditRow.objects.filter(action="members.describe", subject=str(own.id)).count() == 3


def test_a_name_that_is_too_long_says_so_beside_the_field(client):
    ask(client)
    give(client, mailed_code())
    page = client.post(url("you"), {"name": "x" * 201})
    assert page.status_code == 422
    assert "This name has 201 characters. Shorten it to 200." in told(page)


@pytest.mark.parametrize("before", ["x", "2018-01-01|1", "2018-01-01T00:00:00+00:00|99" + "9" * 30])
def test_a_mangled_place_in_the_history_is_its_start(client, beauty, before):
    beauty.buy("1", 4599, days=3)
    ask(client)
    give(client, mailed_code())
    page = client.get(url("history"), {"before": before})
    assert page.status_code == 200
    assert "+45" in told(page)


def test_a_long_history_comes_in_pages(client, beauty):
    for n in range(35):
        beauty.buy(str(n), 1000 + 100 * n, days=40 - n)
    ask(client)
    give(client, mailed_code())
    first = client.get(url("history"))
    assert first.content.count(b'<details class="line"') == 30
    second = client.get(url("history"), {"before": first.context["next"]})
    assert second.content.count(b'<details class="line"') == 5
    assert "The latest" in told(second)


@pytest.mark.parametrize(
    "before", ["nonsense", "2017-W01-1T00:00:00%2B00:00|5", "2017-01-01T00:00:00Z|5|%00"]
)
def test_an_address_that_is_no_cursor_of_ours_shows_the_history(client, beauty, before):
    beauty.buy("1", 4599, days=3)
    ask(client)
    give(client, mailed_code())
    assert client.get(f"{url('history')}?before={before}").status_code == 200
