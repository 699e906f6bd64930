"""Every story that we ship holds in the database, which agrees with the engine on all members."""

import pytest

from pointbook.analytics.stories import DatabaseStage
from pointbook.analytics.storybooks import read_file
from pointbook.engine.replay.playing import WorldStage, play
from pointbook.engine.replay.stories import read_stories
from pointbook.engine.replay.transcripts import check, compare
from tests.engine.replay.storytelling import PROGRAM
from tests.engine.replay.test_stories import FILES


@pytest.mark.django_db
@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_stories_hold_in_the_database(file):
    told = []
    for one in read_file(file):
        engine = play(one, stage=WorldStage(one))
        database = play(one, stage=DatabaseStage(one))
        found = [*check(one, database), *compare(one, engine, database)]
        told += [f"{file.name}: {one.title}: {difference}" for difference in found]
    assert not told, "\n".join(told)


CHANGES = """story: A stranger, a birthday, another edition and a member who becomes another
source: figures ours
program: shop
later: [{from: 2026-03-05, with: {earn: [{rule: purchases, name: P, on: purchase, unit: points,
  award: {points: 7}}]}}]
given:
  - {member: anna, joined: 2026-03-02, birthday: 1990-03-04}
  - {member: bo, lots: [{unit: miles, points: "1.25", earned: 2026-02-01}]}
happened:
  - {id: p, at: 2026-03-01, member: anna, total: 20}
  - {id: b, at: 2026-03-01, member: anna, type: burn, reward: ten}
  - {id: c, at: 2026-03-03, member: anna, type: claim, of: p}
  - {id: q, at: 2026-03-05, member: anna, total: 20}
  - {id: m, at: 2026-03-06, member: anna, type: merge, from: bo}
matched:
  p: nothing
  b: {refused: there is no member 'anna'}
  c: {purchases: 20}
  "birthday:anna:2026": {gift: 5}
  q: {purchases: 7}
left:
  - {member: anna, at: 2026-03-04, points: 25, miles: 0}
  - {member: bo, at: 2026-03-04, points: 0, miles: "1.25"}
  - {member: anna, points: 32, miles: "1.25"}
"""
GIFT = "  - {rule: gift, name: Gift, on: birthday, unit: points, award: {points: 5}}\ntiers:"


@pytest.mark.django_db
def test_names_stand_for_random_ids():
    program = PROGRAM.replace("tiers:", GIFT, 1).replace("Paris}", "Paris, unknown_members: keep}")
    (one,) = read_stories(CHANGES, blueprint_of=lambda _: program)
    engine = play(one, stage=WorldStage(one))
    database = play(one, stage=DatabaseStage(one))
    assert [*map(str, check(one, engine))] == []
    assert [*map(str, check(one, database))] == []
    assert [*map(str, compare(one, engine, database))] == []
