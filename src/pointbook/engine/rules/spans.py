"""Over which time something is counted. Nothing here raises."""

from __future__ import annotations

from typing import Literal

Each = Literal["fact", "day", "week", "month", "year", "membership_year", "ever"]
