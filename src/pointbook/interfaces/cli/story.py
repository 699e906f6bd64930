"""`pointbook story`: play stories in the engine and through a database, and compare.

The database is a scratch one that is removed afterwards, never the one of a home. Exit status 1
when a story does not hold, 2 for a file with mistakes. Raises StoryFileMissing.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pointbook.analytics.storybooks import read_file, story_files
from pointbook.engine.replay.playing import WorldStage, play
from pointbook.engine.replay.scenes import Story
from pointbook.engine.replay.transcripts import Difference, Transcript, check, compare
from pointbook.engine.rules.reading.problems import BlueprintErrors

FAILED, UNREADABLE = 1, 2
Player = Callable[[Story], Transcript]
# What is removed when the command ends need not survive a power cut.
IN_A_HURRY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


@dataclass(frozen=True, slots=True)
class Read:
    """A story and the file it is told in."""

    file: Path
    story: Story


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """FILE, --engine-only."""
    parser.add_argument("files", metavar="FILE", nargs="+", help="stories, or folders of them")
    parser.add_argument("--engine-only", action="store_true", help="play without a database")


def run(arguments: argparse.Namespace) -> int:
    """Play every story and say how it went."""
    stories, status = _read(story_files(arguments.files))
    if arguments.engine_only or not stories:
        return max([status, *(_told(one, None) for one in stories)])
    with _database_player() as player:
        return max([status, *(_told(one, player) for one in stories)])


def _read(files: list[Path]) -> tuple[list[Read], int]:
    """What can be played; mistakes go to stderr, each with its file and line."""
    stories: list[Read] = []
    status = 0
    for file in files:
        try:
            stories += [Read(file, story) for story in read_file(file)]
        except BlueprintErrors as error:
            status = UNREADABLE
            for problem in error.problems:
                place = f"{file}:{problem.line}" if problem.line else str(file)
                where = f" {problem.path}:" if problem.path else ""
                print(f"{place}:{where} {problem.message} {problem.mend}", file=sys.stderr)
    return stories, status


def _told(one: Read, database: Player | None) -> int:
    """Play one story, print its line or what does not hold, and answer the exit status."""
    story = one.story
    engine = play(story, stage=WorldStage(story))
    found = {"engine": check(story, engine)}
    if database is not None:
        posted = database(story)
        found["database"] = check(story, posted)
        found["both"] = compare(story, engine, posted)
    if not any(found.values()):
        print(f"ok  {one.file}  {story.title}", flush=True)
        return 0
    print(f"NO  {one.file}  {story.title}", flush=True)
    for player, differences in found.items():
        for difference in differences:
            print(f"  {_line(one, difference)}: {player}: {difference.message}", flush=True)
    return FAILED


def _line(one: Read, difference: Difference) -> str:
    return f"{one.file}:{difference.line or one.story.line}"


@contextlib.contextmanager
def _database_player() -> Iterator[Player]:
    """Inside, stories can be played through a database that nobody else sees."""
    from pointbook.interfaces.cli.home import Home
    from pointbook.interfaces.cli.postgres import Server

    with tempfile.TemporaryDirectory(prefix="pointbook-story-") as folder:
        here = Home(path=Path(folder) / "home")
        here.create()
        with _pointed_at(here.path):
            server = Server(home=here, initdb=("--no-sync",), settings=IN_A_HURRY)
            try:
                with server.running():
                    yield from _playing()
            finally:
                here.remove_contents()


def _playing() -> Iterator[Player]:
    from pointbook.interfaces.cli.database import database, migrate

    with database():
        migrate()
        from pointbook.analytics.stories import DatabaseStage

        yield lambda story: play(story, stage=DatabaseStage(story))


@contextlib.contextmanager
def _pointed_at(path: Path) -> Iterator[None]:
    """Let this process and no other work on the home at `path` for a while."""
    before = {name: os.environ.pop(name, None) for name in ("POINTBOOK_HOME", "DATABASE_URL")}
    os.environ["POINTBOOK_HOME"] = str(path)
    try:
        yield
    finally:
        os.environ.pop("POINTBOOK_HOME")
        os.environ.update({name: value for name, value in before.items() if value is not None})
