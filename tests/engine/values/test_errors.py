"""An error is one line: what is wrong, then what mends it."""

import pytest

from pointbook.engine.values.errors import PointbookError


@pytest.mark.parametrize(
    ("message", "mend", "line"),
    [
        ("nobody is here", "", "nobody is here"),
        ("nobody is here", "Enrol somebody.", "nobody is here. Enrol somebody."),
        ("Nobody is here.", "Enrol somebody.", "Nobody is here. Enrol somebody."),
    ],
)
def test_the_mend_follows_the_message_in_a_sentence_of_its_own(message, mend, line):
    assert str(PointbookError(message, mend=mend)) == line
