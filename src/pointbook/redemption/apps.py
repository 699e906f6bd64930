"""The room as a Django app, labelled by its name."""

from __future__ import annotations

from django.apps import AppConfig


class RedemptionConfig(AppConfig):
    name = "pointbook.redemption"
    label = "redemption"
