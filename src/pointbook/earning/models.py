"""Which version judged a fact and why it earned what it earned; what is kept of members; budgets.

Decisions are append-only. States are a cache of the facts, and blocks of budgets count what their
awards came to: the invariants `earning.rebuild` and `earning.budgets` prove both.
"""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

link = partial(models.ForeignKey, on_delete=models.PROTECT, db_constraint=False)


class Decision(models.Model):
    """The explanation of one judged fact: `reasons` is a list of rule, unit, base and points."""

    fact = models.OneToOneField(
        "ledger.Fact", models.PROTECT, primary_key=True, db_constraint=False
    )
    version = models.IntegerField()
    reasons = models.JSONField()


class State(models.Model):
    """What is kept of a member between batches; `due_at` is when time alone changes something.

    `linked` members touch others with their facts: they were invited, or belong to a household or
    a company.
    """

    member = models.OneToOneField(
        "members.Member", models.PROTECT, primary_key=True, db_constraint=False
    )
    program = link("programs.Program", db_index=False)
    body = models.JSONField()
    linked = models.BooleanField(default=False)
    due_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["program", "due_at"], name="state_due", condition=Q(due_at__isnull=False)
            )
        ]


class BudgetBlock(models.Model):
    """A part of a rule's budget for a span of time, drawn by one writer at a time.

    A budget of all members would be a row that everybody waits for; blocks let many give at once.
    """

    program = link("programs.Program")
    rule = models.CharField(max_length=40)
    span = models.CharField(max_length=10)
    size = models.BigIntegerField()
    used = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(used__gte=0, used__lte=F("size")), name="block_used_within"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["program", "rule", "span"], name="block_of_budget")
        ]


class DatesTold(models.Model):
    """The day up to which birthdays and anniversaries of a program were told."""

    program = models.OneToOneField("programs.Program", models.PROTECT, primary_key=True)
    until_on = models.DateField()
