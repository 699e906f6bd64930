"""Every method on small programs: what it decides, what it refuses, and what it says."""

from decimal import Decimal

import pytest

from pointbook.engine.revenue.estimating.chain_ladder import fit
from pointbook.engine.revenue.estimating.estimates import Terms
from pointbook.engine.revenue.estimating.expected_share import Prior, cape_cod
from pointbook.engine.revenue.estimating.methods import METHODS, estimate
from pointbook.engine.revenue.estimating.triangles import EstimateError, Triangle
from tests.engine.revenue.estimating.published import cohort, published, steady, triangle

# Half of what is used is used in the month of issue, all of it within four months.
PATTERN = (300, 150, 100, 50)
GROWN = steady(months=6, life=4, pattern=PATTERN)
YOUNG = steady(months=3, life=4, pattern=PATTERN)
PRIOR = Terms(prior=Decimal("0.5"))
ALL = Terms(prior=Decimal("0.5"), rate=Decimal("0.5"))


def by(estimated):
    return [one.by for one in estimated.cohorts]


def rates(estimated):
    return [str(one.rate) for one in estimated.cohorts]


def test_the_methods():
    assert list(METHODS) == [
        "flat", "chain_ladder", "bornhuetter_ferguson", "cape_cod", "hazard",
    ]  # fmt: skip


@pytest.mark.parametrize("method", ["chain_ladder", "cape_cod", "hazard"])
def test_a_steady_program_is_found_by_every_method(method):
    found = estimate(triangle=GROWN, method=method, terms=Terms())
    assert by(found) == ["run_off"] * 3 + [method] * 3
    assert rates(found) == ["0.60000000"] * 6
    assert [one.ultimate for one in found.cohorts] == [600] * 6
    assert (found.low, found.rate, found.high) == (Decimal("0.6"),) * 3
    assert not found.needs_prior
    assert [str(one.credibility) for one in found.cohorts] == [
        "1.00000000", "1.00000000", "1.00000000", "0.91666667", "0.75000000", "0.50000000",
    ]  # fmt: skip
    assert [one.prior for one in found.cohorts[:3]] == [None] * 3


def test_the_prior_and_what_it_weighs():
    found = estimate(triangle=GROWN, method="bornhuetter_ferguson", terms=PRIOR)
    # Half of the youngest cohort is its own experience: 300 + (1 - 0.5) x 0.5 x 1000.
    assert [one.ultimate for one in found.cohorts[3:]] == [592, 575, 550]
    assert [one.prior for one in found.cohorts] == [None] * 3 + [Decimal("0.5")] * 3
    assert found.rate == Decimal("0.58611111")


def test_only_cohorts_younger_than_asked_are_weighed():
    terms = Terms(prior=Decimal("0.5"), young=2)
    found = estimate(triangle=GROWN, method="bornhuetter_ferguson", terms=terms)
    assert by(found)[3:] == ["chain_ladder", "chain_ladder", "bornhuetter_ferguson"]
    found = estimate(triangle=GROWN, method="cape_cod", terms=Terms(young=3))
    assert by(found)[3:] == ["chain_ladder", "cape_cod", "cape_cod"]
    assert found.cohorts[-1].prior == Decimal("0.6")


def test_a_flat_rate_is_held_by_what_was_used_and_what_still_can_be():
    known = Triangle(
        cohorts=(
            cohort(0, (300, 200), expired=(0, 0)),
            cohort(1, (900,), expired=(0,)),
            cohort(-1, (0, 0, 100), expired=(0, 0, 800)),
            cohort(-2, (0, 0, 0, 100)),
        ),
        life=4,
    )
    found = estimate(triangle=known, method="flat", terms=Terms(rate=Decimal("0.8")))
    assert [one.ultimate for one in found.cohorts] == [100, 200, 800, 900]
    assert by(found) == ["run_off", "flat", "flat", "flat"]
    assert (found.low, found.rate, found.high) == (Decimal("0.8"),) * 3
    assert all(one.low == one.rate == one.high for one in found.cohorts)
    assert not found.needs_prior
    assert estimate(triangle=YOUNG, method="flat", terms=Terms(rate=Decimal(0))).rate == Decimal(0)


