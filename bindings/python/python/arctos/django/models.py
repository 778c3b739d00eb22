"""Models whose manager knows what an actor may see."""

# mypy: disable-error-code="import-untyped", disallow-subclassing-any=False

from __future__ import annotations

from typing import Any

from django.db import models
from django.http import HttpRequest

from arctos.django.auth import authorize_model
from arctos.django.oso import Oso
from arctos.exceptions import OsoError

__all__ = ["AuthorizedModel", "AuthorizedQuerySet"]


class AuthorizedQuerySet(models.QuerySet):
    """Of any model that is registered: ``objects = AuthorizedQuerySet.as_manager()``."""

    def authorize(self, request: HttpRequest, *, actor: object = None, action: Any = None) -> Any:
        """Those of these rows with which the actor may do this.

        :param actor: else the user of the request
        :param action: else the request's method
        :raises OsoError: where neither is there
        """
        return self.filter(authorize_model(request, self.model, actor=actor, action=action))

    def authorized(self, actor: object, action: Any) -> Any:
        """Those of these rows with which the actor may do this.

        :raises OsoError: where the actor is ``None``
        """
        if actor is None:
            raise OsoError(f"who asks for rows of `{self.model.__name__}` is not known")
        return self.filter(Oso.filter(actor, action, self.model))


class AuthorizedModel(models.Model):
    """A model with such a manager."""

    objects: Any = AuthorizedQuerySet.as_manager()

    class Meta:
        """Has no rows of its own."""

        abstract = True
