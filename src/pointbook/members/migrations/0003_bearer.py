"""Bearers of cards with stored value: who they are nobody knows, so they count as no members."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("members", "0002_merged")]
    operations: ClassVar = [
        migrations.AddField(
            "member", "bearer", models.BooleanField(default=False, db_default=False)
        ),
    ]
