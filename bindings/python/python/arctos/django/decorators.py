"""Authorization around a view, a coroutine function or not."""

# mypy: disable-error-code="import-untyped"

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast, overload

from asgiref.sync import iscoroutinefunction, sync_to_async

from arctos.django import auth

__all__ = ["authorize", "authorize_request", "skip_authorization"]

View = TypeVar("View", bound=Callable[..., Any])


@overload
def authorize(func: View, /, *, resource: object, actor: object = None, action: Any = None) -> View: ...
@overload
def authorize(
    func: None = None, /, *, resource: object, actor: object = None, action: Any = None
) -> Callable[[View], View]: ...
def authorize(func: Any = None, /, *, resource: object, actor: object = None, action: Any = None) -> Any:
    """A view that runs where the policy allows it, as by :func:`arctos.django.auth.authorize`.

        @authorize(resource=REPORT, action="read")
        def report(request): ...
    """
    if func is None:
        return functools.partial(authorize, resource=resource, actor=actor, action=action)
    return _before(func, lambda request: auth.authorize(request, resource, actor=actor, action=action))


@overload
def authorize_request(func: View, /, *, actor: object = None, action: Any = None) -> View: ...
@overload
def authorize_request(
    func: None = None, /, *, actor: object = None, action: Any = None
) -> Callable[[View], View]: ...
def authorize_request(func: Any = None, /, *, actor: object = None, action: Any = None) -> Any:
    """A view that runs where the policy allows the request itself: ``allow(actor, action, request: HttpRequest)``."""
    if func is None:
        return functools.partial(authorize_request, actor=actor, action=action)
    return _before(func, lambda request: auth.authorize(request, request, actor=actor, action=action))


@overload
def skip_authorization(func: View, /, reason: str | None = None) -> View: ...
@overload
def skip_authorization(func: None = None, /, reason: str | None = None) -> Callable[[View], View]: ...
def skip_authorization(func: Any = None, /, reason: str | None = None) -> Any:
    """A view that needs no authorization; the reason is for those who read the code."""
    if func is None:
        return functools.partial(skip_authorization, reason=reason)
    return _before(func, auth.skip_authorization)


def _before(view: View, ask: Callable[[Any], None]) -> View:
    if iscoroutinefunction(view):

        @functools.wraps(view)
        async def awaited(request: Any, *args: Any, **kwargs: Any) -> Any:
            # The policy may ask the database, which waits.
            await sync_to_async(ask)(request)
            return await view(request, *args, **kwargs)

        return cast(View, awaited)

    @functools.wraps(view)
    def called(request: Any, *args: Any, **kwargs: Any) -> Any:
        ask(request)
        return view(request, *args, **kwargs)

    return cast(View, called)
