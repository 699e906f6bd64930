"""A key may belong to no program: it opens all of them, for what scopes of its own name."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("controls", "0002_guards")]
    operations: ClassVar = [
        migrations.AlterField(
            model_name="apikey", name="program_id", field=models.BigIntegerField(null=True)
        ),
    ]
