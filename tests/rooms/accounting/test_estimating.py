"""Estimates in the books: prepared by one, approved by another, by cohort, without hindsight."""

from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.db import connection

from pointbook.accounting.models import Close, CohortTotal, Proposal, Setting, Watermark
from pointbook.accounting.operations.estimating import (
    PeriodClosed,
    prepare_estimate,
    run_estimate,
    set_cost,
    set_estimate,
)
from pointbook.accounting.operations.proposing import OwnApproval, approve
from pointbook.accounting.queries.closes import close_view
from pointbook.accounting.queries.estimates import (
    PaperNotFound,
    back_test,
    paper,
    papers,
    run_off,
    sensitivity,
    triangle_view,
)
from pointbook.accounting.queries.papers import as_body, read_paper
from pointbook.accounting.queries.statements import liability_now, statements
from pointbook.controls.actors import Actor
from pointbook.controls.clock import now
from pointbook.engine.revenue.estimating.estimates import Terms
from pointbook.engine.revenue.estimating.triangles import EstimateError
from pointbook.programs.models import Entity, Estimate, UnitCost
from pointbook.programs.operations.estimates import EstimateRefused
from pointbook.programs.queries import compiled
from tests.rooms.accounting.conftest import ANA, Shop
from tests.rooms.accounting.periods import closed
from tests.rooms.till import broken

JONAS = Actor("user", "jonas", "controller")
PRIOR = Terms(prior=Decimal("0.9"), young=2)


@pytest.fixture
def shop(db):
    """Half a year of points that last 80 days: everybody buys, and uses a part a month later."""
    own = Shop(expires="{after_days: 80}").open()
    for month in range(1, 7):
        own.happened(own.buy(f"2017-{month:02}-05", 100_000 + 10_000 * month, member=f"m{month}"))
        own.happened(own.burn(f"2017-{month:02}-20", 20, member=f"m{month}"))
        if month > 1:
            own.happened(
                own.burn(f"2017-{month:02}-07", 30 + 2 * month, member=f"m{month - 1}"),
            )
    own.expire("2017-07-01")
    return own


@pytest.fixture
def two_people(shop):
    """Full books, kept by two persons."""
    for name in ("ana", "jonas"):
        get_user_model().objects.create_user(username=name, role="controller")
    Setting.objects.create(
        entity=Entity.objects.get(),
        number=1,
        full=True,
        owner_run=False,
        recorded_by="olga",
        recorded_at=now(),
    )
    return shop


def run(period="2017-06", method="bornhuetter_ferguson", terms=PRIOR, **more):
    return run_estimate(
        program="shop", method=method, terms=terms, from_period=period, actor=ANA, **more
    )


def prepare(period="2017-06", actor=ANA, method="bornhuetter_ferguson", terms=PRIOR):
    return prepare_estimate(
        program="shop", method=method, terms=terms, from_period=period, actor=actor
    )


def test_a_cohort_has_its_own_rate_and_the_closes_tie(shop):
    set_estimate(program="shop", rate=Decimal("0.9"), from_period="2017-01", actor=ANA)
    for month in ("2017-01", "2017-02", "2017-03", "2017-04", "2017-05"):
        closed(shop, month)
    done = run(note="the first cohorts have run off")
    assert (done.number, done.waits, done.own_approval) == (2, False, True)
    written = Estimate.objects.get(number=2)
    rates = {month: Decimal(rate) for month, rate in written.cohorts["points"].items()}
    assert sorted(rates) == [f"2017-0{month}" for month in range(1, 6)]
    # January's have run off: 20 and 34 of 110 were used.
    assert rates["2017-01"] == (Decimal(54) / 110).quantize(Decimal("1E-8"))
    assert written.low <= written.rate <= written.high < Decimal("0.9")
    assert (written.method, written.paper) == ("bornhuetter_ferguson", done.proposal)
    closed(shop, "2017-06")
    close = Close.objects.get(period__code="2017-06")
    assert Watermark.objects.get(close=close).estimate == 2
    for total in CohortTotal.objects.filter(close=close, issued__gt=0):
        month = total.issued_on.strftime("%Y-%m")
        assert total.rate == rates.get(month, written.rate)
    (told,) = [one for one in statements(program="shop") if one.period == "2017-06"]
    assert liability_now(program="shop")[0].money == told.roll.money.closing > 0
    stage = close_view(period="2017-06").stages[3]
    assert "by bornhuetter ferguson, range" in stage.summary
    assert stage.by == "ana, approved ana"
    assert broken() == {}