@pytest.mark.parametrize("method", ["chain_ladder", "bornhuetter_ferguson", "cape_cod", "hazard"])
def test_until_a_cohort_has_run_off_a_prior_is_needed(method):
    if method != "bornhuetter_ferguson":
        with pytest.raises(EstimateError, match="no cohort has run off yet; state a prior"):
            estimate(triangle=YOUNG, method=method, terms=Terms())
    terms = Terms(prior=Decimal("0.5"), prior_error=Decimal("0.1"), young=0)
    found = estimate(triangle=YOUNG, method=method, terms=terms)
    assert found.needs_prior
    assert found.rate == Decimal("0.5")
    assert (found.low, found.high) == (Decimal("0.3718448"), Decimal("0.6281552"))
    assert by(found) == ["bornhuetter_ferguson"] * 3
    assert all(one.low < one.rate < one.high for one in found.cohorts)
    assert "No cohort has run off yet" in found.notes[0]
    assert "a tail of" in found.notes[1]
    assert found.method == method


def test_nothing_at_all_is_the_prior():
    nothing = Triangle(cohorts=(), life=12)
    found = estimate(triangle=nothing, method="chain_ladder", terms=PRIOR)
    assert (found.cohorts, found.rate) == ((), Decimal("0.5"))
    assert estimate(triangle=nothing, method="flat", terms=ALL).rate == Decimal("0.5")


def test_one_month_of_a_new_program():
    found = estimate(triangle=triangle((30,), life=12), method="chain_ladder", terms=PRIOR)
    (only,) = found.cohorts
    assert (only.ultimate, only.credibility, only.age) == (500, Decimal(0), 0)
    assert (only.low, only.high) == (Decimal("0.5"), Decimal("0.5"))
    assert "No error of the prior was stated" in found.notes[1]


def test_a_cohort_that_is_used_up_has_run_off_but_settles_nothing():
    known = triangle((1000, 0), (10,), life=4)
    with pytest.raises(EstimateError, match="no cohort has run off"):
        estimate(triangle=known, method="chain_ladder", terms=Terms())
    found = estimate(triangle=known, method="chain_ladder", terms=PRIOR)
    assert by(found) == ["run_off", "bornhuetter_ferguson"]
    assert found.cohorts[0].credibility == 1


def test_a_cohort_of_which_all_was_clawed_back():
    known = Triangle(
        cohorts=(*GROWN.cohorts[:5], cohort(5, (0,), issued=0)),
        life=4,
    )
    last = estimate(triangle=known, method="chain_ladder", terms=Terms()).cohorts[-1]
    assert (last.ultimate, last.rate, last.by) == (0, Decimal(0), "run_off")


def test_where_nothing_is_used_at_first_the_chain_ladder_has_nothing_to_develop():
    late = steady(months=6, life=4, pattern=(0, 0, 200, 200))
    found = estimate(triangle=late, method="chain_ladder", terms=Terms())
    assert by(found)[-2:] == ["cape_cod", "cape_cod"]
    assert rates(found)[-1] == "0.40000000"
    assert found.cohorts[-1].credibility == 0


def test_a_program_in_which_nothing_is_ever_used():
    idle = steady(months=6, life=4, pattern=(0, 0, 0, 0))
    for method in METHODS:
        found = estimate(triangle=idle, method=method, terms=ALL)
        assert by(found)[0] == "run_off"
        assert found.cohorts[0].rate == 0
    assert estimate(triangle=idle, method="cape_cod", terms=ALL).rate == 0


