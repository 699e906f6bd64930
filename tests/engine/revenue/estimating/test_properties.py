"""What holds for every triangle, whatever happened in it."""

from decimal import Decimal, localcontext

from hypothesis import given, settings
from hypothesis import strategies as st

from pointbook.engine.revenue.estimating.back_testing import back_test
from pointbook.engine.revenue.estimating.chain_ladder import chain_ladder
from pointbook.engine.revenue.estimating.estimates import Terms
from pointbook.engine.revenue.estimating.methods import METHODS, estimate
from pointbook.engine.revenue.estimating.precision import as_rate
from pointbook.engine.revenue.estimating.run_off import bands, run_off
from pointbook.engine.revenue.estimating.triangles import Triangle, data_hash
from tests.engine.revenue.estimating.published import cohort

RATES = st.integers(0, 20).map(lambda part: Decimal(part) / 20)
TERMS = st.builds(
    Terms, rate=RATES, prior=RATES, prior_error=RATES, young=st.none() | st.integers(0, 6)
)
PARTS = st.integers(0, 20)


@st.composite
def cohorts(draw, month, ages, life):
    """A cohort that loses parts of what it has left; burns may be cancelled, lots expire."""
    issued = draw(st.sampled_from([0, 1, 7, 1_000, 98_765_432_101]))
    left, used = issued, 0
    redeemed, expired = [], []
    for age in range(ages):
        part, lapse = draw(PARTS), draw(PARTS)
        now = left * part // 20
        if part == 13:
            now = -used // 2
        if life is not None and age >= life:
            now = 0
        left, used = left - now, used + now
        gone = left if life is not None and age >= life - 1 else left * lapse // 40
        left -= gone
        redeemed.append(now)
        expired.append(gone)
    known = draw(st.booleans())
    return cohort(month, redeemed, issued=issued, expired=expired if known else ())


@st.composite
def triangles(draw):
    """Up to 9 months of cohorts, some of them missing, with or without an end."""
    life = draw(st.none() | st.integers(1, 6))
    months = draw(st.integers(1, 9))
    chosen = draw(st.lists(st.integers(0, months - 1), unique=True, max_size=months))
    made = tuple(draw(cohorts(month, months - month, life)) for month in chosen)
    return Triangle(cohorts=made, life=life)


METHOD = st.sampled_from(list(METHODS))


@settings(max_examples=150, deadline=None)
@given(triangles(), METHOD, TERMS)
def test_an_estimate_lies_between_what_was_used_and_what_can_be(known, method, terms):
    found = estimate(triangle=known, method=method, terms=terms)
    assert 0 <= found.low <= found.rate <= found.high <= 1
    assert len(found.cohorts) == len(known.cohorts)
    for one, seen in zip(found.cohorts, known.cohorts, strict=True):
        assert one.redeemed <= one.ultimate <= one.issued - seen.lapsed
        assert 0 <= one.low <= one.rate <= one.high <= 1
        assert 0 <= one.credibility <= 1
        if known.has_run_off(seen):
            assert one.by == "run_off"
            assert one.ultimate == one.redeemed
            assert not seen.issued or one.rate == as_rate(Decimal(seen.used) / seen.issued)


@settings(max_examples=50, deadline=None)
@given(triangles(), METHOD, TERMS, st.randoms())
def test_neither_the_order_of_cohorts_nor_the_context_counts(known, method, terms, dice):
    mixed = list(known.cohorts)
    dice.shuffle(mixed)
    again = Triangle(cohorts=tuple(mixed), life=known.life)
    assert data_hash(again) == data_hash(known)
    wanted = estimate(triangle=known, method=method, terms=terms)
    curve = run_off(wanted)
    with localcontext(prec=3):
        found = estimate(triangle=again, method=method, terms=terms)
        assert found == wanted
        assert run_off(found) == curve


@settings(max_examples=80, deadline=None)
@given(triangles(), METHOD, TERMS)
def test_what_is_left_runs_off_and_ends(known, method, terms):
    found = estimate(triangle=known, method=method, terms=terms)
    curve = run_off(found)
    assert len(curve.months) < found.pattern.end
    for one, row in zip(found.cohorts, curve.cohorts, strict=True):
        assert sum(row.expected) == one.ultimate - one.redeemed
        assert sum(row.low) <= sum(row.expected) <= sum(row.high)
        assert min((*row.expected, *row.low, *row.high), default=0) >= 0
    assert sum(curve.expected) == sum(one.ultimate - one.redeemed for one in found.cohorts)


@settings(max_examples=80, deadline=None)
@given(triangles(), METHOD, TERMS)
def test_a_back_test_compares_all_that_could_still_move(known, method, terms):
    found = back_test(triangle=known, method=method, terms=terms)
    earlier = known.without_last_diagonal()
    moving = [one for one in earlier.cohorts if not earlier.has_run_off(one)]
    assert [one.issued_on for one in found.cohorts] == [one.issued_on for one in moving]
    latest = {one.issued_on: one.redeemed[-1] for one in known.cohorts}
    assert found.actual == sum(latest[one.issued_on] for one in moving)
    assert (found.ratio is None) == (not found.expected)


@settings(max_examples=50, deadline=None)
@given(triangles())
def test_the_chain_ladder_takes_every_triangle(known):
    found = chain_ladder(known)
    assert found.errors.total >= 0
    assert all(error >= 0 for error in found.errors.cohorts)
    shares = found.pattern.shares
    assert all(0 <= share <= 1 for share in shares)


@given(st.integers(0, 10**15), st.lists(st.integers(0, 10**12), max_size=40))
def test_bands_sum(liability, expected):
    found = bands(liability=liability, expected_by_month=expected)
    assert sum(found) == liability == found.current + found.non_current
    assert min(found) >= 0
