"""The books: periods, closes and what each found, journal entries and the cohorts behind them.

Everything only grows, but for a period's status; the database refuses the rest, unbalanced entries
and rows in a closed period (migrations/0002_guards.py). Money in minor units, points in smallest
parts. A cohort is written out column by column (see `Cohort`), so that rows can be joined on it.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class Period(models.Model):
    """A month of an entity's books; it exists from the first close that touches it."""

    class Status(models.TextChoices):
        OPEN = "open"
        SOFT_CLOSED = "soft_closed"
        CLOSED = "closed"

    entity = models.ForeignKey("programs.Entity", models.PROTECT, db_index=False)
    code = models.CharField(max_length=7)
    first_on = models.DateField()
    status = models.CharField(max_length=11, choices=Status, default=Status.OPEN)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["entity", "code"], name="period_once")
        ]


class Close(models.Model):
    """One version of a period's figures; `closed_at` is when they were drawn up."""

    entity = models.ForeignKey("programs.Entity", models.PROTECT, db_index=False)
    period = models.ForeignKey(Period, models.PROTECT, db_index=False)
    version = models.SmallIntegerField(default=1)
    closed_by = models.CharField(max_length=150)
    closed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["period", "version"], name="close_version_once")
        ]


class Watermark(models.Model):
    """How far into a program's sequence a close has read, and the rate it used."""

    close = models.ForeignKey(Close, models.PROTECT, db_index=False)
    program = models.ForeignKey("programs.Program", models.PROTECT, db_index=False)
    seq = models.BigIntegerField()
    rate = models.DecimalField(max_digits=9, decimal_places=8)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["close", "program"], name="watermark_once")
        ]


class CloseStage(models.Model):
    """A stage of a close that was done: what it found, who did it and when."""

    close = models.ForeignKey(Close, models.PROTECT, db_index=False)
    number = models.SmallIntegerField()
    name = models.CharField(max_length=20)
    status = models.CharField(max_length=8, choices=[("done", "done"), ("warning", "warning")])
    summary = models.TextField()
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["close", "number"], name="stage_once")
        ]


class TieOut(models.Model):
    """Two independent figures of a close that must be equal."""

    close = models.ForeignKey(Close, models.PROTECT, db_index=False)
    program = models.ForeignKey("programs.Program", models.PROTECT, db_index=False)
    number = models.SmallIntegerField()
    name = models.CharField(max_length=60)
    unit = models.CharField(max_length=40, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    this_side = models.BigIntegerField()
    that_side = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["close", "program", "number"], name="tie_out_once")
        ]


class Cohort(models.Model):
    """The columns of a cohort, which is the unit of account (see the engine's CohortKey)."""

    entity = models.ForeignKey("programs.Entity", models.PROTECT, db_index=False)
    program = models.ForeignKey("programs.Program", models.PROTECT, db_index=False)
    unit = models.CharField(max_length=40)
    currency = models.CharField(max_length=3)
    issued_on = models.DateField()
    policy = models.CharField(max_length=24)
    funder = models.CharField(max_length=40, blank=True)

    class Meta:
        abstract = True


class CohortTotal(Cohort):
    """A cohort's totals at the end of a close that moved it or found it open.

    The next close reads only these rows of the one before it, so its cost does not grow.
    """

    close = models.ForeignKey(Close, models.PROTECT)
    rate = models.DecimalField(max_digits=9, decimal_places=8)
    issued = models.BigIntegerField()
    redeemed = models.BigIntegerField()
    expired = models.BigIntegerField()
    allocated = models.BigIntegerField()
    liability = models.BigIntegerField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["entity", "program", "issued_on"], name="total_of_cohort")
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(liability__gte=0, issued__gte=F("redeemed") + F("expired")),
                name="total_never_negative",
            )
        ]


class JournalEntry(models.Model):
    """A balanced entry; numbered without a gap per entity, journal and year."""

    entity = models.ForeignKey("programs.Entity", models.PROTECT, db_index=False)
    program = models.ForeignKey("programs.Program", models.PROTECT, db_index=False)
    period = models.ForeignKey(Period, models.PROTECT)
    close = models.ForeignKey(Close, models.PROTECT)
    journal = models.CharField(max_length=8)
    year = models.SmallIntegerField()
    number = models.IntegerField()
    event = models.CharField(max_length=20)
    policy = models.CharField(max_length=24)
    description = models.CharField(max_length=200)
    posting_on = models.DateField()
    currency = models.CharField(max_length=3)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["entity", "journal", "year", "number"], name="entry_number_once"
            )
        ]


class JournalLine(models.Model):
    """One side of an entry: a debit or a credit of an account."""

    entry = models.ForeignKey(JournalEntry, models.PROTECT, db_index=False)
    number = models.SmallIntegerField()
    account = models.CharField(max_length=10)
    debit = models.BigIntegerField()
    credit = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["entry", "number"], name="line_once"),
            models.CheckConstraint(
                condition=Q(debit__gt=0, credit=0) | Q(debit=0, credit__gt=0),
                name="line_one_side",
            ),
        ]


class CohortEntry(Cohort):
    """What one event of a close did to one cohort: the drill-down behind an entry's lines.

    Signed changes, as in the engine. `entry` is null where nothing was posted (expected expiry).
    `transfers` counts the rows of the points ledger behind it.
    """

    close = models.ForeignKey(Close, models.PROTECT)
    entry = models.ForeignKey(JournalEntry, models.PROTECT, null=True)
    event = models.CharField(max_length=20)
    points = models.BigIntegerField()
    change = models.BigIntegerField()
    share = models.BigIntegerField()
    breakage = models.BigIntegerField()
    transfers = models.BigIntegerField()


class Seal(models.Model):
    """The last stage: a digest over the close's rows and the seal before it."""

    close = models.OneToOneField(Close, models.PROTECT)
    before = models.OneToOneField("self", models.PROTECT, null=True, related_name="after")
    number = models.IntegerField()
    digest = models.BinaryField(max_length=32)
    sealed_by = models.CharField(max_length=150)
    sealed_at = models.DateTimeField()
