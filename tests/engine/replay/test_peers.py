"""What other loyalty systems expect and no story can tell: what is refused, named, or not moved."""

from datetime import UTC, datetime, timedelta

import pytest

from pointbook.analytics.storybooks import STARTERS
from pointbook.engine.replay.playing import WorldStage, play
from pointbook.engine.replay.program import Program, compile_version
from pointbook.engine.replay.world import World
from pointbook.engine.rules.blueprint import Measure, Window
from pointbook.engine.rules.explaining.explanation import explain
from pointbook.engine.rules.reading import read
from pointbook.engine.rules.tiers.measures import Histories
from pointbook.engine.values.facts import Fact, FactError, Returned, normalise
from tests.engine.replay.peer_stories import peer_story
from tests.engine.replay.test_stories import PEERS

START = datetime(2018, 1, 1, 12, tzinfo=UTC)


def world_of(path):
    blueprint = read(path.read_text())
    return World(Program([compile_version(blueprint)]))


def played(scenario):
    """The world after the story of a scenario."""
    story = peer_story(scenario)
    stage = WorldStage(story)
    play(story, stage=stage)
    return stage.world


@pytest.fixture
def plain():
    return world_of(PEERS.parent / "programs" / "plain.yaml")


def test_points_since_the_last_review():
    """[OL-28] Of 1, 2 and 3 points the 5 count that were earned after the last recalculation.

    DivanteLtd/open-loyalty-framework@89067b5, AccountDetailsTest.
    """
    histories = Histories()
    for at, points in (
        (datetime(2018, 1, 1, tzinfo=UTC), 1),
        (datetime(2018, 2, 1, 10, tzinfo=UTC), 2),
        (datetime(2018, 3, 1, tzinfo=UTC), 3),
    ):
        histories.add("earned:points", at=at, amount=points)
    measure = Measure("points", "earned", Window("since_review"), unit="points")
    total = histories.total(
        measure,
        at=datetime(2018, 3, 2, tzinfo=UTC),
        zone=UTC,
        joined_at=None,
        reviewed_at=datetime(2018, 2, 1, 9, tzinfo=UTC),
    )
    assert total == 5


def test_a_return_takes_no_more_than_was_given_and_never_gives(plain):
    """[SY-08] 9,999 asked back of 150 are 150; -50 asked back is refused and changes nothing.

    Setono/sylius-loyalty-plugin@0b40b07, LoyaltyLedgerClawbackTest.
    """
    for member in ("anna", "ben"):
        plain.post(Fact("till", f"p-{member}", "purchase", START, member, total=15_000))
    told = {"source": "till", "type": "return", "occurred_at": START + timedelta(days=1)}
    much = {"id": "r1", "member": "anna", "returns": {"source": "till", "id": "p-anna"}}
    (verdict,) = plain.post(normalise({**told, **much, "total": "9999.00"}, currency="EUR"))
    assert [one.points for one in verdict.recoveries] == [150]
    less = {"id": "r2", "member": "ben", "returns": {"source": "till", "id": "p-ben"}}
    with pytest.raises(FactError, match="total of a return is negative"):
        normalise({**told, **less, "total": "-50.00"}, currency="EUR")
    # Nor does one that passed the door.
    at, returns = START + timedelta(days=1), Returned("till", "p-ben")
    (verdict,) = plain.post(Fact("till", "r3", "return", at, "ben", total=-5_000, returns=returns))
    assert not verdict.transfers
    held = {name: one.wallets["points"].available(START) for name, one in plain.members.items()}
    assert held == {"anna": 0, "ben": 150}


def test_the_33rd_friend_gives_nothing_to_the_one_who_invited():
    """[BR-04] 32 friends of 33 are 16 GB, and each of the 33 has 500 MB.

    techboomers.com, growth.iangoh.com (Dropbox).
    """
    world = world_of(STARTERS / "referral-in-kind.yaml")
    friends = [f"friend-{n}" for n in range(33)]
    world.join("anna", at=START)
    for n, friend in enumerate(friends):
        at = START + timedelta(days=n)
        invited = Fact("app", f"i{n}", "invited", at, friend, attributes={"referrer": "anna"})
        world.post(invited)
    at = START + timedelta(days=33)
    held = {name: one.wallets["space"].available(at) for name, one in world.members.items()}
    assert held == {"anna": 32 * 500, **dict.fromkeys(friends, 500)}


def test_both_rules_are_named():
    """OL-18: the explanation names Test 1 and Test 2."""
    story = peer_story("OL-18")
    world = WorldStage(story).world
    (verdict,) = world.post(story.happenings[0].fact)
    blueprint = story.editions[0].blueprint
    told = [explain(reason, blueprint=blueprint) for reason in verdict.reasons]
    assert told == [
        "Test 1: 4 points for every \u20ac1.00 of \u20ac152.00 is 608 points, rounded down.",
        "Test 2: \u201cTest 1\u201d counts 2 times for \u20ac152.00, that is 608 points more.",
    ]


def test_a_level_that_stays_makes_no_event():
    """OL-23: the only move is the one by hand."""
    assert [(move.kind, move.after) for _, move in played("OL-23").moves] == [("floor", "Level-20")]


def test_what_is_handed_over_knows_where_it_came_from():
    """OL-40 and PT-02: each lot of the receiver is of one of the sender's."""
    members = played("OL-40").members
    (kept,) = members["anna"].wallets["points"].lots
    first, second = members["ben"].wallets["points"].lots
    assert second.origin is kept
    assert (first.origin.points, first.origin.remaining) == (20, 0)


def test_rewards_are_worth_what_is_told():
    """BR-01: 500 points are 10.00, 2,500 are 100.00 for Rouge."""
    rewards = {
        one.code: (one.price, one.value, one.tiers)
        for one in peer_story("BR-01").editions[0].blueprint.rewards
    }
    assert rewards["ten-off"] == (500, 1_000, ())
    assert rewards["rouge-hundred"] == (2_500, 10_000, ("Rouge",))
