"""Where a program is taken from: a file, or a version that was published in this home.

A name is a FILE, a CODE (the latest version) or CODE@N. A file that is there comes first. Only a
code needs the database. Raises DocumentNotFound and what reading or the home raises.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from pointbook.engine.replay.program import EVER, Program, compile_version
from pointbook.engine.rules.reading import read
from pointbook.engine.values.errors import NotFoundError
from pointbook.interfaces.cli import home
from pointbook.interfaces.cli.database import database

if TYPE_CHECKING:
    from pointbook.engine.rules.blueprint import Blueprint
    from pointbook.programs.queries import VersionRow

# FILE in the usage of every verb that takes one.
SUBJECT: Final = "FILE"
PROGRAM: Final = "FILE|CODE[@N]"
CODE: Final = re.compile(r"([a-z][a-z0-9_-]{0,39})(?:@([0-9]{1,9}))?")


class DocumentNotFound(NotFoundError):
    """There is no such file to read."""


@dataclass(frozen=True, slots=True)
class Found:
    """A blueprint and the version it was published as; 0 when it stands in a file."""

    blueprint: Blueprint
    number: int = 0


def text_of(name: str, *, mend: str = "Name a blueprint in YAML.") -> str:
    """What stands in a file.

    :raises DocumentNotFound: it cannot be read as text; `mend` says what to name instead.
    """
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        _missing(f"{name}: {reason}", name, mend=mend, cause=error)


def find(name: str) -> Found:
    """The blueprint of a name.

    :raises DocumentNotFound: no such file, and no such version either.
    """
    parts = _code(name)
    if parts is None:
        return Found(read(text_of(name)))
    with database():
        version = published(*parts)
    return Found(version.blueprint, version.number)


def compiled(name: str) -> Program:
    """The program of a name, ready to judge: a CODE in all its versions, else one version of it.

    :raises DocumentNotFound: no such file, and no such version either.
    """
    parts = _code(name)
    if parts is None or parts[1] is not None:
        found = find(name)
        number = found.number or 1
        return Program([compile_version(found.blueprint, number=number, from_at=EVER)])
    with database():
        from pointbook.programs import queries

        return queries.compiled(queries.program(parts[0]).id)


def published(code: str, number: int | None) -> VersionRow:
    """A published version, the latest without a number; to be called inside `database()`.

    :raises NotFoundError: no such program or version, naming those there are.
    """
    from pointbook.programs.queries import versions

    found = versions(code)
    for version in found:
        if number in (None, version.number):
            return version
    raise NotFoundError(
        f"{code} has no version {number}",
        field="version",
        value=number,
        mend=f"Use 1 to {len(found)}.",
    )


def _code(name: str) -> tuple[str, int | None] | None:
    """Code and version of a name that can only be one; None for a file.

    :raises DocumentNotFound: it may be a code, but there is no home to look for it.
    """
    found = CODE.fullmatch(name)
    if found is None or Path(name).exists():
        return None
    here = home.current()
    if not here.exists():
        _missing(
            f"{name}: no such file, and no Pointbook in {here.path} to look for a program",
            name,
            mend="Name a blueprint in YAML, or run: pointbook init.",
        )
    return found[1], None if found[2] is None else int(found[2])


def _missing(message: str, name: str, *, mend: str, cause: BaseException | None = None) -> NoReturn:
    raise DocumentNotFound(message, field="file", value=name, mend=mend) from cause
