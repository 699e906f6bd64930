"""What the books look for: rows posted late, and facts of a month. Block ranges cost no insert."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("ledger", "0002_guards")]
    operations: ClassVar = [
        migrations.RunSQL(
            "create index ledger_transfer_late on ledger_transfer"
            " using brin (seq) with (autosummarize = on);"
            "create index ledger_fact_when on ledger_fact"
            " using brin (occurred_at) with (autosummarize = on);",
            "drop index ledger_transfer_late; drop index ledger_fact_when;",
        ),
    ]