def test_new_points_are_priced_by_the_rate_of_new_points(shop):
    run(period="2017-06")
    written = Estimate.objects.get()
    program = compiled(written.program_id)
    at = shop.at("2017-06-10")
    top, bottom = program.price(program.version_at(at), "points", at)
    assert Decimal(top) / bottom == written.rate * 100
    assert broken() == {}


def test_preparer_is_never_approver(two_people):
    done = prepare()
    assert (done.waits, done.number, Estimate.objects.count()) == (True, 0, 0)
    assert [row.outcome for row in papers(program="shop")] == [""]
    with pytest.raises(OwnApproval):
        approve(entity_code="main", number=done.proposal, actor=ANA)
    approve(entity_code="main", number=done.proposal, actor=JONAS)
    written = Estimate.objects.get()
    assert (written.prepared_by, written.approved_by) == ("ana", "jonas")
    assert (written.rate, written.low, written.high) == (done.rate, done.low, done.high)
    found = paper(program="shop").row
    assert (found.outcome, found.decided_by, found.own, found.estimate) == (
        "approved",
        "jonas",
        False,
        1,
    )
    # Stating a rate, or running an estimate, waits for somebody, too.
    rate = set_estimate(program="shop", rate=Decimal("0.5"), from_period="2017-07", actor=ANA)
    assert rate.waits
    assert run().waits
    cost = set_cost(program="shop", amount=Decimal("0.4"), from_period="2017-01", actor=ANA)
    assert (cost.waits, UnitCost.objects.count()) == (True, 0)
    approve(entity_code="main", number=cost.proposal, actor=JONAS)
    assert UnitCost.objects.get().approved_by == "jonas"
    assert Estimate.objects.count() == 1


def test_a_paper_is_what_it_was_and_another_fact_makes_another(shop):
    first, second = prepare(), prepare()
    assert first.proposal == second.proposal  # the same, undecided
    said = paper(program="shop", number=first.proposal).paper
    assert read_paper(as_body(said)) == said
    shop.happened(shop.burn("2017-05-30", 7, member="m5"))
    third = paper(program="shop", number=prepare().proposal).paper
    assert third.digest != said.digest
    assert (third.rows, third.until) == (said.rows + 1, said.until)
    # June is not looked at for an estimate from June on.
    shop.happened(shop.burn("2017-06-25", 7, member="m6"))
    fourth = paper(program="shop", number=prepare().proposal).paper
    assert fourth.digest == third.digest
    # As known when the first was written, the data are still the same.
    unit = said.units[0]
    assert triangle_view(program="shop", until=said.until, seq=said.seq).digest == unit.digest
    assert len(Proposal.objects.get(number=first.proposal).body["units"]) == 1


def test_no_hindsight(shop):
    early = paper(program="shop", number=prepare(period="2017-05").proposal).paper
    assert early.until == "2017-04"
    months = [row.month for row in early.units[0].triangle]
    assert months == ["2017-01", "2017-02", "2017-03", "2017-04"]
    # One cohort was seen at all of its four ages; a month earlier none was.
    assert not early.units[0].needs_prior
    before = paper(program="shop", number=prepare(period="2017-04").proposal).paper
    assert before.units[0].needs_prior
    assert before.rate == Decimal("0.9")
    with pytest.raises(EstimateError, match="state a prior"):
        prepare(period="2017-03", method="chain_ladder", terms=Terms())
    with pytest.raises(EstimateError, match="there were no points"):
        prepare(period="2017-01")
    with pytest.raises(EstimateError, match="2030-01 is not over"):
        run(until="2030-01")


