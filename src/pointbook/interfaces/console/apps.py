"""The door as a Django app: it brings templates and static files, and no tables."""

from __future__ import annotations

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "pointbook.interfaces.console"
    label = "console"
