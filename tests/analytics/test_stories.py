"""Every story that we ship holds in the database, which agrees with the engine on all members."""

import pytest

from pointbook.analytics.stories import DatabaseStage
from pointbook.analytics.storybooks import read_file
from pointbook.engine.replay.playing import WorldStage, play
from pointbook.engine.replay.transcripts import check, compare
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
