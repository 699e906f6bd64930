"""Random lives of a cohort under every policy: balanced, tied to what is owed, nothing at the end.

Redemptions have sides and costs, happen at other entities and are cancelled; rates and costs
change, points are returned, expire and come back.
"""

from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointbook.engine.revenue.cohorts import CohortState, Movement, Use
from pointbook.engine.revenue.policies import ACCOUNTS_OWED, TIED, Policy
from pointbook.engine.revenue.recognition import InForce, journal, liability, post_period
from tests.engine.revenue.books import key

SIDES = ["", "own_goods", "none", "tender", "principal", "agent", "charity", "cash"]
places = st.tuples(st.sampled_from(SIDES), st.sampled_from(["", "other"]))
forces = st.builds(
    InForce,
    st.integers(0, 100).map(lambda part: Decimal(part) / 100),
    st.integers(0, 300).map(lambda part: Decimal(part) / 10),
    st.sampled_from([Decimal(0), Decimal("0.25"), Decimal(1)]),
)
parts = st.integers(0, 100)
periods = st.tuples(
    st.tuples(st.integers(0, 500), st.integers(0, 5_000)),  # issued, allocated
    st.lists(st.tuples(places, parts, st.one_of(st.none(), st.integers(0, 900))), max_size=3),
    st.lists(st.tuples(places, parts), max_size=2),  # cancelled
    st.tuples(parts, parts, parts, st.integers(0, 900)),  # clawed back, expired, reinstated, share
    forces,
)


def movement(state, used, period):
    """A period's movement that the cohort can bear; `used` are the points by place."""
    (issued, allocated), burns, cancelled, (clawed, expired, revived, share), _ = period
    left, uses = state.outstanding + issued, []
    for place, part in cancelled:
        back = used[place] * part // 100
        if back:
            used[place] -= back
            left += back
            uses.append(Use(*place, back=back, cost_back=back, uncosted_back=0))
    back_again = state.expired * revived // 100
    left += back_again
    whole = state.allocated + allocated
    taken = min(left * clawed // 200, left)
    at_most = whole * taken // max(state.issued + issued, 1)
    left -= taken
    for place, part, cost in burns:
        points = left * part // 100
        if points:
            left -= points
            used[place] += points
            known = cost is not None
            uses.append(Use(*place, points, 0, cost or 0, 0, 0 if known else points, 0))
    return Movement(
        key=state.key,
        issued=issued,
        allocated=allocated if issued else 0,
        burned=sum(use.burned for use in uses),
        cancelled_burns=sum(use.back for use in uses),
        reinstated=back_again,
        clawed_back=taken,
        clawed_back_allocated=at_most if issued or state.issued else 0,
        returned_share=share if taken else 0,
        owed_share=share // 2,
        expired=left * expired // 100,
        uses=tuple(uses),
    )


@pytest.mark.parametrize("policy", Policy)
@settings(max_examples=60)
@given(life=st.lists(periods, min_size=1, max_size=6), costs=st.booleans())
def test_every_policy_is_balanced_and_ends_at_nothing(policy, life, costs):
    own = replace(key(), policy=policy)
    state = CohortState(key=own, rate=Decimal(1))
    used: Counter[tuple[str, str]] = Counter()
    balances: Counter[tuple[str, str]] = Counter()
    with_costs = frozenset({"main", "other"} if costs else ())
    for period in [*life, None]:
        if period is None:
            now = life[-1][-1]
            moved = Movement(key=own, expired=state.outstanding)
        else:
            now, moved = period[-1], movement(state, used, period)
        posted = post_period(before=state, movement=moved, now=now)
        state = posted.after
        for entry in journal(posted.entries, costs=with_costs):
            assert sum(line.debit - line.credit for line in entry.lines) == 0
            for line in entry.lines:
                balances[entry.entity, line.account] += line.credit - line.debit
        if policy in TIED:
            assert balances["main", ACCOUNTS_OWED[policy]] == liability(state) >= 0
        # What one entity owes for points used at the other is what that one is owed.
        assert balances["main", "2190"] + balances["other", "1190"] == 0
        assert not any(
            balances[entity, ACCOUNTS_OWED[policy]] for entity in ["other"] if policy in TIED
        )
    if policy in TIED:
        assert balances["main", ACCOUNTS_OWED[policy]] == 0
