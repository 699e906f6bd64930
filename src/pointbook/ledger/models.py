"""The facts and the points. Immutable but for account.balance and what moves of a lot.

The database refuses what is not allowed here: see migrations/0002_guards.py. Rows that come by
the million name their parents without a foreign key of the database: no parent can ever be
deleted, so a link can only be wrong from the start, and the invariant `ledger.links` looks for that
(docs/decisions/0005). What moves of a lot is a cache of what facts said (docs/decisions/0018).
"""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

link = partial(models.ForeignKey, on_delete=models.PROTECT, db_constraint=False)


class Fact(models.Model):
    """Something that happened. `content` is the exact text behind `digest`.

    `returns` is the fact that a return takes back, or that another is about.
    """

    id = models.BigAutoField(primary_key=True)
    program = link("programs.Program", db_index=False)
    seq = models.BigIntegerField()
    entity = link("programs.Entity", db_index=False)
    store = models.CharField(max_length=255)
    source = models.CharField(max_length=255)
    key = models.CharField(max_length=255)
    type = models.CharField(max_length=255)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    member = link("members.Member", null=True, db_index=False)
    channel = models.CharField(max_length=255)
    currency = models.CharField(max_length=3)
    total = models.BigIntegerField()
    tax = models.BigIntegerField()
    delivery = models.BigIntegerField()
    spend = models.BigIntegerField()
    returns = link("self", null=True, db_index=False)
    simulated = models.BooleanField()
    content = models.TextField()
    digest = models.BinaryField(max_length=32)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["program", "source", "key"], name="fact_key_once"),
            models.UniqueConstraint(fields=["program", "seq"], name="fact_seq_once"),
            models.UniqueConstraint(
                fields=["returns"], name="fact_claimed_once", condition=Q(type="claim")
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["member", "occurred_at"], name="fact_of_member"),
            models.Index(
                fields=["returns"], name="fact_returned", condition=Q(returns__isnull=False)
            ),
            # What is told of a member beside the many: profiles, segments, visits, adjustments.
            models.Index(
                fields=["member", "occurred_at"],
                name="fact_told",
                condition=~Q(type__in=["purchase", "return", "burn"]),
            ),
            # What the books read of facts beside the points (see `beside`).
            models.Index(
                fields=["program", "seq"],
                name="fact_beside",
                condition=Q(type__in=["membership", "points_sale"]),
            ),
        ]


class Account(models.Model):
    """Points of one unit that somebody holds, owes, or that left the program.

    Members have a wallet and what is held of it for redemptions (never negative), and a debt (never
    positive); accounts without a member
    belong to the program and keep no balance, so that no row is everybody's.
    """

    class Kind(models.TextChoices):
        WALLET = "wallet"
        DEBT = "debt"
        HELD = "held"
        ISSUED = "issued"
        REDEEMED = "redeemed"
        EXPIRED = "expired"
        CLAWED_BACK = "clawed_back"
        DEDUCTED = "deducted"
        MOVED = "moved"

    program = models.ForeignKey("programs.Program", models.PROTECT, db_index=False)
    unit = models.CharField(max_length=40)
    kind = models.CharField(max_length=12, choices=Kind)
    member = models.ForeignKey("members.Member", models.PROTECT, null=True)
    balance = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["program", "unit", "kind", "member"],
                name="account_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=(
                    Q(kind__in=["wallet", "held"], member__isnull=False, balance__gte=0)
                    | Q(kind="debt", member__isnull=False, balance__lte=0)
                    | Q(member__isnull=True, balance=0)
                ),
                name="account_balance_sign",
            ),
        ]


class Transfer(models.Model):
    """Points that moved from one account to another; always a positive amount.

    `settled` is the receivable (minor units) that a repayment of owed points pays off, `undoes` the
    burn that a refund undoes. Burns, captures and refunds say which `side` of a redemption they are
    (see the engine's Side), what it is `worth` and what it `cost` us (null: not known).
    """

    class Kind(models.TextChoices):
        AWARD = "award"
        BURN = "burn"
        EXPIRY = "expiry"
        CLAW_BACK = "claw_back"
        OVERDRAFT = "overdraft"
        REPAYMENT = "repayment"
        TRANSFER_OUT = "transfer_out"
        TRANSFER_IN = "transfer_in"
        REFUND = "refund"
        REINSTATEMENT = "reinstatement"
        DEDUCTION = "deduction"
        HOLD = "hold"
        CAPTURE = "capture"
        RELEASE = "release"
        LAPSE = "lapse"

    id = models.BigAutoField(primary_key=True)
    program = link("programs.Program", db_index=False)
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=16, choices=Kind)
    source = link(Account, related_name="+")
    destination = link(Account, related_name="+")
    points = models.BigIntegerField()
    settled = models.BigIntegerField(default=0)
    fact = link(Fact, null=True)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    undoes = link(Fact, null=True, db_index=False, related_name="+")
    side = models.CharField(max_length=12, default="", db_default="")
    worth = models.BigIntegerField(default=0, db_default=0)
    cost = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(points__gt=0), name="transfer_positive"),
            models.CheckConstraint(
                condition=~Q(source=F("destination")), name="transfer_between_two"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["program", "occurred_at"]),
            # Lots that came from another member are looked for by when they were posted.
            models.Index(
                fields=["program", "seq"],
                name="transfer_received",
                condition=Q(kind="transfer_in"),
            ),
            models.Index(
                fields=["undoes"], name="transfer_undoing", condition=Q(undoes__isnull=False)
            ),
        ]


