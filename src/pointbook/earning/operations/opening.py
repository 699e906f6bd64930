"""What members bring from another system: one fact of type `opening` for each of them.

The fact's id is the member's, and its time is that of the first import: the same file twice
changes nothing. Raises ProgramNotFound and PermissionRefused for the whole batch only.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, NamedTuple

import orjson
from django.db import connection

from pointbook.controls.actors import Actor
from pointbook.earning.operations.ingesting import Outcome, ingest
from pointbook.engine.values.errors import ConflictError
from pointbook.engine.values.facts import Fact
from pointbook.ledger import queries as ledger
from pointbook.programs.queries import program as find_program

SOURCE: Final = "import-people"
TYPE: Final = "opening"
JOINED: Final = "joined_on"


class OpeningChanged(ConflictError):
    """What the member brought was imported before, and it was something else."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What one member brings: the attributes of the fact."""

    member: uuid.UUID
    attributes: Mapping[str, object]

    @property
    def id(self) -> str:
        """The fact's id; who brings a date only may bring the rest another time."""
        kind = "joined" if self.attributes.keys() == {JOINED} else TYPE
        return f"{kind}:{self.member}"


def open_accounts(
    *, program: str, brought: Sequence[Brought], source: str, at: datetime, actor: Actor
) -> list[Outcome]:
    """Post what members bring as of `at`; one outcome for each, in order.

    What the same source brought before is a duplicate, whenever that was; something else under it
    is a conflict that says what differs.
    """
    if not brought:
        return []
    program_id = find_program(program).id
    facts = [
        Fact(source, one.id, TYPE, at, str(one.member), attributes=one.attributes)
        for one in brought
    ]
    done = _merged(program_id, brought, source)
    done |= _again(program_id, {n: one for n, one in enumerate(facts) if n not in done})
    places = [place for place in range(len(facts)) if place not in done]
    done |= zip(
        places, ingest(program=program, facts=[facts[n] for n in places], actor=actor), strict=True
    )
    clashed = {n: facts[n] for n, one in done.items() if one.status == "conflict"}
    if clashed:
        # Another import may have posted the same in between, at a time of its own.
        done |= _again(program_id, clashed)
        _explain(program_id, facts, done)
    return [done[place] for place in range(len(facts))]


class _Posted(NamedTuple):
    """A fact that was posted before: what it says, and whose it is."""

    id: int
    member: uuid.UUID | None
    attributes: Mapping[str, object]


def _again(program_id: int, facts: Mapping[int, Fact]) -> dict[int, Outcome]:
    """What was posted before, at whatever time, and says the same."""
    posted = _posted_under(program_id, [(fact.source, fact.id) for fact in facts.values()])
    return {
        place: Outcome("duplicate", fact.source, fact.id, before.id, before.member)
        for place, fact in facts.items()
        if (before := posted.get((fact.source, fact.id))) is not None
        and before.attributes == fact.attributes
    }


def _merged(program_id: int, brought: Sequence[Brought], source: str) -> dict[int, Outcome]:
    """What was brought by a member who became this one, by its place: it came over with them."""
    before = _predecessors({one.member for one in brought})
    keys = {
        place: [(source, replace(one, member=former).id) for former in before[one.member]]
        for place, one in enumerate(brought)
        if one.member in before
    }
    if not keys:
        return {}
    posted = _posted_under(program_id, [key for own in keys.values() for key in own])
    return {
        place: Outcome("duplicate", *key, posted[key].id, brought[place].member)
        for place, own in keys.items()
        for key in own
        if key in posted and posted[key].attributes == brought[place].attributes
    }


def _predecessors(members: set[uuid.UUID]) -> dict[uuid.UUID, set[uuid.UUID]]:
    """The members that were merged into each of these, and those merged into them before."""
    found: dict[uuid.UUID, set[uuid.UUID]] = {}
    heirs = {own: own for own in members}
    while heirs:
        with connection.cursor() as cursor:
            cursor.execute(
                """select member_id, content::jsonb -> 'attributes' ->> 'from' from ledger_fact
                where member_id = any(%s) and type = 'merge'
                and type not in ('purchase', 'return', 'burn')""",
                [list(heirs)],
            )
            pairs = [(heirs[own], uuid.UUID(former)) for own, former in cursor.fetchall()]
        for heir, former in pairs:
            found.setdefault(heir, set()).add(former)
        heirs = {former: heir for heir, former in pairs}
    return found


def _posted_under(program_id: int, keys: Sequence[ledger.Key]) -> dict[ledger.Key, _Posted]:
    known = ledger.known(program_id, keys) if keys else {}
    if not known:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, content from ledger_fact where id = any(%s)",
            [[one.id for one in known.values()]],
        )
        contents = dict(cursor.fetchall())
    return {
        key: _Posted(one.id, one.member, orjson.loads(contents[one.id]).get("attributes", {}))
        for key, one in known.items()
    }


def _explain(program_id: int, facts: Sequence[Fact], done: dict[int, Outcome]) -> None:
    """Say of each conflict what was brought before."""
    clashed = {n: facts[n] for n, one in done.items() if one.status == "conflict"}
    posted = _posted_under(program_id, [(one.source, one.id) for one in clashed.values()])
    for place, fact in clashed.items():
        before, now = posted[fact.source, fact.id].attributes, fact.attributes
        name = next(one for one in sorted({*before, *now}) if before.get(one) != now.get(one))
        error = OpeningChanged(
            f"{name} was imported before as {before.get(name, 'nothing')!r}",
            field=f"attributes.{name}",
            value=now.get(name),
            mend="What was imported does not change: post an adjustment or a tier_floor for the"
            " difference, or void the opening and import under another --source.",
        )
        done[place] = replace(done[place], error=error)
