"""The database refuses what the room never does."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

from pointbook.controls import guards


class Migration(migrations.Migration):
    dependencies: ClassVar = [("controls", "0001_initial")]
    operations: ClassVar = [
        guards.refusal(),
        *guards.all_append_only(["controls_auditrow", "controls_outbox"]),
    ]
