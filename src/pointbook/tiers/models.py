"""A member's dated tier and the measure behind it. Append-only."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from django.db import models

link = partial(models.ForeignKey, on_delete=models.PROTECT, db_index=False, db_constraint=False)


class Standing(models.Model):
    """A tier reached or kept at `at`; `step` is how many rungs up or down, 0 for the first.

    `kind` says why (see the engine's Move), `until` is where its validity ends (exclusive; null: no
    date). `seq` is the number under which it was posted: the fact's, or its own where time alone
    moved the member and `fact` is null.
    """

    id = models.BigAutoField(primary_key=True)
    program = link("programs.Program")
    member = link("members.Member")
    fact = link("ledger.Fact", null=True)
    seq = models.BigIntegerField()
    ladder = models.CharField(max_length=40, default="tiers")
    kind = models.CharField(max_length=10, default="reached")
    at = models.DateTimeField()
    before = models.CharField(max_length=40)
    tier = models.CharField(max_length=40)
    measure = models.BigIntegerField()
    step = models.SmallIntegerField()
    until = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["member", "-id"], name="standing_of_member"),
            models.Index(fields=["program", "at"], name="standing_by_time"),
        ]
