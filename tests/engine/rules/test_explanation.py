"""Why a fact earned what it earned, in a member's words."""

from pointbook.engine.rules.earning import Reason
from pointbook.engine.rules.explanation import explain
from tests.engine.sketches import blueprint, rule, unit

TERMS = blueprint(
    units=(unit("points"), unit("stars", decimals=2)),
    earn=(
        rule("purchases"),
        rule("care", points=125, per=1000, rounding="nearest", unit="stars"),
        rule("double", points=2, rounding="ceiling"),
        rule("hello", on="sign_up", points=100, per=0),
    ),
)


def test_reasons_are_told(golden):
    reasons = [
        Reason("purchases", "points", 4599, 45),
        Reason("purchases", "points", 199, 1),
        Reason("care", "stars", 123456, 15432),
        Reason("double", "points", 1, 1),
        Reason("purchases", "points", 50, 0),
        Reason("hello", "points", 0, 100),
    ]
    golden("explanations.txt", "\n".join(explain(one, blueprint=TERMS) for one in reasons) + "\n")
