"""Lots that wait and slide, points that move between members, come back or are deducted."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models
from django.db.models import Q

from pointbook.controls import guards

ACCOUNT_KINDS = [
    ("wallet", "Wallet"),
    ("debt", "Debt"),
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
]
# Programs that were published before have units without these accounts.
OPEN_ACCOUNTS = """
insert into ledger_account (program_id, unit, kind, member_id, balance)
select distinct a.program_id, a.unit, k.kind, null::uuid, 0
from ledger_account a cross join unnest(array['deducted', 'moved']) k(kind)
where a.member_id is null on conflict do nothing
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("ledger", "0005_small_returns")]
    operations: ClassVar = [
        migrations.AlterField(
            "account", "kind", models.CharField(choices=ACCOUNT_KINDS, max_length=12)
        ),
        migrations.AlterField(
            "transfer", "kind", models.CharField(choices=TRANSFER_KINDS, max_length=16)
        ),
        migrations.AddField(
            "transfer",
            "undoes",
            models.ForeignKey(
                "ledger.fact",
                models.PROTECT,
                null=True,
                db_constraint=False,
                db_index=False,
                related_name="+",
            ),
        ),
        migrations.AddField("recovery", "carried", models.BooleanField(default=False)),
        migrations.AddField("lot", "starts_at", models.DateTimeField(null=True)),
        guards.moving_more("ledger_lot", column="remaining", more=["starts_at", "expires_at"]),
        # Every point there was could be used at once.
        migrations.RunSQL(
            "update ledger_lot set starts_at = earned_at", migrations.RunSQL.noop
        ),
        migrations.RunSQL(OPEN_ACCOUNTS, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "fact",
            models.UniqueConstraint(
                fields=["returns"], name="fact_claimed_once", condition=Q(type="claim")
            ),
        ),
        migrations.AddIndex(
            "fact",
            models.Index(
                fields=["member", "occurred_at"],
                name="fact_told",
                condition=~Q(type__in=["purchase", "return", "burn"]),
            ),
        ),
        migrations.AddIndex(
            "transfer",
            models.Index(
                fields=["program", "seq"],
                name="transfer_received",
                condition=Q(kind="transfer_in"),
            ),
        ),
        migrations.AddIndex(
            "transfer",
            models.Index(
                fields=["undoes"], name="transfer_undoing", condition=Q(undoes__isnull=False)
            ),
        ),
    ]
