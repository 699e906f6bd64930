"""Random lives of cohorts: whatever happens to their lots, the liability is what the rule says.

A small shop of lots stands in for the ledger: awards, burns, cancelled burns, returns (whose points
may come out of lots of other cohorts, or be missing), repaid debts, expiries, reinstatements,
changed estimates.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor

from hypothesis import given
from hypothesis import strategies as st

from pointbook.engine.revenue.cohorts import (
    CohortKey,
    CohortState,
    Drawn,
    Movement,
    claw_back,
    merge,
)
from pointbook.engine.revenue.policies import Event
from pointbook.engine.revenue.recognition import (
    CohortEntry,
    InForce,
    expected,
    journal,
    liability,
    post_period,
)
from pointbook.engine.revenue.rollforward import Holding, holding, roll_forward
from pointbook.engine.values.money import half_up
from tests.engine.revenue.books import key

COHORTS = [key(issued_on=date(2025, month, 1)) for month in (1, 2, 3)]


@dataclass
class Lot:
    cohort: CohortKey
    points: int
    allocated: int
    remaining: int
    redeemed: int = 0
    expired: int = 0
    drawn_back: int = 0
    due: int = 0
    left: int = 0


@dataclass
class Shop:
    """The lots, what moved since the last close, and what the member owes."""

    lots: list[Lot] = field(default_factory=list)
    moved: list[Movement] = field(default_factory=list)
    debt: int = 0
    receivable: int = 0
    taken: int = 0
    given_back: int = 0

    def pick(self, seed):
        return self.lots[seed % len(self.lots)] if self.lots else None

    def award(self, seed, size):
        cohort = COHORTS[seed % 3]
        lot = Lot(cohort, size, (seed * 37) % 5000, size)
        lot.left = lot.allocated
        self.taken += lot.allocated
        self.lots.append(lot)
        self.moved.append(Movement(key=cohort, issued=size, allocated=lot.allocated))
        repaid = min(self.debt, size)
        if repaid:
            settled = half_up(numerator=self.receivable * repaid, denominator=self.debt)
            self.moved.append(
                Movement(
                    key=cohort,
                    repaid=repaid,
                    repaid_allocated=self.draw_back(lot, repaid),
                    settled=settled,
                )
            )
            self.debt -= repaid
            self.receivable -= settled

    def burn(self, _, size):
        for lot in self.lots:
            used = min(size, lot.remaining)
            lot.remaining -= used
            lot.redeemed += used
            size -= used
            self.moved.append(Movement(key=lot.cohort, burned=used))

    def cancel(self, seed, size):
        if lot := self.pick(seed):
            back = min(size, lot.redeemed)
            lot.remaining += back
            lot.redeemed -= back
            self.moved.append(Movement(key=lot.cohort, cancelled_burns=back))

    def expire(self, seed, _):
        if lot := self.pick(seed):
            self.moved.append(Movement(key=lot.cohort, expired=lot.remaining))
            lot.expired += lot.remaining
            lot.remaining = 0

    def reinstate(self, seed, size):
        if lot := self.pick(seed):
            back = min(size, lot.expired)
            lot.remaining += back
            lot.expired -= back
            self.moved.append(Movement(key=lot.cohort, reinstated=back))

    def give_back(self, seed, size):
        lot = self.pick(seed)
        asked = min(size, lot.points - lot.due) if lot else 0
        if not asked:
            return
        own = portion(lot, lot.due + asked) - portion(lot, lot.due)
        lot.due += asked
        draws, missing = [], asked
        for source in [lot, *self.lots]:
            points = min(missing, source.remaining)
            if points:
                missing -= points
                draws.append(Drawn(source.cohort, points, self.draw_back(source, points)))
        owed = seed % 2 == 0
        back = claw_back(award=lot.cohort, share=own, points=asked, draws=draws, owed=owed)
        assert sum(m.returned_share + m.owed_share + m.forgone_share for m in back) == own
        self.moved += back
        self.given_back += own
        if owed:
            self.debt += missing
            self.receivable += sum(movement.owed_share for movement in back)

    def draw_back(self, lot, points):
        share = portion(lot, lot.drawn_back + points) - portion(lot, lot.drawn_back)
        lot.drawn_back += points
        lot.remaining -= points
        lot.left -= share
        return share

    def rule(self, cohort, rate):
        """The liability by its definition, from the lots alone."""
        own = [lot for lot in self.lots if lot.cohort == cohort]
        issued = sum(lot.points - lot.drawn_back for lot in own)
        used = sum(lot.redeemed for lot in own)
        left = sum(lot.remaining for lot in own)
        price = sum(lot.left for lot in own)
        hoped = min(max(Fraction(rate) * issued, Fraction(used)), Fraction(used + left))
        if not left:
            return 0
        if not hoped:
            return price
        return price - floor(Fraction(price * used) / hoped + Fraction(1, 2))


def portion(lot, points):
    return half_up(numerator=lot.allocated * points, denominator=lot.points)


ACTS = [
    *(Shop.award, Shop.award, Shop.burn, Shop.cancel, Shop.give_back, Shop.give_back),
    *(Shop.expire, Shop.reinstate),
]
rates = st.integers(0, 100).map(lambda hundredths: Decimal(hundredths) / 100)
acts = st.tuples(st.sampled_from(ACTS), st.integers(0, 999), st.integers(1, 300))
lives = st.lists(st.tuples(st.lists(acts, max_size=12), rates), min_size=1, max_size=8)


@dataclass
class Period:
    moved: list[Movement]
    opening: Holding
    entries: list[CohortEntry]
    closing: Holding


def play(life):
    """Live it, close every period, and check each against the rule; then let all expire."""
    shop, periods = Shop(), []
    states = {cohort: CohortState(key=cohort, rate=life[0][1]) for cohort in COHORTS}
    everything_expires = [(Shop.expire, place, 0) for place in range(9999)]
    for number, (doings, rate) in enumerate([*life, (None, life[-1][1])]):
        last = number == len(life)
        for act, seed, size in everything_expires[: len(shop.lots)] if last else doings:
            act(shop, seed, size)
        moved = merge(shop.moved)
        by_key = {movement.key: movement for movement in moved}
        opening = holding(states.values())
        entries: list[CohortEntry] = []
        for cohort in COHORTS:
            posted = post_period(
                before=states[cohort],
                movement=by_key.get(cohort, Movement(key=cohort)),
                now=InForce(rate),
            )
            entries += posted.entries
            owes = liability(posted.after)
            assert owes == shop.rule(cohort, rate) >= 0
            assert owes - liability(states[cohort]) == sum(e.change for e in posted.entries)
            hoped = expected(posted.after)
            assert posted.stale_estimate == (
                posted.after.outstanding > 0 and hoped == posted.after.redeemed
            )
            states[cohort] = posted.after
        periods.append(Period(shop.moved, opening, entries, holding(states.values())))
        shop.moved = []
    return shop, states, periods


@given(lives)
def test_the_liability_is_always_the_rule_and_ends_at_nothing(life):
    _, states, periods = play(life)
    assert all(liability(state) == 0 for state in states.values())
    assert periods[-1].closing == (0, 0)


@given(lives)
def test_every_journal_entry_balances_and_the_accounts_tell_the_whole_story(life):
    shop, _, periods = play(life)
    balances: Counter[str] = Counter()
    for period in periods:
        made = journal(period.entries)
        order = [list(Event).index(entry.event) for entry in made]
        assert order == sorted(set(order))
        for entry in made:
            assert sum(line.debit for line in entry.lines) == sum(
                line.credit for line in entry.lines
            )
            for line in entry.lines:
                assert min(line.debit, line.credit) == 0 < max(line.debit, line.credit)
                balances[line.account] += line.debit - line.credit
        assert balances["2100"] == -period.closing.money
    assert balances["2100"] == 0
    assert balances["4000"] == shop.taken - shop.given_back
    assert balances["1180"] == shop.receivable
    assert sum(balances.values()) == 0


@given(lives, st.randoms(use_true_random=False))
def test_the_order_of_members_and_lots_changes_nothing(life, random):
    _, _, periods = play(life)
    for period in periods:
        mixed = list(period.moved)
        random.shuffle(mixed)
        assert merge(mixed) == merge(period.moved)
        shuffled = list(period.entries)
        random.shuffle(shuffled)
        assert journal(shuffled) == journal(period.entries)


@given(lives)
def test_periods_concatenate(life):
    _, states, periods = play(life)
    tables = [
        roll_forward(opening=period.opening, entries=period.entries, closing=period.closing)
        for period in periods
    ]
    money, points = tables[0].money, tables[0].points
    for table in tables[1:]:
        money, points = money.then(table.money), points.then(table.points)
    whole = roll_forward(
        opening=periods[0].opening,
        entries=[entry for period in periods for entry in period.entries],
        closing=periods[-1].closing,
    )
    assert (whole.money, whole.points) == (money, points)
    for movement in merge(moved for period in periods for moved in period.moved):
        after = states[movement.key]
        at_once = post_period(
            before=CohortState(key=movement.key, rate=after.rate),
            movement=movement,
            now=InForce(after.rate),
        )
        assert at_once.after == after
