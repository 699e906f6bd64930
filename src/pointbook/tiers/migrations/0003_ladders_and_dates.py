"""Standings of several ladders, with dates, and those that time alone brought."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models

# The number of a standing was its fact's. The guard would refuse to write that down.
NUMBER = """
alter table tiers_standing disable trigger tiers_standing_append_only;
update tiers_standing s set seq = f.seq from ledger_fact f where f.id = s.fact_id;
alter table tiers_standing enable trigger tiers_standing_append_only;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("tiers", "0002_guards"), ("ledger", "0006_lots_that_wait")]
    operations: ClassVar = [
        migrations.AlterField(
            "standing",
            "fact",
            models.ForeignKey(
                "ledger.fact", models.PROTECT, null=True, db_constraint=False, db_index=False
            ),
        ),
        migrations.AddField("standing", "seq", models.BigIntegerField(null=True)),
        migrations.RunSQL(NUMBER, migrations.RunSQL.noop),
        migrations.AlterField("standing", "seq", models.BigIntegerField()),
        migrations.AddField(
            "standing", "ladder", models.CharField(default="tiers", max_length=40)
        ),
        migrations.AddField("standing", "kind", models.CharField(default="reached", max_length=10)),
        migrations.AddField("standing", "until", models.DateTimeField(null=True)),
    ]
