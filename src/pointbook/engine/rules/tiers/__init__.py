"""Tiers: what is measured of a member, the ladder, and the member's standing on it."""

from pointbook.engine.rules.tiers.ladders import (
    BenefitError,
    Held,
    Ladder,
    Move,
    Standing,
    TierError,
)

__all__ = ["BenefitError", "Held", "Ladder", "Move", "Standing", "TierError"]
