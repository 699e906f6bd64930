"""Erasing a member leaves every hash and figure, and nothing by which to find who they were."""

import contextlib
from datetime import date
from hashlib import sha256
from importlib import import_module

import orjson
import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from pointbook.accounting.models import Seal
from pointbook.accounting.queries.reports import REPORTS, Asked
from pointbook.accounting.queries.reports.rendering import as_csv
from pointbook.analytics.reports import report
from pointbook.controls.actors import SYSTEM, Actor
from pointbook.controls.keys import create
from pointbook.controls.models import AuditRow, IdempotencyKey
from pointbook.controls.permissions import PermissionRefused
from pointbook.engine.values.errors import PointbookError
from pointbook.engine.values.people import Person
from pointbook.interfaces.cli import erase as command
from pointbook.interfaces.cli.main import main
from pointbook.interfaces.cli.verify import invariants
from pointbook.ledger.models import Account
from pointbook.members.erasing import ErasureRefused, erase
from pointbook.members.models import Identifier, Member, Profile, SignInCode, UnclaimedFact
from pointbook.members.operations import enrol_bearer, enrol_person, keep_unclaimed
from pointbook.members.queries import MemberNotFound
from pointbook.members.queries import member as find_member
from pointbook.members.referrals import referral_code
from pointbook.members.signin import issue_code, sign_in
from pointbook.programs.queries import program
from tests.rooms.accounting.conftest import Shop

pytestmark = pytest.mark.django_db
EMAIL = "zelda.quux@example.org"
WORDS = (EMAIL, "zelda", "quux", "MN-471100", "+15550100999", "CARD-880077", "1971-04-23")
ZELDA = Person(
    member="MN-471100", email="Zelda.Quux@example.org", phone="+15550100999", card="CARD-880077",
    name="Zelda Quux", birthday=date(1971, 4, 23), consent=True,
)  # fmt: skip
WHY = "asked for it on 3 May"


@pytest.fixture
def told(db):
    """Two closed months of two members, one of whom told all there is to tell of themselves."""
    shop = Shop().open()
    own = enrol_person(program_id=shop.id, person=ZELDA, at=shop.at("2016-12-01")).member
    shop.happened(
        shop.buy("2017-01-10", 123_456, member=EMAIL, key="first"),
        shop.buy("2017-01-20", 50_000, member="m2"),
    )
    shop.estimate("0.9", "2017-01")
    shop.close("2017-01", reason="a test")
    shop.happened(
        shop.burn("2017-02-10", 23, member="MN-471100"),
        shop.buy("2017-02-11", 70_000, member="CARD-880077"),
        shop.give_back("2017-02-12", "first", 23_456, member=EMAIL),
    )
    shop.close("2017-02", reason="a test")
    return shop, own


def do(shop, member=EMAIL, *, actor=SYSTEM, reason=WHY):
    return erase(program_id=shop.id, member=str(member), actor=actor, reason=reason)


def figures():
    """Every report's SHA-256, every seal, what members hold, and the rows of the ledger."""
    asked = Asked(program="shop", start="2017-01", end="2017-02")
    found = {name: sha256(as_csv(report(name, asked)).encode()).hexdigest() for name in REPORTS}
    seals = [bytes(one.digest).hex() for one in Seal.objects.order_by("id")]
    held = list(Account.objects.order_by("id").values_list("member", "unit", "kind", "balance"))
    return found, seals, held, rows("ledger_fact"), rows("ledger_lot"), rows("ledger_transfer")


def rows(table):
    """A digest of every row of a table."""
    with connection.cursor() as cursor:
        cursor.execute(f"select md5(string_agg(r::text, '|' order by r::text)) from {table} r")
        return cursor.fetchone()[0]


def verified():
    return {one.name: one.check() for one in invariants()}


def places(*words):
    """Every column of every table in which one of these words stands, whatever its type."""
    found = set()
    with connection.cursor() as cursor:
        cursor.execute(
            """select table_name, column_name from information_schema.columns
            where table_schema = 'public' order by 1, 2"""
        )
        for table, column in cursor.fetchall():
            cursor.execute(
                f"""select exists (select from "{table}" where exists (
                    select from unnest(%s::text[]) as word
                    where position(lower(word) in lower("{column}"::text)) > 0))""",
                [list(words)],
            )
            if cursor.fetchone()[0]:
                found.add(f"{table}.{column}")
    for session in Session.objects.all():
        body = orjson.dumps(session.get_decoded()).decode().lower()
        if any(word.lower() in body for word in words):
            found.add("django_session.session_data")
    return found


