"""Who agreed to a version that changes the books of its program."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("programs", "0002_guards")]
    operations: ClassVar = [
        migrations.AddField(
            "blueprintversion",
            "books_approved_by",
            models.CharField(default="", max_length=150),
        ),
    ]
