"""Random lives through the database equal plain loops over its rows and the pure engine."""

import random
from datetime import date
from decimal import Decimal

import pytest

from pointbook.accounting.models import CohortEntry, CohortTotal, Period
from pointbook.accounting.queries.statements import liability_now, statements
from pointbook.controls.queries import last_seq
from pointbook.earning.operations import ingest
from pointbook.earning.operations.ending import end_holds
from pointbook.engine.revenue.cohorts import (
    CohortKey,
    CohortState,
    Drawn,
    Movement,
    Use,
    claw_back,
    merge,
)
from pointbook.engine.revenue.policies import Policy
from pointbook.engine.revenue.recognition import InForce, liability, post_period, rate_of
from pointbook.engine.values.calendar import month_name
from pointbook.ledger.models import Draw, Lot, Recovery
from tests.rooms.accounting.conftest import OWNER, Shop
from tests.rooms.till import broken

MONTHS = [date(2017, month, 1) for month in range(1, 7)]
FIELDS = {
    "burn": ("burned",),
    "capture": ("burned",),
    "lapse": ("expired",),
    "refund": ("cancelled_burns",),
    "expiry": ("expired",),
    "deduction": ("expired",),
    "reinstatement": ("reinstated",),
    "repayment": ("repaid", "repaid_allocated"),
}
MORE = """
transfers: {units: [points]}
households: {pool: [points]}
corrections: {negative: NEGATIVE}
redemption: {hold_minutes: 20000, returned_for_days: RETURNED}
rewards:
  - {reward: mug, name: A mug, price: 20, value: "8.00", unit: points, gives: {product: {}}}
  - {reward: gone, name: A voucher, price: 20, value: "5.00", unit: points,
     gives: {discount: "5.00"}, voucher: {days: 25, unused: gone}}
  - {reward: card, name: A card, price: 20, value: "9.00", unit: points,
     gives: {stored_value: "9.00", unit: gift}}
"""
GIFT = ", gift: {name: Gift card, money: true, expires: {after_days: 70}}"
# What the rewards are in the books: goods and discounts of our own, and another liability.
SIDES = {"mug": "own_goods", "gone": "own_goods", "card": "none"}
# Points by hand are for no sale: what they buy is provided for, a dollar for each.
EACH = {Policy.NO_SALE: Decimal(100)}


def sides(told):
    """How the points of each burn and capture were used, by key, from what was told of them."""
    found = {}
    for fact in told:
        if fact.type == "capture":
            found[fact.id] = found[fact.about.id]
        elif "reward" in fact.attributes:
            found[fact.id] = SIDES[fact.attributes["reward"]]
        elif fact.type in ("burn", "reserve"):
            found[fact.id] = "tender" if fact.about else ""
    return found


def use(side, points):
    """A burn by its side: what it costs was never said, but another liability costs nothing."""
    return Use(side, burned=points, uncosted=0 if side == "none" else points)


def plain_movements(told):
    """(month it belongs to, number in the sequence, movement) of every row, by plain loops."""
    found = []
    known = sides(told)
    lots = Lot.objects.select_related("transfer", "account")
    for lot in lots.filter(transfer__kind="award"):
        movement = Movement(key=key(lot), issued=lot.points, allocated=lot.allocated)
        found.append((lot.issued_on, lot.transfer.seq, movement))
    draws = Draw.objects.select_related("transfer__fact", "transfer__undoes", "lot__account")
    for draw in draws.filter(transfer__kind__in=FIELDS):
        transfer, lot = draw.transfer, draw.lot
        figures = dict(zip(FIELDS[transfer.kind], (draw.points, draw.allocated), strict=False))
        uses = ()
        if "burned" in figures:
            uses = (use(known[transfer.fact.key], draw.points),)
        elif "cancelled_burns" in figures:
            # What comes back was used as what it undoes was, not as the fact that asks for it.
            undone = use(known[transfer.undoes.key], draw.points)
            uses = (Use(undone.side, back=undone.burned, uncosted_back=undone.uncosted),)
        movement = Movement(key=key(lot), **figures, settled=transfer.settled, uses=uses)
        month = max(transfer.occurred_at.date().replace(day=1), lot.issued_on)
        found.append((month, transfer.seq, movement))
    for recovery in Recovery.objects.select_related("fact", "lot__account", "transfer"):
        taken_of = list(
            draws.filter(transfer=recovery.transfer).order_by("id") if recovery.transfer_id else ()
        )
        months = [recovery.lot.issued_on, *(draw.lot.issued_on for draw in taken_of)]
        at = (recovery.transfer or recovery.fact).occurred_at
        month = max(at.date().replace(day=1), *months)
        taken = claw_back(
            award=key(recovery.lot),
            share=recovery.share,
            points=recovery.points,
            draws=[Drawn(key(draw.lot), draw.points, draw.allocated) for draw in taken_of],
            owed=recovery.owed > 0 and not recovery.carried,
        )
        found += [(month, recovery.fact.seq, movement) for movement in taken]
    return found


