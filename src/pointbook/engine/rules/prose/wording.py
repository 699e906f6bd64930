"""The words of sentences: numbers, money, points, spans of time, lists, nouns for types of facts.

English only, as members say it. Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache

from babel.numbers import format_currency, format_decimal

from pointbook.engine.rules.blueprint import Unit
from pointbook.engine.rules.spans import Each
from pointbook.engine.values.money import exponent, to_major

LOCALE = "en_US"
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
ORDINALS = (
    *("first", "second", "third", "fourth", "fifth"),
    *("sixth", "seventh", "eighth", "ninth", "tenth"),
)
SUFFIXES = {1: "st", 2: "nd", 3: "rd"}
TEENS = range(11, 14)
HISSES = ("s", "x", "z", "ch", "sh")
# Types of facts whose names are no nouns that a member would use: one of them, several of them.
NOUNS: Mapping[str, tuple[str, str]] = {
    "burn": ("redemption", "redemptions"),
    "referred": ("referral as the invited friend", "referrals as the invited friend"),
}
SPANS: Mapping[Each, str] = {
    "day": "a day",
    "week": "a week",
    "month": "a month",
    "year": "a year",
    "membership_year": "in a year of membership",
    "ever": "in all",
}


def money(minor: int, *, currency: str) -> str:
    """An amount of minor units: $350.00."""
    return price(to_major(minor, places=exponent(currency)), currency=currency)


def price(major: Decimal, *, currency: str) -> str:
    """An amount of major units with all its decimals: $0.005."""
    return str(format_currency(major, currency, locale=LOCALE, decimal_quantization=False))


@lru_cache(maxsize=4096)
def number(value: Decimal | int) -> str:
    """A number without needless zeros: 1,000 or 0.5."""
    return str(format_decimal(Decimal(value), locale=LOCALE, decimal_quantization=False))


def points(parts: int, *, unit: Unit) -> str:
    """A number of smallest parts in the unit's own words: 1 point, 500 points."""
    return amount(Decimal(parts).scaleb(-unit.decimals), unit=unit)


def amount(whole: Decimal, *, unit: Unit) -> str:
    """A number of whole points, of any decimals, in the unit's own words: 1.25 points."""
    return f"{number(whole)} {unit.singular if whole == 1 else unit.name}"


def counted(count: Decimal | int, one: str, several: str) -> str:
    """A number of things: 1 purchase, 1,000 purchases."""
    return f"{number(count)} {one if count == 1 else several}"


def days(count: int) -> str:
    """1 day, 180 days."""
    return f"{count} day{'' if count == 1 else 's'}"


def months(count: int) -> str:
    """1 month, 6 months."""
    return f"{count} month{'' if count == 1 else 's'}"


def years(count: int) -> str:
    """1 year, 2 years."""
    return f"{count} year{'' if count == 1 else 's'}"


def times(count: int) -> str:
    """Once, twice, 3 times."""
    return {1: "once", 2: "twice"}.get(count, f"{number(count)} times")


def day(value: date | None) -> str | None:
    """31 March 2026."""
    return None if value is None else f"{day_of_year(value)} {value.year}"


def day_of_year(value: date) -> str:
    """31 March."""
    return f"{value.day} {MONTHS[value.month - 1]}"


def clock(minutes: int) -> str:
    """Minutes of a day as members read them: 15:00."""
    return "{:02d}:{:02d}".format(*divmod(minutes, 60))


def numeral(place: int) -> str:
    """1st, 2nd, 11th, 23rd."""
    suffix = "th" if place % 100 in TEENS else SUFFIXES.get(place % 10, "th")
    return f"{place}{suffix}"


def ordinal(place: int) -> str:
    """First, second, 11th."""
    return ORDINALS[place - 1] if 0 < place <= len(ORDINALS) else numeral(place)


def listed(words: Sequence[str], *, joined: str = "or") -> str:
    """One, two or three; empty for nothing."""
    *head, last = words or ("",)
    return f"{', '.join(head)} {joined} {last}" if head else last


def plain(code: str) -> str:
    """A code as words: big-basket is big basket."""
    return " ".join(code.replace("_", " ").replace("-", " ").split())


def quoted(name: str) -> str:
    """A name as a member would recognise it inside a sentence."""
    return f"“{name}”"


def opened(text: str) -> str:
    """The beginning of a sentence: its first letter is a capital."""
    return text[:1].upper() + text[1:]


def plural(noun: str) -> str:
    """Several of a noun by the common rules: purchases, surveys, anniversaries, boxes."""
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(HISSES) else f"{noun}s"


def singular(noun: str) -> str:
    """One of a noun that ends as plurals do: days, bonus points; others stay."""
    if noun.endswith("ies"):
        return f"{noun[:-3]}y"
    return noun[:-1] if noun.endswith("s") and not noun.endswith("ss") else noun


def happening(kind: str, *, several: bool = False) -> str:
    """A type of facts as a noun: sign up, company purchases."""
    one, many = NOUNS.get(kind) or (plain(kind), plural(plain(kind)))
    return many if several else one


def article(noun: str) -> str:
    """A noun with a or an, by its first letter."""
    return f"an {noun}" if noun[:1].lower() in "aeiou" else f"a {noun}"


def span(each: Each, *, on: str = "") -> str:
    """The time over which something is counted anew: a year, in all, for one purchase."""
    return f"for one {happening(on or 'purchase')}" if each == "fact" else SPANS[each]


def often(count: int, each: Each, *, on: str = "") -> str:
    """How often over which time: twice a year, once, 3 times in all."""
    if each == "ever" and count == 1:
        return "once"
    return f"{times(count)} {span(each, on=on)}"
