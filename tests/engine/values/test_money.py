"""Amounts are read exactly or refused; splits lose nothing."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointbook.engine.values.money import (
    EXPONENTS,
    MoneyError,
    exponent,
    half_up,
    split,
    to_major,
    to_minor,
)

TINY = 1e-30


def test_currencies():
    assert (exponent("JPY"), exponent("USD"), exponent("KWD"), exponent("CLF")) == (0, 2, 3, 4)
    assert all(len(code) == 3 and code.isupper() for code in EXPONENTS)
    with pytest.raises(MoneyError, match="'usd' is not a currency"):
        exponent("usd")


@given(st.integers(-(10**14), 10**14), st.integers(0, 4))
def test_major_units_there_and_back(minor, places):
    amount = to_major(minor, places=places)
    assert to_minor(amount, places=places) == minor
    assert to_minor(str(amount), places=places) == minor
    assert to_minor(f" {amount:f} ", places=places) == minor


@given(st.integers(-(10**9), 10**9))
def test_a_float_is_read_by_its_shortest_text(minor):
    assert to_minor(minor / 100, places=2) == minor
    assert to_minor(minor / 100 + TINY, places=2) == minor


@pytest.mark.parametrize(
    ("value", "minor"),
    [
        ("12.3", 1230),
        (12, 1200),
        (".5", 50),
        ("-0.01", -1),
        ("1e2", 10_000),
        ("0E-999", 0),
        (0.1 + 0.2, 30),
        (4.989999999, 499),
        (4.9900000001, 499),
        (TINY, 0),
    ],
)
def test_what_is_an_amount(value, minor):
    assert to_minor(value, places=2) == minor


@pytest.mark.parametrize("value", ["", ".", "abc", None, True, "NaN", "inf", "1e17", "1E999999999"])
def test_what_is_no_amount(value):
    with pytest.raises(MoneyError, match="is not an amount"):
        to_minor(value, places=2)


@pytest.mark.parametrize("value", ["0.001", "12.345", 4.985, "1E-999999999", "-0.005"])
def test_a_part_of_a_minor_unit_is_refused(value):
    with pytest.raises(MoneyError, match="has a part of a minor unit"):
        to_minor(value, places=2)


def test_halves_go_away_from_zero():
    assert [half_up(numerator=n, denominator=2) for n in (-3, -1, 0, 1, 3)] == [-2, -1, 0, 1, 2]


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(0, 10**6), min_size=1, max_size=8))
def test_a_split_loses_nothing_and_is_fair(total, weights):
    whole = sum(weights)
    if not whole:
        weights, whole = [1] * len(weights), len(weights)
    parts = split(total=total, weights=weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * whole - total * weight) < whole


def test_a_split_among_none():
    assert split(total=0, weights=[0, 0]) == (0, 0)
    with pytest.raises(MoneyError, match="cannot be divided"):
        split(total=1, weights=[0])
    assert split(total=10, weights=[1, 1, 1]) == (4, 3, 3)


def test_cents_are_decimals_not_floats():
    assert isinstance(to_major(1234, places=2), Decimal)
    assert str(to_major(1234, places=2)) == "12.34"
