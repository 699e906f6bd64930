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
    """A month of an entity's books; it exists from the first posting that touches it."""

    class Status(models.TextChoices):
        OPEN = "open"
        SOFT_CLOSED = "soft_closed"
        CLOSED = "closed"
        REOPENED = "reopened"

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
    """How far into a program's sequence a close has read, and the rate it used.

    `estimate` is the number of the estimate in force, null where there was none.
    """

    close = models.ForeignKey(Close, models.PROTECT, db_index=False)
    program = models.ForeignKey("programs.Program", models.PROTECT, db_index=False)
    seq = models.BigIntegerField()
    rate = models.DecimalField(max_digits=9, decimal_places=8)
    estimate = models.IntegerField(null=True)

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

    The next close reads only these rows of the one before it, so its cost does not grow. `each` is
    what one smallest part costs or is worth, in minor units, where the policy asks for it.
    """

    close = models.ForeignKey(Close, models.PROTECT)
    rate = models.DecimalField(max_digits=9, decimal_places=8)
    issued = models.BigIntegerField()
    redeemed = models.BigIntegerField()
    expired = models.BigIntegerField()
    allocated = models.BigIntegerField()
    each = models.DecimalField(max_digits=24, decimal_places=12, default=0)
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
    """A balanced entry; numbered without a gap per entity, journal and year.

    `close` derived it; a manual entry has a `proposal` instead. `reverses` is the entry that it
    takes back. `other` is the entity on the other side of an intercompany pair, `side` the kind of
    redemption (see the engine's Side), both '' where there is none.
    """

    entity = models.ForeignKey("programs.Entity", models.PROTECT, db_index=False)
    program = models.ForeignKey("programs.Program", models.PROTECT, db_index=False)
    period = models.ForeignKey(Period, models.PROTECT)
    close = models.ForeignKey(Close, models.PROTECT, null=True)
    proposal = models.ForeignKey("Proposal", models.PROTECT, null=True, db_index=False)
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversed_by")
    journal = models.CharField(max_length=8)
    year = models.SmallIntegerField()
    number = models.IntegerField()
    event = models.CharField(max_length=20)
    policy = models.CharField(max_length=24, blank=True)
    side = models.CharField(max_length=12, blank=True)
    other = models.CharField(max_length=40, blank=True)
    description = models.CharField(max_length=200)
    posting_on = models.DateField()
    currency = models.CharField(max_length=3)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["entity", "journal", "year", "number"], name="entry_number_once"
            ),
            models.CheckConstraint(
                condition=Q(close__isnull=False) | Q(proposal__isnull=False),
                name="entry_has_a_reason",
            ),
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
    `transfers` counts the rows of the points ledger behind it. Burns have a `side`, the `cost` of
    what was given for them, and `other`, the entity where they were used when it is another;
    `unclaimed` is what of a release is owed as unclaimed property.
    """

    close = models.ForeignKey(Close, models.PROTECT)
    entry = models.ForeignKey(JournalEntry, models.PROTECT, null=True)
    event = models.CharField(max_length=20)
    points = models.BigIntegerField()
    change = models.BigIntegerField()
    share = models.BigIntegerField()
    breakage = models.BigIntegerField()
    side = models.CharField(max_length=12, blank=True)
    other = models.CharField(max_length=40, blank=True)
    cost = models.BigIntegerField(default=0)
    unclaimed = models.BigIntegerField(default=0)
    transfers = models.BigIntegerField()


class Seal(models.Model):
    """The last stage: a digest over the close's rows and the seal before it.

    `form` numbers what the digest is made of, so that older seals can still be checked.
    """

    close = models.OneToOneField(Close, models.PROTECT)
    before = models.OneToOneField("self", models.PROTECT, null=True, related_name="after")
    number = models.IntegerField()
    form = models.SmallIntegerField(default=1)
    digest = models.BinaryField(max_length=32)
    sealed_by = models.CharField(max_length=150)
    sealed_at = models.DateTimeField()


class Proposal(models.Model):
    """Something that changes the books once another person approves it: who prepared it, and what.

    `kind` says what an approval does with `body` (see operations.proposing). `number` counts them
    in an entity.
    """

    entity = models.ForeignKey("programs.Entity", models.PROTECT, db_index=False)
    program = models.ForeignKey("programs.Program", models.PROTECT, null=True, db_index=False)
    number = models.IntegerField()
    kind = models.CharField(max_length=12)
    body = models.JSONField()
    digest = models.BinaryField(max_length=32)
    note = models.TextField(blank=True)
    prepared_by = models.CharField(max_length=150)
    prepared_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["entity", "number"], name="proposal_number_once")
        ]


