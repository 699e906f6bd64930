"""What the tiers announce in a program's sequence, beside the facts that move members."""

from __future__ import annotations

from typing import Final

CHANGED: Final = "tier.changed"  # time alone changed a standing; the subject is the standing's id
