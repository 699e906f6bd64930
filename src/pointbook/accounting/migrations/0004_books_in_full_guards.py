"""What is written for the books in full only grows; older entries get the time of their close."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

from pointbook.controls import guards

TABLES = (
    "proposal",
    "decision",
    "setting",
    "accountname",
    "exchangerate",
    "exported",
    "schedule",
)
RECORDED = """
alter table accounting_journalentry disable trigger user;
update accounting_journalentry e set recorded_at = c.closed_at
from accounting_close c where c.id = e.close_id;
alter table accounting_journalentry enable trigger user;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("accounting", "0003_books_in_full")]
    operations: ClassVar = [
        *guards.all_append_only([f"accounting_{table}" for table in TABLES]),
        migrations.RunSQL(RECORDED, migrations.RunSQL.noop),
    ]
