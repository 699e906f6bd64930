"""`pointbook program simulate`: what one fact would earn and why, rule by rule; nothing is posted.

Facts are read in the public shape; `source`, `id`, `type` and `member` may be left out. Exit status
2 with one line for the first mistake. Raises FileError and PointbookError.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from pointbook.engine.values.errors import PointbookError
from pointbook.interfaces.cli.documents import PROGRAM, compiled, text_of

if TYPE_CHECKING:
    from pointbook.engine.replay.program import Program
    from pointbook.engine.replay.supposing import Supposed
    from pointbook.engine.values.facts import Fact

STDIN: Final = "-"
LONGEST: Final = 60  # characters of a value in an error
# What a fact is when it does not say so; its id is its place in the list.
SOURCE: Final = "simulation"
TYPE: Final = "purchase"
MEMBER: Final = "somebody"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The program, the facts, --member, --json."""
    parser.add_argument("program", metavar=PROGRAM)
    parser.add_argument("facts", metavar="FACT.json", help="one fact or a list; - reads stdin")
    parser.add_argument(
        "--member", metavar="MEMBER.json", help="who it is: tier, balance, counts, measures, ..."
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Judge the facts and print all about the last one."""
    from pointbook.engine.replay.simulating import simulate
    from pointbook.interfaces.cli.simulated import as_json, as_text

    program = compiled(arguments.program)
    facts = _facts(arguments.facts, program)
    supposed = _supposed(arguments.member)
    try:
        found = simulate(program, facts, supposed=supposed)
    except PointbookError as error:
        file = arguments.member if _is_of_member(error) else arguments.facts
        raise _told(file, error) from error
    print(as_json(found) if arguments.json else as_text(found))
    return 0


def _facts(name: str, program: Program) -> list[Fact]:
    """The facts of a file, one or several; the last one's member is everybody's who names none."""
    held = _json(name)
    listed = held if isinstance(held, list) else [held]
    found: list[dict[str, object]] = [one for one in listed if isinstance(one, dict)]
    if not found or len(found) < len(listed):
        raise PointbookError(
            f"{_called(name)}: there is no fact in it",
            field="facts",
            mend='Write one fact, such as {"occurred_at": "2026-03-10T08:15", "total": "12.40"},'
            " or a list of facts.",
        )
    member = found[-1].get("member") or MEMBER
    return [
        _fact(name, one, program, member=member, place=place if isinstance(held, list) else None)
        for place, one in enumerate(found)
    ]


def _fact(
    name: str,
    raw: Mapping[str, object],
    program: Program,
    *,
    member: object,
    place: int | None,
) -> Fact:
    from pointbook.engine.values.facts import FactError, normalise

    own = {"source": SOURCE, "id": f"f{(place or 0) + 1}", "type": TYPE, "member": member}
    told = own | {key: value for key, value in raw.items() if value is not None}
    try:
        return normalise(told, currency=program.currency, zone=program.zone)
    except FactError as error:
        if place is not None:
            error.field = f"[{place}].{error.field}"
        raise _told(name, error) from error


def _supposed(name: str | None) -> Supposed:
    from pointbook.engine.replay.supposing import Supposed, read_supposed

    if name is None:
        return Supposed()
    held = _json(name)
    try:
        return read_supposed(held)
    except PointbookError as error:
        raise _told(name, error) from error


def _is_of_member(error: PointbookError) -> bool:
    from pointbook.engine.values.people import PersonError

    return isinstance(error, PersonError)


def _json(name: str) -> object:
    mend = "Name a file of JSON, or - for standard input."
    text = sys.stdin.read() if name == STDIN else text_of(name, mend=mend)
    try:
        return json.loads(text)
    except ValueError as error:
        line = getattr(error, "lineno", 1)
        raise PointbookError(
            f"{_called(name)}, line {line}: this is not JSON",
            field="file",
            value=name,
            mend="Write one JSON object, or a list of them.",
        ) from error


def _told(name: str, error: PointbookError) -> PointbookError:
    """The same error in one line that says the file, the field and what stood there."""
    place = f", {error.field}" if error.field else ""
    if error.value is not None:
        text = json.dumps(error.value, ensure_ascii=False, default=str)
        shown = text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
        place = f"{place} = {shown}"
    return PointbookError(
        f"{_called(name)}{place}: {error.message}",
        field=error.field,
        value=error.value,
        mend=error.mend,
    )


def _called(name: str) -> str:
    return "standard input" if name == STDIN else name
