"""What is wrong with a document: every mistake with its place, its value and what mends it.

BlueprintErrors carries them all, so that a document is mended in one pass.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from pointbook.engine.values.errors import PointbookError

Path = tuple[str | int, ...]
LONGEST = 60  # characters of a value in an error


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: `path` such as earn[0].award.per, and the line in the text where known.

    `pointer` is the same place as a JSON pointer (RFC 6901), exact also for keys with dots.
    """

    path: str
    value: object
    message: str
    mend: str
    line: int | None = None
    pointer: str = ""

    def __str__(self) -> str:
        """One line: where, what and the mend."""
        where = self.path or "the document"
        place = f"line {self.line}, {where}" if self.line else where
        return f"{place}: {self.message} {self.mend}".rstrip()


class BlueprintErrors(PointbookError):
    """The document has mistakes; `problems` holds all of them in the order of the text."""

    status = 422

    def __init__(self, problems: Sequence[Problem], *, title: str = "the blueprint") -> None:
        count = len(problems)
        super().__init__(
            f"{title} has {count} mistake{'' if count == 1 else 's'}.",
            mend="\n".join(map(str, problems)),
            field=problems[0].path,
            value=problems[0].value,
        )
        self.problems = list(problems)

    def __str__(self) -> str:
        """The count, then one line for each mistake."""
        return f"{self.message}\n{self.mend}"


def mistake(
    path: Path, value: object, message: str, *, mend: str, line: int | None = None
) -> Problem:
    """The problem at a place of a document."""
    return Problem(dotted(path), value, message, mend, line, pointer(path))


def pointer(path: Path) -> str:
    """A path as a JSON pointer (RFC 6901): /earn/0/award/per."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)


def dotted(path: Path) -> str:
    """A path as people write it: earn[0].award.per."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def shown(value: object) -> str:
    """A value as it stands in an error, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def choice(word: object, known: Iterable[str]) -> str:
    """The mend of a word that is none of the known ones."""
    words = list(known)
    if len(words) == 1:
        return f"Write {words[0]}."
    near = get_close_matches(str(word), words, n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    return f"Write one of: {', '.join(words)}.{hint}"


def located(problems: Iterable[Problem], *, lines: dict[str, int]) -> list[Problem]:
    """The problems with their lines, in the order of the text; a missing key is at its parent."""

    def line_of(path: str) -> int | None:
        while path and path not in lines:
            cut = max(path.rfind("."), path.rfind("["))
            path = path[: max(cut, 0)]
        return lines.get(path)

    found = [replace(problem, line=line_of(problem.path)) for problem in problems]
    return sorted(found, key=lambda problem: problem.line or 0)
