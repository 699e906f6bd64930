"""What all parts of a story's text share: its program, its days, its facts' ids and its lines.

What does not mean anything is noted in a Checker; nothing here raises.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any as Raw
from typing import Final

from pointbook.engine.replay.program import zone_of
from pointbook.engine.replay.verdicts import MAKER
from pointbook.engine.rules.blueprint import Blueprint
from pointbook.engine.rules.reading.meaning import Checker
from pointbook.engine.rules.reading.problems import Path, choice, dotted
from pointbook.engine.values.calendar import ONE_SECOND, midnight
from pointbook.engine.values.facts import FIRST
from pointbook.engine.values.money import MoneyError, exponent, to_minor

ONE_DAY: Final = timedelta(days=1)
ONE_MINUTE: Final = timedelta(minutes=1)
NOON: Final = time(12)
DAY_ALONE: Final = len("2026-03-01")


class Terms:
    """The program of a story in all its editions, and what is known of the story so far.

    `sources` are those of the facts that happen, by id; `days` counts the days named alone.
    """

    def __init__(self, blueprints: Sequence[Blueprint], *, lines: Mapping[str, int]) -> None:
        self.lines = lines
        self.zone = zone_of(blueprints[0])
        self.currency = blueprints[0].currency
        self.units = {
            code: unit.decimals
            for blueprint in blueprints
            for code, unit in blueprint.units.items()
        }
        self.rules = [rule.code for blueprint in blueprints for rule in blueprint.earn]
        self.rewards = {
            reward.code: [slot.code for slot in reward.gives.slots]
            for blueprint in blueprints
            for reward in blueprint.rewards
        }
        self.pools = [
            reward.code for blueprint in blueprints for reward in blueprint.rewards if reward.pool
        ]
        self.ladders: dict[str, list[str]] = {}
        self.benefits: list[str] = []
        for ladder in (ladder for blueprint in blueprints for ladder in blueprint.ladders):
            self.ladders.setdefault(ladder.code, []).extend(rung.code for rung in ladder.ladder)
            self.benefits += [benefit.code for benefit in ladder.benefits]
        self.checker = Checker({})
        self.checker.units = self.units
        self.sources: dict[str, str] = {}
        self.days: dict[date, int] = {}

    def line(self, *path: str | int) -> int:
        """The line of a place in the story."""
        return self.lines[dotted(path)]

    def key(self, path: Path, own: str) -> Mapping[str, str]:
        """The key of a fact by its id here; a fact that the program made has colons in its id."""
        if own not in self.sources and ":" not in own:
            message = f"{own} never happened."
            self.checker.add(path, own, message, choice(own, self.sources))
        return {"source": self.sources.get(own, MAKER), "id": own}

    def moment(self, path: Path, text: str) -> datetime:
        """An instant; a day alone is its noon, and a minute later each time it is named again."""
        alone = len(text) == DAY_ALONE
        try:
            at = datetime.fromisoformat(text)
            if alone:
                told = self.days[at.date()] = self.days.get(at.date(), -1) + 1
                at = datetime.combine(at.date(), NOON) + told * ONE_MINUTE
            return at.replace(tzinfo=self.zone).astimezone(UTC)
        except ValueError:
            message = f"{text} is no time of the calendar."
            self.checker.add(path, text, message, "Write a day and an hour there are.")
            return FIRST

    def midnight(self, path: Path, text: str | None) -> datetime | None:
        """The first instant of a day."""
        day = self.checker.date(path, text)
        return None if day is None else midnight(day, self.zone)

    def looked_at(self, path: Path, text: str) -> datetime:
        """The last second of a day, or the moment that is named."""
        if len(text) > DAY_ALONE:
            return self.moment(path, text)
        day = self.checker.date(path, text)
        return FIRST if day is None else midnight(day + ONE_DAY, self.zone) - ONE_SECOND

    def points(self, path: Path, number: Raw, unit: str) -> int:
        """Whole points as smallest parts of their unit."""
        places = self.units.get(unit, 9)
        try:
            return to_minor(number, places=places)
        except MoneyError:
            message = f"{number} has more decimals than {unit}."
            self.checker.add(path, number, message, f"Write at most {places} decimals.")
            return 0

    def money(self, path: Path, number: Raw) -> int | None:
        """An amount in minor units of the program's currency."""
        if number is None:
            return None
        places = exponent(self.currency)
        try:
            return to_minor(number, places=places)
        except MoneyError:
            message = f"{number} has more decimals than {self.currency}."
            self.checker.add(path, number, message, f"Write at most {places} decimals.")
            return 0

    def main_ladder(self, path: Path) -> str:
        """The ladder that members see."""
        if self.ladders:
            return next(iter(self.ladders))
        self.checker.add(path, None, "The program has no tiers.", "Leave tier and until out.")
        return ""

    def tier(self, path: Path, tier: str, ladder: str) -> None:
        """Note a tier that the ladder does not have."""
        if ladder not in self.ladders:
            message = f"{ladder} is no ladder here."
            self.checker.add(path, tier, message, one_of(ladder, self.ladders))
        elif tier not in self.ladders[ladder]:
            message = f"{tier} is no tier of {ladder}."
            self.checker.add(path, tier, message, one_of(tier, self.ladders[ladder]))


def one_of(word: str, known: Iterable[str]) -> str:
    """The mend of a word that is none of the known ones, of which there may be none."""
    words = list(dict.fromkeys(known))
    return choice(word, words) if words else "Leave it out."
