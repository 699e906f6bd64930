"""Who belongs: a member is a random id; what can identify a person stands beside it."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models


class Member(models.Model):
    """A member of one program, named everywhere else by this random id only.

    Who was merged into another member is known by nothing any more, and never a member again. A
    `bearer` is whoever holds a card with stored value, known by its number only: no member.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    program = models.ForeignKey("programs.Program", models.PROTECT)
    enrolled_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, db_index=False)
    bearer = models.BooleanField(default=False, db_default=False)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["program", "enrolled_at"])]


class Identifier(models.Model):
    """One thing a member is known by; erasure empties it."""

    class Kind(models.TextChoices):
        MEMBER = "member"
        EMAIL = "email"
        PHONE = "phone"
        CARD = "card"
        REFERRAL = "referral"

    program = models.ForeignKey("programs.Program", models.PROTECT)
    member = models.ForeignKey(Member, models.CASCADE)
    kind = models.CharField(max_length=8, choices=Kind)
    value = models.CharField(max_length=255)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["program", "value"], name="identifier_once")
        ]


class Profile(models.Model):
    """What a member told us about themselves; erasure empties it."""

    member = models.OneToOneField(Member, models.CASCADE, primary_key=True)
    name = models.CharField(max_length=200, blank=True)
    birthday = models.DateField(null=True)
    consent = models.BooleanField(default=False)
    consent_at = models.DateTimeField(null=True)
    language = models.CharField(max_length=12, blank=True)


class UnclaimedFact(models.Model):
    """Whom a fact named that nobody knew; kept until a member claims it."""

    program = models.ForeignKey("programs.Program", models.PROTECT)
    source = models.CharField(max_length=255)
    key = models.CharField(max_length=255)
    reference = models.CharField(max_length=255, db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["program", "source", "key"], name="unclaimed_once")
        ]


class SignInCode(models.Model):
    """A one-time code sent to a member's e-mail address; only its hash is kept."""

    program = models.ForeignKey("programs.Program", models.PROTECT)
    email = models.CharField(max_length=255)
    digest = models.BinaryField(max_length=32)
    expires_at = models.DateTimeField()
    attempts = models.SmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["program", "email"])]
