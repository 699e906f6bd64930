"""Programs as documents: publish a blueprint, check one, and read what was published.

The body is the blueprint itself, as YAML or JSON. A key of one program publishes versions of that
program, a key of all programs also new ones. Raises BlueprintErrors with every mistake,
VersionRefused, ScopeMissing and ProgramNotFound.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Final

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router, Status

from pointbook.controls.keys import Key, ScopeMissing
from pointbook.earning.operations import publish
from pointbook.engine.rules.blueprint import Blueprint
from pointbook.engine.rules.prose import tell
from pointbook.engine.rules.prose.differences import compare
from pointbook.engine.rules.reading import read
from pointbook.interfaces.api import published
from pointbook.interfaces.api.caller import answer_once, key_of, program_of
from pointbook.interfaces.api.text import instant, instant_or_none
from pointbook.programs.queries import ProgramNotFound, VersionRow, programs, versions

router = Router(tags=["Programs"])
PUBLISH: Final = "programs.publish"
READ: Final = "program.read"
ACTION: Final = "program.publish"
YAML: Final = "application/yaml"
# JSON writes what lies beyond 16 bits as two escapes, YAML does not; other escapes stand in both.
PAIRED: Final = re.compile(
    rb"\\(?:u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})|.)", re.DOTALL | re.IGNORECASE
)
FromDay = Annotated[
    date | None,
    Query(
        alias="from",
        description="The day from which the version is in force, in the program's time zone. The"
        " first version of a program is in force since ever.",
    ),
]


@router.post(
    "",
    operation_id="publish_program",
    response={200: published.ProgramVersion, 201: published.ProgramVersion},
)
def publish_program(
    request: HttpRequest, response: HttpResponse, from_on: FromDay = None
) -> Status[dict[str, object]]:
    """Publish a blueprint as a version of its program, which is made with the first one.

    201 when the version is new, 200 when the same document is the latest version already.
    """
    key = key_of(request, scope=PUBLISH)
    text = _text(request)

    def run() -> dict[str, object]:
        blueprint = _read(key, text)
        done = publish(document=text.decode("utf-8-sig"), actor=key.actor, from_on=from_on)
        row = next(one for one in versions(blueprint.code) if one.number == done.number)
        return {"status": 201 if done.new else 200, "version": _version(row)}

    answer = answer_once(
        request,
        response,
        actor=key.actor,
        action=ACTION,
        body=f"{from_on}\n".encode() + text,
        run=run,
    )
    return Status(int(str(answer["status"])), answer["version"])  # type: ignore[arg-type]


@router.post("/check", operation_id="check_program", response=published.CheckedProgram)
def check_program(request: HttpRequest, response: HttpResponse) -> dict[str, object]:
    """Whether a blueprint is sound; nothing is published.

    With mistakes the answer is a problem with all of them in `errors`, each with its place in the
    document. Without any it is the program as prose, and what would change.
    """
    key = key_of(request, scope=PUBLISH)
    text = _text(request)
    return answer_once(
        request,
        response,
        actor=key.actor,
        action=f"{ACTION}.check",
        body=text,
        run=lambda: _checked(_read(key, text)),
    )


@router.get("/{code}/versions", operation_id="read_versions", response=published.ProgramVersions)
def read_versions(
    request: HttpRequest,
    code: Annotated[str, Path(min_length=1, max_length=40, pattern=r"^[^\x00]+$")],
) -> dict[str, object]:
    """Every published version of a program, with its document."""
    key = key_of(request, scope=READ)
    own = program_of(key)
    if own is not None and own.code != code:
        # Whether there is another program of this code is not for this key to know.
        raise ProgramNotFound(
            f"there is no program {code!r} for this key",
            field="code",
            value=code,
            mend=f"Use {own.code}, or a key of all programs.",
        )
    return {"code": code, "versions": [_version(row) for row in versions(code)]}


def _text(request: HttpRequest) -> bytes:
    """The document as YAML: JSON is, but for how it writes what lies beyond 16 bits."""
    text = request.body
    return PAIRED.sub(_character, text) if text.lstrip()[:1] == b"{" else text


def _character(found: re.Match[bytes]) -> bytes:
    if found[1] is None:
        return found[0]
    return bytes.fromhex((found[1] + found[2]).decode()).decode("utf-16-be").encode()


def _read(key: Key, text: bytes) -> Blueprint:
    """The blueprint of a document, when it is for this key.

    :raises BlueprintErrors: naming every mistake.
    :raises ScopeMissing: when it is the document of another program than the key's.
    """
    blueprint = read(text)
    own = program_of(key)
    if own is not None and own.code != blueprint.code:
        raise ScopeMissing(
            f"the key {key.prefix} opens the program {own.code!r}, this is {blueprint.code!r}",
            field="scope",
            value=PUBLISH,
            mend="Use a key of that program, or one of all programs:"
            " pointbook key create --all-programs.",
        )
    return blueprint


def _checked(blueprint: Blueprint) -> dict[str, object]:
    known = any(row.code == blueprint.code for row in programs())
    last = versions(blueprint.code)[0] if known else None
    return {
        "code": blueprint.code,
        "name": blueprint.name,
        "currency": blueprint.currency,
        "time_zone": blueprint.time_zone,
        "terms": [
            {"title": part.title, "sentences": list(part.sentences)} for part in tell(blueprint)
        ],
        "version": last and last.number,
        "changes": [one.sentence for one in compare(last.blueprint, blueprint)] if last else [],
    }


def _version(row: VersionRow) -> dict[str, object]:
    return {
        "code": row.blueprint.code,
        "name": row.blueprint.name,
        "version": row.number,
        "from_at": None if row.number == 1 else instant(row.from_at),
        "until_at": instant_or_none(row.until_at),
        "published_by": row.published_by,
        "recorded_at": instant(row.recorded_at),
        "document": row.document,
    }
