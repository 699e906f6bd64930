"""The draw of a sweepstake: repeated by anybody, fair to every entry, exact odds."""

import hashlib
from collections import Counter
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointbook.engine.rules.catalogue import Prize
from pointbook.engine.rules.drawing import (
    DrawError,
    Entry,
    Winner,
    commitment,
    odds,
    verify,
    winners,
)

SEED = bytes(range(32))
PRIZES = (Prize("Bicycle"), Prize("Bag", 2))
ENTRIES = [Entry(f"e{n}", f"m{n % 4}") for n in range(8)]
SEEDS = st.binary(min_size=16, max_size=32)
CHANCES = st.lists(st.sampled_from("abcdef"), max_size=9).map(
    lambda members: [Entry(f"e{n}", member) for n, member in enumerate(members)]
)
# Chi-square quantiles at 0.9999 for 2 to 7 degrees of freedom: draws of fixed seeds lie below.
CHI_SQUARE = {2: 18.42, 4: 23.51, 6: 27.86, 7: 29.88}


def seed(number):
    return hashlib.sha256(f"test {number}".encode()).digest()


def test_a_draw_never_changes():
    """Published draws are checked years later, by other programs too."""
    assert commitment(SEED) == "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd"
    assert winners(seed=SEED, entries=ENTRIES, prizes=PRIZES) == (
        Winner(1, "Bicycle", "e5", "m1"),
        Winner(2, "Bag", "e3", "m3"),
        Winner(3, "Bag", "e4", "m0"),
    )


def test_the_first_winner_can_be_found_by_hand():
    """Of 8 entries: the first 3 bits of SHA-256(seed | eight zero bytes), none discarded."""
    place = hashlib.sha256(SEED + bytes(8)).digest()[0] >> 5
    first = winners(seed=SEED, entries=ENTRIES, prizes=[Prize("Bicycle")])
    assert first == (Winner(1, "Bicycle", f"e{place}", f"m{place % 4}"),)


@settings(max_examples=60)
@given(SEEDS, CHANCES, st.randoms(use_true_random=False), st.booleans())
def test_the_order_of_entries_changes_nothing(seed, entries, dice, once):
    mixed = list(entries)
    dice.shuffle(mixed)
    found = winners(seed=seed, entries=entries, prizes=PRIZES, once=once)
    assert winners(seed=seed, entries=mixed, prizes=PRIZES, once=once) == found
    assert (
        verify(
            seed=seed,
            promised=commitment(seed),
            entries=mixed,
            prizes=PRIZES,
            told=found,
            once=once,
        )
        == ()
    )


@settings(max_examples=60)
@given(SEEDS, CHANCES, st.booleans())
def test_prizes_go_in_order_to_different_entries(seed, entries, once):
    found = winners(seed=seed, entries=entries, prizes=PRIZES, once=once)
    able = len({one.member for one in entries}) if once else len(entries)
    assert len(found) == min(3, able)
    assert [one.place for one in found] == list(range(1, len(found) + 1))
    assert [one.prize for one in found] == ["Bicycle", "Bag", "Bag"][: len(found)]
    assert {Entry(one.entry, one.member) for one in found} <= set(entries)
    assert len({one.entry for one in found}) == len(found)
    if once:
        assert len({one.member for one in found}) == len(found)


@pytest.mark.parametrize("count", [3, 5, 7, 8])
def test_every_entry_has_the_same_chance(count):
    """Where numbers are discarded (any count but 8) as elsewhere, and for the second prize too."""
    draws = 2000
    entries = [Entry(f"e{n}", f"m{n}") for n in range(count)]
    firsts: Counter[str] = Counter()
    seconds: Counter[str] = Counter()
    for number in range(draws):
        first, second = winners(seed=seed(number), entries=entries, prizes=[Prize("Bag", 2)])
        firsts[first.entry] += 1
        seconds[second.entry] += 1
    for found in (firsts, seconds):
        expected = draws / count
        apart = sum((found[one.id] - expected) ** 2 / expected for one in entries)
        assert apart < CHI_SQUARE[count - 1]


def test_members_win_as_often_as_their_odds_say():
    """Ann has 3 of 8 entries, everybody else one; two prizes."""
    entries = [Entry(f"e{n}", "ann" if n < 3 else f"m{n}") for n in range(8)]
    draws = 2000
    won = sum(
        "ann" in [one.member for one in winners(seed=seed(n), entries=entries, prizes=PRIZES[1:])]
        for n in range(draws)
    )
    chance = odds(3, 8, 2)
    assert chance == 1 - Fraction(5, 8) * Fraction(4, 7)
    spread = 4 * (draws * chance * (1 - chance)) ** Fraction(1, 2)
    assert abs(won - draws * chance) < spread


@pytest.mark.parametrize(
    ("own", "entries", "prizes", "chance"),
    [
        (0, 0, 3, Fraction(0)),
        (0, 9, 3, Fraction(0)),
        (1, 9, 0, Fraction(0)),
        (1, 9, 3, Fraction(1, 3)),
        (1, 3, 7, Fraction(1)),
        (9, 9, 1, Fraction(1)),
        (1, 10**6, 1, Fraction(1, 10**6)),
    ],
)
def test_odds(own, entries, prizes, chance):
    assert odds(own, entries, prizes) == chance


@pytest.mark.parametrize(("own", "entries", "prizes"), [(-1, 2, 1), (3, 2, 1), (1, 2, -1)])
def test_numbers_without_odds(own, entries, prizes):
    with pytest.raises(DrawError, match=f"{own} of {entries} entries for {prizes} prizes have no"):
        odds(own, entries, prizes)


def test_a_short_seed_is_refused():
    for use in (commitment, lambda short: winners(seed=short, entries=[], prizes=[])):
        with pytest.raises(DrawError, match="a seed of 15 bytes can be guessed"):
            use(bytes(15))


def test_an_entry_that_is_there_twice_is_refused():
    with pytest.raises(DrawError, match="entry 'e1' is there twice"):
        winners(seed=SEED, entries=[*ENTRIES, Entry("e1", "bob")], prizes=PRIZES)


def test_what_is_wrong_with_a_draw_is_told():
    told = winners(seed=SEED, entries=ENTRIES, prizes=PRIZES)
    draw: dict[str, Any] = {"entries": ENTRIES, "prizes": PRIZES}
    draw |= {"promised": commitment(SEED).upper()}
    assert verify(seed=SEED, told=told, **draw) == ()
    assert verify(seed=SEED, told=told[:2], **draw) == ("The draw has 3 winners, 2 were told.",)
    other = told[0]._replace(entry="e99", member="eve")
    assert verify(seed=SEED, told=[other, *told[1:]], **draw) == (
        (
            f"Place 1 (Bicycle) is entry {told[0].entry} of {told[0].member},"
            " told was entry e99 of eve (Bicycle)."
        ),
    )
    wrong = verify(seed=seed(1), told=told, **draw)
    assert wrong[0] == "The seed is not the one that was promised."
