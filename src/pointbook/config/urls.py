"""Which door answers which address."""

from __future__ import annotations

from django.urls import include, path

from pointbook.interfaces.api.routes import api

urlpatterns = [
    path("v1/", api.urls),
    path("card/", include("pointbook.interfaces.portal.urls")),
    path("accounts/", include("allauth.urls")),
    path("", include("pointbook.interfaces.console.urls")),
]
