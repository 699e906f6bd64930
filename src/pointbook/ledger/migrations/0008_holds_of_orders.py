"""An order that comes back finds the holds for it by an index, however many there are."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("ledger", "0007_holds")]
    operations: ClassVar = [
        migrations.AddIndex(
            "hold", models.Index(fields=["member", "order_key"], name="hold_for_order")
        ),
    ]
