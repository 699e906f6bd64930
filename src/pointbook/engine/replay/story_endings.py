"""What must come of a story, read from its text: rules that give, refusals, and what is left.

What does not mean anything is noted in the Checker of the story's Terms; nothing here raises.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any as Raw
from typing import Final

from pointbook.engine.replay.scenes import (
    Checkpoint,
    Enjoyed,
    Expected,
    Figure,
    Held,
    Lots,
    LotSketch,
    Matched,
    Redeemed,
    Refused,
    Stocked,
    Stood,
    StoodUntil,
)
from pointbook.engine.replay.story_terms import Terms, one_of
from pointbook.engine.rules.reading.problems import Path, choice

NEVER: Final = "never"
ANY: Final = "any"
LEFT_KEYS: Final = "member at pending owed held tier until tiers lots benefits redemptions".split()


class Endings:
    """Reads what is expected of a story that ends at `ends_at`, with these members."""

    def __init__(self, terms: Terms, *, members: tuple[str, ...], ends_at: datetime) -> None:
        self.terms = terms
        self.members = members
        self.ends_at = ends_at

    def matched(self, path: Path, fact: str, value: Raw) -> Matched | Refused:
        """What must come of a fact."""
        self.terms.key(path, fact)
        rules: dict[str, Raw] = {} if value == "nothing" else dict(value)
        words = rules.pop("refused", None)
        if words is not None:
            if rules:
                message = "A fact that is refused gives nothing."
                self.terms.checker.add(path, value, message, "Write refused alone, or the rules.")
            return Refused(fact, words, self.terms.line(*path))
        known = self.terms.rules
        for code, number in rules.items():
            if code not in known:
                message = f"{code} is no rule of the program."
                self.terms.checker.add((*path, code), number, message, one_of(code, known))
        points = {code: Decimal(str(number)) for code, number in rules.items()}
        return Matched(fact, points, self.terms.line(*path))

    def checkpoint(self, path: Path, item: Raw) -> Checkpoint:
        """What a member must be left with."""
        name = item["member"]
        if name not in self.members:
            message = f"{name} is not in this story."
            self.terms.checker.add((*path, "member"), name, message, choice(name, self.members))
        at = self.terms.looked_at((*path, "at"), item["at"]) if "at" in item else self.ends_at
        expected = tuple(self._expected(path, item))
        return Checkpoint(name, at, expected, self.terms.line(*path))

    def _expected(self, path: Path, item: Raw) -> Iterator[Expected]:
        usable = {key: value for key, value in item.items() if key not in LEFT_KEYS}
        yield from self._held(path, usable, "usable")
        yield from self._held((*path, "pending"), item.get("pending", {}), "pending")
        yield from self._held((*path, "owed"), item.get("owed", {}), "owed")
        yield from self._held((*path, "held"), item.get("held", {}), "held")
        if "tier" in item or "until" in item:
            ladder = self.terms.main_ladder(path)
            if "tier" in item:
                self.terms.tier((*path, "tier"), item["tier"], ladder)
                yield Stood(ladder, item["tier"], self.terms.line(*path, "tier"))
            if "until" in item:
                until = self._end((*path, "until"), item["until"])
                yield StoodUntil(ladder, until, self.terms.line(*path, "until"))
        for ladder, tier in item.get("tiers", {}).items():
            at = (*path, "tiers", ladder)
            self.terms.tier(at, tier, ladder)
            yield Stood(ladder, tier, self.terms.line(*at))
        if "lots" in item:
            yield self._lots((*path, "lots"), item["lots"])
        known = self.terms.benefits
        for code, count in item.get("benefits", {}).items():
            at = (*path, "benefits", code)
            if code not in known:
                self.terms.checker.add(
                    at, count, f"{code} is no benefit here.", one_of(code, known)
                )
            yield Enjoyed(code, count, self.terms.line(*at))
        for fact, told in item.get("redemptions", {}).items():
            yield self._redeemed((*path, "redemptions", fact), fact, told)

    def _redeemed(self, path: Path, fact: str, told: Raw) -> Redeemed:
        self.terms.key(path, fact)
        said: dict[str, Raw] = {"state": told} if isinstance(told, str) else told
        points = {
            name: Decimal(str(said[name]))
            for name in ("points", "captured", "back")
            if name in said
        }
        return Redeemed(
            fact,
            said.get("state"),
            self.terms.line(*path),
            amount=self.terms.money((*path, "amount"), said.get("amount")),
            **points,
        )

    def pools(self, path: Path, codes: Mapping[str, int]) -> None:
        """Note rewards for which no codes can be imported."""
        known = self.terms.pools
        for reward, count in codes.items():
            if reward not in known:
                message = f"{reward} is no reward with codes: pool."
                self.terms.checker.add((*path, reward), count, message, one_of(reward, known))

    def stocked(self, path: Path, item: Raw) -> Stocked:
        """How many must be left of a reward, or of one of its slots."""
        reward, slot = item["reward"], item.get("slot", "")
        known = self.terms.rewards
        if reward not in known:
            message = f"{reward} is no reward of the program."
            self.terms.checker.add((*path, "reward"), reward, message, one_of(reward, known))
        elif slot and slot not in known[reward]:
            message = f"{slot} is no slot of {reward}."
            self.terms.checker.add((*path, "slot"), slot, message, one_of(slot, known[reward]))
        at = self.terms.looked_at((*path, "at"), item["at"]) if "at" in item else self.ends_at
        left = None if item["left"] == ANY else int(item["left"])
        return Stocked(reward, slot, at, left, self.terms.line(*path))

    def _held(self, path: Path, points: Mapping[str, Raw], figure: Figure) -> Iterator[Held]:
        for unit, number in points.items():
            at = (*path, unit)
            if unit not in self.terms.units:
                known = [*self.terms.units, *(LEFT_KEYS if figure == "usable" else ())]
                self.terms.checker.add(at, number, f"{unit} is no unit here.", choice(unit, known))
                continue
            yield Held(figure, unit, self.terms.points(at, number, unit), self.terms.line(*at))

    def _end(self, path: Path, text: str) -> date | None:
        return None if text == NEVER else self.terms.checker.date(path, text)

    def _lots(self, path: Path, items: list[Raw]) -> Lots:
        lots = []
        for place, item in enumerate(items):
            at = (*path, place)
            unit = self.terms.checker.unit(at, item)
            ends = item.get("expires")
            lots.append(
                LotSketch(
                    unit=unit,
                    points=self.terms.points((*at, "points"), item["points"], unit),
                    earned=self.terms.checker.date((*at, "earned"), item.get("earned")),
                    expires=None if ends is None else self._end((*at, "expires"), ends),
                    never=ends == NEVER,
                    pending=item.get("pending"),
                )
            )
        units = dict.fromkeys(lot.unit for lot in lots) or self.terms.units
        return Lots(tuple(units), tuple(lots), self.terms.line(*path))