def test_a_faint_cohort_is_named():
    faint = triangle((5, 495), (50,), life=2)
    found = estimate(triangle=faint, method="chain_ladder", terms=Terms())
    # 50 x 100 would be 5000 of 1000 points.
    assert found.cohorts[1].ultimate == 1000
    (note,) = found.notes
    assert note.startswith("Cohorts that rest on less than 10% of what they will have used: 1.")


def test_points_that_never_expire():
    pattern = [200 >> age for age in range(30)]
    found = estimate(
        triangle=steady(months=30, life=None, pattern=pattern),
        method="chain_ladder",
        terms=Terms(),
    )
    assert by(found) == ["chain_ladder"] * 30
    assert "never expire" in found.notes[0]
    assert sum(one.seen for one in found.factors) == 29
    assert len(found.factors) == 89
    with pytest.raises(EstimateError, match="state a prior"):
        estimate(
            triangle=steady(months=23, life=None, pattern=pattern),
            method="chain_ladder",
            terms=Terms(),
        )


def test_the_range_of_published_figures():
    found = estimate(
        triangle=published("genins", issued=8_000_000), method="chain_ladder", terms=Terms()
    )
    # Mack's figures: used 34,358,090, to come 18,680,856, standard error 2,447,095.
    figures = [Decimal(34_358_090 + 18_680_856), Decimal("1.281552") * 2_447_095]
    centre, wide = (figure / 80_000_000 for figure in figures)
    for rate, wanted in (
        (found.low, centre - wide),
        (found.rate, centre),
        (found.high, centre + wide),
    ):
        assert rate == pytest.approx(wanted, abs=Decimal("1E-7"))
    assert all(one.low <= one.rate <= one.high <= 1 for one in found.cohorts)
    narrow = Terms(deviations=Decimal(0))
    still = estimate(
        triangle=published("genins", issued=8_000_000), method="chain_ladder", terms=narrow
    )
    assert still.low == still.rate == still.high == found.rate


def test_the_prior_of_the_triangle_and_its_error():
    known = triangle((300, 300, 0), (200, 200), (250,), life=2)
    # Used 1,250 of the 2,500 that had their chance.
    found = cape_cod(triangle=known, pattern=fit(known))
    assert found.rate == Decimal("0.5")
    # Cohorts at 0.6, 0.4 and 0.5: 10 + 10 + 0 over 2 x 2,500.
    assert found.error == pytest.approx(Decimal("0.004").sqrt())
    alone = triangle((300, 300), life=2)
    assert cape_cod(triangle=alone, pattern=fit(alone)) == Prior(Decimal("0.6"))
    nothing = Triangle(cohorts=(), life=2)
    assert cape_cod(triangle=nothing, pattern=fit(nothing)) == Prior(Decimal(0))


@pytest.mark.parametrize(
    ("method", "terms", "field", "message"),
    [
        ("hunch", Terms(), "method", "'hunch' is not a method"),
        ("flat", PRIOR, "rate", "flat needs a rate"),
        ("bornhuetter_ferguson", Terms(), "prior", "bornhuetter_ferguson needs a prior"),
    ],
)
def test_what_is_refused(method, terms, field, message):
    with pytest.raises(EstimateError, match=message) as refused:
        estimate(triangle=GROWN, method=method, terms=terms)
    assert refused.value.field == field
    assert refused.value.mend


def test_issued_points_must_be_known():
    with pytest.raises(EstimateError, match="how many points were issued in 2000-01"):
        estimate(triangle=published("raa"), method="chain_ladder", terms=Terms())


@pytest.mark.parametrize(
    "wrong",
    [
        {"rate": Decimal("1.1")},
        {"prior": Decimal("-0.1")},
        {"prior_error": Decimal(2)},
        {"young": -1},
        {"deviations": Decimal(-1)},
    ],
)
def test_terms_out_of_bounds(wrong):
    ((name, value),) = wrong.items()
    with pytest.raises(EstimateError, match=f"{name} cannot be {value}") as refused:
        Terms(**wrong)
    assert refused.value.field == name