def test_every_hash_and_figure_stays_and_nothing_names_the_member(told):
    shop, own = told
    before = figures()
    assert len(before[0]) == len(REPORTS)
    assert {name: found for name, found in verified().items() if found} == {}
    assert places(*WORDS) == {
        "members_identifier.value", "members_profile.name", "members_profile.birthday"
    }  # fmt: skip
    done = do(shop)
    assert done == (own, 4, 1, 0, 0, 0, 0)
    assert places(*WORDS) == set()
    assert figures() == before
    assert "books.chain" in verified()
    assert {name: found for name, found in verified().items() if found} == {}
    shop.happened(shop.buy("2017-03-01", 10_000, member="m2"))
    shop.close("2017-03", reason="a test")
    assert {name: found for name, found in verified().items() if found} == {}


def test_the_audit_names_the_random_id_only_and_the_second_time_writes_nothing(told):
    shop, own = told
    do(shop, actor=Actor("user", "max", "manager"))
    (row,) = AuditRow.objects.filter(action="members.erase")
    assert (row.subject, row.actor, row.detail) == (str(own), "max", {"reason": WHY})
    assert do(shop, own) == (own, 0, 0, 0, 0, 0, 0)
    assert AuditRow.objects.filter(action="members.erase").count() == 1
    with pytest.raises(MemberNotFound):
        do(shop)
    assert find_member(shop.id, str(own)).identifiers == {}


def test_what_comes_later_under_the_old_address_is_somebody_new(told):
    shop, own = told
    do(shop)
    (outcome,) = shop.happened(shop.buy("2017-03-02", 5_000, member=EMAIL))
    assert outcome.member != own
    with pytest.raises(AssertionError, match="FactConflict"):
        shop.happened(shop.buy("2017-01-10", 123_456, member=EMAIL, key="first"))


def test_no_card_opens_and_no_code_or_visit_stays(told):
    shop, own = told
    guest, visitor = Client(), Client()
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for client, knows in ((visitor, {"members": {"shop": str(own)}}),
                          (guest, {"waiting": {"shop": EMAIL}})):  # fmt: skip
        session = store()
        session.update(knows)
        session.save()
        client.cookies["pointbook_card"] = session.session_key
    other = store()
    other["members"] = {"shop": str(find_member(shop.id, "m2").id)}
    other.save()
    _, code = issue_code(program_id=shop.id, email=EMAIL)
    assert "m2" not in visitor.get("/card/shop/you/").content.decode()
    assert visitor.get("/card/shop/you/").status_code == 200
    done = do(shop)
    assert (done.codes, done.visits) == (1, 2)
    assert visitor.get("/card/shop/you/").status_code == 302
    assert Session.objects.get().session_key == other.session_key
    assert not SignInCode.objects.exists()
    with pytest.raises(PointbookError, match="has ended"):
        sign_in(program_id=shop.id, email=EMAIL, code=code, at=shop.at("2017-03-01"))
    assert places(*WORDS) == set()


def test_a_visit_that_outlives_its_end_opens_nothing(told):
    shop, own = told
    do(shop)
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session["members"] = {"shop": str(own)}
    session.save()
    client = Client()
    client.cookies["pointbook_card"] = session.session_key
    assert client.get("/card/shop/you/").status_code == 302


