"""How much of each gift to a cause was paid out, so that what comes back later is set off."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("redemption", "0003_issued")]
    operations: ClassVar = [
        migrations.AddField(
            "redemption", "paid", models.BigIntegerField(default=0, db_default=0)
        ),
        migrations.AddIndex(
            "redemption",
            models.Index(
                condition=models.Q(("kind", "charity")),
                fields=["program"],
                name="redemption_to_causes",
            ),
        ),
    ]
