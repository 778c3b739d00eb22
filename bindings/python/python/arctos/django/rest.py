"""Django REST framework: a permission, a filter, and a mixin for what is saved.

    class RepoViewSet(AuthorizeSaved, ModelViewSet):
        queryset = Repo.objects.all()
        permission_classes = [AuthorizedPermission]
        filter_backends = [AuthorizedFilter]

A row that the user may not read is not there, 404; an action that the user may not do to a row that is there is 403.
"""

# mypy: disable-error-code="import-untyped", disallow-subclassing-any=False

from __future__ import annotations

from typing import Any, ClassVar

from django.db import transaction
from rest_framework.exceptions import PermissionDenied
from rest_framework.filters import BaseFilterBackend
from rest_framework.permissions import BasePermission

from arctos.django.auth import asked, authorize_model, skip_authorization
from arctos.django.oso import Oso

__all__ = ["AuthorizeSaved", "AuthorizedFilter", "AuthorizedPermission"]


class AuthorizedPermission(BasePermission):
    """Asks the policy about the object of a view."""

    actions: ClassVar[dict[str, Any]] = {
        "GET": "read",
        "HEAD": "read",
        "POST": "create",
        "PUT": "update",
        "PATCH": "update",
        "DELETE": "delete",
    }
    """The action of each method; a method without one is refused."""

    def has_permission(self, request: Any, view: Any) -> bool:
        """Whether the policy is asked later: about the object, about each row of the list, or about what is made."""
        if request.method == "OPTIONS":
            # What the view is, and nothing of any row.
            skip_authorization(request._request)
            return True
        if request.method not in self.actions:
            return False
        key = getattr(view, "lookup_url_kwarg", None) or getattr(view, "lookup_field", None)
        if key in view.kwargs:
            return True
        # Other actions of a view set have no rows that would be asked about.
        if request.method == "POST":
            return isinstance(view, AuthorizeSaved) and getattr(view, "action", "create") == "create"
        backends = getattr(view, "filter_backends", ())
        is_list = request.method in ("GET", "HEAD") and getattr(view, "action", "list") == "list"
        return is_list and any(issubclass(backend, AuthorizedFilter) for backend in backends)

    def has_object_permission(self, request: Any, view: Any, obj: object) -> bool:
        """Whether the policy allows it."""
        return _is_allowed(request, self.actions[request.method], obj)


class AuthorizedFilter(BaseFilterBackend):
    """Only the rows that the user may read are there, for lists and for single objects."""

    action: Any = "read"

    def filter_queryset(self, request: Any, queryset: Any, view: Any) -> Any:
        """Those rows."""
        condition = authorize_model(request, queryset.model, action=self.action)
        skip_authorization(request._request)
        return queryset.filter(condition)


class AuthorizeSaved:
    """A mixin, before the view's class: what is made or changed is kept only where the policy then allows the user to have made it so."""

    def perform_create(self, serializer: Any) -> None:
        """Saves, asks whether the user may ``create`` that, and takes it back where not."""
        self._saved(serializer, "create")

    def perform_update(self, serializer: Any) -> None:
        """Saves, asks whether the user may ``update`` what it has become, and takes it back where not."""
        self._saved(serializer, "update")

    def _saved(self, serializer: Any, action: str) -> None:
        request = self.request  # type: ignore[attr-defined]
        with transaction.atomic():
            if not _is_allowed(request, action, serializer.save()):
                raise PermissionDenied


def _is_allowed(request: Any, action: Any, resource: object) -> bool:
    actor, action = asked(request, action=action)
    # The request of the framework is around that of Django, which is the one that middleware sees.
    skip_authorization(request._request)
    return Oso.is_allowed(actor, action, resource)
