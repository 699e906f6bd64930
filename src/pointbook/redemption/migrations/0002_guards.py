"""Steps of fulfilment and payouts only grow; no code, redemption or shelf is ever deleted."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

from pointbook.controls import guards


class Migration(migrations.Migration):
    dependencies: ClassVar = [("redemption", "0001_initial")]
    operations: ClassVar = guards.all_append_only(["redemption_progress", "redemption_payout"])
