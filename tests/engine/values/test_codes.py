"""Codes of vouchers: made of given bytes, understood as people type them, slips always found."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pointbook.engine.values.codes import (
    ALPHABET,
    BYTES,
    GROUP,
    LENGTH,
    CodeError,
    check,
    code_of,
    shown,
)

CODES = st.binary(min_size=BYTES, max_size=BYTES).map(code_of)
PLACES = st.integers(0, LENGTH - 1)
A_CODE = code_of(bytes(range(200, 200 + BYTES)))


def test_equal_bytes_make_equal_codes_and_their_look_never_changes():
    assert code_of(bytes(BYTES)) == "0" * LENGTH
    assert A_CODE == "S34WNJYCSQ7CZM62"
    assert shown(A_CODE) == "S34W-NJYC-SQ7C-ZM62"


def test_the_alphabet_has_no_lookalikes():
    assert len(set(ALPHABET)) == 32
    assert not set("ILOU") & set(ALPHABET)


@pytest.mark.parametrize("count", [0, BYTES - 1, BYTES + 1])
def test_a_code_is_made_of_ten_bytes(count):
    with pytest.raises(CodeError, match=f"{count} random bytes make no code. Give 10 bytes."):
        code_of(bytes(count))


@settings(max_examples=60)
@given(CODES)
def test_a_code_is_read_however_it_is_typed(code):
    assert len(code) == LENGTH
    assert set(code) <= set(ALPHABET)
    groups = shown(code)
    assert all(len(group) == GROUP for group in groups.split("-"))
    for typed in (
        code,
        groups,
        groups.lower(),
        groups.replace("-", " "),
        groups.replace("-", "\u2013"),
        f"  {code}\n",
        code.replace("0", "O").replace("1", "I"),
        code.lower().replace("0", "o").replace("1", "l"),
        "".join(chr(ord(one) - 0x20 + 0xFF00) for one in code),  # full width, as in East Asia
    ):
        assert check(typed) == code


@settings(max_examples=200)
@given(CODES, PLACES, st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_found(code, place, other):
    assume(code[place] != other)
    with pytest.raises(CodeError, match="mistyped"):
        check(code[:place] + other + code[place + 1 :])


@settings(max_examples=200)
@given(CODES, PLACES)
def test_swapped_neighbours_are_always_found(code, place):
    swapped = code[:place] + code[place : place + 2][::-1] + code[place + 2 :]
    assume(swapped != code)
    with pytest.raises(CodeError, match="mistyped"):
        check(swapped)


def test_every_wrong_character_and_every_swap_of_one_code_is_found():
    """All of them: the check is linear, so what holds for one code holds for each."""
    wrong = {A_CODE[:at] + other + A_CODE[at + 1 :] for at in range(LENGTH) for other in ALPHABET}
    swaps = {A_CODE[:at] + A_CODE[at : at + 2][::-1] + A_CODE[at + 2 :] for at in range(LENGTH - 1)}
    for text in (wrong | swaps) - {A_CODE}:
        with pytest.raises(CodeError):
            check(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "a code has 16 characters, this has 0. Type all 4 groups of 4."),
        (A_CODE[:-1], "a code has 16 characters, this has 15. Type all 4 groups of 4."),
        (f"{A_CODE}0", "a code has 16 characters, this has 17. Type all 4 groups of 4."),
        (f"U{A_CODE[1:]}", "no code has the character 'U'. Codes have digits and capital"),
        (f"#{A_CODE[1:]}", "no code has the character '#'. Codes have digits and capital"),
        ("1" * LENGTH, "the code was mistyped. Compare it with the voucher: a character is wrong"),
    ],
)
def test_what_is_no_code_is_told_with_what_mends_it(text, told):
    with pytest.raises(CodeError) as found:
        check(text)
    assert str(found.value).startswith(told)
    assert (found.value.field, found.value.value) == ("code", text)
