"""Whatever the program and whatever happens: points are kept, explained, and within their limits.

Programs and lives are drawn by the whole language. What is compared with tables, and what comes
twice, is tested with the database.
"""

import json
from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pointbook.engine.ledger.lots import share
from pointbook.engine.replay.member import Member
from tests.engine.replay.worlds import Watched, compiled, held, moved, programs_and_lives

PATIENT = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
INTO = ("award", "refund", "reinstatement", "transfer_in")
OUT_OF = ("burn", "expiry", "claw_back", "repayment", "deduction", "transfer_out")
# What takes only points that can be used; the others may take what waits.
USABLE = ("burn", "deduction")


class Books(Watched):
    """A world whose points are added up beside it."""

    def __init__(self, program):
        super().__init__(program)
        self.moved: Counter[tuple[str, str, str]] = Counter()
        self.left: Counter[int] = Counter()
        self.gone = 0

    def post(self, fact):
        verdicts = super().post(fact)
        for verdict in verdicts:
            self.explained(verdict)
            for transfer in verdict.transfers:
                self.transferred(verdict.fact.member, transfer)
            for draw in (draw for transfer in verdict.transfers for draw in transfer.draws):
                lot = draw.lot
                assert 0 <= self.left[id(lot)] == share(lot, lot.drawn_back) <= lot.allocated
        self.handed(verdicts)
        return verdicts

    def transferred(self, member, transfer):
        assert transfer.points > 0
        self.moved[member, transfer.unit, transfer.kind] += transfer.points
        if transfer.kind in ("award", "transfer_in"):
            lot = transfer.lot
            assert (lot.points, lot.unit) == (transfer.points, transfer.unit)
            assert lot.allocated >= 0
        elif transfer.kind != "overdraft":
            assert sum(draw.points for draw in transfer.draws) == transfer.points
        for lot, points, allocated in transfer.draws:
            assert points > 0
            assert lot.unit == transfer.unit
            self.left[id(lot)] += allocated
            if transfer.kind != "refund":
                assert lot.expires_at > transfer.at
            if transfer.kind in USABLE:
                assert lot.starts_at <= transfer.at

    def explained(self, verdict):
        """Reasons add up to the awards of their rules; nothing else is awarded by rules."""
        told: Counter[tuple[str, str]] = Counter()
        for reason in verdict.reasons:
            assert reason.points >= 0
            assert reason.asked == 0 or (reason.asked > reason.points and reason.limit)
            told[reason.rule, reason.unit] += reason.points
        given = Counter(
            {
                (one.lot.rule, one.unit): one.points
                for one in verdict.transfers
                if one.kind == "award"
                if verdict.fact.type not in ("adjustment", "opening")
            }
        )
        assert +told == given
        priced = sum(one.lot.allocated for one in verdict.transfers if one.kind == "award")
        assert verdict.fact.type == "re_evaluated" or priced <= verdict.fact.spend

    def handed(self, verdicts):
        """What leaves one member arrives with another, and so does the price deferred for it."""
        gone, come = Counter(), Counter()
        for verdict in verdicts:
            for transfer in verdict.transfers:
                if transfer.kind == "transfer_out":
                    for lot, points, allocated in transfer.draws:
                        gone[transfer.unit, lot.earned_at, "points"] += points
                        gone[transfer.unit, lot.earned_at, "price"] += allocated
                elif transfer.kind == "transfer_in":
                    lot = transfer.lot
                    come[transfer.unit, lot.earned_at, "points"] += lot.points
                    come[transfer.unit, lot.earned_at, "price"] += lot.allocated
        assert +gone == +come

    def conserve(self):
        """Per member and unit: what came in less what went out is what is there."""
        for expired in self.expired[self.gone :]:
            self.moved[expired.member, expired.unit, "expiry"] += expired.draw.points
        self.gone = len(self.expired)
        remaining: Counter[tuple[str, str]] = Counter()
        for owner, lot in self.lots:
            assert 0 <= lot.remaining <= lot.points
            assert lot.remaining + lot.drawn_back <= lot.points
            assert 0 <= lot.due <= lot.points
            remaining[owner, lot.unit] += lot.remaining
        for name, member in self.members.items():
            for unit, wallet in member.wallets.items():
                came, went = (
                    sum(self.moved[name, unit, kind] for kind in kinds) for kinds in (INTO, OUT_OF)
                )
                assert came - went == sum(lot.remaining for lot in wallet.lots)
                assert came - went == remaining[name, unit]
                owed = self.moved[name, unit, "overdraft"] - self.moved[name, unit, "repayment"]
                assert owed == wallet.debt >= 0
                assert wallet.receivable >= 0
                assert wallet.debt or not wallet.receivable

    def snapshot(self):
        """What no refused fact may change."""
        return {
            name: (
                {
                    unit: (wallet.debt, wallet.receivable, [_lasting(lot) for lot in wallet.lots])
                    for unit, wallet in member.wallets.items()
                    if wallet.debt or wallet.lots
                },
                {
                    part: json.dumps(told)
                    for part, told in member.dump(self.program).items()
                    if part != "standings"
                },
            )
            for name, member in self.members.items()
        }


def _lasting(lot):
    """A lot without its end, which time may put off."""
    return (lot.fact, lot.rule, lot.points, lot.remaining, lot.due, lot.returned, lot.drawn_back)


@settings(max_examples=80, **PATIENT)
@given(programs_and_lives(late=True))
def test_points_are_conserved_and_explained_and_a_refused_fact_changes_nothing(drawn):
    document, life = drawn
    world = Books(compiled(document))
    world.gather(life)
    for one in life.happenings:
        world.pass_to(one.at)
        before = world.snapshot()
        world.tell(one.fact, at=one.at)
        if one.fact.id in world.refused:
            after = world.snapshot()
            assert {name: after[name] for name in before} == before
        world.conserve()
    world.pass_to(life.ends_at)
    world.conserve()


@settings(max_examples=60, **PATIENT)
@given(programs_and_lives(late=True), st.integers(1, 4))
def test_a_member_laid_down_and_taken_up_again_is_the_same(drawn, each):
    """What is kept between batches is everything: wallets and records come from the ledger."""
    document, life = drawn
    program = compiled(document)
    plain = Watched(program).live(life)
    world = Watched(program)
    world.gather(life)
    for number, one in enumerate(life.happenings):
        world.pass_to(one.at)
        world.tell(one.fact, at=one.at)
        if number % each == 0:
            world.members = {name: again(state, program) for name, state in world.members.items()}
    world.pass_to(life.ends_at)
    assert {name: str(error) for name, error in world.refused.items()} == {
        name: str(error) for name, error in plain.refused.items()
    }
    assert [moved(verdict) for verdict in world.heard] == [moved(one) for one in plain.heard]
    for name, member in plain.members.items():
        assert held(world.members[name], program) == held(member, program)


def again(member, program):
    """A member laid down as JSON and taken up again."""
    body = json.loads(json.dumps(member.dump(program)))
    fresh = Member.load(body, wallets=member.wallets)
    fresh.records, fresh.waiting, fresh.later = member.records, member.waiting, member.later
    return fresh
