"""What the operator promised: programs, their immutable blueprint versions and estimates."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Entity(models.Model):
    """A legal person with books; the stores of a program belong to one."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=200)


class Program(models.Model):
    """A loyalty program. Currency and time zone never change."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    currency = models.CharField(max_length=3)
    time_zone = models.CharField(max_length=64)
    entity = models.ForeignKey(Entity, models.PROTECT)
    created_at = models.DateTimeField()


class Store(models.Model):
    """A place or site that sells; its entity owns the facts that happen there."""

    program = models.ForeignKey(Program, models.PROTECT)
    code = models.CharField(max_length=255)
    entity = models.ForeignKey(Entity, models.PROTECT)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["program", "code"], name="store_code_once")
        ]


class BlueprintVersion(models.Model):
    """One immutable version of a program's document, in force from `from_at`.

    `books_approved_by` is who agreed to what it changes in the books, '' where it changes nothing.
    """

    program = models.ForeignKey(Program, models.PROTECT)
    number = models.IntegerField()
    from_at = models.DateTimeField()
    document = models.TextField()
    digest = models.BinaryField(max_length=32)
    published_by = models.CharField(max_length=150)
    books_approved_by = models.CharField(max_length=150, default="")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["program", "number"], name="version_number_once"),
            models.UniqueConstraint(fields=["program", "from_at"], name="version_start_once"),
        ]


class Estimate(models.Model):
    """An immutable version of the expected redemption rate, from a period (YYYY-MM) on.

    `rate` prices new points; `cohorts` are the rates of points by unit and month of issue, where a
    method gave them ({"points": {"2017-01": "0.93"}}). `low` and `high` are its range; `paper` is
    the number of the working paper behind it.
    """

    program = models.ForeignKey(Program, models.PROTECT)
    number = models.IntegerField()
    method = models.CharField(max_length=24, default="flat")
    rate = models.DecimalField(max_digits=9, decimal_places=8)
    from_period = models.CharField(max_length=7)
    cohorts = models.JSONField(default=dict)
    low = models.DecimalField(max_digits=9, decimal_places=8, null=True)
    high = models.DecimalField(max_digits=9, decimal_places=8, null=True)
    paper = models.IntegerField(null=True)
    note = models.TextField(blank=True)
    data_rows = models.BigIntegerField()
    data_seq = models.BigIntegerField()
    prepared_by = models.CharField(max_length=150)
    approved_by = models.CharField(max_length=150)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["program", "number"], name="estimate_number_once"),
            models.CheckConstraint(
                condition=models.Q(rate__gte=0, rate__lte=1), name="estimate_rate_share"
            ),
        ]


class UnitCost(models.Model):
    """What one whole point is expected to cost, major units, from a period (YYYY-MM) on."""

    program = models.ForeignKey(Program, models.PROTECT)
    unit = models.CharField(max_length=40)
    number = models.IntegerField()
    amount = models.DecimalField(max_digits=18, decimal_places=9)
    from_period = models.CharField(max_length=7)
    note = models.TextField(blank=True)
    prepared_by = models.CharField(max_length=150)
    approved_by = models.CharField(max_length=150)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["program", "unit", "number"], name="cost_number_once"),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="cost_not_negative"),
        ]
