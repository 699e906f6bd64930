"""What other loyalty systems expect of what is written, and of what pages say of it."""

import pytest

from pointbook.analytics.stories import DatabaseStage
from pointbook.earning.models import Decision
from pointbook.earning.progress import progress
from pointbook.earning.states import states_of
from pointbook.engine.replay.playing import play
from pointbook.interfaces.console.templatetags.pointbook import width
from pointbook.ledger.models import Fact, Lot, Transfer
from pointbook.ledger.operations.expiring import expire
from pointbook.members.queries import resolve
from pointbook.programs.queries import compiled
from tests.engine.replay.peer_stories import peer_story
from tests.engine.replay.test_stories import PEERS
from tests.rooms.ledger.test_races import at_once
from tests.rooms.till import balance, broken, buy, day, fact, post, posted, publish

PLAIN = (PEERS.parent / "programs" / "plain.yaml").read_text()
PURCHASES = (
    '{rule: purchases, name: Points for purchases, on: purchase, award: {points: 1, per: "1.00"}}'
)


def plain(*, rule=PURCHASES, more=""):
    """Publish the plain program with another rule and more parts; its id."""
    assert PURCHASES in PLAIN
    return publish(PLAIN.replace(PURCHASES, rule) + more)


def tell(*facts):
    return post(*facts, code="plain")


def pay(key, total):
    return fact(key, "purchase", currency="EUR", total=total)


@pytest.mark.django_db
def test_an_action_told_twice_gives_once():
    """[SY-18] newsletter-signup gives 150, told twice: a balance of 150, earned once, one row.

    Setono/sylius-loyalty-plugin@0b40b07, LoyaltyLedgerTest.
    """
    own = plain(
        rule="{rule: newsletter, name: Newsletter, on: newsletter-signup, award: {points: 150}}",
        more="measures: {earned: {measure: earned, window: lifetime}}\n",
    )
    answers = [tell(fact("1", "newsletter-signup"))[0].status for _ in range(2)]
    assert answers == ["posted", "duplicate"]
    assert (balance(), Lot.objects.get().points) == (150, 150)
    assert Fact.objects.count() == Transfer.objects.count() == 1
    program = compiled(own)
    member = resolve(own, ["ada"])["ada"]
    found = states_of(program_id=own, program=program, members=[member], wallets={})
    (earned,) = program.version_at(day(1)).blueprint.measures
    assert found[member].measure(earned, at=day(1), program=program) == 150


@pytest.mark.django_db
def test_an_order_keeps_its_basis_and_what_each_rule_gave():
    """[SY-19] 200 points of rule 1 for a basis of 5,000 minor units; told again nothing is written.

    Setono/sylius-loyalty-plugin@0b40b07, LoyaltyLedgerTest.
    """
    plain(rule='{rule: rule-1, name: Rule 1, on: purchase, award: {points: 4, per: "1.00"}}')
    answers = [tell(pay("o1", 5_000))[0].status for _ in range(2)]
    assert answers == ["posted", "duplicate"]
    assert (Lot.objects.get().rule, Lot.objects.get().base) == ("rule-1", 5_000)
    (reason,) = Decision.objects.get().reasons
    assert (reason["rule"], reason["base"], reason["points"]) == ("rule-1", 5_000, 200)
    assert (Transfer.objects.count(), balance()) == (1, 200)


def test_six_purchases_at_the_same_time(fresh_database):
    """[PT-05] The balance rises by the exact sum, and each has one lot with the one end they share.

    billjansen-ops/Loyalty-Demo@b7297ac, test_concurrent_accruals.
    """
    publish()
    totals = [10_000 + 100 * n for n in range(6)]
    jobs = [lambda n=n, total=total: post(buy(f"{n}", total)) for n, total in enumerate(totals)]
    assert [one.status for (one,) in at_once(*jobs)] == ["posted"] * 6
    assert balance() == sum(totals) // 100
    lots = Lot.objects.order_by("points").values_list("fact__key", "points")
    assert list(lots) == [(f"{n}", total // 100) for n, total in enumerate(totals)]
    assert Lot.objects.values("expires_at").distinct().count() == 1
    assert broken() == {}


@pytest.mark.django_db
@pytest.mark.parametrize(("points", "share"), [(500, "50.0%"), (2_000, "100.0%")])
def test_the_way_to_the_next_tier(points, share):
    """[RL-05] 500 of 1,000 are 50 percent of the way, 2,000 are no more than 100.

    studiodoctor/rewardsloyalty@331a487, TierServiceTest (facts only).
    """
    plain(
        more="tiers: {measure: {measure: earned}, window: {calendar: year}, upgrade: at_review,"
        " validity: {end_of_year: 1}, ladder: [{tier: Basic}, {tier: Gold, from: 1000}]}\n"
    )
    assert tell(pay("1", 100 * points))[0].status == "posted"
    way = progress("plain", "ada", at=day(1))
    assert (way.tier, way.next_tier) == ("Basic", "Gold")
    assert way.step is not None
    assert (way.step.value, way.step.least) == (points, 1_000)
    assert way.step.missing == max(0, 1_000 - points)
    assert width(way.step.value, way.step.least) == share


@pytest.mark.django_db
def test_the_job_expires_each_lot_once():
    """SY-09 and SY-14: of two lots one entry each, and none when the job runs again."""
    own = publish()
    posted(buy("1", 10_000), buy("2", 6_000, days=1), buy("3", 5_000, days=100))
    done = [expire(program_id=own, at=day(182)) for _ in range(2)]
    assert [(one.lots, one.points) for one in done] == [(2, 160), (0, 0)]
    rows = Transfer.objects.filter(kind="expiry").order_by("points")
    assert [row.points for row in rows] == [60, 100]
    assert balance() == 50


@pytest.mark.django_db
def test_what_comes_back_is_one_entry():
    """SF-01: one reinstatement, of the lot that ended in time."""
    story = peer_story("SF-01")
    stage = DatabaseStage(story)
    play(story, stage=stage)
    (row,) = Transfer.objects.filter(program_id=stage.program_id, kind="reinstatement")
    assert row.points == 200
