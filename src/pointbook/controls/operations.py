"""The one write path: who may, which key, what changed, what was announced.

Raises PermissionRefused, and KeyReused when an idempotency key comes with another body.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import orjson
from django.db import connection, transaction

from pointbook.controls.actors import Actor
from pointbook.controls.clock import now
from pointbook.controls.copying import NULL, copy, escape
from pointbook.controls.models import AuditRow, IdempotencyKey
from pointbook.controls.permissions import require
from pointbook.engine.values.errors import ConflictError

T = TypeVar("T")


class KeyReused(ConflictError):
    """The idempotency key was used for another body."""


def change(
    *,
    actor: Actor,
    action: str,
    run: Callable[[], T],
    body: object = None,
    program_id: int | None = None,
    subject: str = "",
    key: str | None = None,
    detail: Mapping[str, object] | None = None,
) -> T:
    """Do one write: permission, key, one transaction, one audit row.

    With `key`, what `run` answers must be JSON; it is stored, and the same key with the same
    `body` answers it again without running.

    :raises PermissionRefused: when the actor's role may not.
    :raises KeyReused: when the key came with another body before.
    """
    require(actor=actor, action=action)

    def audited() -> T:
        answer = run()
        AuditRow.objects.create(
            recorded_at=now(),
            actor_kind=actor.kind,
            actor=actor.name,
            action=action,
            program_id=program_id,
            subject=subject,
            body_hash=_digest(body),
            detail=dict(detail or {}),
        )
        return answer

    if key is not None:
        return once(actor=actor, action=action, key=key, body=body, run=audited)
    with transaction.atomic():
        return audited()


def once(*, actor: Actor, action: str, key: str, body: object, run: Callable[[], T]) -> T:
    """Answer from the stored answer of `key`, or run in one transaction and store the answer.

    For what goes through `change` itself and is to be answered once. An error is not stored.

    :raises KeyReused: when the key came with another body before.
    """
    scope = f"{actor.kind}:{actor.name}:{action}"
    digest = _digest(body)
    with transaction.atomic():
        _lock_key(scope, key)
        known = IdempotencyKey.objects.filter(scope=scope, key=key).first()
        if known is not None:
            return _replay(known, digest)
        answer = run()
        IdempotencyKey.objects.create(
            scope=scope, key=key, body_hash=digest, answer=answer, recorded_at=now()
        )
        return answer


def rewrite_answers(
    *, program_id: int, naming: Sequence[str], rewrite: Callable[[object], object]
) -> int:
    """Rewrite the stored answers that have one of these texts in them; how many changed.

    Answers to the keys of other programs are left alone. The same key and body answer what
    `rewrite` made of it from now on: what was done once is never done again.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ANSWERS_NAMING, {"program": program_id, "words": list(naming)})
        ids = [own for (own,) in cursor.fetchall()]
    changed = 0
    for row in IdempotencyKey.objects.select_for_update().filter(id__in=ids).order_by("id"):
        answer = rewrite(row.answer)
        if answer != row.answer:
            row.answer = answer
            row.save(update_fields=["answer"])
            changed += 1
    return changed


_ANSWERS_NAMING = """
select i.id from controls_idempotencykey i
where exists (select from unnest(%(words)s::text[]) as word
    where position(lower(word) in lower(i.answer::text)) > 0)
and not exists (select from controls_apikey k where k.program_id <> %(program)s
    and starts_with(i.scope, 'key:' || k.name || ' ' || k.prefix || ':'))
"""


def _digest(body: object) -> bytes:
    return hashlib.sha256(orjson.dumps(body, default=str, option=orjson.OPT_SORT_KEYS)).digest()


def _lock_key(scope: str, key: str) -> None:
    """Let a retry that overtakes its first try wait for the answer."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{scope}/{key}"])


def _replay(known: IdempotencyKey, digest: bytes) -> T:  # type: ignore[type-var]
    if bytes(known.body_hash) != digest:
        raise KeyReused(
            f"the idempotency key {known.key!r} was used for another request",
            field="Idempotency-Key",
            value=known.key,
            mend="Send a new key for a new request.",
        )
    return known.answer  # type: ignore[no-any-return]


def next_seq(program_id: int) -> int:
    """The next number of the program's sequence; later writers wait until this one commits.

    Take it when every other lock is held: the sequence is the last lock of a transaction.
    """
    hold_sequence(program_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(max(seq), 0) + 1 from controls_outbox where program_id = %s",
            [program_id],
        )
        return int(cursor.fetchone()[0])


def hold_sequence(program_id: int) -> None:
    """Let nothing be added to the program's sequence until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, %s)", [SEQUENCE_LOCK, program_id])


SEQUENCE_LOCK = 2017  # each kind of lock has a number of its own: RULES_LOCK, BOOKS_LOCK


def announce(
    *, program_id: int, start: int, rows: Sequence[tuple[str, int, Mapping[str, object] | None]]
) -> None:
    """Write outbox rows (kind, subject, body) with the numbers from `start` on."""
    at = now().isoformat()
    copy(
        "controls_outbox",
        ("program_id", "seq", "kind", "subject", "body", "recorded_at"),
        (
            f"{program_id}\t{seq}\t{kind}\t{subject}\t{_body(body)}\t{at}"
            for seq, (kind, subject, body) in enumerate(rows, start)
        ),
    )


def _body(body: Mapping[str, object] | None) -> str:
    return NULL if body is None else escape(orjson.dumps(body).decode())