def test_stored_answers_and_facts_of_nobody_forget_whom_they_named(told):
    shop, own = told
    _, secret = create(
        program_id=shop.id, name="till", scopes=["members.write", "members.read"], actor=SYSTEM
    )
    headers = {"authorization": f"Bearer {secret}", "idempotency-key": "k1"}
    body = orjson.dumps({"email": EMAIL, "name": "Zelda Quux"})

    def ask():
        return Client().post(
            "/v1/members", body, content_type="application/json", headers=headers
        ).json()  # fmt: skip

    assert ask()["identifiers"]["email"] == EMAIL
    keep_unclaimed(program_id=shop.id, rows=[("till", "k", "Zelda.Quux@Example.org")])
    code = referral_code(program_id=shop.id, member_id=own)
    done = do(shop)
    assert (done.references, done.answers) == (1, 1)
    again = ask()
    assert (again["id"], again["identifiers"], again["name"]) == (str(own), {}, "")
    assert IdempotencyKey.objects.count() == 1
    assert UnclaimedFact.objects.get().reference == ""
    assert places(*WORDS, code) == set()
    assert not Identifier.objects.filter(member=own).exists()


def test_answers_keep_their_shape_and_other_programs_theirs(told):
    shop, _ = told
    refused = {"message": f"there is no member '{EMAIL}'", "value": "MN-471100", "points": "471100"}
    elsewhere, _ = create(
        name="other", scopes=["facts.write"], actor=SYSTEM, program_id=shop.id + 1
    )
    for name, scope in (
        ("ours", "key:till abc:facts.ingest"),
        ("theirs", f"key:other {elsewhere.prefix}:facts.ingest"),
    ):
        once = {"scope": scope, "key": name, "body_hash": b"", "recorded_at": shop.at("2017-03-01")}
        IdempotencyKey.objects.create(**once, answer={"facts": [refused, 7, None]})
    assert do(shop).answers == 1
    kept = dict(IdempotencyKey.objects.values_list("key", "answer"))
    emptied = {"message": "there is no member ''", "value": "", "points": "471100"}
    assert kept["ours"] == {"facts": [emptied, 7, None]}
    assert kept["theirs"] == {"facts": [refused, 7, None]}


def test_members_who_became_this_one_are_forgotten_too(told):
    shop, _ = told
    twin = enrol_person(
        program_id=shop.id, person=Person(member="TWIN-5", name="Zelda Twin"),
        at=shop.at("2017-01-01"),
    ).member  # fmt: skip
    shop.happened(shop.tell("merge", "2017-03-01", member=EMAIL, **{"from": "TWIN-5"}))
    assert Profile.objects.filter(member=twin).exists()
    do(shop)
    assert places(*WORDS, "TWIN-5", "Zelda Twin") == set()
    assert Member.objects.filter(id=twin).exists()
    assert {name: found for name, found in verified().items() if found} == {}


def test_what_a_fact_says_itself_stays_and_is_said_here(told):
    shop, _ = told
    shop.happened(shop.tell("profile", "2017-03-01", member=EMAIL, city="Zeldaville"))
    do(shop)
    assert places("Zeldaville") == {"ledger_fact.content", "earning_state.body"}
    assert {name: found for name, found in verified().items() if found} == {}


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501, f"{EMAIL} asked", "by ZELDA QUUX"])
def test_a_reason_that_says_nothing_or_too_much_is_refused(told, reason):
    shop, own = told
    with pytest.raises(ErasureRefused):
        do(shop, reason=reason)
    assert Identifier.objects.filter(member=own).count() == 4


def test_who_may_not_and_what_is_no_member(told):
    shop, _ = told
    for role in ("agent", "auditor", "controller", "integration", "member"):
        with pytest.raises(PermissionRefused):
            do(shop, actor=Actor("user", "eve", role))
    enrol_bearer(program_id=shop.id, number="GIFT-1", at=shop.at("2017-01-01"))
    with pytest.raises(ErasureRefused):
        do(shop, "GIFT-1")


def test_the_command_says_the_random_id_only(told, monkeypatch, capsys):
    _, own = told
    monkeypatch.setattr(command, "database", contextlib.nullcontext)
    get_user_model().objects.create_user(username="max", role="manager")
    words = ["--program", "shop", "--reason", WHY, "--as", "max"]
    assert main(["erase", EMAIL, *words]) == 0
    assert capsys.readouterr().out == (
        f"Member {own} is known by nothing any more. Emptied: 4 identifiers, 1 profiles.\n"
    )
    assert main(["erase", str(own), *words]) == 0
    assert "nothing was left to erase" in capsys.readouterr().out
    assert main(["erase", EMAIL, *words]) == 2
    assert program("shop").code == "shop"
