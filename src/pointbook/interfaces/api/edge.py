"""The edge of the API: what every answer below /v1/ has, whoever made it.

A request id, the API version, and a problem document for every error that Django answers itself
(no such address, wrong method, unknown host). Raises nothing: it answers.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from pointbook.interfaces.api import problems

PREFIX: Final = "/v1/"
# The versions of the API by date, the latest last. A new one is added when an answer changes shape.
VERSIONS: Final = ("2026-11-22",)
REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Edge:
    """Django middleware, the outermost one, for the addresses of the API only."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path.startswith(PREFIX):
            return self.get_response(request)
        given = request.headers.get("X-Request-Id", "")
        own = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        request.request_id = own  # type: ignore[attr-defined]
        version = request.headers.get("Pointbook-Version", VERSIONS[-1])
        response = _refused(request, version) or self.get_response(request)
        if (
            response.status_code >= HTTPStatus.BAD_REQUEST
            and response.get("Content-Type") != problems.MEDIA_TYPE
        ):
            response = _told(request, response)
        response["X-Request-Id"] = own
        response["Pointbook-Version"] = version if version in VERSIONS else VERSIONS[-1]
        return response


def _refused(request: HttpRequest, version: str) -> HttpResponseBase | None:
    if version not in VERSIONS:
        known = ", ".join(VERSIONS)
        body = problems.problem(
            "version-unknown",
            detail=f"there is no version {version!r}",
            field="Pointbook-Version",
            mend=f"Use one of: {known}.",
        )
        return problems.respond(request, body)
    if "chunked" in request.headers.get("Transfer-Encoding", ""):
        return problems.respond(request, problems.problem("length-required"))
    return None


def _told(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """The problem in place of Django's own page; its headers stay."""
    fallback = (
        "bad-request"
        if response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
        else "internal-error"
    )
    code = problems.BY_STATUS.get(response.status_code, fallback)
    told = problems.respond(request, problems.problem(code))
    if "Allow" in response:
        told["Allow"] = response["Allow"]
    return told
