"""How many one-time codes were sent for a redemption."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("redemption", "0002_guards")]
    operations: ClassVar = [
        migrations.AddField(
            model_name="onetimecode",
            name="issued",
            field=models.SmallIntegerField(default=1),
        ),
    ]
