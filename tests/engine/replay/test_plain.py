"""The fold and the plain loops tell the same months and members, whatever the program is."""

from dataclasses import astuple

from hypothesis import given, settings

from pointbook.engine.replay.fold import fold
from tests.engine.replay.histories import TERMS, histories
from tests.engine.replay.plain import play


@settings(max_examples=250, deadline=None)
@given(TERMS, histories())
def test_the_fold_is_what_plain_loops_make_of_it(terms, facts):
    replay = fold(facts, terms.program(), behaviour=terms.behaviour())
    rows, members = play(facts, terms)
    assert [astuple(outcome) for outcome in replay.members] == members
    assert [month.cells() for month in replay.months()] == rows
