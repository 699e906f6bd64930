"""The database refuses what the room never does."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

from pointbook.controls import guards


class Migration(migrations.Migration):
    dependencies: ClassVar = [("programs", "0001_initial"), ("controls", "0002_guards")]
    operations: ClassVar = [
        *guards.all_append_only(["programs_blueprintversion", "programs_estimate"]),
    ]
