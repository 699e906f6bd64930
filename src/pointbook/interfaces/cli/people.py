"""`pointbook import-people`: enrol the people of a file, and post what they bring with them.

Exit status 0 also when some rows were refused (FILE.rejects.ndjson says why); 2 when all were.
Raises FileError and ProgramNotFound.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from typing import TYPE_CHECKING

from pointbook.engine.values.calendar import day_of, midnight
from pointbook.engine.values.openings import Opening
from pointbook.interfaces.cli.database import database
from pointbook.interfaces.cli.posting import ahead, without_collection
from pointbook.interfaces.importers.fields import FileError, Layout, Request
from pointbook.interfaces.importers.options import add_file_arguments, request_of
from pointbook.interfaces.importers.people import (
    Arrival,
    columns_of,
    fields_of,
    read_people,
)
from pointbook.interfaces.importers.rejects import Reject, RejectFile
from pointbook.interfaces.importers.telling import warn_of_columns

if TYPE_CHECKING:
    import argparse
    import uuid
    from collections.abc import Sequence

SOURCE = "import-people"


@dataclass(slots=True)
class Imported:
    """What an import came to: people who are new and who were known, and openings by outcome."""

    rejects: RejectFile
    new: int = 0
    known: int = 0
    openings: Counter[str] = field(default_factory=Counter)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """FILE, --program, --map, --on, --source."""
    add_file_arguments(parser, constants=False)
    parser.add_argument("--program", required=True, metavar="CODE")
    parser.add_argument("--on", metavar="DATE", help="the day that balances and tiers are of")
    parser.add_argument(
        "--source", default=SOURCE, metavar="NAME", help="where balances and tiers come from"
    )


def run(arguments: argparse.Namespace) -> int:
    """Import the people and print how many there were."""
    named = [text.partition("=")[0].strip() for text in arguments.map]
    request = request_of(arguments, fields=fields_of(named))
    with database():
        done = import_people_file(
            request,
            program=arguments.program,
            source=arguments.source,
            on=None if arguments.on is None else _day(arguments.on),
        )
    refused = done.rejects.count
    print(f"{done.new:,} enrolled, {done.known:,} known before, {refused:,} rows refused.")
    if done.openings:
        said = done.openings
        print(
            f"Of what they bring: {said['posted']:,} posted, {said['duplicate']:,} posted before,"
            f" {said['conflict']:,} in conflict with that, {said['refused']:,} refused."
        )
    if refused:
        print(f"See {done.rejects.path}")
    return 0


def import_people_file(
    request: Request, *, program: str, source: str = SOURCE, on: date | None = None
) -> Imported:
    """Enrol everybody in the file, then post what they bring, batch by batch.

    What they bring is as of the beginning of the day `on`; without it as of now.

    :raises FileError: also when every row is refused.
    """
    chosen = columns_of(request)
    warn_of_columns(request.path.name, chosen.ignored)
    done = Imported(RejectFile(request.path))
    door = _Door(program, source, on, chosen, done)
    for people in without_collection(ahead(read_people(request, chosen))):
        done.rejects.add(people.rejects)
        door.take(people.arrivals)
    if done.rejects.count and not done.new + done.known:
        raise FileError(
            f"All {done.rejects.count:,} rows of {request.path.name} were refused.",
            mend=f"See {done.rejects.path}.",
        )
    return done


class _Door:
    """The domain calls of an import: people first, then what they bring."""

    def __init__(
        self, program: str, source: str, on: date | None, chosen: Layout, done: Imported
    ) -> None:
        from pointbook.controls.clock import clock
        from pointbook.programs.queries import compiled
        from pointbook.programs.queries import program as program_row

        self.program, self.source, self.chosen, self.done = program, source, chosen, done
        self.id = program_row(program).id
        self.zone: tzinfo = compiled(self.id).zone
        self.at = clock(self.id)
        self.today = day_of(self.at, self.zone)
        self.opens_at = self.at if on is None else midnight(on, self.zone)
        if self.opens_at > self.at:
            raise FileError(f"{on} has not begun.", mend=f"Give a day up to {self.today}.")

    def take(self, arrivals: Sequence[Arrival]) -> None:
        """Enrol a batch, then open the accounts of those who bring something."""
        arrivals = [one for one in arrivals if self._has_joined(one)]
        if not arrivals:
            return
        brought: list[tuple[Arrival, uuid.UUID, Opening]] = []
        early: list[tuple[Arrival, uuid.UUID, Opening]] = []
        for arrival, member, new in self._enrol(arrivals):
            if arrival.opening.brings:
                brought.append((arrival, member, arrival.opening))
            elif arrival.opening.joined_on is not None and not new:
                early.append((arrival, member, arrival.opening))
        self._open(brought + self._otherwise(early))

    def _has_joined(self, arrival: Arrival) -> bool:
        joined = arrival.opening.joined_on
        if joined is None or joined <= self.today:
            return True
        reason = f"joined_on {joined} has not come yet"
        mend = f"Write a day up to {self.today}."
        self.done.rejects.add([Reject(arrival.line, "joined_on", str(joined), reason, mend)])
        return False

    def _enrol(self, arrivals: Sequence[Arrival]) -> list[tuple[Arrival, uuid.UUID, bool]]:
        """Who was enrolled or known, with their ids; the others are refused."""
        from pointbook.controls.actors import SYSTEM
        from pointbook.controls.operations import change
        from pointbook.members.operations import IdentifierTaken, import_people

        people = [arrival.person for arrival in arrivals]
        answers = change(
            actor=SYSTEM,
            action="members.import",
            program_id=self.id,
            subject=f"{len(people)} people",
            body=[repr(person) for person in people],
            run=lambda: import_people(
                program_id=self.id,
                people=people,
                at=self.at,
                joined=[self._begins(one.opening.joined_on) for one in arrivals],
            ),
        )
        found = []
        for arrival, answer in zip(arrivals, answers, strict=True):
            if isinstance(answer, IdentifierTaken):
                self.done.rejects.add([arrival.reject(answer, self.chosen)])
                continue
            self.done.new += answer.new
            self.done.known += not answer.new
            found.append((arrival, answer.member, answer.new))
        return found

    def _begins(self, day: date | None) -> datetime | None:
        return None if day is None else midnight(day, self.zone)

    def _otherwise(
        self, known: Sequence[tuple[Arrival, uuid.UUID, Opening]]
    ) -> list[tuple[Arrival, uuid.UUID, Opening]]:
        """Those who belong since another day than the one on which they were enrolled here."""
        from pointbook.members.queries import joined

        since = joined([member for _, member, _ in known]) if known else {}
        return [one for one in known if day_of(since[one[1]], self.zone) != one[2].joined_on]

    def _open(self, brought: Sequence[tuple[Arrival, uuid.UUID, Opening]]) -> None:
        from pointbook.controls.actors import SYSTEM
        from pointbook.earning.operations.opening import Brought, open_accounts

        outcomes = open_accounts(
            program=self.program,
            brought=[Brought(member, opening.attributes) for _, member, opening in brought],
            source=self.source,
            at=self.opens_at,
            actor=SYSTEM,
        )
        self.done.openings.update(one.status for one in outcomes)
        self.done.rejects.add(
            arrival.reject(one.error, self.chosen)
            for (arrival, _, _), one in zip(brought, outcomes, strict=True)
            if one.error is not None
        )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise FileError(f"--on {text!r} is not a date.", mend="Write YYYY-MM-DD.") from None
