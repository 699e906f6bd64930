"""How figures are written on pages: separators, the decimals of money, U+2212 as the minus.

Nothing here raises. Locale: that of the request; amounts come in smallest parts and minor units.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Final

from babel.numbers import format_currency, format_decimal
from django.utils.formats import date_format
from django.utils.translation import get_language, to_locale

from pointbook.engine.values.money import exponent, to_major

MINUS: Final = "\u2212"


def number(value: Decimal | int, *, places: int = 0) -> str:
    """A number with separators and exactly `places` decimals: 458,822."""
    pattern = f"#,##0{'.' if places else ''}{'0' * places}"
    return _minus(format_decimal(value, format=pattern, locale=_locale()))


def points(parts: int, *, decimals: int = 0) -> str:
    """Smallest parts of a unit as points: 458,822."""
    return number(to_major(parts, places=decimals), places=decimals)


def signed(parts: int, *, decimals: int = 0) -> str:
    """Points with both signs, as in a history: +45 or -500 with U+2212."""
    return f"{'+' if parts > 0 else ''}{points(parts, decimals=decimals)}"


def money(minor: int, *, currency: str) -> str:
    """Minor units as a figure in books, without the currency: 9,176.44."""
    places = exponent(currency)
    return number(to_major(minor, places=places), places=places)


def cash(minor: int, *, currency: str) -> str:
    """Minor units in a sentence: $9,176.44."""
    amount = to_major(minor, places=exponent(currency))
    return _minus(format_currency(amount, currency, locale=_locale()))


def share(part: int, whole: int, *, places: int = 1) -> str:
    """A part of a whole in per cent: 55.7%."""
    return f"{number(Decimal(100 * part) / whole if whole else Decimal(0), places=places)}%"


def day_month(day: date | datetime) -> str:
    """A day of a near year in a sentence: 10 January."""
    return date_format(day, "j F")


def counted(count: int, one: str, many: str) -> str:
    """A count with its word: 1 member, 603 members."""
    return f"{number(count)} {one if count == 1 else many}"


def _locale() -> str:
    name = to_locale(get_language() or "en")
    return "en_US" if name == "en" else name


def _minus(text: str) -> str:
    return text.replace("-", MINUS)
