"""Ladders and members on them: what was counted, what time did, in a line each.

Amounts are in smallest parts; times are ISO text in UTC unless they say otherwise.
"""

from datetime import UTC, datetime

from pointbook.engine.rules.blueprint import Measure, Rung, Tiers, Validity, Window
from pointbook.engine.rules.tiers import Ladder, Standing
from pointbook.engine.rules.tiers.measures import Histories, source_of
from pointbook.engine.values.facts import instant

YEAR = Window("rolling_days", 365)
CALENDAR_YEAR = Window("calendar_year")
CALENDAR_MONTH = Window("calendar_month")
LIFETIME = Window("lifetime")
SINCE_REVIEW = Window("since_review")
BEAUTY = {"insider": 0, "vib": 35000, "rouge": 100000}
METALS = {"bronze": 0, "silver": 100, "gold": 500}


def at(text, zone=UTC):
    """An instant: 2025-03-01 17:05."""
    return text if isinstance(text, datetime) else instant(text, zone=zone)


def spend(window):
    return Measure("spend", "spend", window)


def earned(window, unit="points"):
    return Measure("points", "earned", window, unit=unit)


def rungs(least, code="spend", lifetime=()):
    """Rungs of one measure: tier -> the least of it; the first needs nothing."""
    return tuple(
        Rung(tier, tier.title(), {code: n} if n else {}, lifetime=tier in lifetime)
        for tier, n in least.items()
    )


def tiers(least=METALS, *, window=YEAR, measure=None, lifetime=(), validity=(), **terms):
    """A ladder of one measure; `validity` is its kind, n and days more."""
    measure = measure or spend(window)
    return Tiers(
        "tiers",
        "Tiers",
        (measure,),
        rungs(least, measure.code, lifetime),
        validity=Validity(*validity),
        **terms,
    )


class Life:
    """A member on one ladder: everything that happens says which moves it made."""

    def __init__(self, terms, *, joined=None, zone=UTC, from_at=None):
        self.zone = zone
        self.terms = terms
        self.ladder = Ladder(terms, zone=zone, from_at=from_at and at(from_at))
        self.standing = Standing()
        self.histories = Histories()
        self.joined_at = joined and at(joined, zone)

    @property
    def tier(self):
        return self.standing.tier

    @property
    def until(self):
        """The end of the tier: the midnight after its last day."""
        until = self.standing.until
        return until and until.astimezone(self.zone).strftime("%Y-%m-%d")

    def under(self, terms, from_at=None):
        """Go on under another version of the ladder."""
        self.terms = terms
        self.ladder = Ladder(terms, zone=self.zone, from_at=from_at and at(from_at))
        return self

    def count(self, when, **amounts):
        """A fact with its amounts by kind of measure."""
        moment = at(when, self.zone)
        for measure in self.terms.measures:
            if measure.kind in amounts:
                source = source_of(measure)
                self.histories.add(source, at=moment, amount=amounts.pop(measure.kind))
        return self.ladder.at_fact(
            self.standing, self.histories, at=moment, joined_at=self.joined_at
        )

    def buy(self, when, amount):
        return self.count(when, spend=amount)

    def bring_back(self, when, amount):
        """A return of what was bought then: no fact that judges."""
        self.histories.add("spend", at=at(when, self.zone), amount=-amount)

    def wait(self, until):
        """Let time pass."""
        return self.ladder.pass_time(
            self.standing, self.histories, at=at(until, self.zone), joined_at=self.joined_at
        )

    def place(self, kind, tier, when, until=None, **more):
        return self.ladder.place(
            self.standing,
            tier=tier,
            at=at(when, self.zone),
            until=until and at(until, self.zone),
            kind=kind,
            joined_at=self.joined_at,
            **more,
        )

    def total(self, when):
        """The value of the ladder's first measure."""
        return self.ladder.reached(
            self.histories,
            at=at(when, self.zone),
            joined_at=self.joined_at,
            reviewed_at=self.standing.reviewed_at,
        ).measure

    def due(self):
        due = self.ladder.due_at(self.standing)
        return due and due.astimezone(self.zone).strftime("%Y-%m-%d")

    def before(self, when):
        return self.ladder.tier_at(self.standing, at(when, self.zone))


def told(moves):
    """Moves in short: the day, the tiers, the kind."""
    return [(f"{move.at:%Y-%m-%d}", move.before, move.after, move.kind) for move in moves]