class Decision(models.Model):
    """What became of a proposal. `own` says that who prepared it decided, which is told."""

    proposal = models.OneToOneField(Proposal, models.PROTECT)
    outcome = models.CharField(
        max_length=8, choices=[("approved", "approved"), ("refused", "refused")]
    )
    reason = models.TextField(blank=True)
    decided_by = models.CharField(max_length=150)
    decided_at = models.DateTimeField()
    own = models.BooleanField(default=False)


class Setting(models.Model):
    """How an entity keeps its books; the last row is in force, none means the defaults.

    `full` books ask for a second person, unless the entity is `owner_run`. `costs` and `sales` say
    that Pointbook books the cost of own goods and the full sale, `gross_tender` that the shop books
    what points pay as a tender. `currency` is the functional one, '' that of its program.
    """

    entity = models.ForeignKey("programs.Entity", models.PROTECT, db_index=False)
    number = models.IntegerField()
    full = models.BooleanField(default=False)
    owner_run = models.BooleanField(default=True)
    costs = models.BooleanField(default=False)
    sales = models.BooleanField(default=False)
    gross_tender = models.BooleanField(default=False)
    currency = models.CharField(max_length=3, blank=True)
    recorded_by = models.CharField(max_length=150)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["entity", "number"], name="setting_number_once")
        ]


class AccountName(models.Model):
    """What an account of the chart is called in an entity's own system; the last row counts.

    `split` names a further row for lines of one program ('' for all others).
    """

    entity = models.ForeignKey("programs.Entity", models.PROTECT, db_index=False)
    account = models.CharField(max_length=10)
    split = models.CharField(max_length=40, blank=True)
    code = models.CharField(max_length=60)
    name = models.CharField(max_length=120, blank=True)
    recorded_by = models.CharField(max_length=150)
    recorded_at = models.DateTimeField()


class ExchangeRate(models.Model):
    """What one unit of a currency is worth in an entity's functional one at the end of a period."""

    entity = models.ForeignKey("programs.Entity", models.PROTECT, db_index=False)
    currency = models.CharField(max_length=3)
    period = models.CharField(max_length=7)
    rate = models.DecimalField(max_digits=18, decimal_places=9)
    recorded_by = models.CharField(max_length=150)
    recorded_at = models.DateTimeField()


class Exported(models.Model):
    """A journal that was handed over: which, as what, with which digest, by whom.

    `again` marks one that was exported before; `version` is that of the close.
    """

    entity = models.ForeignKey("programs.Entity", models.PROTECT, db_index=False)
    period = models.ForeignKey(Period, models.PROTECT, db_index=False)
    version = models.SmallIntegerField()
    format = models.CharField(max_length=20)
    entries = models.IntegerField()
    digest = models.BinaryField(max_length=32)
    again = models.BooleanField()
    exported_by = models.CharField(max_length=150)
    exported_at = models.DateTimeField()


class Schedule(models.Model):
    """Something paid for in advance that is earned day by day: from `from_on` to before `until_on`.

    Found by the close that read its fact. `kind` is membership, marketing or tier (see the engine's
    over_time); `amount` in minor units. What is given back is a row of its own, below 0, for the
    days that were left. `partner` is who pays for marketing, of status the ladder; `fact` is the
    fact behind it, below 0 the number of a standing that time alone changed.
    """

    close = models.ForeignKey(Close, models.PROTECT)
    entity = models.ForeignKey("programs.Entity", models.PROTECT, db_index=False)
    program = models.ForeignKey("programs.Program", models.PROTECT, db_index=False)
    kind = models.CharField(max_length=12)
    currency = models.CharField(max_length=3)
    partner = models.CharField(max_length=40, blank=True)
    fact = models.BigIntegerField()
    amount = models.BigIntegerField()
    from_on = models.DateField()
    until_on = models.DateField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["entity", "until_on"], name="schedule_runs")]
