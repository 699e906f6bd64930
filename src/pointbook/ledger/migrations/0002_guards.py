"""The database refuses what the room never does."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

from pointbook.controls import guards


class Migration(migrations.Migration):
    dependencies: ClassVar = [("ledger", "0001_initial"), ("controls", "0002_guards")]
    operations: ClassVar = [
        *guards.all_append_only(["ledger_fact", "ledger_transfer", "ledger_draw", "ledger_recovery"]),
        guards.moving("ledger_account", column="balance"),
        guards.moving("ledger_lot", column="remaining"),
    ]
