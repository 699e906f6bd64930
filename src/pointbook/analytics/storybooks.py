"""Story files: where they are, the programs they name, and what is in them.

Needs no database. Raises StoryFileMissing for a file that cannot be read; what is wrong with a
story raises BlueprintErrors.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pointbook
from pointbook.engine.replay.scenes import Story
from pointbook.engine.replay.stories import read_stories
from pointbook.engine.values.errors import NotFoundError

STARTERS: Final = Path(pointbook.__file__).parent / "programs" / "starters"
STORIES: Final = STARTERS / "stories"
SUFFIX: Final = ".yaml"
PROGRAM: Final = "\nblueprint: 1\n"  # beside programs there are behaviours


class StoryFileMissing(NotFoundError):
    """There is no such story, or no such program for it."""


def story_files(names: Iterable[str | Path]) -> list[Path]:
    """The files that are named, and for a folder every YAML file below it, in order.

    :raises StoryFileMissing: when there is nothing under a name.
    """
    found: list[Path] = []
    for path in map(Path, names):
        if path.is_dir():
            found += sorted(path.rglob(f"*{SUFFIX}"))
        elif path.is_file():
            found.append(path)
        else:
            raise StoryFileMissing(
                f"{path}: no such file", field="file", value=str(path), mend="Name a story in YAML."
            )
    return found


def read_file(path: Path) -> list[Story]:
    """The stories of a file.

    :raises BlueprintErrors: with every mistake in them.
    :raises StoryFileMissing: when the file cannot be read.
    """

    def blueprint_of(name: str) -> str:
        places = (STARTERS / f"{name}{SUFFIX}", path.parent / name, path.parent / f"{name}{SUFFIX}")
        for place in places:
            if place.is_file():
                return _text(place)
        known = sorted(
            place.stem for place in STARTERS.glob(f"*{SUFFIX}") if PROGRAM in _text(place)
        )
        raise StoryFileMissing(
            f"There is no program {name}",
            field="program",
            value=name,
            mend=f"Write one of: {', '.join(known)}; or a file beside the story.",
        )

    return read_stories(_text(path), blueprint_of=blueprint_of)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise StoryFileMissing(
            f"{path}: {reason}", field="file", value=str(path), mend="Name a story in YAML."
        ) from error
