"""The same answers by plain loops over rows and local days, sharing no code with the engine.

One member after the other, one month after the other; slow, and meant to be read at one sitting.
"""

from calendar import monthrange
from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction
from math import ceil, floor
from zoneinfo import ZoneInfo

Rows = defaultdict[date, list[str]]
FLOWS = [
    *("active_members", "baskets", "spend_minor", "earned", "redeemed", "redeeming_members"),
    *("expired", "clawed_back", "clawback_shortfall", "tier_ups", "tier_downs"),
]
RUNGS = (("low", 0), ("mid", 5000), ("top", 20000))


def half_up(number):
    return floor(number + Fraction(1, 2))


class Life:
    """One member: rows of lots [day gone, when, key, rule, points, left, base, returned, due]."""

    def __init__(self, name, terms, months, stays):
        self.name, self.terms, self.months, self.stays = name, terms, months, stays
        self.zone = ZoneInfo(terms.zone)
        self.lots, self.debt, self.tier = [], 0, ""
        self.sales, self.bought = {}, []
        self.total = defaultdict(int)

    def gone(self, day):
        kind, n = self.terms.expires
        if kind == "never":
            return date.max
        if kind == "days":
            return day + timedelta(days=n)
        ahead = day.month - 1 + n + (kind == "end_of_month")
        year, month = day.year + ahead // 12, ahead % 12 + 1
        wanted = 1 if kind == "end_of_month" else min(day.day, monthrange(year, month)[1])
        return date(year, month, wanted)

    def count(self, month, name, number=1):
        self.months[month][name] += number
        self.total[name] += number

    def expire(self, day):
        for lot in self.lots:
            if lot[0] <= day and lot[5]:
                self.count(lot[0].replace(day=1), "expired", lot[5])
                lot[5] = 0

    def usable(self):
        if self.terms.order == "oldest":
            return sorted(self.lots, key=lambda lot: lot[1:4])
        return sorted(self.lots, key=lambda lot: lot[:4])

    def take(self, points, lots):
        for lot in lots:
            part = min(lot[5], points)
            lot[5] -= part
            points -= part
        return points

    def redeem(self, month, points):
        self.take(points, self.usable())
        self.count(month, "redeemed", points)
        self.stays[month].append(self.name)

    def award(self, month, day, fact, rule, points, base):
        if not points:
            return
        lot = [self.gone(day), fact.occurred_at, fact.id, rule, points, points, base, 0, 0]
        self.lots.append(lot)
        self.sales[fact.id].append(lot)
        self.count(month, "earned", points)
        repaid = min(self.debt, points)
        self.debt -= repaid
        lot[5] -= repaid

    def meet(self, fact):
        local = fact.occurred_at.astimezone(self.zone)
        day, month = local.date(), local.date().replace(day=1)
        self.expire(day)
        if fact.type == "purchase":
            self.purchase(fact, day, month)
        elif fact.type == "sign_up":
            self.sales[fact.id] = []
            self.award(month, day, fact, "hello", 30, 0)
        elif fact.type == "burn":
            points = fact.attributes["points"]
            if points <= sum(lot[5] for lot in self.lots):
                self.redeem(month, points)
        else:
            self.bring_back(fact, month)

    def purchase(self, fact, day, month):
        if not any(when.replace(day=1) == month for when, _, _ in self.bought):
            self.count(month, "active_members")
        self.count(month, "baskets")
        self.count(month, "spend_minor", fact.total)
        way = {"floor": floor, "ceiling": ceil, "nearest": half_up}[self.terms.rounding]
        self.sales[fact.id] = []
        points = way(Fraction(fact.total * self.terms.points, 100))
        self.award(month, day, fact, "purchases", points, fact.total)
        self.bought.append([day, fact, fact.total])
        kind, n = self.terms.window
        measure = sum(
            kept
            for when, sale, kept in self.bought
            if (kind == "rolling_days" and fact.occurred_at - sale.occurred_at < timedelta(days=n))
            or (kind == "calendar_year" and when.year == day.year)
            or (kind == "calendar_month" and when.replace(day=1) == month)
        )
        ranks = [name for name, _ in RUNGS]
        tier = [name for name, threshold in RUNGS if measure >= threshold][-1]
        if self.tier and tier != self.tier:
            up = ranks.index(tier) > ranks.index(self.tier)
            self.count(month, "tier_ups" if up else "tier_downs")
        self.tier = tier

    def bring_back(self, fact, month):
        for row in self.bought:
            if row[1].id == fact.returns.id:
                row[2] = max(0, row[2] - fact.total)
        for lot in self.sales.get(fact.returns.id, []):
            points, base = lot[4], lot[6]
            lot[7] = min(base, lot[7] + fact.total)
            due = half_up(Fraction(points * lot[7], base)) if base else points
            asked, lot[8] = due - lot[8], due
            missing = self.take(asked, [lot, *self.usable()])
            if self.terms.claw_back == "allow_negative":
                self.debt += missing
                self.count(month, "clawed_back", asked)
            else:
                self.count(month, "clawed_back", asked - missing)
                self.count(month, "clawback_shortfall", missing)

    def end_month(self, month):
        last = month.replace(day=monthrange(month.year, month.month)[1])
        self.expire(last)
        held = sum(lot[5] for lot in self.lots)
        if self.terms.habit is not None:
            threshold, step = self.terms.habit
            if held >= threshold and held // step:
                self.redeem(month, held // step * step)


def play(facts, terms):
    """Rows of the month table and of the members, as `Month.cells` and the outcomes give them."""
    owners = {fact.id: fact.member for fact in facts if fact.type == "purchase"}
    zone = ZoneInfo(terms.zone)
    groups = defaultdict(list)
    for fact in facts:
        member = fact.member or (fact.returns and owners.get(fact.returns.id))
        if member:
            groups[member].append(fact)
    if not groups:
        return [], []
    first = min(fact.occurred_at.astimezone(zone).date() for g in groups.values() for fact in g)
    final = max(fact.occurred_at.astimezone(zone).date() for g in groups.values() for fact in g)
    calendar = [first.replace(day=1)]
    while calendar[-1] < final.replace(day=1) + timedelta(days=150):
        calendar.append((calendar[-1] + timedelta(days=32)).replace(day=1))
    months = {month: dict.fromkeys(FLOWS, 0) for month in calendar}
    stays: Rows = defaultdict(list)
    standing: Rows = defaultdict(list)
    members = [
        _member(member, groups[member], terms, months, stays, standing, final)
        for member in sorted(groups)
    ]
    rows, opening = [], 0
    for month in calendar:
        flow = {**months[month], "redeeming_members": len(set(stays[month]))}
        closing = opening + flow["earned"] - flow["redeemed"] - flow["expired"]
        closing -= flow["clawed_back"]
        tiers = [sum(tier == name for tier in standing[month]) for name, _ in RUNGS]
        rows.append(
            (
                f"{month:%Y-%m}",
                "data" if month <= final else "runoff",
                len(standing[month]),
                *(flow[name] for name in FLOWS[:3]),
                opening,
                *(flow[name] for name in FLOWS[3:9]),
                closing,
                *tiers,
                *(flow[name] for name in FLOWS[9:]),
            )
        )
        opening = closing
    while rows[-1][1] == "runoff" and not any(rows[-1][7:13]):
        rows.pop()
    return rows, members


def _member(name, facts, terms, months, stays, standing, final):
    life = Life(name, terms, months, stays)
    for fact in facts:
        if fact.type == "purchase":
            life.sales.setdefault(fact.id, [])
    left = list(facts)
    summary = None
    for month in months:
        after = (month + timedelta(days=32)).replace(day=1)
        met = len(left) < len(facts)
        while left and left[0].occurred_at.astimezone(life.zone).date() < after:
            life.meet(left.pop(0))
            met = True
        if not met:
            continue
        life.end_month(month)
        standing[month].append(life.tier or "low")
        if month <= final:
            total = life.total
            held = sum(lot[5] for lot in life.lots) - life.debt
            names = ("baskets", "spend_minor", "earned", "redeemed", "expired")
            summary = (name, *(total[one] for one in names), held, life.tier or "low")
    return summary
