"""What `differences` compares: a part of a program by its path, as a sentence and term by term."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

# The terms of a part in words, None where there is none. A part that is one term calls it "".
Terms = Mapping[str, str | None]


class Part(NamedTuple):
    """A part of a program: its path in the document, its name, a sentence, and its terms."""

    path: str
    title: str
    sentence: str
    terms: Terms
