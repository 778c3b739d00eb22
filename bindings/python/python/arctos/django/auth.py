"""Questions about a request: by its user, and for its method."""

# mypy: disable-error-code="import-untyped"

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest
from django.utils.functional import LazyObject, empty

from arctos.django.filter import residual_of
from arctos.django.oso import Oso
from arctos.exceptions import AuthorizationError, NotFoundError, OsoError
from arctos.residual import Known

__all__ = ["authorize", "authorize_model", "authorize_type", "request_authorized", "skip_authorization"]

_ASKED = "_arctos_asked"


def authorize(
    request: HttpRequest, resource: object, *, actor: object = None, action: Any = None, check_read: bool = False
) -> None:
    """Returns where the policy allows it.

    :param actor: else the user of the request
    :param action: else the request's method
    :param check_read: as :meth:`Arctos.authorize` does it: 404 where the actor may not read the resource either, and 403 where it may
    :raises PermissionDenied: where it is not allowed
    :raises Http404: with ``check_read``
    """
    actor, action = asked(request, actor, action)
    try:
        Oso.authorize(actor, action, resource, check_read=check_read)
    except AuthorizationError as error:
        if isinstance(error, NotFoundError):
            raise Http404 from error
        raise PermissionDenied from error
    finally:
        skip_authorization(request)


def authorize_model(request: HttpRequest, model: type[Any], *, actor: object = None, action: Any = None) -> Q:
    """What must hold of the model's rows for the actor to be allowed this, for ``filter``; as :func:`authorize`."""
    actor, action = asked(request, actor, action)
    condition = Oso.filter(actor, action, model)
    skip_authorization(request)
    return condition


def authorize_type(request: HttpRequest, model: type[Any], *, actor: object = None, action: Any = None) -> None:
    """Returns where the policy may allow this with some row of the model; as :func:`authorize`.

    :raises PermissionDenied: where no row could be such that it is allowed
    """
    actor, action = asked(request, actor, action)
    may = is_possible(actor, action, model)
    skip_authorization(request)
    if not may:
        raise PermissionDenied


def skip_authorization(request: HttpRequest) -> None:
    """The request needs no authorization, or has had it."""
    setattr(request, _ASKED, True)


def request_authorized(request: HttpRequest) -> bool:
    """Whether the request has been asked about."""
    return hasattr(request, _ASKED)


def is_possible(actor: object, action: Any, model: type[Any]) -> bool:
    """Whether some row could be such that the actor may do this."""
    return residual_of(Oso.host, actor, action, model).formula != Known(False)


def asked(request: HttpRequest, actor: object = None, action: Any = None) -> tuple[object, Any]:
    """Who asks for what.

    :raises OsoError: where a request has no user
    """
    actor = getattr(request, "user", None) if actor is None else actor
    if isinstance(actor, LazyObject):
        # The policy asks for the class, which is that of what is inside.
        if actor._wrapped is empty:
            actor._setup()
        actor = actor._wrapped
    if actor is None:
        raise OsoError("who asks cannot be told: the request has no `user`, so pass `actor`")
    return actor, request.method if action is None else action
