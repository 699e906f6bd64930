"""What-if without a database: one program over many facts, folded on every core.

The facts come in parts that share no member. Each part is read and folded in the process that gets
it; sums of parts add up in any order and members are sorted at the end, so the answer does not
depend on how many processes there were. Raises BlueprintErrors for a text that is no blueprint or
behaviour; what reading a part raises comes back to the caller.
"""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from multiprocessing import get_context
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

from pointbook.engine.replay.fold import Replay, fold
from pointbook.engine.replay.program import Program, compile_version
from pointbook.engine.rules.reading import read, read_behaviour
from pointbook.engine.values.calendar import first_of_month
from pointbook.engine.values.facts import Fact

if TYPE_CHECKING:
    from pointbook.engine.rules.blueprint import Behaviour

Report = TypeVar("Report")
ReadPart = Callable[[range], tuple[Sequence[Fact], Report]]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A program and how its members burn, as texts: what another process can be sent."""

    blueprint: str
    behaviour: str | None = None

    def compiled(self) -> tuple[Program, Behaviour | None]:
        """The program and the behaviour.

        :raises BlueprintErrors: naming every mistake.
        """
        blueprint = read(self.blueprint)
        program = Program([compile_version(blueprint)])
        if self.behaviour is None:
            return program, None
        return program, read_behaviour(self.behaviour, blueprint=blueprint)


def cores() -> int:
    """The processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def simulate(
    scenario: Scenario,
    *,
    parts: Sequence[range],
    read_part: ReadPart[Report],
    last: datetime | None,
    report: Callable[[Report], None],
    processes: int | None = None,
) -> Replay:
    """Fold every part under the scenario; `last` is when the last fact of all of them occurred.

    `read_part` gives the facts of a part (every fact of its members) and what else there is to
    say of it, which goes to `report` in this process, in the order of parts. It is pickled when
    there is more than one process; `processes` None means one for each core.
    """
    program, _ = scenario.compiled()
    last_data = date.min if last is None else first_of_month(last, program.zone)
    ladder = program.versions[-1].ladder
    total = Replay(tiers=() if ladder is None else ladder.codes, last_data=last_data)
    work = _Work(scenario, read_part, last_data)
    for replay, said in _folded(work, parts, min(processes or cores(), len(parts))):
        total.merge(replay)
        report(said)
    total.members.sort(key=attrgetter("member"))
    return total


class _Work:
    """Reads and folds one part; compiles the program once in each process."""

    def __init__(self, scenario: Scenario, read_part: ReadPart[Report], last_data: date) -> None:
        self.scenario = scenario
        self.read_part = read_part
        self.last_data = last_data
        self.compiled: tuple[Program, Behaviour | None] | None = None

    def __call__(self, part: range) -> tuple[Replay, object]:
        if self.compiled is None:
            self.compiled = self.scenario.compiled()
        program, behaviour = self.compiled
        # Neither makes cycles, and looking for them among millions of objects costs half the time.
        collecting = gc.isenabled()
        gc.disable()
        try:
            facts, said = self.read_part(part)
            return fold(facts, program, behaviour=behaviour, last_data=self.last_data), said
        finally:
            if collecting:
                gc.enable()


_here: _Work | None = None


def _begin(work: _Work) -> None:
    """Take the work of this process."""
    global _here  # noqa: PLW0603 -- a process of the pool does one work all its life
    _here = work


def _run(part: range) -> tuple[Replay, object]:
    assert _here is not None
    return _here(part)


def _folded(work: _Work, parts: Sequence[range], processes: int) -> Iterator[tuple[Replay, Any]]:
    if processes <= 1:
        yield from map(work, parts)
        return
    # Spawned, because the reader's threads would not survive a fork.
    pool = ProcessPoolExecutor(
        processes, mp_context=get_context("spawn"), initializer=_begin, initargs=(work,)
    )
    try:
        # Processes are born deaf to Ctrl-C, which is for the one that waits for them.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            answers = pool.map(_run, parts)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        yield from answers
    finally:
        pool.shutdown(cancel_futures=True)
