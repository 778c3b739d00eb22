"""Django's admin pages by the policy: a mixin for ``ModelAdmin``.

    @admin.register(Repo)
    class RepoAdmin(AuthorizedAdmin, admin.ModelAdmin): ...

Who may enter the pages at all is still said by ``is_staff``. What may be done with a row is said by the policy, in place of Django's permissions:
``read``, ``create``, ``update`` and ``delete``.
"""

# mypy: disable-error-code="import-untyped"

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied

from arctos.django.auth import asked, is_possible, skip_authorization
from arctos.django.oso import Oso

__all__ = ["AuthorizedAdmin"]


class AuthorizedAdmin:
    """Before ``ModelAdmin`` among the bases."""

    model: Any

    def get_queryset(self, request: Any) -> Any:
        """The rows that the user may read."""
        return self._rows(request, super().get_queryset(request), "read")  # type: ignore[misc]

    def get_field_queryset(self, db: Any, db_field: Any, request: Any) -> Any:
        """The related rows that the user may choose: those that may be read."""
        rows = super().get_field_queryset(db, db_field, request)  # type: ignore[misc]
        if rows is None:
            rows = db_field.remote_field.model._default_manager.using(db)
        return self._rows(request, rows, "read")

    def has_view_permission(self, request: Any, obj: Any = None) -> bool:
        """Whether the user may read this row, or any."""
        return self._may(request, "read", obj)

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        """Whether the user may update this row, or any."""
        return self._may(request, "update", obj)

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        """Whether the user may delete this row, or any."""
        return self._may(request, "delete", obj)

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        """Whether the user may create some row; which one it is, is asked when it is there."""
        return self._may(request, "create", None)

    def has_module_permission(self, request: Any) -> bool:
        """Whether there is anything to do here."""
        return any(self._may(request, action, None) for action in ("read", "create"))

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        """Saves what the user may; the pages of the admin take back what is refused."""
        if change:
            # By a form that has changed the object already: what counts is the row.
            self._ask(request, "update", self.model._base_manager.get(pk=obj.pk))
        super().save_model(request, obj, form, change)  # type: ignore[misc]
        self._ask(request, "update" if change else "create", obj)

    def delete_queryset(self, request: Any, queryset: Any) -> None:
        """Deletes those that the user may."""
        super().delete_queryset(request, self._rows(request, queryset, "delete"))  # type: ignore[misc]

    def _rows(self, request: Any, rows: Any, action: str) -> Any:
        actor, _ = asked(request)
        skip_authorization(request)
        return rows.filter(Oso.filter(actor, action, rows.model))

    def _may(self, request: Any, action: str, obj: Any) -> bool:
        actor, _ = asked(request)
        skip_authorization(request)
        return is_possible(actor, action, self.model) if obj is None else Oso.is_allowed(actor, action, obj)

    def _ask(self, request: Any, action: str, obj: Any) -> None:
        if not self._may(request, action, obj):
            raise PermissionDenied
