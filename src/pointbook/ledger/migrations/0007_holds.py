"""Points that are held on their lots for redemptions."""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

from pointbook.controls import guards

ACCOUNT_KINDS = [
    ("wallet", "Wallet"),
    ("debt", "Debt"),
    ("held", "Held"),
    ("issued", "Issued"),
    ("redeemed", "Redeemed"),
    ("expired", "Expired"),
    ("clawed_back", "Clawed Back"),
    ("deducted", "Deducted"),
    ("moved", "Moved"),
]
TRANSFER_KINDS = [
    ("award", "Award"),
    ("burn", "Burn"),
    ("expiry", "Expiry"),
    ("claw_back", "Claw Back"),
    ("overdraft", "Overdraft"),
    ("repayment", "Repayment"),
    ("transfer_out", "Transfer Out"),
    ("transfer_in", "Transfer In"),
    ("refund", "Refund"),
    ("reinstatement", "Reinstatement"),
    ("deduction", "Deduction"),
    ("hold", "Hold"),
    ("capture", "Capture"),
    ("release", "Release"),
    ("lapse", "Lapse"),
]
STATES = [
    ("reserved", "Reserved"),
    ("captured", "Captured"),
    ("released", "Released"),
    ("lapsed", "Lapsed"),
    ("cancelled", "Cancelled"),
]
PROTECT = django.db.models.deletion.PROTECT


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("ledger", "0006_lots_that_wait"),
        ("members", "0002_merged"),
        ("programs", "0003_books_approved"),
    ]
    operations: ClassVar = [
        migrations.AlterField(
            "account", "kind", models.CharField(choices=ACCOUNT_KINDS, max_length=12)
        ),
        migrations.AlterField(
            "transfer", "kind", models.CharField(choices=TRANSFER_KINDS, max_length=16)
        ),
        migrations.RemoveConstraint("account", "account_balance_sign"),
        migrations.AddConstraint(
            "account",
            models.CheckConstraint(
                condition=(
                    Q(kind__in=["wallet", "held"], member__isnull=False, balance__gte=0)
                    | Q(kind="debt", member__isnull=False, balance__lte=0)
                    | Q(member__isnull=True, balance=0)
                ),
                name="account_balance_sign",
            ),
        ),
        migrations.CreateModel(
            "Hold",
            [
                (
                    "fact",
                    models.OneToOneField(
                        "ledger.fact",
                        on_delete=PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                    ),
                ),
                ("unit", models.CharField(max_length=40)),
                ("reward", models.CharField(max_length=100)),
                ("quantity", models.IntegerField()),
                ("slot", models.CharField(max_length=100)),
                ("points", models.BigIntegerField()),
                ("amount", models.BigIntegerField()),
                ("until", models.DateTimeField(null=True)),
                ("lapses", models.BooleanField()),
                ("review", models.BooleanField()),
                ("order_source", models.CharField(max_length=255)),
                ("order_key", models.CharField(max_length=255)),
                ("state", models.CharField(choices=STATES, max_length=10)),
                ("captured", models.BigIntegerField(default=0)),
                ("back", models.BigIntegerField(default=0)),
                (
                    "capture",
                    models.ForeignKey(
                        "ledger.fact",
                        db_index=False,
                        null=True,
                        on_delete=PROTECT,
                        related_name="+",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey("members.member", db_index=False, on_delete=PROTECT),
                ),
                (
                    "program",
                    models.ForeignKey("programs.program", db_index=False, on_delete=PROTECT),
                ),
                (
                    "transfer",
                    models.ForeignKey(
                        "ledger.transfer", db_index=False, null=True, on_delete=PROTECT
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(
                            captured__lte=F("points"), back__gte=0, back__lte=F("captured")
                        ),
                        name="hold_within",
                    ),
                ],
                "indexes": [
                    models.Index(
                        fields=["member"], name="hold_open", condition=Q(state="reserved")
                    ),
                    models.Index(
                        fields=["program", "until"],
                        name="hold_ends",
                        condition=Q(state="reserved"),
                    ),
                    models.Index(
                        fields=["capture"],
                        name="hold_captured",
                        condition=Q(capture__isnull=False),
                    ),
                ],
            },
        ),
        guards.moving("ledger_hold", column="state"),
        guards.moving_more(
            "ledger_hold",
            column="state",
            more=["capture_id", "captured", "back", "order_source", "order_key"],
        ),
    ]
