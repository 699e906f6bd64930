"""A return too small to ask a point back is kept, so that the next one counts it."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies: ClassVar = [("ledger", "0004_fact_storage")]
    operations: ClassVar = [
        migrations.RemoveConstraint("recovery", "recovery_within"),
        migrations.AddConstraint(
            "recovery",
            models.CheckConstraint(
                condition=Q(recovered__gte=0, owed__gte=0)
                & Q(points__gte=F("recovered") + F("owed")),
                name="recovery_within",
            ),
        ),
    ]
