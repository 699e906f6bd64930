"""What always holds, fact by fact and for any history: nothing is lost, nobody is overdrawn."""

from collections import Counter
from dataclasses import astuple, replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pointbook.engine.ledger.lots import share
from pointbook.engine.replay.fold import Replay, fold
from pointbook.engine.replay.judging import judge
from pointbook.engine.replay.member import Member
from pointbook.engine.replay.verdicts import Verdict
from pointbook.engine.values.calendar import month_name
from pointbook.engine.values.errors import PointbookError
from tests.engine.replay.histories import MEMBERS, TERMS, histories


class Books:
    """What a member's verdicts say, added up beside the member's wallet."""

    def __init__(self, terms, *, swept):
        self.swept = swept
        self.terms, self.program, self.state = terms, terms.program(), Member()
        self.moved: Counter[str] = Counter()
        self.lots = []
        self.left: Counter[int] = Counter()
        self.asked: Counter[int] = Counter()

    @property
    def wallet(self):
        return self.state.wallets.get("points")

    def post(self, fact):
        self.expire(fact.occurred_at)
        before = [(lot, lot.remaining) for lot in self.lots]
        try:
            verdict = judge(self.program, self.state, fact)
        except PointbookError:
            assert [(lot, lot.remaining) for lot in self.lots] == before
            return
        for transfer in verdict.transfers:
            self.moved[transfer.kind] += transfer.points
            self.check(transfer)
        for recovery in verdict.recoveries:
            self.asked[id(recovery.lot)] += recovery.points
            assert self.asked[id(recovery.lot)] <= recovery.lot.points
            assert 0 <= recovery.unrecovered <= recovery.share <= recovery.lot.allocated
        self.conserve()

    def expire(self, at):
        if self.swept and self.wallet is not None:
            self.moved["expiry"] += sum(draw.points for draw in self.wallet.expire(at))

    def check(self, transfer):
        assert transfer.points > 0
        if transfer.kind == "award":
            self.lots.append(transfer.lot)
        elif transfer.kind != "overdraft":
            assert sum(draw.points for draw in transfer.draws) == transfer.points
        for lot, points, allocated in transfer.draws:
            assert points > 0
            assert lot.expires_at > transfer.at
            self.left[id(lot)] += allocated
            assert 0 <= self.left[id(lot)] <= lot.allocated
            assert self.left[id(lot)] == share(lot, lot.drawn_back)
        if transfer.kind == "burn":
            assert all(draw.allocated == 0 for draw in transfer.draws)
            self.in_order(transfer)

    def in_order(self, transfer):
        """Every usable lot before the last drawn one, in the spend order, is empty now."""

        def key(lot):
            age = (lot.earned_at, lot.fact, lot.rule)
            return age if self.terms.order == "oldest" else (lot.expires_at, *age)

        last = max(key(draw.lot) for draw in transfer.draws)
        usable = [lot for lot in self.lots if lot.expires_at > transfer.at]
        assert not any(lot.remaining for lot in usable if key(lot) < last)

    def conserve(self):
        if self.wallet is None:
            return
        moved, wallet = self.moved, self.wallet
        held = sum(lot.remaining for lot in wallet.lots)
        out = moved["burn"] + moved["expiry"] + moved["claw_back"] + moved["repayment"]
        assert moved["award"] == out + held
        assert held == sum(lot.remaining for lot in self.lots)
        assert all(0 <= lot.remaining <= lot.points for lot in self.lots)
        assert wallet.debt == moved["overdraft"] - moved["repayment"] >= 0
        assert wallet.debt == 0 or self.terms.claw_back == "allow_negative"
        assert (wallet.receivable == 0) if wallet.debt == 0 else (wallet.receivable >= 0)


