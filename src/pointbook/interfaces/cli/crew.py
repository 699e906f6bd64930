"""Several processes post one file, each the facts of a part of its members.

A member's facts stay in order and in one process, so nobody's points depend on how many processes
there are. Files whose facts may name facts of others (returns) are posted by one. Raises what a
part raises.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from datetime import UTC
from multiprocessing import get_context
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from queue import Empty

from pointbook.analytics.simulation import cores
from pointbook.engine.replay.links import LINKS
from pointbook.interfaces.cli.posting import Doors, Posting, Tally
from pointbook.interfaces.importers.fields import Request
from pointbook.interfaces.importers.reading import Staged
from pointbook.interfaces.importers.rejects import Reject, RejectFile

MOST = 4
WORTHWHILE = 20_000
GLANCE = 0.2  # seconds between looks at the progress


class Stopped(Exception):
    """The command was interrupted."""


class Kept(list[Reject]):
    """Refused rows on their way back to the process that writes the file."""

    def add(self, rejects: Iterable[Reject]) -> None:
        """Keep them."""
        self.extend(rejects)


def size(request: Request) -> int:
    """How many processes may post a file."""
    documents = {".ndjson", ".jsonl"} & set(request.path.suffixes)
    return 1 if documents else min(cores(), MOST)


def may_share(staged: Staged) -> bool:
    """Whether no fact of the file can name another member or another fact."""
    naming = {f"attributes.{name}" for name in LINKS.values()}
    return not any(
        field.startswith(("returns", "about")) or field in naming for field in staged.stage.fields
    )


def post(
    staged: Staged, *, program: str, rejects: RejectFile, report: Callable[[int], None]
) -> Tally:
    """Post every part; `report` is told how many facts were read so far."""
    parts = staged.parts()
    context = get_context("spawn")  # the reader's threads would not survive a fork
    said, stop = context.Queue(), context.Event()
    pool = ProcessPoolExecutor(
        len(parts), mp_context=context, initializer=_begin, initargs=(said, stop)
    )
    try:
        # Processes are born deaf to Ctrl-C, which is for the one that waits for them.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            coming = [pool.submit(_post_part, staged, program, part) for part in parts]
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        _watch(coming, said, report)
        tally = Tally()
        for future in coming:
            part, refused = future.result()
            tally.merge(part)
            rejects.add(refused)
        return tally
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)


def _watch(
    coming: list[Future[tuple[Tally, Kept]]], said: Queue[int], report: Callable[[int], None]
) -> None:
    done = 0
    while not all(future.done() for future in coming):
        try:
            done += said.get(timeout=GLANCE)
        except Empty:
            continue
        report(done)


_said: Queue[int]
_stop: Event


def _begin(said: Queue[int], stop: Event) -> None:
    """Take the lines to the first process."""
    global _said, _stop
    _said, _stop = said, stop


def _post_part(staged: Staged, program: str, positions: range) -> tuple[Tally, Kept]:
    """Post one part in this process."""
    from pointbook.interfaces.cli.database import database

    kept, before = Kept(), 0

    def report(facts: int) -> None:
        nonlocal before
        if _stop.is_set():
            raise Stopped
        _said.put(facts - before)
        before = facts

    with database():
        doors = Doors(program)
        posting = Posting(staged, doors, zone=UTC, rejects=kept, positions=positions)
        return posting.run(report), kept
