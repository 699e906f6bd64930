"""Money as whole minor units: exponents of ISO 4217, decimal text in and out, exact splits.

Raises MoneyError: a currency that is not known, or an amount that is no whole number of minor
units. Nothing here is a float; a float handed in is read by its shortest text.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final

from pointbook.engine.values.errors import PointbookError

if TYPE_CHECKING:
    from collections.abc import Sequence

_PLACES: Final = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD"
    " CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD"
    " GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD"
    " MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP"
    " PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS"
    " TMT TOP TRY TTD TWD TZS UAH USD UZS VES WST XCD YER ZAR ZMW",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
EXPONENTS: Final = {code: places for places, codes in _PLACES.items() for code in codes.split()}

# Digits that fit a 64-bit integer; a longer amount is a mistake, not money.
_LONGEST: Final = 18
# A binary float may be this part (1 / 1,000,000) of a minor unit away from a whole one.
FLOAT_SLACK: Final = 1_000_000


class MoneyError(PointbookError):
    """An amount or a currency cannot be read."""

    status = 422


def exponent(currency: str) -> int:
    """The decimal places of a currency's minor unit (ISO 4217).

    :raises MoneyError: when the code is not one of ISO 4217.
    """
    try:
        return EXPONENTS[currency]
    except KeyError:
        raise MoneyError(
            f"{currency!r} is not a currency",
            field="currency",
            value=currency,
            mend="Use a code of ISO 4217 in capitals, for example USD.",
        ) from None


def to_minor(value: object, *, places: int) -> int:
    """Major units (decimal text, Decimal, int or float) as minor units of 10**-places, exactly.

    A float counts as a whole minor unit when its shortest text is within 0.000001 of one.

    :raises MoneyError: when it is no number, too long, or has a part of a minor unit.
    """
    if isinstance(value, str):
        # Nearly every amount of an import is plain digits: no Decimal is made for these.
        whole, _, part = value.partition(".")
        if len(part) <= places and len(whole) + places <= _LONGEST:
            digits = whole + part
            if digits.isdigit() and digits.isascii():
                return int(digits + "0" * (places - len(part)))
    try:
        amount = Decimal("NaN" if isinstance(value, bool) else str(value).strip())
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount.adjusted() >= _LONGEST - places:
        raise MoneyError(
            f"{value!r} is not an amount",
            field="amount",
            value=value,
            mend="Send a decimal number in major units, for example 12.34.",
        )
    loose = isinstance(value, float)
    # The exact ratio of a tiny power of ten would fill the memory.
    tiny = amount.adjusted() <= -_LONGEST
    if not amount or (tiny and loose):
        return 0
    if not tiny:
        numerator, denominator = amount.as_integer_ratio()
        scale: int = 10**places
        minor, rest = divmod(numerator * scale, denominator)
        if loose and min(rest, denominator - rest) * FLOAT_SLACK <= denominator:
            return minor if 2 * rest < denominator else minor + 1
        if rest == 0:
            return minor
    raise MoneyError(
        f"{value} has a part of a minor unit",
        field="amount",
        value=value,
        mend=f"Send at most {places} decimals.",
    )


def to_major(minor: int, *, places: int) -> Decimal:
    """Minor units of 10**-places as an exact Decimal in major units, for example 12.34."""
    return Decimal(f"{minor}E-{places}")


def half_up(*, numerator: int, denominator: int) -> int:
    """Numerator / denominator (positive) as the nearest whole number, halves away from zero."""
    if numerator < 0:
        return -half_up(numerator=-numerator, denominator=denominator)
    return (2 * numerator + denominator) // (2 * denominator)


def split(*, total: int, weights: Sequence[int]) -> tuple[int, ...]:
    """`total` divided in proportion to `weights` (not negative), so that nothing is lost.

    Largest remainder (Hamilton): every part is rounded down, then the units left over go to the
    largest fractions; of equal ones to the first.

    :raises MoneyError: when something is to be divided and no weight is above 0.
    """
    whole = sum(weights)
    if whole <= 0:
        if total == 0:
            return (0,) * len(weights)
        raise MoneyError(
            f"{total} cannot be divided: no part has a weight",
            field="weights",
            value=tuple(weights),
            mend="Give at least one weight above 0.",
        )
    parts = [total * weight // whole for weight in weights]
    left = total - sum(parts)
    fractions = [total * weight % whole for weight in weights]
    for index in sorted(range(len(weights)), key=lambda i: -fractions[i])[:left]:
        parts[index] += 1
    return tuple(parts)
