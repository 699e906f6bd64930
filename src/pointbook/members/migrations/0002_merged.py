"""Members who became another member, and codes by which members invite."""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("members", "0001_initial")]
    operations: ClassVar = [
        migrations.AddField(
            "member",
            "merged_into",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="members.member",
            ),
        ),
        migrations.AlterField(
            "identifier",
            "kind",
            models.CharField(
                choices=[
                    ("member", "Member"),
                    ("email", "Email"),
                    ("phone", "Phone"),
                    ("card", "Card"),
                    ("referral", "Referral"),
                ],
                max_length=8,
            ),
        ),
    ]
