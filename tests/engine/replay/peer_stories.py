"""The stories of other systems' scenarios, by the id in front of their titles."""

import re

from pointbook.analytics.storybooks import read_file, story_files
from tests.engine.replay.test_stories import PEERS

SCENARIO = re.compile(r"\[([A-Z]{2}-\d\d)\]")


def peer_stories():
    """Every story of a peer, in order of files."""
    return [story for file in story_files([PEERS]) for story in read_file(file)]


def peer_story(scenario):
    """The story of a scenario."""
    (found,) = [one for one in peer_stories() if one.title.startswith(f"[{scenario}] ")]
    return found
