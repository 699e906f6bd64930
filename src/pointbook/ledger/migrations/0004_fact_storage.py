"""Keep a basket's content in its row, uncompressed.

PostgreSQL's compression took a third of an import's time and saved little of the disk: most
baskets are short, and rows are read for their columns.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("ledger", "0003_movement_indexes")]
    operations: ClassVar = [
        migrations.RunSQL(
            "alter table ledger_fact alter column content set storage external;"
            "alter table ledger_fact set (toast_tuple_target = 8160);",
            "alter table ledger_fact alter column content set storage extended;"
            "alter table ledger_fact reset (toast_tuple_target);",
        )
    ]