def key(row):
    """The cohort of a lot, or of what a close wrote down."""
    return CohortKey(
        entity="main",
        program="shop",
        unit=row.account.unit if isinstance(row, Lot) else row.unit,
        currency=row.currency,
        issued_on=row.issued_on,
        policy=Policy(row.policy),
    )


def live(shop, rng, number):
    """A fact at random; some come a month late, some returns name a purchase of long ago."""
    month = rng.choice([number, number, number, max(1, number - 1)])
    at = f"2017-{month:02d}-{rng.randint(1, 28):02d}T{rng.randint(0, 23):02d}:00"
    member = rng.choice(["ada", "bob"])
    kinds = ["buy", "burn", "back", "order", "correct", "redeem"]
    kind = rng.choices(kinds, [5, 3, 2, 2, 2, 5])[0]
    if kind == "redeem":
        return redeem(shop, rng, at, member)
    if kind == "burn":
        return shop.burn(at, rng.randint(1, 60), member=member)
    if kind == "correct":
        return correct(shop, rng, at, member)
    if kind in ("back", "order") and shop.bought:
        of, owner, total = rng.choice(shop.bought)
        if kind == "back":
            return shop.give_back(at, of, rng.randint(1, total), member=owner)
        asked = rng.choice(["burn", "burn", "cancel", "void"])
        more = {"points": rng.randint(1, 60)} if asked == "burn" else {"reason": "random"}
        return shop.tell(asked, at, member=owner, about=of, **more)
    total = rng.randint(100, 99_999)
    fact = shop.buy(at, total, member=member)
    shop.bought.append((fact.id, member, total))
    return fact


def redeem(shop, rng, at, member):
    """Points are held, captured in whole or in part, let go and given back; cards are used."""
    kinds = ["reserve", "burn", "card", "use", "capture", "settle"]
    asked = rng.choices(kinds, [3, 1, 1, 1, 4, 2])[0]
    if asked == "reserve":
        key = f"r{shop.facts}"
        shop.held.append(key)
        what = rng.choice(
            [{"reward": "mug"}, {"reward": "gone"}, {"pay": True, "points": rng.randint(1, 60)}]
        )
        about = rng.choice(shop.bought)[0] if "pay" in what and shop.bought else None
        return shop.tell("reserve", at, member=member, key=key, about=about, **what)
    if asked == "burn":
        return shop.tell("burn", at, member=member, reward=rng.choice(["mug", "card"]))
    if asked in ("card", "use") or not shop.held:
        amount = f"{rng.randint(1, 30)}.50"
        if asked == "card":
            return shop.tell("top_up", at, member=member, amount=amount)
        return shop.tell("burn", at, member=member, unit="gift", points=amount)
    about = rng.choice(shop.held[-2:])
    if asked == "capture":
        part = rng.choice([{}, {}, {"points": rng.randint(1, 20)}])
        return shop.tell("capture", at, member=None, about=about, **part)
    kind = rng.choice(["release", "cancel_redemption", "cancel_redemption"])
    return shop.tell(kind, at, member=None, about=about)


def correct(shop, rng, at, member):
    """A plus, a minus, points for the other one, what expired lately once more, a household."""
    kinds = ["plus", "minus", "transfer", "transfer", "reinstate", "reinstate", "join", "leave"]
    kind = rng.choice(kinds)
    other = "bob" if member == "ada" else "ada"
    points = str(rng.randint(1, 80))
    if kind == "transfer":
        return shop.tell("transfer", at, member=member, to=other, points=points)
    if kind == "reinstate":
        return shop.tell("reinstate", at, member=member)
    if kind == "join":
        return shop.tell("join_household", at, member="bob", head="ada")
    if kind == "leave":
        return shop.tell("leave_household", at, member="bob")
    points = points if kind == "plus" else f"-{points}"
    return shop.tell("adjustment", at, member=member, points=points, reason="random")


