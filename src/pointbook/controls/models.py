"""Who may act, what was done, and what was announced. Append-only but for users and clocks."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A person of the team; the role says what they may do (controls.permissions)."""

    class Role(models.TextChoices):
        OWNER = "owner"
        MANAGER = "manager"
        CONTROLLER = "controller"
        AGENT = "agent"
        AUDITOR = "auditor"

    role = models.CharField(max_length=16, choices=Role, default=Role.AUDITOR)


class ApiKey(models.Model):
    """A key of a program's integration, or of all programs (null); only its hash is kept."""

    program_id = models.BigIntegerField(null=True)
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12)
    digest = models.BinaryField(max_length=32, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)


class Clock(models.Model):
    """A program's test clock: it stands at `at` until it is told to move."""

    program_id = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()


class IdempotencyKey(models.Model):
    """The stored answer of a write: same key and body, same answer."""

    scope = models.CharField(max_length=100)
    key = models.CharField(max_length=255)
    body_hash = models.BinaryField(max_length=32)
    answer = models.JSONField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scope", "key"], name="idempotency_key_once")
        ]


class AuditRow(models.Model):
    """One write: who did what to what, when, and with which input."""

    recorded_at = models.DateTimeField(db_index=True)
    actor_kind = models.CharField(max_length=8)
    actor = models.CharField(max_length=150)
    action = models.CharField(max_length=64)
    program_id = models.BigIntegerField(null=True)
    subject = models.CharField(max_length=255)
    body_hash = models.BinaryField(max_length=32)
    detail = models.JSONField(default=dict)


class Outbox(models.Model):
    """The one sequence of a program: what happened, in the order in which it was committed."""

    pk = models.CompositePrimaryKey("program_id", "seq")
    program_id = models.BigIntegerField()
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    subject = models.BigIntegerField()
    body = models.JSONField(null=True)
    recorded_at = models.DateTimeField()
