"""Our estimates judged by chainladder, the actuaries' open library, on published triangles."""

import warnings
from decimal import Decimal

import pytest

from pointbook.engine.revenue.estimating.chain_ladder import chain_ladder, fit
from pointbook.engine.revenue.estimating.estimates import Terms
from pointbook.engine.revenue.estimating.expected_share import cape_cod
from pointbook.engine.revenue.estimating.methods import estimate
from tests.engine.revenue.estimating.published import published

# What was issued to each cohort, for the methods that weigh by it: any figure above all ultimates.
ISSUED = {"genins": 10_000_000, "raa": 54_000}
NAMES = list(ISSUED)
PRIOR = Decimal("0.7")


class Judge:
    """The library on one of its samples, with Mack's own extrapolation of sigma."""

    def __init__(self, chainladder, name):
        self.library = chainladder
        sample = chainladder.load_sample(name)
        development = chainladder.Development(sigma_interpolation="mack")
        self.developed = development.fit_transform(sample)
        self.issued = sample.latest_diagonal * 0 + ISSUED[name]

    def mack(self):
        return self.library.MackChainladder().fit(self.developed)

    def expected(self, method):
        return method.fit(self.developed, sample_weight=self.issued)


def column(table):
    """The last development of every origin."""
    return [float(value) for value in table.values[0, 0, :, -1]]


@pytest.fixture(scope="module")
def judges():
    with warnings.catch_warnings():
        # Other people's libraries may warn of other people's libraries.
        warnings.simplefilter("ignore")
        import chainladder

        yield {name: Judge(chainladder, name) for name in NAMES}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", NAMES)
def test_the_chain_ladder_with_macks_standard_errors(judges, name):
    judge, found = judges[name].mack(), chain_ladder(published(name))
    developed = judges[name].developed
    factors = [float(link.factor) for link in found.pattern.links]
    assert factors == pytest.approx([float(v) for v in developed.ldf_.values[0, 0, 0, :]], rel=1e-9)
    sigmas = [float(link.variance.sqrt()) for link in found.pattern.links]
    assert sigmas == pytest.approx(
        [float(v) for v in developed.sigma_.values[0, 0, 0, :]], rel=1e-6
    )
    assert [float(one) for one in found.ultimates] == pytest.approx(
        column(judge.ultimate_), rel=1e-9
    )
    assert float(found.reserve) == pytest.approx(float(judge.ibnr_.sum("origin")), rel=1e-9)
    # The oldest cohort has run off; the library has no number for it.
    assert [float(one) for one in found.errors.cohorts[1:]] == pytest.approx(
        column(judge.mack_std_err_)[1:], rel=1e-6
    )
    total = float(judge.total_mack_std_err_.values[0, 0])
    assert float(found.errors.total) == pytest.approx(total, rel=1e-6)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("method", ["chain_ladder", "bornhuetter_ferguson", "cape_cod"])
def test_the_ultimates_of_every_method(judges, name, method):
    judge = judges[name]
    judged = {
        "chain_ladder": lambda lib: lib.Chainladder(),
        "bornhuetter_ferguson": lambda lib: lib.BornhuetterFerguson(apriori=float(PRIOR)),
        "cape_cod": lambda lib: lib.CapeCod(),
    }[method](judge.library)
    found = estimate(
        triangle=published(name, issued=ISSUED[name]), method=method, terms=Terms(prior=PRIOR)
    )
    wanted = column(judge.expected(judged).ultimate_)
    assert [one.ultimate for one in found.cohorts] == pytest.approx(wanted, abs=0.51)
    assert [float(one.rate) for one in found.cohorts] == pytest.approx(
        [one / ISSUED[name] for one in wanted], abs=1e-8
    )
    assert float(found.rate) == pytest.approx(sum(wanted) / 10 / ISSUED[name], abs=1e-8)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", NAMES)
def test_the_prior_of_cape_cod(judges, name):
    judge = judges[name]
    wanted = column(judge.expected(judge.library.CapeCod()).apriori_)[0]
    known = published(name, issued=ISSUED[name])
    assert float(cape_cod(triangle=known, pattern=fit(known)).rate) == pytest.approx(wanted)