def test_what_is_closed_is_estimated_no_more(shop):
    later = prepare(period="2017-03")
    for month in ("2017-01", "2017-02"):
        shop.close(month)
    for wrong in ("2017-01", "2017-02"):
        with pytest.raises(PeriodClosed, match="2017-02 is closed already"):
            set_estimate(program="shop", rate=Decimal("0.5"), from_period=wrong, actor=ANA)
        with pytest.raises(PeriodClosed):
            set_cost(program="shop", amount=Decimal(1), from_period=wrong, actor=ANA)
    with pytest.raises(PeriodClosed):
        run(period="2017-02")
    shop.close("2017-03")
    # Prepared in time, but approved too late.
    with pytest.raises(PeriodClosed):
        approve(entity_code="main", number=later.proposal, actor=ANA)
    assert not Estimate.objects.exists()


def test_a_cost_is_in_force_from_its_period(shop):
    for wrong in ("-1", "NaN", "0.0000000001"):
        with pytest.raises(EstimateRefused, match="is no cost of a point"):
            set_cost(program="shop", amount=Decimal(wrong), from_period="2017-03", actor=ANA)
    with pytest.raises(EstimateRefused, match="no unit 'miles'"):
        set_cost(program="shop", unit="miles", amount=Decimal(1), from_period="2017-03", actor=ANA)
    done = set_cost(program="shop", amount=Decimal("0.4"), from_period="2017-03", actor=ANA)
    assert (done.number, done.unit, done.own_approval) == (1, "points", True)
    program = compiled(shop.id)
    found = [program.cost_of(period=period, unit="points") for period in ("2017-02", "2017-03")]
    assert found == [Decimal("1.00"), Decimal("0.4")]


def test_what_reports_show(shop):
    with pytest.raises(PaperNotFound):
        paper(program="shop")
    rate = set_estimate(program="shop", rate=Decimal("0.6"), from_period="2017-01", actor=ANA)
    for month in range(1, 6):
        shop.close(f"2017-0{month}")
    with pytest.raises(PaperNotFound, match="looked at no data"):
        back_test(program="shop", number=rate.proposal)
    view = triangle_view(program="shop", until="2017-05")
    assert (view.life, view.ages) == (4, 5)
    oldest = view.rows[0]
    assert [cell.redeemed for cell in oldest.cells][:2] == [20, 34]
    assert oldest.cells[1].share == (Decimal(54) / oldest.issued).quantize(Decimal("1E-8"))
    # Nothing is expected after the last month in which points can be used.
    months = run_off(program="shop").months
    assert months[0].month == "2017-06"
    assert sum(one.expected for one in months) > 0
    tested = back_test(program="shop")
    assert (tested.method, tested.until) == ("flat", "2017-05")
    assert tested.tested.actual == sum(one.actual for one in tested.tested.cohorts)
    suppositions = sensitivity(program="shop")
    totals = CohortTotal.objects.filter(close__period__code="2017-05")
    assert suppositions[0].liability == sum(total.liability for total in totals)
    done = run()
    assert sensitivity(program="shop", number=done.proposal)[0].name == "as estimated"
    assert run_off(program="shop").method == "bornhuetter_ferguson"
    assert back_test(program="shop", number=done.proposal).tested is not None


def test_verify_finds_a_paper_that_is_not_what_the_books_said(shop, as_owner):
    shop.close("2017-01")
    first = prepare(period="2017-06")
    # What is closed and what comes late since changes no paper.
    for month in ("2017-02", "2017-03"):
        shop.close(month)
    shop.happened(shop.buy("2017-02-21", 5_000, member="m2"))
    shop.close("2017-04")
    assert broken() == {}
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("alter table accounting_proposal disable trigger user")
        cursor.execute(
            "update accounting_proposal set body ="
            " jsonb_set(body, '{units,0,digest}', %s) where number = %s",
            ['"00"', first.proposal],
        )
        cursor.execute("alter table accounting_proposal enable trigger user")
    assert list(broken()) == ["books.papers"]
