"""`pointbook replay`: what a blueprint would do to the facts of a file, without a database.

Writes months.csv and members.csv. Raises FileError for files and BlueprintErrors for documents.
"""

from __future__ import annotations

import csv
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from pointbook.analytics.simulation import Scenario, simulate
from pointbook.engine.replay.fold import Outcome, Replay
from pointbook.engine.replay.months import header
from pointbook.engine.values.calendar import midnight, month_start, next_month
from pointbook.interfaces.importers.batches import Batch, Summary
from pointbook.interfaces.importers.fields import FileError, Request
from pointbook.interfaces.importers.options import add_file_arguments, document, request_of
from pointbook.interfaces.importers.reading import Staged, open_facts
from pointbook.interfaces.importers.rejects import RejectFile
from pointbook.interfaces.importers.telling import Telling

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Sequence
    from datetime import datetime, tzinfo

    from pointbook.engine.values.facts import Fact


@dataclass(frozen=True, slots=True)
class Answer:
    """What a replay came to, and what it read."""

    replay: Replay
    summary: Summary
    rejects: RejectFile


@dataclass(frozen=True, slots=True)
class _ReadPart:
    """Reads a part of a staged file in whatever process; answers its facts, then all but them."""

    staged: Staged

    def __call__(self, part: range) -> tuple[Sequence[Fact], tuple[Summary, Batch]]:
        batch = self.staged.part(part)
        summary = Summary()
        summary.add(batch)
        return batch.facts, (summary, Batch(rejects=batch.rejects))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """FILE, --blueprint, --behaviour, --map, --set, --until, --out."""
    add_file_arguments(parser)
    parser.add_argument("--blueprint", required=True, type=Path, metavar="FILE")
    parser.add_argument("--behaviour", type=Path, metavar="FILE", help="how members burn")
    parser.add_argument(
        "--until", metavar="YYYY-MM", help="the last month: later facts are left out, rows too"
    )
    parser.add_argument("--out", required=True, type=Path, metavar="DIR")


def run(arguments: argparse.Namespace) -> int:
    """Replay and write the two tables."""
    behaviour = arguments.behaviour and document(arguments.behaviour)
    scenario = Scenario(document(arguments.blueprint), behaviour)
    out = _folder(arguments.out)
    answer = replay_file(request_of(arguments), scenario, until=arguments.until)
    months = [
        month
        for month in answer.replay.months()
        if arguments.until is None or month.month <= arguments.until
    ]
    columns = header(answer.replay.tiers)
    _write(out / "months.csv", columns, (month.cells() for month in months))
    names = [field.name for field in fields(Outcome)]
    _write(out / "members.csv", names, map(astuple, answer.replay.members))
    last = months[-1] if months else None
    print(
        f"{answer.summary.facts:,} facts of {len(answer.replay.members):,} members,"
        f" {len(months)} months{f' to {last.month}' if last else ''};"
        f" outstanding {last.outstanding if last else 0:,}."
    )
    print(f"Wrote {out / 'months.csv'} and {out / 'members.csv'}.")
    return 0


def replay_file(
    request: Request,
    scenario: Scenario,
    *,
    until: str | None = None,
    processes: int | None = None,
) -> Answer:
    """Replay a file under a scenario.

    :raises FileError: see the module; also when every fact of the file is refused.
    """
    program, _ = scenario.compiled()
    rejects = RejectFile(request.path)
    summary = Summary()
    with (
        open_facts(
            request,
            currency=program.currency,
            zone=program.zone,
            before=_end(until, program.zone),
            # Members who touch each other, or share a budget, are folded in one part.
            parts=1 if program.linked or program.shared else None,
        ) as staged,
        Telling(staged, verb="Replaying") as telling,
    ):

        def report(said: tuple[Summary, Batch]) -> None:
            summary.merge(said[0])
            rejects.add(said[1].rejects)
            telling.at(summary.facts + summary.rejected)

        replay = simulate(
            scenario,
            parts=staged.parts(),
            read_part=_ReadPart(staged),
            last=staged.last(),
            report=report,
            processes=processes,
        )
    telling.refused(rejects, accepted=summary.facts)
    return Answer(replay, summary, rejects)


def _end(until: str | None, zone: tzinfo) -> datetime | None:
    if until is None:
        return None
    try:
        return midnight(next_month(month_start(until)), zone)
    except ValueError:
        raise FileError(f"--until {until!r} is no month.", mend="Write it as 2017-12.") from None


def _folder(path: Path) -> Path:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(
            f"{path} cannot be made: {error.strerror}.", mend="Name another folder with --out."
        ) from None
    return path


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV file, whole or not at all."""
    draft = path.with_name(f"{path.name}.new")
    with draft.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
    draft.replace(path)
