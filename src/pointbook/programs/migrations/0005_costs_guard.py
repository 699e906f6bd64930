"""What points are expected to cost only grows."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

from pointbook.controls import guards


class Migration(migrations.Migration):
    dependencies: ClassVar = [("programs", "0004_books_in_full")]
    operations: ClassVar = [*guards.all_append_only(["programs_unitcost"])]