def a_month(shop, rng, number):
    """Batches of facts, which it answers; some are refused: not covered, or the hold is over."""
    told = []
    for _ in range(rng.randint(2, 6)):
        batch = [live(shop, rng, number) for _ in range(rng.randint(1, 4))]
        today = shop.at(f"2017-{number:02d}-28T23:59")
        at = rng.choice([today, today, today, None])
        ingest(program="shop", facts=batch, actor=OWNER, at=at)
        told += batch
        day = f"2017-{number:02d}-{rng.randint(1, 28):02d}"
        if rng.random() < 0.3:
            shop.expire(day)
        if rng.random() < 0.3:
            end_holds(program_id=shop.id, at=shop.at(day))
    return told


@pytest.mark.parametrize("seed", range(24))
def test_books_equal_plain_loops(db, seed):
    rng = random.Random(seed)
    shop = Shop(
        expires=f"{{after_days: {rng.choice([20, 45, 400])}}}",
        claw_back=rng.choice(["clamp", "allow_negative", "carry_forward"]),
        unit=", reinstate: {within_days: 20, for_days: 30}",
        units=GIFT,
        more=MORE.replace("NEGATIVE", rng.choice(["refuse", "clamp", "allow"])).replace(
            "RETURNED", rng.choice(["0", "30"])
        ),
    ).open()
    shop.happened(shop.buy("2017-01-01", 50_000, member="ada"))
    shop.happened(shop.buy("2017-01-01", 20_000, member="bob"))
    marks, rates, told = [], {}, []
    for number, month in enumerate(MONTHS, 1):
        told += a_month(shop, rng, number)
        if rng.random() < 0.5:
            shop.estimate(
                str(rng.choice([0, 1, Decimal("0.5"), Decimal("0.83")])), month_name(month)
            )
        shop.close(month_name(month))
        marks.append(watermark(month))
        rates[month] = rate(month)
    states: dict[CohortKey, CohortState] = {}
    found = plain_movements(told)
    for place, month in enumerate(MONTHS):
        before = marks[place - 1] if place else 0
        own = merge(
            movement
            for dated, seq, movement in found
            if (dated == month and seq <= marks[place])
            or (dated < month and before < seq <= marks[place])
        )
        moved = {movement.key: movement for movement in own}
        changes = []
        for one in sorted({*states, *moved}):
            posting = post_period(
                before=states.get(one) or CohortState(key=one, rate=rates[month]),
                movement=moved.get(one, Movement(key=one)),
                now=InForce(rate_of(one, rates[month]), EACH.get(one.policy, Decimal(0))),
            )
            states[one] = posting.after
            changes += [
                (e.key.issued_on, e.event, e.side, e.points, e.change, e.share, e.cost)
                for e in posting.entries
            ]
        assert changes == posted(month)
        assert {one: state for one, state in states.items() if state.outstanding} == totals(month)
    # Lots that end with the last period expire in the first instant of the next.
    for movement in merge(one for dated, _, one in found if dated > MONTHS[-1]):
        before = states[movement.key]
        states[movement.key] = post_period(
            before=before, movement=movement, now=InForce(before.rate, before.each)
        ).after
    owed = sum(one.money for one in liability_now(program="shop"))
    assert owed == sum(map(liability, states.values()))
    assert broken() == {}
    # Every roll-forward ties, or this would raise; months that held nothing have none.
    assert {one.period for one in statements(program="shop")} <= {month_name(m) for m in MONTHS}


def watermark(month):
    return Period.objects.get(first_on=month).close_set.get().watermark_set.get().seq


def rate(month):
    return Period.objects.get(first_on=month).close_set.get().watermark_set.get().rate


def posted(month):
    rows = CohortEntry.objects.filter(close__period__first_on=month).order_by("id")
    return [
        (row.issued_on, row.event, row.side, row.points, row.change, row.share, row.cost)
        for row in rows
    ]


def totals(month):
    rows = CohortTotal.objects.filter(close__period__first_on=month)
    states = [
        CohortState(
            key=key(row),
            rate=row.rate,
            issued=row.issued,
            redeemed=row.redeemed,
            expired=row.expired,
            allocated=row.allocated,
            each=row.each,
        )
        for row in rows
    ]
    return {state.key: state for state in states if state.outstanding}


def test_every_event_of_the_sequence_is_read_once(db):
    shop = Shop().open()
    shop.happened(shop.buy("2017-01-05", 10_000))
    seen = last_seq(shop.id)
    shop.close("2017-01")
    assert watermark(MONTHS[0]) == seen
