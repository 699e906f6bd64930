"""Codes of vouchers: no lookalikes, a check character, and whatever people type is understood.

A code is 16 characters of Crockford's base 32 (no I, L, O, U): 15 are random (75 bits, beyond any
guessing), the last one checks them. People see it in groups of four. Raises CodeError.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from pointbook.engine.values.errors import PointbookError

# https://www.crockford.com/base32.html
ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# How many characters a code has, its check character among them, and how many stand in a group.
LENGTH: Final = 16
GROUP: Final = 4
# Random bytes that a code is made of; the bits left over are not used.
BYTES: Final = 10

_BITS: Final = 5
_VALUES: Final = {character: value for value, character in enumerate(ALPHABET)}
# What is read as another character, and what only divides a code.
_READ_AS: Final = str.maketrans({"O": "0", "I": "1", "L": "1"})
_DIVIDERS: Final = str.maketrans(
    dict.fromkeys(" -\u2010\u2011\u2012\u2013\u2014\u2212._\t\n\r", "")
)
# x^5 + x^2 + 1: what multiplying by x leaves of the field with 32 elements.
_MODULUS: Final = 0b100101


class CodeError(PointbookError):
    """A code cannot be read, or was mistyped."""

    status = 422


def code_of(random_bytes: bytes) -> str:
    """The code of BYTES random bytes, as it is kept: without groups. Equal bytes, equal codes.

    :raises CodeError: fewer or more bytes.
    """
    if len(random_bytes) != BYTES:
        raise CodeError(
            f"{len(random_bytes)} random bytes make no code",
            field="random_bytes",
            mend=f"Give {BYTES} bytes.",
        )
    left = 8 * BYTES - _BITS * (LENGTH - 1)
    number = int.from_bytes(random_bytes) >> left
    shifts = range(_BITS * (LENGTH - 2), -1, -_BITS)
    body = "".join([ALPHABET[number >> shift & len(ALPHABET) - 1] for shift in shifts])
    return body + ALPHABET[_checked(body)]


def shown(code: str) -> str:
    """A code in groups of four, as people see it: 9KQ2-7VXA-0M5T-RH8C."""
    return "-".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


def check(text: str) -> str:
    """The code that somebody typed, as it is kept.

    Capitals or not, spaces, dashes, O for 0, I and L for 1 make no difference. One wrong character,
    or two neighbours in the wrong order, are always found.

    :raises CodeError: another length, a character that no code has, or a wrong check character.
    """
    plain = unicodedata.normalize("NFKC", text).upper().translate(_DIVIDERS).translate(_READ_AS)
    strange = next((one for one in plain if one not in _VALUES), "")
    if strange:
        raise CodeError(
            f"no code has the character {strange!r}",
            field="code",
            value=text,
            mend="Codes have digits and capital letters, but no U.",
        )
    if len(plain) != LENGTH:
        raise CodeError(
            f"a code has {LENGTH} characters, this has {len(plain)}",
            field="code",
            value=text,
            mend=f"Type all {LENGTH // GROUP} groups of {GROUP}.",
        )
    if _checked(plain):
        raise CodeError(
            "the code was mistyped",
            field="code",
            value=text,
            mend="Compare it with the voucher: a character is wrong, or two are swapped.",
        )
    return plain


def _checked(text: str) -> int:
    """The check value of a text; 0 when its last character is the check of those before it.

    H. M. Damm, Total anti-symmetrische Quasigruppen (Marburg 2004), example 5.2, over GF(32):
    each step is 2 * (sum + value). Luhn's sum modulo 32 and ISO 7064's MOD 37,36 miss some swaps.
    """
    value = 0
    for character in text:
        value = (value ^ _VALUES[character]) << 1
        if value > len(ALPHABET) - 1:
            value ^= _MODULUS
    return value
