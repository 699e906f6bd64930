"""Whatever the program and whatever happens: points are kept, explained, and within their limits.

Programs and lives are drawn by the whole language. What is compared with tables, and what comes
twice, is tested with the database.
"""

import json
from collections import Counter
from datetime import datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pointbook.engine.ledger.lots import share
from pointbook.engine.replay.member import Member
from pointbook.engine.values.calendar import span_start
from tests.engine.replay.lives import LINKED, MEMBERS
from tests.engine.replay.worlds import Watched, compiled, held, moved, programs_and_lives, shown

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
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
        gone: Counter[tuple[str, datetime, str]] = Counter()
        come: Counter[tuple[str, datetime, str]] = Counter()
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


@PATIENT
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


@PATIENT
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


class Limited(Watched):
    """A world that counts what was given under each limit and budget, by the reasons alone."""

    def __init__(self, program):
        super().__init__(program)
        self.given: Counter[tuple[str, str, object]] = Counter()
        self.times: Counter[tuple[str, str, object]] = Counter()
        self.shared: Counter[tuple[str, object]] = Counter()

    def post(self, fact):
        full = {
            (name, unit): self._balance(name, unit, fact.occurred_at)
            for name in self.members
            for unit in self.program.versions[0].units
        }
        verdicts = super().post(fact)
        for verdict in verdicts:
            self.count(verdict)
            self.check_most(verdict, full)
        return verdicts

    def count(self, verdict):
        version, fact = self.program.versions[0], verdict.fact
        name, at = fact.member, fact.occurred_at
        if name not in self.members:
            return
        joined_at = self.members[name].joined_at
        own: Counter[str] = Counter()
        for reason in verdict.reasons:
            own[reason.rule] += reason.points
        for code, points in (+own).items():
            rule = version.rules[code]
            for limit in version.limits.get(code, ()):
                span = span_start(limit.each, at=at, zone=version.zone, joined_at=joined_at)
                key = (name, limit.code, (fact.id if limit.each == "fact" else span))
                self.given[key] += points
                self.times[key] += 1
                assert limit.points is None or self.given[key] <= limit.points
                assert limit.times is None or self.times[key] <= limit.times
            if rule.budget is not None:
                each = rule.budget.each
                span = span_start(each, at=at, zone=version.zone, joined_at=None)
                mine = (code, fact.id if each == "fact" else span)
                self.shared[mine] += points
                assert self.shared[mine] <= rule.budget.points

    def check_most(self, verdict, before):
        for unit in self.program.versions[0].units.values():
            given = sum(one.points for one in verdict.reasons if one.unit == unit.code)
            if unit.most is None or not given or verdict.fact.type == "received":
                continue
            held = before.get((verdict.fact.member, unit.code), 0)
            assert held + given <= unit.most

    def _balance(self, name, unit, at):
        wallet = self.members[name].wallets.get(unit)
        return 0 if wallet is None else wallet.available(at) + wallet.pending(at)


# What gives room back under a limit, or counts it otherwise.
GIVES_BACK = frozenset({"void", "merge", "opening", "invited", "household", "company"})


@PATIENT
@given(programs_and_lives(late=True, without=GIVES_BACK))
def test_limits_budgets_and_full_balances_are_never_exceeded(drawn):
    document, life = drawn
    document["program"]["late_facts"] = "leave"
    Limited(compiled(document)).live(life)


@PATIENT
@given(programs_and_lives(alone=True, late=True, without=LINKED))
def test_who_touches_nobody_is_alone_in_the_world(drawn):
    """Members fold the same one by one as all together, in a world and in a what-if."""
    document, life = drawn
    program = compiled(document)
    together = Watched(program).live(life)
    for name in MEMBERS:
        own = [one for one in life.happenings if owner(one.fact, together) in (name, None)]
        alone = Watched(program).live(life._replace(happenings=tuple(own)))
        assert held(alone.members[name], program) == held(together.members[name], program)
        assert [moved(one) for one in alone.heard if one.fact.member == name] == [
            moved(one) for one in together.heard if one.fact.member == name
        ]


def owner(fact, world):
    """Whose a fact is in the end."""
    if fact.member is None and fact.refers is not None:
        return world.owners.get(fact.refers)
    return fact.member


@PATIENT
@given(programs_and_lives(alone=True, dated=False, without=LINKED), st.permutations(MEMBERS))
def test_neither_the_order_of_members_nor_the_daily_jobs_matter(drawn, order):
    """Without late facts: whatever is due is done when it is due, whether a job ran or not."""
    document, life = drawn
    program = compiled(document)
    plain = Watched(program).live(life)
    ranks = {name: rank for rank, name in enumerate(order)}
    facts = sorted(life.happenings, key=lambda one: ranks.get(owner(one.fact, plain) or "", -1))
    mixed = Watched(program).live(life._replace(happenings=tuple(facts)), daily=False)
    assert mixed.refused.keys() == plain.refused.keys()
    for name in MEMBERS:
        assert held(mixed.members[name], program) == held(plain.members[name], program)
        mine = sorted(shown(lot) for who, lot in plain.lots if who == name)
        assert sorted(shown(lot) for who, lot in mixed.lots if who == name) == mine
