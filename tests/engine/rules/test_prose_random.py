"""Whatever a program is, it can be told, and so can what changed: whole sentences, no gaps."""

import re

from hypothesis import HealthCheck, given, settings

from pointbook.engine.rules.prose import chapters as prose
from pointbook.engine.rules.prose import differences
from pointbook.engine.rules.reading import blueprints as reading
from tests.engine.rules.documents import blueprints

# Two spaces, a space before a stop, a stop after a stop, words of the program and not of people.
ODD = re.compile(r"  | [.,;:]|[.,;:][.,;]|\bNone\b|[{}\[\]]|\(\)|“”|\b(\w+) \1\b|^ | $")
PROGRAMS = blueprints(kinds=True).map(reading.read_document)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(blueprint=PROGRAMS)
def test_every_program_can_be_told(blueprint):
    paragraphs = prose.tell(blueprint)
    assert [part for part in paragraphs if not part.sentences] == []
    for part in paragraphs:
        for sentence in part.sentences:
            assert not ODD.search(sentence), sentence
            assert re.fullmatch(r"[A-Z0-9“].+[.]", sentence), sentence


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(old=PROGRAMS, new=PROGRAMS)
def test_every_change_can_be_told(old, new):
    found = differences.compare(old, new)
    assert len({change.path for change in found}) == len(found)
    for change in found:
        assert not ODD.search(change.sentence), change.sentence
        assert re.fullmatch(r"[A-Z].+[.]", change.sentence), change.sentence
        assert change.before != change.after
    back = differences.compare(new, old)
    assert {change.path for change in back} == {change.path for change in found}
    assert not differences.compare(old, old)
