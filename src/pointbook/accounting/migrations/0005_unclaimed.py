"""What of an entry is owed as unclaimed property."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("accounting", "0004_books_in_full_guards")]
    operations: ClassVar = [
        migrations.AddField("cohortentry", "unclaimed", models.BigIntegerField(default=0)),
    ]
