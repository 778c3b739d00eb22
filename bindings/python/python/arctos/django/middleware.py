"""Middleware: that each view has asked, and questions about requests before their views.

They stand below ``AuthenticationMiddleware``, which says who asks.
"""

# mypy: disable-error-code="import-untyped"

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from arctos._refusals import is_refusal
from arctos.django.auth import authorize, request_authorized
from arctos.django.oso import load_policies
from arctos.exceptions import OsoError

__all__ = ["ReloadPolicyMiddleware", "RequireAuthorization", "RouteAuthorization"]

Handler = Callable[[HttpRequest], Any]


class RequireAuthorization:
    """An answer of a view that has not asked is an :class:`OsoError` (500); refusals, such as 401 and 404, and server errors are let through."""

    def __init__(self, get_response: Handler) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        """The answer."""
        response = self._get_response(request)
        # What has no view is answered by Django, or by another middleware.
        if request.resolver_match is None or is_refusal(response.status_code) or request_authorized(request):
            return response
        raise OsoError(
            f"`{request.method} {request.path}` has answered and not asked: call `authorize`, "
            "or `skip_authorization` where there is nothing to ask"
        )


class RouteAuthorization:
    """Each request is asked about before its view: ``allow(user, method, request: HttpRequest)``."""

    def __init__(self, get_response: Handler) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        """The answer."""
        authorize(request, request)
        return self._get_response(request)


class ReloadPolicyMiddleware:
    """Where ``DEBUG`` is on, loads the policies anew for each request."""

    def __init__(self, get_response: Handler) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        """The answer."""
        if settings.DEBUG:
            load_policies()
        return self._get_response(request)
