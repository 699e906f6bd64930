"""The HTTP API, version 1: every route hangs here."""

from __future__ import annotations

from ninja import NinjaAPI

api = NinjaAPI(title="Pointbook", version="1", urls_namespace="v1")
