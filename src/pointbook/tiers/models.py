"""A member's dated tier and the measure behind it. Append-only."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from django.db import models

link = partial(models.ForeignKey, on_delete=models.PROTECT, db_index=False, db_constraint=False)


class Standing(models.Model):
    """A tier reached at `at`; `step` is how many rungs up or down, 0 for the first."""

    id = models.BigAutoField(primary_key=True)
    program = link("programs.Program")
    member = link("members.Member")
    fact = link("ledger.Fact")
    at = models.DateTimeField()
    before = models.CharField(max_length=40)
    tier = models.CharField(max_length=40)
    measure = models.BigIntegerField()
    step = models.SmallIntegerField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["member", "-id"], name="standing_of_member"),
            models.Index(fields=["program", "at"], name="standing_by_time"),
        ]
