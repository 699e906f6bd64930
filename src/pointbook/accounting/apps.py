"""The room as a Django app, labelled by its name."""

from __future__ import annotations

from django.apps import AppConfig


class AccountingConfig(AppConfig):
    name = "pointbook.accounting"
    label = "accounting"
