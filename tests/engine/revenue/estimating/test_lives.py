"""How many ages points can be used at, by the terms of a blueprint."""

import pytest

from pointbook.engine.revenue.estimating.lives import life
from pointbook.engine.rules.blueprint import Expiry, Pending, Unit
from tests.engine.sketches import blueprint, rule, unit


def of(**terms):
    return blueprint(units=(Unit(**{**plain(), "expiry": Expiry(**terms)}),))


def plain():
    own = unit()
    return {name: getattr(own, name) for name in Unit.__slots__}


@pytest.mark.parametrize(
    ("terms", "ages"),
    [
        ({"kind": "never"}, None),
        ({"kind": "inactivity_months", "n": 12}, None),
        # A point of one day is used in its month; of two days perhaps in the next.
        ({"kind": "days", "n": 1}, 1),
        ({"kind": "days", "n": 2}, 2),
        ({"kind": "days", "n": 180}, 7),
        ({"kind": "months", "n": 12}, 13),
        ({"kind": "end_of_month", "n": 0}, 1),
        ({"kind": "end_of_month", "n": 3}, 4),
        ({"kind": "end_of_year", "n": 0}, 12),
        ({"kind": "months", "n": 12, "rounded_up_to": "year"}, 24),
        ({"kind": "membership_year", "n": 0}, 13),
        ({"kind": "on_date", "n": 0, "month": 3, "day": 31}, 12),
    ],
)
def test_a_term_in_ages(terms, ages):
    assert life([of(**terms)], "points") == ages


def test_the_longest_of_all_versions_rules_and_ways_back():
    short, long = of(kind="days", n=31), of(kind="months", n=6)
    assert life([short, long], "points") == 7
    assert life([short, of(kind="never")], "points") is None
    own = blueprint(
        units=(Unit(**{**plain(), "expiry": Expiry("days", 31)}),),
        earn=(rule(expiry=Expiry("months", 3)),),
    )
    assert life([own], "points") == 4
    back = Unit(
        **{**plain(), "expiry": Expiry("days", 31), "reinstate_days": 20, "reinstated_for": 30}
    )
    # Two more months have begun after 50 days more.
    assert life([blueprint(units=(back,))], "points") == 5
    assert life([short], "miles") is None


def test_points_that_wait_live_from_their_release():
    expiry = Expiry("days", 31, since="release")
    units = (Unit(**{**plain(), "expiry": expiry}),)
    waits = blueprint(units=units, earn=(rule(pending=Pending(days=14)),))
    assert life([waits], "points") == 4
    asked = blueprint(units=units, earn=(rule(pending=Pending(on="delivered")),))
    assert life([asked], "points") is None
