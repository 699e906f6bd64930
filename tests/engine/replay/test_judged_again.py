"""What late facts change of later awards: what no story can tell."""

from pointbook.engine.replay.verdicts import MAKER
from pointbook.engine.values.facts import Fact, Returned
from tests.engine.sketches import at, live, program


def test_a_purchase_that_is_not_known_is_not_judged_again():
    told = Fact(
        MAKER,
        "re_evaluated:till:late",
        "re_evaluated",
        at("2026-01-02"),
        "ann",
        about=Returned("till", "gone"),
        attributes={"awards": []},
    )
    _, (verdict,) = live(program(), told)
    assert not verdict.transfers
    assert not verdict.reasons
