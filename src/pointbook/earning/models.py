"""Which version judged a fact, and why it earned what it earned. Append-only."""

from __future__ import annotations

from django.db import models


class Decision(models.Model):
    """The explanation of one judged fact: `reasons` is a list of rule, unit, base and points."""

    fact = models.OneToOneField(
        "ledger.Fact", models.PROTECT, primary_key=True, db_constraint=False
    )
    version = models.IntegerField()
    reasons = models.JSONField()
