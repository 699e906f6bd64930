"""Every page opens for every starter, with facts of its stories posted, and with none."""

import re
from importlib import import_module

import pytest
from django.conf import settings

from pointbook.analytics.stories import DatabaseStage
from pointbook.analytics.storybooks import STORIES, read_file
from pointbook.controls.clock import set_test_clock
from pointbook.controls.models import User
from pointbook.engine.replay.playing import steps
from pointbook.members.queries import member_ids
from pointbook.programs.queries import compiled

FILES = sorted(STORIES.glob("*.yaml"))
MEMBERS = 3  # of each story


def richest(file):
    """The story of a file in which the most kinds of things happen."""

    def kinds(story):
        facts = [one.fact for one in story.happenings if one.fact]
        return len({fact.type for fact in facts}), len(facts)

    return max(read_file(file), key=kinds)


def lived(story):
    """The story's facts posted to a program of its own, which stands at the story's end."""
    stage = DatabaseStage(story)
    set_test_clock(program_id=stage.program_id, at=story.ends_at)
    for step in steps(story):
        if step.person is not None:
            stage.join(step.person)
        if step.fact is not None:
            stage.post(step.fact)
    return stage


def card_of(client, code, member):
    """Sign a member in to the portal, as the code in a mail does."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session["members"] = {code: str(member)}
    session.save()
    client.cookies["pointbook_card"] = session.session_key


@pytest.fixture
def opened(client, db):
    """Open a page, which must be there; answers its text."""
    client.force_login(User.objects.create_user("olga", "o@example.org", "x", role="owner"))

    def get(path):
        answer = client.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        text = answer.content.decode()
        assert "{{" not in text
        assert "None" not in re.sub(r"<[^>]*>", "", text), path
        return text

    return get


def links(text, start):
    """The addresses in a page that begin so."""
    found = re.findall(rf'href="({start}[^"]*)"', text)
    return sorted({one.replace("&amp;", "&") for one in found})


def look_at_console(client, opened, stage):
    program = compiled(stage.program_id)
    members = member_ids(stage.program_id)[:MEMBERS]
    overview = opened(f"/?program={stage.code}")
    for tab in links(overview, r"/\?unit="):
        opened(tab)
    assert opened("/members/")
    text = opened("/program/")
    assert all(rule.name for rule in program.versions[-1].blueprint.earn)
    assert "In words" in text
    for member in members:
        page = opened(f"/members/{member}/")
        for tab in links(page, rf"/members/{member}/\?unit="):
            page += opened(tab)
        for line in links(page, rf"/members/{member}/(?:entry|older)/\?"):
            opened(line)
    assert client.get("/books/", follow=True).status_code == 200


def look_at_portal(client, opened, stage):
    for member in member_ids(stage.program_id)[:MEMBERS]:
        card_of(client, stage.code, member)
        for page in ("", "rewards/", "history/", "you/"):
            text = opened(f"/card/{stage.code}/{page}")
            for tab in links(text, r"\?unit="):
                opened(f"/card/{stage.code}/{page}{tab}")
        if compiled(stage.program_id).versions[-1].blueprint.referrals:
            assert "Invite" in opened(f"/card/{stage.code}/invite/")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_page_of_a_starter_opens(client, opened, file):
    stage = lived(richest(file))
    look_at_console(client, opened, stage)
    look_at_portal(client, opened, stage)
    client.cookies.pop("pointbook_card")
    opened(f"/card/{stage.code}/join/")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_before_anything_happened(opened, file):
    stage = DatabaseStage(richest(file))
    opened(f"/?program={stage.code}")
    opened("/members/")
    opened("/program/")
    opened(f"/card/{stage.code}/join/")


@pytest.mark.parametrize("name", ["airline-coalition", "referral-in-kind"])
def test_pages_of_a_starter_are_well_on_every_screen(desk, people, name):
    """Several ladders and units; and no tiers, no rewards and no sales."""
    stage = lived(richest(STORIES / f"{name}.yaml"))
    desk.sign_in()
    own = member_ids(stage.program_id)[0]
    for path in ("/", f"/members/{own}/", "/program/"):
        desk.go(path)
        for width in (1280, 390):
            desk.is_well(width=width)