@given(TERMS, histories(), st.booleans())
def test_points_are_conserved_and_spent_in_order_and_never_below_nothing(terms, facts, swept):
    """Whether the task that sweeps expired lots away has run or not."""
    books = {member: Books(terms, swept=swept) for member in MEMBERS}
    for fact in facts:
        if fact.member is not None:
            books[fact.member].post(fact)
    for one in books.values():
        for lot in one.lots:
            if lot.drawn_back == lot.points:
                assert one.left[id(lot)] == lot.allocated


@given(TERMS, histories())
def test_months_roll_and_the_runoff_ends_when_nothing_can_change(terms, facts):
    replay = fold(facts, terms.program(), behaviour=terms.behaviour())
    rows = replay.months()
    opening = 0
    for row in rows:
        flows = row.earned - row.redeemed - row.expired - row.clawed_back
        assert row.opening == opening
        assert row.outstanding == row.opening + flows
        assert sum(row.tiers) == row.members
        assert row.active_members <= row.members
        assert row.phase == ("data" if row.month <= month_name(replay.last_data) else "runoff")
        opening = row.outstanding
    assert all(row.month < after.month for row, after in pairwise(rows))
    earned = sum(outcome.earned for outcome in replay.members)
    assert sum(row.earned for row in rows) == earned
    data = [row.outstanding for row in rows if row.phase == "data"]
    assert (data[-1] if data else 0) == sum(outcome.balance for outcome in replay.members)
    if rows and terms.expires[0] != "never":
        assert opening <= 0  # what is left are debts
    if rows and rows[-1].phase == "runoff":
        assert rows[-1].expired or rows[-1].redeemed


def renamed(facts, names):
    return [
        fact if fact.member is None else replace(fact, member=names[fact.member]) for fact in facts
    ]


def own(facts):
    """Without the returns that name another member's purchase, or none: members are unrelated."""
    sold = {fact.id: fact.member for fact in facts if fact.type == "purchase"}
    return [
        fact for fact in facts if fact.returns is None or sold.get(fact.returns.id) == fact.member
    ]


@given(TERMS, histories(), st.permutations(MEMBERS), st.randoms(use_true_random=False))
def test_who_comes_first_makes_no_difference(terms, facts, names, dice):
    program, habit = terms.program(), terms.behaviour()
    facts = own(facts)
    plain = fold(facts, program, behaviour=habit)
    other = dict(zip(MEMBERS, names, strict=True))
    moved = renamed(facts, other)
    dice.shuffle(moved)
    mixed = fold(moved, program, behaviour=habit)
    assert mixed.months() == plain.months()
    assert mixed.refused == plain.refused
    assert {one.member: astuple(one)[1:] for one in mixed.members} == {
        other[one.member]: astuple(one)[1:] for one in plain.members
    }


@given(TERMS, histories(), st.lists(st.sets(st.sampled_from(MEMBERS)), max_size=2))
def test_parts_of_the_members_add_up_to_all_of_them(terms, facts, cuts):
    program, habit = terms.program(), terms.behaviour()
    facts = own(facts)
    whole = fold(facts, program, behaviour=habit)
    parts = []
    seen: set[str] = set()
    for cut in [*cuts, set(MEMBERS)]:
        parts.append(cut - seen)
        seen |= cut
    merged = Replay(tiers=whole.tiers, last_data=whole.last_data)
    for part in parts:
        group = [fact for fact in facts if fact.member in part]
        merged.merge(fold(group, program, behaviour=habit, last_data=whole.last_data))
    assert merged.months() == whole.months()
    assert merged.refused == whole.refused
    assert sorted(merged.members, key=lambda one: one.member) == whole.members


@given(TERMS, histories())
def test_folding_twice_and_listening_changes_nothing(terms, facts):
    program = terms.program()
    heard: list[Verdict] = []
    first = fold(facts, program, behaviour=terms.behaviour())
    again = fold(reversed(facts), program, behaviour=terms.behaviour(), listener=heard.append)
    assert first.months() == again.months()
    assert first.members == again.members
    assert sum(t.points for one in heard for t in one.transfers if t.kind == "award") == sum(
        outcome.earned for outcome in again.members
    )
