"""The draw of a sweepstake that anybody can repeat: fair, fixed by a seed promised beforehand.

The commitment to a secret seed is published before the first entry. After the draw the seed is
published too, and with the entries everybody finds the same winners (`verify`). That shows that the
seed was not chosen after the entries; that no entry was added late, the ledger of entries shows.
Raises DrawError: a seed that can be guessed, an entry twice, or numbers that make no odds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from math import comb
from typing import Final, NamedTuple

from pointbook.engine.rules.catalogue import Prize
from pointbook.engine.values.errors import PointbookError

# Bytes below which a seed could be found by trying: 128 bits.
SEED_BYTES: Final = 16
_COUNTER_BYTES: Final = 8
_DIGEST_BITS: Final = 256


class DrawError(PointbookError):
    """A draw cannot be made of this."""

    status = 422


class Entry(NamedTuple):
    """One chance of a member; each chance has an id of its own."""

    id: str
    member: str


class Winner(NamedTuple):
    """Whom the draw gives a prize; `place` counts the prizes of all names from 1."""

    place: int
    prize: str
    entry: str
    member: str


def commitment(seed: bytes) -> str:
    """What is published before the first entry: SHA-256 of the seed in hexadecimal digits.

    :raises DrawError: a seed of fewer than 16 bytes: it could be found by trying.
    """
    if len(seed) < SEED_BYTES:
        raise DrawError(
            f"a seed of {len(seed)} bytes can be guessed",
            field="seed",
            mend=f"Use at least {SEED_BYTES} random bytes.",
        )
    return hashlib.sha256(seed).hexdigest()


def winners(
    seed: bytes, entries: Sequence[Entry], prizes: Sequence[Prize], *, once: bool = True
) -> tuple[Winner, ...]:
    """Who wins what: prizes in their order, fewer where the entries come to an end before.

    The entries are sorted by id (as Unicode code points). For each prize one is taken out of the
    list: the place of it, counted from 0, is the next number of the seed below what is left. With
    `once` whoever has won is out: their entry is laid aside, and the next one is taken for the
    same prize. So everybody who is left has the same chance with each entry.

    :raises DrawError: a seed that can be guessed, or an entry that is there twice.
    """
    commitment(seed)
    left = sorted(entries)
    twice = next((one.id for one, after in pairwise(left) if one.id == after.id), None)
    if twice is not None:
        raise DrawError(
            f"entry {twice!r} is there twice",
            field="entries",
            value=twice,
            mend="Give every chance an id of its own.",
        )
    names = [prize.name for prize in prizes for _ in range(prize.quantity)]
    numbers = _Numbers(seed)
    won: set[str] = set()
    found: list[Winner] = []
    while left and len(found) < len(names):
        entry = left.pop(numbers.below(len(left)))
        if once and entry.member in won:
            continue
        won.add(entry.member)
        found.append(Winner(len(found) + 1, names[len(found)], entry.id, entry.member))
    return tuple(found)


def verify(
    *,
    seed: bytes,
    promised: str,
    entries: Sequence[Entry],
    prizes: Sequence[Prize],
    told: Sequence[Winner],
    once: bool = True,
) -> tuple[str, ...]:
    """What is wrong with a draw that was published, in sentences; empty when all is right.

    `promised` is the commitment, `told` are the winners that were published.

    :raises DrawError: as `winners`.
    """
    return tuple(
        _wrong(seed, promised, winners(seed=seed, entries=entries, prizes=prizes, once=once), told)
    )


def odds(entries_of_member: int, all_entries: int, prizes: int) -> Fraction:
    """The chance of a member with so many of all entries to win at least one prize, exactly.

    One less the chance that all prizes go to others (hypergeometric): C(all - own, prizes) of
    C(all, prizes). Where members win once and others have several entries it is a little more:
    what others lay aside is drawn again.

    :raises DrawError: negative numbers, or more own entries than there are.
    """
    own = entries_of_member
    if not 0 <= own <= all_entries or prizes < 0:
        raise DrawError(
            f"{own} of {all_entries} entries for {prizes} prizes have no odds",
            field="entries_of_member",
            value=own,
            mend="Give numbers from 0, and no more own entries than there are.",
        )
    drawn = min(prizes, all_entries)
    return 1 - Fraction(comb(all_entries - own, drawn), comb(all_entries, drawn))


def _wrong(
    seed: bytes, promised: str, due: Sequence[Winner], told: Sequence[Winner]
) -> Iterator[str]:
    if commitment(seed) != promised.lower():
        yield "The seed is not the one that was promised."
    if len(due) != len(told):
        yield f"The draw has {len(due)} winners, {len(told)} were told."
    for right, wrong in zip(due, told, strict=False):
        if right != wrong:
            yield (
                f"Place {right.place} ({right.prize}) is entry {right.entry} of {right.member},"
                f" told was entry {wrong.entry} of {wrong.member} ({wrong.prize})."
            )


class _Numbers:
    """The numbers of a seed: of SHA-256(seed | counter) the first bits, the counter of 8 bytes.

    No number is likelier than another: as many bits as the bound needs are taken, and a number
    that reaches it is discarded (NIST SP 800-90A Rev. 1, A.5.1, the simple discard method).
    """

    __slots__ = ("_counter", "_seed")

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self._counter = 0

    def below(self, bound: int) -> int:
        """The next number from 0 up to, not including, `bound`."""
        unused = _DIGEST_BITS - (bound - 1).bit_length()
        while True:
            counter = self._counter.to_bytes(_COUNTER_BYTES)
            self._counter += 1
            number = int.from_bytes(hashlib.sha256(self._seed + counter).digest()) >> unused
            if number < bound:
                return number
