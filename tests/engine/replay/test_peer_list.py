"""Every scenario that other loyalty systems test is told once: as a story, a test or a decision."""

import ast
import re
from collections import Counter

from tests.engine.replay.peer_stories import SCENARIO, peer_stories
from tests.house.test_files import ROOT

SCENARIOS = """
    OL-02 OL-06 OL-07 OL-08 OL-10 OL-11 OL-13 OL-14 OL-16 OL-17 OL-18 OL-19 OL-20 OL-23 OL-26 OL-28
    OL-29 OL-30 OL-40
    OD-01 OD-03 OD-05 OD-43
    ER-01 ER-04 ER-06 ER-07 ER-10
    SY-06 SY-08 SY-09 SY-14 SY-18 SY-19 SY-20 SY-21
    RL-01 RL-02 RL-04 RL-05
    PT-02 PT-03 PT-05 PT-06 PT-07
    VO-02 VO-05 VO-07 VO-10 VO-12
    SQ-04 SQ-05
    TA-02 TA-03
    BR-01 BR-04 BR-05 BR-08
    SF-01 OR-01 SP-01
    DX-01 DX-02 DX-04
""".split()
# Those of points that are used, and of what they buy.
OF_REWARDS = """
    OL-33 OL-36 OL-41
    OD-07 OD-08 OD-09 OD-10 OD-11 OD-13 OD-15 OD-18 OD-21 OD-23 OD-24 OD-25 OD-26 OD-28 OD-30 OD-31
    OD-33 OD-35 OD-38 OD-40 OD-41 OD-48
    ER-12 ER-13 ER-14
    SY-04 SY-15 SY-17
    VO-11 VO-13 VO-14
""".split()
TESTS = (
    "tests/engine/replay/test_peers.py",
    "tests/engine/rules/rewards/test_peer_rewards.py",
    "tests/engine/rules/test_reading_rewards.py",
    "tests/rooms/earning/test_peers.py",
    "tests/rooms/redemption/test_peers.py",
)
DECISIONS = (
    "docs/decisions/0020-where-we-differ-from-peers.md",
    "docs/decisions/0025-where-we-differ-on-rewards.md",
)
NAMED = re.compile(r"test_([a-z]{2})_(\d\d)_")


def said_by_tests(name):
    """What the tests of a file say they are for: in their names, or first of all."""
    for node in ast.parse((ROOT / name).read_text()).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield from (f"[{one.upper()}-{two}]" for one, two in NAMED.findall(node.name))
            yield (ast.get_docstring(node) or "").partition("\n")[0]


def test_each_scenario_is_told_once():
    texts = [story.title for story in peer_stories()]
    texts += [line for name in TESTS for line in said_by_tests(name)]
    texts += [(ROOT / name).read_text() for name in DECISIONS]
    told = Counter(own for text in texts for own in SCENARIO.findall(text))
    assert told == Counter([*SCENARIOS, *OF_REWARDS])
    assert (len(SCENARIOS), len(OF_REWARDS)) == (64, 34)
