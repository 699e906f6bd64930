"""Multipliers: how much each line of a rule's base weighs, and what the rule gives for it.

A weight is the product of the factors that touch a line. What was taken off the whole basket
(coupons, stored value) is taken off the lines that weigh least: lines that weigh more count first,
until the whole basket is used up. Whole numbers only; nothing here raises.
"""

from __future__ import annotations

from collections.abc import Sequence

from pointbook.engine.rules.earning.awards import Rate, Rounded
from pointbook.engine.rules.earning.bases import Amount


class Weights:
    """Amounts of a base with their weights, as whole numbers over one `scale`.

    Together they count for no more than `cap`.
    """

    __slots__ = ("_pieces", "_spilled", "amounts", "cap", "factors", "scale")

    def __init__(self, amounts: Sequence[Amount], *, cap: Amount) -> None:
        self.amounts = amounts
        self.cap = cap
        self.factors = [1] * len(amounts)
        self.scale = 1
        self._spilled = sum([amount for amount in amounts if amount > 0]) > cap
        self._pieces: list[Amount] | None = None

    def multiply(self, flags: Sequence[bool] | None, *, num: int, den: int) -> None:
        """Multiply the flagged amounts (None: all) by num / den."""
        if flags is None:
            self.factors = [factor * num for factor in self.factors]
        else:
            pairs = zip(self.factors, flags, strict=True)
            self.factors = [factor * (num if flag else den) for factor, flag in pairs]
        self.scale *= den
        self._pieces = None

    def pieces(self) -> list[Amount]:
        """What each amount counts with its weight, times the scale."""
        if self._pieces is None:
            self._pieces = self._weighed()
        return self._pieces

    def _weighed(self) -> list[Amount]:
        pairs = zip(self.factors, self.amounts, strict=True)
        if not self._spilled:
            return [factor * amount for factor, amount in pairs]
        left = self.cap
        pieces = []
        for factor, amount in sorted(pairs, reverse=True):
            piece = min(max(0, amount), left)
            left -= piece
            pieces.append(factor * piece)
        return pieces

    def part(self, flags: Sequence[bool] | None) -> int:
        """What the flagged amounts (None: all) count, to the nearest whole; never above all."""
        most = sum(self.pieces())
        if flags is not None:
            triples = zip(self.factors, self.amounts, flags, strict=True)
            chosen = sum([factor * amount for factor, amount, flag in triples if flag])
            most = max(0, min(chosen, most))
        return (2 * most + self.scale) // (2 * self.scale)


class Stake:
    """What one rule gives for one fact while multipliers come to it one after the other.

    `base` is what the rule looked at where no lines make it; None where the weights say.
    """

    __slots__ = ("_by_line", "_rounded", "base", "rate", "weights")

    def __init__(
        self, weights: Weights, *, base: int | None, rate: Rate, rounded: Rounded, by_line: bool
    ) -> None:
        self.weights = weights
        self.base = base
        self.rate = rate
        self._rounded = rounded
        self._by_line = by_line

    def points(self) -> int:
        """The points with all the factors that came so far."""
        rounded, (num, den, _) = self._rounded, self.rate
        pieces = self.weights.pieces()
        den *= self.weights.scale
        if self._by_line:
            return sum([rounded(piece, num, den) for piece in pieces])
        return rounded(sum(pieces), num, den)

    def part(self, flags: Sequence[bool] | None) -> int:
        """The base that the flagged amounts (None: all) make, with the factors so far."""
        if self.base is None:
            return self.weights.part(flags)
        return self.base if flags is None or any(flags) else 0