class Lot(models.Model):
    """The points of one award, or received from another member, and the price deferred for them.

    They can be used from `starts_at` (null: once an event lets them) to before `expires_at` (null:
    without end). Both and `remaining` move; the rest says what the award was.
    """

    id = models.BigAutoField(primary_key=True)
    account = link(Account, db_index=False)
    transfer = link(Transfer, db_index=False)
    fact = link(Fact)
    rule = models.CharField(max_length=100)
    earned_at = models.DateTimeField()
    starts_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    points = models.BigIntegerField()
    remaining = models.BigIntegerField()
    base = models.BigIntegerField()
    entity = link("programs.Entity", db_index=False)
    currency = models.CharField(max_length=3)
    policy = models.CharField(max_length=24)
    funder = models.CharField(max_length=40, default="")
    issued_on = models.DateField()
    allocated = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(points__gt=0, remaining__gte=0, remaining__lte=F("points")),
                name="lot_remaining_within",
            ),
            models.CheckConstraint(condition=Q(allocated__gte=0), name="lot_allocated_sign"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["account"], name="lot_of_account"),
            models.Index(fields=["expires_at"], name="lot_ends", condition=Q(remaining__gt=0)),
        ]


class Draw(models.Model):
    """Points taken from one lot by a transfer; put back by refunds, releases and reinstatements.

    Captures and lapses name the lots from which a hold took the points before.

    `allocated` is the part of the lot's deferred amount that leaves with them: claw-backs,
    repayments of debt and what goes to another member only.
    """

    id = models.BigAutoField(primary_key=True)
    transfer = models.ForeignKey(Transfer, models.PROTECT)
    lot = models.ForeignKey(Lot, models.PROTECT)
    points = models.BigIntegerField()
    allocated = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(points__gt=0), name="draw_positive"),
            models.CheckConstraint(condition=Q(allocated__gte=0), name="draw_allocated_sign"),
        ]


class Recovery(models.Model):
    """What a return, cancellation or void asked back of one award, and what could not be taken.

    `share` is the award's own part of the deferred amount for the `points` due, `unrecovered` the
    part of it behind points that were neither in the award's lot nor in any other. `transfer` is
    the claw-back whose draws recovered something. Small returns may ask nothing back: `points` is
    0, and `base` counts with the next. `carried` points are owed, but no money for them: later
    awards give them back.
    """

    id = models.BigAutoField(primary_key=True)
    fact = models.ForeignKey(Fact, models.PROTECT)
    lot = models.ForeignKey(Lot, models.PROTECT)
    transfer = models.ForeignKey(Transfer, models.PROTECT, null=True, db_index=False)
    base = models.BigIntegerField()
    points = models.BigIntegerField()
    recovered = models.BigIntegerField()
    owed = models.BigIntegerField()
    share = models.BigIntegerField()
    unrecovered = models.BigIntegerField()
    carried = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["fact", "lot"], name="recovery_once"),
            models.CheckConstraint(
                condition=Q(recovered__gte=0, owed__gte=0)
                & Q(points__gte=F("recovered") + F("owed")),
                name="recovery_within",
            ),
        ]


class Hold(models.Model):
    """The points of a redemption, held on their lots by the fact that reserved it, and its end.

    What moves is `state`, with the fact that captured it and how many points were `captured` and
    came `back`, and the order, where a voucher is used on one. Points that are used at once have a
    hold, too, when they are for a reward.
    """

    class State(models.TextChoices):
        RESERVED = "reserved"
        CAPTURED = "captured"
        RELEASED = "released"
        LAPSED = "lapsed"
        CANCELLED = "cancelled"

    fact = models.OneToOneField(Fact, models.PROTECT, primary_key=True, related_name="+")
    program = models.ForeignKey("programs.Program", models.PROTECT, db_index=False)
    member = models.ForeignKey("members.Member", models.PROTECT, db_index=False)
    transfer = models.ForeignKey(Transfer, models.PROTECT, null=True, db_index=False)
    unit = models.CharField(max_length=40)
    reward = models.CharField(max_length=100)
    quantity = models.IntegerField()
    slot = models.CharField(max_length=100)
    points = models.BigIntegerField()
    amount = models.BigIntegerField()
    until = models.DateTimeField(null=True)
    lapses = models.BooleanField()
    review = models.BooleanField()
    order_source = models.CharField(max_length=255)
    order_key = models.CharField(max_length=255)
    state = models.CharField(max_length=10, choices=State)
    capture = models.ForeignKey(Fact, models.PROTECT, null=True, db_index=False, related_name="+")
    captured = models.BigIntegerField(default=0)
    back = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(captured__lte=F("points"), back__gte=0, back__lte=F("captured")),
                name="hold_within",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["member"], name="hold_open", condition=Q(state="reserved")),
            models.Index(
                fields=["program", "until"], name="hold_ends", condition=Q(state="reserved")
            ),
            models.Index(
                fields=["capture"], name="hold_captured", condition=Q(capture__isnull=False)
            ),
            models.Index(fields=["member", "order_key"], name="hold_for_order"),
        ]
