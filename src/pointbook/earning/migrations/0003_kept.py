"""What is kept of members between batches, budgets in blocks, and dates that were told."""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

PROTECT = django.db.models.deletion.PROTECT


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("earning", "0002_guards"),
        ("members", "0001_initial"),
        ("programs", "0001_initial"),
    ]
    operations: ClassVar = [
        migrations.CreateModel(
            name="State",
            fields=[
                (
                    "member",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=PROTECT,
                        primary_key=True,
                        serialize=False,
                        to="members.member",
                    ),
                ),
                ("body", models.JSONField()),
                ("linked", models.BooleanField(default=False)),
                ("due_at", models.DateTimeField(null=True)),
                (
                    "program",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=PROTECT,
                        to="programs.program",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            "state",
            models.Index(
                fields=["program", "due_at"],
                name="state_due",
                condition=models.Q(due_at__isnull=False),
            ),
        ),
        migrations.CreateModel(
            name="BudgetBlock",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rule", models.CharField(max_length=40)),
                ("span", models.CharField(max_length=10)),
                ("size", models.BigIntegerField()),
                ("used", models.BigIntegerField(default=0)),
                (
                    "program",
                    models.ForeignKey(
                        db_constraint=False, on_delete=PROTECT, to="programs.program"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            "budgetblock",
            models.CheckConstraint(
                condition=models.Q(used__gte=0, used__lte=models.F("size")),
                name="block_used_within",
            ),
        ),
        migrations.AddIndex(
            "budgetblock",
            models.Index(fields=["program", "rule", "span"], name="block_of_budget"),
        ),
        migrations.CreateModel(
            name="DatesTold",
            fields=[
                (
                    "program",
                    models.OneToOneField(
                        on_delete=PROTECT,
                        primary_key=True,
                        serialize=False,
                        to="programs.program",
                    ),
                ),
                ("until_on", models.DateField()),
            ],
        ),
    ]
