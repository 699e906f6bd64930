"""Burns: rewards and points, and what is refused with which mend."""

import pytest

from pointbook.engine.ledger.lots import BalanceError
from pointbook.engine.rules.catalogue import Reward
from pointbook.engine.values.facts import FactError
from tests.engine.sketches import balance, burn, buy, live, moves, program, rule, unit

TWO = program(
    units=(unit("points"), unit("stars", decimals=2)),
    earn=(rule("base"), rule("shine", points="0.1", unit="stars")),
    rewards=(
        Reward("mug", "Mug", "stars", 250, 300),
        Reward("ten", "Ten off", "points", 500, 1000),
    ),
)


def test_a_reward_costs_its_price_in_its_unit():
    state, verdicts = live(
        TWO,
        buy("p", "2025-01-01", 60000),
        burn("b", "2025-01-02", attributes={"reward": "ten"}),
        burn("c", "2025-01-02", attributes={"reward": "mug", "note": "blue"}),
    )
    assert moves(verdicts[1]) == [("burn", 500)]
    assert verdicts[2].transfers[0].unit == "stars"
    assert (balance(state, "2025-01-03"), balance(state, "2025-01-03", "stars")) == (100, 5750)


@pytest.mark.parametrize(
    ("asked", "unit_of", "parts"),
    [
        ({"points": 100}, "points", 100),
        ({"points": "100", "reward": "gone"}, "points", 100),  # what was taken counts
        ({"points": "1.25", "unit": "stars"}, "stars", 125),
        ({"points": 1.5, "unit": "stars"}, "stars", 150),
    ],
)
def test_points_may_be_burned_of_any_unit(asked, unit_of, parts):
    _, verdicts = live(
        TWO, buy("p", "2025-01-01", 60000), burn("b", "2025-01-02", attributes=asked)
    )
    assert [(t.unit, t.points) for t in verdicts[1].transfers] == [(unit_of, parts)]


REFUSED = {
    "no reward of that name": {"reward": "car"},
    "nothing asked": {},
    "no number": {"points": "many"},
    "nothing": {"points": 0},
    "less than nothing": {"points": "-5"},
    "half a point": {"points": "0.5"},
    "a truth": {"points": True},
    "a number beyond counting": {"points": "1e999999"},
    "no unit of that name": {"points": 5, "unit": "miles"},
    "more than there is": {"points": 601},
}


def test_what_is_refused_says_why_and_changes_nothing(golden):
    told = []
    for name, asked in REFUSED.items():
        state, _ = live(TWO, buy("p", "2025-01-01", 60000))
        with pytest.raises((FactError, BalanceError)) as caught:
            live(TWO, burn("b", "2025-01-02", attributes=asked), member=state)
        told.append(f"# {name}\n{caught.value.field}: {caught.value}\n")
        assert caught.value.status == 422
        assert balance(state, "2025-01-03") == 600
    with pytest.raises(FactError) as caught:
        live(program(), burn("b", "2025-01-02", attributes={"reward": "car"}))
    told.append(f"# another program\n{caught.value.field}: {caught.value}\n")
    golden("burns_refused.txt", "\n".join(told))
