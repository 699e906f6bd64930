"""Whatever happens to a wallet, every point is somewhere: points in are points held and out."""

from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from pointbook.engine.ledger.lots import AT_ONCE, FOREVER, Lot, Wallet, share
from tests.engine.sketches import at

POINTS = st.integers(1, 200)
DAYS = st.integers(0, 40)
FIRST = at("2025-01-01")


class Life(RuleBasedStateMachine):
    """One wallet and all that can be done with it, in any order, while time passes."""

    def __init__(self):
        super().__init__()
        self.now = FIRST
        self.wallet = Wallet(spend_order="oldest", remembers=timedelta(days=20))
        self.lots = []
        self.burns = []
        # What left each lot for good, and its share of the price.
        self.out = {}
        self.shares = {}
        self.burned = {}
        self.expired = {}

    def _note(self, kind, draws):
        for draw in draws:
            kind[draw.lot] = kind.get(draw.lot, 0) + draw.points
            self.shares[draw.lot] = self.shares.get(draw.lot, 0) + draw.allocated

    @rule(
        points=POINTS, allocated=st.integers(0, 999), ends=st.none() | DAYS, waits=st.none() | DAYS
    )
    def add(self, points, allocated, ends, waits):
        starts = AT_ONCE
        if waits is not None:
            starts = self.now + timedelta(days=waits) if waits < 30 else FOREVER
        end = FOREVER if ends is None else self.now + timedelta(days=ends + 1)
        one = Lot(
            *(f"{len(self.lots)}", "r", "points", self.now, end, points, points),
            allocated=allocated,
            starts_at=starts,
        )
        self.lots.append(one)
        self.wallet.add(one)

    @rule(days=DAYS)
    def wait(self, days):
        self.now += timedelta(days=days)

    @rule(sooner=st.booleans())
    def follow(self, sooner):
        self.wallet.follow("soonest_expiry" if sooner else "oldest")

    @rule()
    def expire(self):
        self._note(self.expired, self.wallet.expire(self.now))
        assert self.wallet.next_expiry > self.now

    @rule(part=st.integers(1, 10))
    def draw(self, part):
        draws = self.wallet.draw(self.wallet.available(self.now) * part // 10, at=self.now)
        self._note(self.burned, draws)
        if draws:
            self.burns.append(draws)

    @precondition(lambda self: self.burns)
    @rule(pick=st.integers(0, 99))
    def put_back(self, pick):
        draws = self.burns.pop(pick % len(self.burns))
        for lot, points, _ in self.wallet.put_back(draws, at=self.now):
            self.burned[lot] -= points

    @precondition(lambda self: self.lots)
    @rule(points=POINTS, pick=st.integers(0, 99))
    def take_back(self, points, pick):
        first = self.lots[pick % len(self.lots)]
        self._note(self.out, self.wallet.take_back(points, at=self.now, first=first))

    @rule(part=st.integers(1, 10))
    def part(self, part):
        points = self.wallet.available(self.now) * part // 10
        self._note(self.out, self.wallet.part(points, at=self.now))

    @rule()
    def part_all(self):
        self._note(self.out, self.wallet.part_all(at=self.now))

    @rule(days=DAYS)
    def slide(self, days):
        before = {one: one.expires_at for one in self.lots}
        self.wallet.slide(self.now + timedelta(days=days), at=self.now)
        assert all(one.expires_at >= end for one, end in before.items())

    @precondition(lambda self: self.lots)
    @rule(pick=st.integers(0, 99), ends=st.none() | DAYS)
    def release(self, pick, ends):
        one = self.lots[pick % len(self.lots)]
        if one.starts_at > self.now:
            end = None if ends is None else self.now + timedelta(days=ends + 1)
            self.wallet.release(one, starts_at=self.now, expires_at=end)

    @rule(days=st.integers(0, 20))
    def reinstate(self, days):
        self.expire()
        since, until = self.now - timedelta(days=days), self.now + timedelta(days=30)
        back = self.wallet.reinstate(since=since, at=self.now, until=until)
        for lot, points, _ in back:
            self.expired[lot] -= points

    @invariant()
    def every_point_is_somewhere(self):
        for one in self.lots:
            left = self.out.get(one, 0) + self.burned.get(one, 0) + self.expired.get(one, 0)
            assert one.remaining >= 0
            assert one.remaining + left == one.points

    @invariant()
    def the_wallet_has_the_open_lots_in_order(self):
        wallet, now = self.wallet, self.now
        held = [one for one in self.lots if one.remaining]
        fresh = Wallet(spend_order="oldest", lots=held)
        fresh._order = wallet._order
        fresh.lots.sort(key=wallet._order)
        assert wallet.lots == fresh.lots
        assert wallet.next_expiry == fresh.next_expiry
        assert wallet.available(now) == sum(
            one.remaining for one in held if one.starts_at <= now < one.expires_at
        )
        assert wallet.pending(now) == sum(
            one.remaining for one in held if now < min(one.starts_at, one.expires_at)
        )

    @invariant()
    def shares_of_the_price_are_those_of_the_points_that_left(self):
        for one in self.lots:
            assert self.shares.get(one, 0) == share(one, self.out.get(one, 0))
            assert 0 <= self.shares.get(one, 0) <= one.allocated

    @invariant()
    def what_is_remembered_has_expired(self):
        remembered: dict[Lot, int] = {}
        for lot, points, ended_at in self.wallet.gone:
            assert ended_at <= self.now
            remembered[lot] = remembered.get(lot, 0) + points
        assert all(points <= self.expired[lot] for lot, points in remembered.items())


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
