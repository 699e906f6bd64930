"""Random lives of a few members that fit a given program: `lives(blueprint)` draws one.

A life is who joined when, and facts in the order in which they arrive: of every type the engine
knows, and of those that the program's rules listen to, with the stores, channels, attributes and
amounts that its conditions mention. Some are refused, as in a shop. A step is drawn as bytes and
told by a `Teller`: that is quick to draw, and shrinks to steps in which nothing happens.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from hypothesis import assume
from hypothesis import strategies as st

from pointbook.engine.replay.judging import KINDS
from pointbook.engine.replay.program import zone_of
from pointbook.engine.rules.blueprint import Blueprint
from pointbook.engine.rules.fields import WEEKDAYS
from pointbook.engine.rules.predicates import All, AnyLine, Named, Not, Test
from pointbook.engine.rules.predicates import Any as Either
from pointbook.engine.values.calendar import day_of
from pointbook.engine.values.facts import Fact, normalise
from pointbook.engine.values.money import exponent
from tests.engine.rules.document_parts import BRANDS, CATEGORIES, CHANNELS, LABELS, STORES

START = datetime(2025, 1, 20, 9, tzinfo=UTC)
MEMBERS = ("ann", "bob", "cy", "dee")
STRANGER = "eve"
BIRTHDAYS = (date(1990, 3, 1), date(1988, 2, 29), date(2001, 12, 31), None)
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
GAPS = (*(SECOND, HOUR, 9 * HOUR, DAY, 3 * DAY, 11 * DAY, 40 * DAY, 130 * DAY), timedelta(0))
LATE = (*((timedelta(0),) * 8), HOUR, 2 * DAY, 30 * DAY, 200 * DAY)
# What one member's facts say of another's: without these, nobody touches anybody.
LINKED = frozenset({"invited", "transfer", "merge", "household", "company", "other"})
# How often each kind of step is drawn; what a program has nothing for is drawn seldom.
OFTEN = ("buy",) * 14 + ("back",) * 6 + ("burn",) * 6 + ("tell",) * 6 + ("adjust",) * 6
ALWAYS = (*OFTEN, "void", "profile", "segment", "opening", "nobody", "claim", "other")
NOTHING = "nothing"
# Who acts: some more than others.
ACTING = (*MEMBERS[:1] * 4, *MEMBERS[:2], *MEMBERS[:2], *MEMBERS)
STEPS = st.lists(st.binary(min_size=48, max_size=48), min_size=16, max_size=32)


class Person(NamedTuple):
    """Who joined when."""

    name: str
    joined_at: datetime
    birthday: date | None


class Happening(NamedTuple):
    """A fact and when it arrives."""

    at: datetime
    fact: Fact


class Life(NamedTuple):
    """Who is there, what arrives in order of time, and up to when the days pass."""

    people: tuple[Person, ...]
    happenings: tuple[Happening, ...]
    ends_at: datetime


@st.composite
def lives(draw, blueprint, *, late=False, without=frozenset()):
    """A life under a program; `without` are kinds of steps that must not happen."""
    teller = Teller(blueprint, late=late, without=without)
    people = teller.join(Dice(draw(st.binary(min_size=8, max_size=8))))
    for step in draw(STEPS):
        teller.step(Dice(step))
    assume(teller.happenings)  # else every other life would be empty
    return Life(people, tuple(teller.happenings), teller.now + 90 * DAY)


class Dice:
    """Choices out of drawn bytes; the first choice, always, when they are used up."""

    def __init__(self, drawn):
        self.drawn = iter(drawn)

    def below(self, count):
        high = next(self.drawn, 0) << 8 if count > 256 else 0
        return (high + next(self.drawn, 0)) % count

    def pick(self, words):
        return words[self.below(len(words))]

    def one_in(self, count):
        return self.below(count) == count - 1


@dataclass
class Words:
    """What the conditions of a program mention, by field; of lines apart."""

    facts: dict[str, list[Any]] = field(default_factory=dict)
    lines: dict[str, list[Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, blueprint: Blueprint):
        words = cls()
        for rule in blueprint.earn:
            words.read(rule.when, words.facts)
            words.read(rule.lines, words.lines)
        return words

    def read(self, condition, into):
        match condition:
            case Test():
                values = condition.value
                listed = values if isinstance(values, tuple | list | frozenset) else [values]
                into.setdefault(condition.field, []).extend(listed)
            case All() | Either():
                for part in condition.parts:
                    self.read(part, into)
            case Not() | Named():
                self.read(condition.part, into)
            case AnyLine():
                self.read(condition.part, self.lines)


class Teller:
    """Tells steps as facts of a program, each after the one before."""

    def __init__(self, blueprint: Blueprint, *, late, without):
        self.blueprint = blueprint
        self.zone = zone_of(blueprint)
        units = blueprint.units.values()
        self.spendable = [unit.code for unit in units if unit.spendable or len(units) == 1]
        self.words = Words.of(blueprint)
        self.places = exponent(blueprint.currency)
        self.lateness = LATE if late else LATE[:1]
        self.without = without
        self.kinds = [NOTHING, *(kind for kind in self._kinds() if kind not in without)]
        self.told = [kind for kind in dict.fromkeys(self._listened()) if kind not in KINDS]
        self.now = START
        self.happenings: list[Happening] = []
        self.sales: list[Fact] = []
        self.nobodys: list[Fact] = []
        self.carts: dict[str, Mapping[str, Any]] = {}

    def _kinds(self):
        blueprint = self.blueprint
        yield from ALWAYS
        if blueprint.segments:
            yield from ("segment",) * 2
        if any(rule.pending and rule.pending.on for rule in blueprint.earn):
            yield from ("release",) * 4
        if blueprint.ladders:
            yield from ("floor", "match", "benefit", "opening")
        if any(unit.reinstate_days for unit in blueprint.units.values()):
            yield from ("reinstate",) * 3
        if blueprint.referrals is not None:
            yield from ("invited",) * 4
        if blueprint.transfers is not None:
            yield from ("transfer",) * 3
        if blueprint.pooled:
            yield from ("household",) * 3
        if blueprint.companies:
            yield from ("company",) * 3
        if blueprint.referrals or blueprint.transfers or blueprint.pooled or blueprint.companies:
            yield "merge"

    def _listened(self):
        for rule in self.blueprint.earn:
            yield rule.on
        for unit in self.blueprint.units.values():
            yield from unit.activity
        yield from ("check_in", "review")

    def join(self, dice):
        """Who is there from the start, or joins before long."""
        return tuple(
            Person(name, START - dice.below(256) * 3 * DAY, birthday if dice.below(2) else None)
            for name, birthday in zip(MEMBERS, BIRTHDAYS, strict=True)
        )

    def step(self, dice):
        """One more fact, or nothing."""
        kind = dice.pick(self.kinds)
        if kind == NOTHING:
            return
        self.now += dice.pick(GAPS)
        self.at = self.now - dice.pick(self.lateness)
        self.who = dice.pick(ACTING)
        raw = getattr(self, f"_{kind}")(dice)
        number = len(self.happenings)
        raw = {
            "source": "till",
            "id": f"{number:03}",
            "occurred_at": self.at.isoformat(),
            "member": self.who,
            **raw,
        }
        fact = normalise(raw, currency=self.blueprint.currency, zone=self.zone)
        self.happenings.append(Happening(self.now, fact))
        if fact.type == "purchase" or (fact.total and fact.type != "return"):
            self.sales.append(fact)
            self.carts[fact.id] = raw
            if fact.member is None and fact.type == "purchase":
                self.nobodys.append(fact)

    # What happens in the shop

    def _buy(self, dice):
        return {"type": "purchase", **self._cart(dice)}

    def _nobody(self, dice):
        """A basket of nobody's, or of somebody whom nobody enrolled."""
        return {"type": "purchase", **self._cart(dice), "member": dice.pick((None, STRANGER))}

    def _cart(self, dice):
        cart: dict[str, Any] = {**self._where(dice), "attributes": self._attributes(dice)}
        lines = [self._line(dice) for _ in range(dice.pick((0, 1, 2, 3, 0)))]
        if lines:
            cart["lines"] = lines
        else:
            cart["total"] = self._money(dice, "total", "spend")
        for name in ("tax", "delivery"):
            if dice.one_in(4):
                cart[name] = self._money(dice, most=40)
        if dice.one_in(5):
            cart["coupons"] = [{"code": "c", "amount": self._money(dice, most=60)}]
        if dice.one_in(5):
            kinds = ("stored_value", "points", "card")
            cart["tenders"] = [{"kind": dice.pick(kinds), "amount": self._money(dice, most=60)}]
        return cart

    def _where(self, dice):
        found = {}
        for name, words in (("store", STORES), ("channel", CHANNELS)):
            if dice.below(3):
                found[name] = dice.pick([*words, *self.words.facts.get(name, ())])
        return found

    def _line(self, dice):
        def word(name, words):
            return dice.pick([*words, *self.words.lines.get(name, ()), "other"])

        line = {
            "category": word("category", CATEGORIES),
            "brand": word("brand", BRANDS),
            "quantity": dice.pick(("1", "2", "0.5", "3", "5")),
            "amount": self._money(dice, most=300),
        }
        if dice.below(2):
            line["labels"] = [word("labels", LABELS)]
        for name in ("discount", "tax"):
            if dice.one_in(5):
                line[name] = self._money(dice, most=20)
        return line

    def _attributes(self, dice):
        found: dict[str, Any] = {"nights": dice.pick((0, 1, 2, 7, "2.5", "many"))}
        for name, values in self.words.facts.items():
            if name.startswith("attributes."):
                found[name.removeprefix("attributes.")] = dice.pick([*map(_plain, values), "none"])
        return found

    def _money(self, dice, *names, most=600):
        """An amount in major units; sometimes just what a condition asks for."""
        asked = [value for name in names for value in self.words.facts.get(name, ())]
        if asked and dice.one_in(3):
            minor = int(dice.pick(asked)) + dice.pick((0, 1, -1))
        else:
            minor = dice.below(most * 100) * 10**self.places // 100
        return str(Decimal(max(0, minor)).scaleb(-self.places))

    def _back(self, dice):
        """A return of lines or of an amount, or an order that is undone."""
        sale = self._sale(dice)
        kind = dice.pick(("return", "return", "return", "cancel", "payment_expired"))
        raw: dict[str, Any] = {"type": kind, **self._whose(sale, dice)}
        raw["returns" if kind == "return" else "about"] = _key(sale)
        if kind != "return":
            return raw
        cart = self.carts.get("" if sale is None else sale.id, {})
        lines = [line for line in cart.get("lines", ()) if dice.below(2)]
        if lines and dice.below(3):
            return {**raw, "lines": lines}
        total = Decimal(0 if sale is None else max(0, sale.total)).scaleb(-self.places)
        share = dice.pick((1, 2, 3, "more"))
        part = self._money(dice) if share == "more" else _part(total, share, self.places)
        return {**raw, "total": str(part)}

    def _sale(self, dice):
        """A sale of a moment ago, or any; None when there was none."""
        if not self.sales or dice.one_in(20):
            return None
        recent = self.sales[-3:] if dice.below(2) else self.sales
        return recent[len(recent) - 1 - dice.below(len(recent))]

    def _whose(self, sale, dice):
        """The owner of a sale, nobody named, or seldom somebody else."""
        if sale is None or (dice.one_in(9) and "other" not in self.without):
            return {}
        return {"member": sale.member if dice.below(3) else None}

    def _burn(self, dice):
        raw: dict[str, Any] = {"type": "burn"}
        rewards = self.blueprint.rewards
        if rewards and dice.below(2):
            raw["attributes"] = {"reward": dice.pick(rewards).code}
        else:
            raw["attributes"] = self._points(dice, units=self.spendable)
        if dice.below(2):
            sale = self._sale(dice)
            # A burn may come before the order it pays for, whose id is the next but one.
            coming = {"source": "till", "id": f"{len(self.happenings) + 1 + dice.below(2):03}"}
            raw["about"] = _key(sale) if sale is not None and dice.below(3) else coming
            if sale is not None and sale.member is not None and "other" not in self.without:
                raw["member"] = sale.member
        return raw

    def _points(self, dice, *, units=None, most=(5, 1, 30, 100)):
        unit = dice.pick(units or tuple(self.blueprint.units))
        parts = 1 + dice.below(dice.pick(most) * 10 ** self.blueprint.units[unit].decimals)
        told = {"points": str(Decimal(parts).scaleb(-self.blueprint.units[unit].decimals))}
        return {"unit": unit, **told} if unit != next(iter(self.blueprint.units)) else told

    def _release(self, dice):
        kinds = [rule.pending.on for rule in self.blueprint.earn if rule.pending]
        sale = self._sale(dice)
        raw = {"type": dice.pick([kind for kind in kinds if kind]), **self._whose(sale, dice)}
        return {**raw, "about": _key(sale)}

    def _claim(self, dice):
        recent = self.nobodys or self.sales
        about = {"about": _key(dice.pick(recent[::-1]))} if recent and dice.below(9) else {}
        return {"type": "claim", **about}

    # What is told of members

    def _tell(self, dice):
        """Whatever else rules listen to, or nothing does; some with amounts."""
        kind = dice.pick(self.told)
        if kind == "stay":
            return {"type": kind, **self._cart(dice)}
        return {"type": kind, **self._where(dice), "attributes": self._attributes(dice)}

    def _profile(self, dice):
        words = self.words.facts.get("member.profile.city", ())
        return {"type": "profile", "attributes": {"city": dice.pick([*words, "Rome"])}}

    def _segment(self, dice):
        segment = dice.pick((*self.blueprint.segments, "strangers"))
        return {
            "type": "segment",
            "attributes": {"segment": segment, "member": bool(dice.below(3))},
        }

    def _invited(self, dice):
        return {"type": "invited", "attributes": {"referrer": dice.pick(MEMBERS)}}

    # Points between members

    def _transfer(self, dice):
        terms = self.blueprint.transfers
        told = self._points(dice, units=None if terms is None else terms.units)
        return {"type": "transfer", "attributes": {**told, "to": dice.pick(MEMBERS)}}

    def _merge(self, dice):
        return {"type": "merge", "attributes": {"from": dice.pick(MEMBERS)}}

    def _household(self, dice):
        if dice.one_in(3):
            return {"type": "leave_household"}
        return {"type": "join_household", "attributes": {"head": dice.pick(MEMBERS)}}

    def _company(self, dice):
        if dice.one_in(4):
            return {"type": "leave_company"}
        return {"type": "join_company", "attributes": {"company": dice.pick(MEMBERS)}}

    # What people decide

    def _adjust(self, dice):
        told = self._points(dice, most=(100, 30, 400))
        if dice.one_in(3):
            told["points"] = f"-{told['points']}"
        if dice.one_in(4):
            told["expires_on"] = self._day(dice)
        return {"type": "adjustment", "attributes": {**told, "reason": "goodwill"}}

    def _day(self, dice, *, ahead=True):
        """A day up to a year ahead of the fact's, or behind it."""
        days = dice.pick((10, 1, 40, 100, 365, 0))
        day = day_of(self.at, self.zone) + timedelta(days=days if ahead else -days)
        return day.isoformat()

    def _void(self, dice):
        known = [one.fact for one in self.happenings if one.fact.type not in ("return", "void")]
        if not known:
            return {"type": "void", "attributes": {"reason": "none"}}
        about = known[len(known) - 1 - dice.below(len(known))]
        told: dict[str, Any] = {"reason": "goodwill"}
        if dice.one_in(3):
            told["rule"] = dice.pick(self.blueprint.earn).code
        key = _key(about)
        if dice.one_in(6):
            key = {"source": "pointbook", "id": f"referral:{about.source}:{about.id}"}
        return {"type": "void", **self._whose(about, dice), "about": key, "attributes": told}

    def _reinstate(self, dice):
        units = [unit.code for unit in self.blueprint.units.values() if unit.reinstate_days]
        told = {"unit": dice.pick(units), "reason": "goodwill"}
        return {"type": "reinstate", "attributes": told}

    def _opening(self, dice):
        told: dict[str, Any] = {}
        lots = [self._lot(dice) for _ in range(dice.below(3))]
        if lots:
            told["lots"] = lots
        if dice.one_in(4):
            told["owed"] = {dice.pick(tuple(self.blueprint.units)): 1 + dice.below(50)}
        if dice.one_in(4):
            told["joined_on"] = self._day(dice, ahead=False)
        if self.blueprint.measures and dice.below(2):
            told["measures"] = {dice.pick(self.blueprint.measures).code: dice.below(300)}
        if self.blueprint.ladders and dice.below(2):
            told |= self._tier(dice, ends=dice.below(2))
            if dice.below(2):
                told["since"] = self._day(dice, ahead=False)
        return {"type": "opening", "attributes": told}

    def _lot(self, dice):
        lot = {**self._points(dice, most=(100, 30, 400)), "earned_on": self._day(dice, ahead=False)}
        ends = dice.pick(("own", "told", "never"))
        if ends != "own":
            lot["expires_on"] = "never" if ends == "never" else self._day(dice)
        if dice.one_in(4):
            lot["usable_from"] = dice.pick(("waiting", self._day(dice)))
        return lot

    def _tier(self, dice, *, ends):
        ladder = dice.pick(self.blueprint.ladders)
        told = {"ladder": ladder.code, "tier": dice.pick(ladder.ladder[::-1]).code}
        return {**told, "until": self._day(dice)} if ends else told

    def _floor(self, dice):
        told: dict[str, Any] = self._tier(dice, ends=dice.below(2))
        if dice.one_in(4):
            told["tier"] = None
        return {"type": "tier_floor", "attributes": told}

    def _match(self, dice):
        told = self._tier(dice, ends=dice.below(5))
        return {"type": "status_match", "attributes": {**told, "proof": "a card"}}

    def _benefit(self, dice):
        ladder = dice.pick(self.blueprint.ladders).code
        return {"type": "benefit", "attributes": {"benefit": "lounge", "ladder": ladder}}

    def _other(self, dice):
        """Of a type that the program has nothing for, said too little of, or forged."""
        kind = dice.pick(sorted(KINDS.keys() - {"purchase", "return"}))
        told = {name: dice.pick(MEMBERS) for name in ("to", "from", "head", "company", "referrer")}
        return {"type": kind, "attributes": told if dice.below(2) else {}}


def _key(sale):
    """The key of a sale; of one that never was, when there is none."""
    return {"source": "till", "id": "none" if sale is None else sale.id}


def _part(total, share, places):
    return (total / share).quantize(Decimal(1).scaleb(-places))


def _plain(value):
    """A constant of a condition as JSON has it."""
    if isinstance(value, Decimal):
        return str(value)
    return WEEKDAYS[value] if isinstance(value, int) and not isinstance(value, bool) else value
