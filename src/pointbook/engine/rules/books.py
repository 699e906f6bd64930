"""What awards are in the books, as the program's document says: policies by reason, and judgements.

Rates and shares are 0 to 1, prices are major units of the program's currency for one whole point.
`engine.rules.reading` makes these of a document; nothing here raises.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Literal

TaxOnAward = Literal["discount", "nothing", "voucher"]
TierPolicy = Literal["marketing", "material_right"]
EVERYWHERE: Final = ""
NOTHING: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class AwardRow:
    """What some awards are: those of a `rule`, for a `reason` that is no rule, or of a `unit`.

    What is empty asks nothing. `partner` is whose points they are, or who pays for them; `price` is
    what a point costs us or what is paid for it.
    """

    policy: str
    judgement: str
    rule: str = ""
    reason: str = ""
    unit: str = ""
    partner: str = ""
    price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Tax:
    """What an award is to the tax of a country: a discount, nothing, or a voucher."""

    rate: Decimal
    award: TaxOnAward


@dataclass(frozen=True, slots=True)
class StatusRight:
    """What a year in a tier of a ladder is worth to a member, in minor units."""

    ladder: str
    tier: str
    value: int


@dataclass(frozen=True, slots=True)
class Books:
    """What the program's awards are in the books, and the judgement behind it.

    `policy` is that of points given with a sale, with its `partner` and `price` where it asks for
    them; the first of `awards` that fits an award comes before it. `unclaimed` is the share of gift
    cards' breakage that is owed as unclaimed property, by country (EVERYWHERE: where none is
    named). Status is `marketing`, or a material right of the `rights`' worth.
    """

    policy: str = "deferred_revenue"
    judgement: str = ""
    partner: str = ""
    price: Decimal | None = None
    awards: tuple[AwardRow, ...] = ()
    unclaimed: Mapping[str, Decimal] = field(default_factory=dict)
    tax: Mapping[str, Tax] = field(default_factory=dict)
    tier: TierPolicy = "marketing"
    tier_judgement: str = ""
    rights: tuple[StatusRight, ...] = ()

    def unclaimed_in(self, country: str) -> Decimal:
        """The share of gift cards' breakage that is owed in a country; 0 where nothing is said."""
        return self.unclaimed.get(country, self.unclaimed.get(EVERYWHERE, NOTHING))
