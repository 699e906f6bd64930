"""Random programs and random histories of a few members, for properties and for the plain loops."""

from dataclasses import dataclass
from datetime import timedelta

from hypothesis import strategies as st

from pointbook.engine.rules.blueprint import (
    Behaviour,
    BurnHabit,
    Measure,
    Rung,
    Tiers,
    Window,
    WindowKind,
)
from pointbook.engine.values.facts import Fact
from tests.engine.sketches import at, bring_back, burn, buy, fact, program, rule, unit

ZONES = ["UTC", "America/New_York", "Europe/Berlin", "Asia/Kolkata"]
LOW = (
    Rung("low", "Low", {"spend": 0}),
    Rung("mid", "Mid", {"spend": 5000}),
    Rung("top", "Top", {"spend": 20000}),
)
START = at("2025-01-25")
MEMBERS = ("ann", "bob", "cy")


@dataclass(frozen=True)
class Terms:
    """What a random program is made of; everything the plain loops need to know."""

    zone: str
    expires: tuple[str, int]
    order: str
    rounding: str
    points: int
    claw_back: str
    window: tuple[WindowKind, int]
    habit: tuple[int, int] | None
    rate: str

    def program(self):
        spend = Measure("spend", "spend", Window(*self.window))
        tiers = Tiers("tiers", "Tiers", (spend,), LOW)
        return program(
            units=(unit(expires=self.expires, order=self.order),),
            earn=(
                rule(points=self.points, rounding=self.rounding),
                rule("hello", on="sign_up", points=30, per=0),
            ),
            claw_back=self.claw_back,
            zone=self.zone,
            tiers=tiers,
            rates=[("2025-01", self.rate)],
        )

    def behaviour(self):
        if self.habit is None:
            return None
        threshold, step = self.habit
        return Behaviour("habit", (BurnHabit("points", threshold, step),))


TERMS = st.builds(
    Terms,
    zone=st.sampled_from(ZONES),
    expires=st.sampled_from(
        [
            *(("days", 1), ("days", 20), ("days", 90), ("months", 1), ("months", 3)),
            *(("end_of_month", 0), ("end_of_month", 2), ("never", 0)),
        ]
    ),
    order=st.sampled_from(["oldest", "soonest_expiry"]),
    rounding=st.sampled_from(["floor", "nearest", "ceiling"]),
    points=st.sampled_from([1, 3]),
    claw_back=st.sampled_from(["clamp", "allow_negative"]),
    window=st.sampled_from([("rolling_days", 45), ("calendar_year", 0), ("calendar_month", 0)]),
    habit=st.none() | st.sampled_from([(50, 10), (1, 7), (10, 50)]),
    rate=st.sampled_from(["1", "0.8", "0"]),
)
STEPS = st.tuples(
    st.sampled_from(["purchase"] * 3 + ["return"] * 2 + ["burn", "sign_up"]),
    st.sampled_from(MEMBERS),
    st.sampled_from([0, 1, 3600, 5 * 3600, 86400, 9 * 86400, 40 * 86400]),
    st.integers(0, 9999),
    st.integers(0, 50),
)


@st.composite
def histories(draw, *, max_size=25):
    """Facts in order of time; returns are of earlier purchases, mostly of the same member."""
    moment = START
    facts: list[Fact] = []
    sales: list[Fact] = []
    for number, (kind, member, gap, amount, pick) in enumerate(
        draw(st.lists(STEPS, max_size=max_size))
    ):
        moment += timedelta(seconds=gap)
        key = f"{number:03d}"
        own = [sale for sale in sales if sale.member == member] or sales
        if kind == "purchase":
            facts.append(buy(key, moment, amount, member=member))
            sales.append(facts[-1])
        elif kind == "return" and own:
            sale = own[pick % len(own)]
            named = None if pick % 5 == 0 else member
            part = sale.total if pick % 3 == 0 else min(amount, sale.total)
            facts.append(bring_back(key, moment, sale.id, part, member=named))
        elif kind == "burn":
            facts.append(burn(key, moment, pick + 1, member=member))
        else:
            facts.append(fact(key, moment, "sign_up", member=member))
    return facts
