"""Authorization around a view, synchronous or not."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar, cast, overload

from flask import current_app, has_app_context

from arctos.exceptions import OsoError
from arctos.flask.oso import EXTENSION, FlaskArctos

__all__ = ["authorize", "skip_authorization"]

View = TypeVar("View", bound=Callable[..., Any])


@overload
def authorize(func: View, /, *, resource: object, actor: object = None, action: Any = None) -> View: ...
@overload
def authorize(
    func: None = None, /, *, resource: object, actor: object = None, action: Any = None
) -> Callable[[View], View]: ...
def authorize(func: Any = None, /, *, resource: object, actor: object = None, action: Any = None) -> Any:
    """A view that runs where the policy allows it, as by :meth:`FlaskArctos.authorize`.

    ``route`` stands above it:

        @app.get("/")
        @authorize(resource=request)
        def index(): ...
    """
    if func is None:
        return functools.partial(authorize, resource=resource, actor=actor, action=action)
    return _before(func, lambda: _extension().authorize(resource, actor=actor, action=action))


@overload
def skip_authorization(func: View, /, reason: str | None = None) -> View: ...
@overload
def skip_authorization(func: None = None, /, reason: str | None = None) -> Callable[[View], View]: ...
def skip_authorization(func: Any = None, /, reason: str | None = None) -> Any:
    """A view that needs no authorization, where :meth:`FlaskArctos.require_authorization` would ask for one."""
    if func is None:
        return functools.partial(skip_authorization, reason=reason)
    return _before(func, lambda: _extension().skip_authorization(reason))


def _before(view: Callable[..., Any], first: Callable[[], None]) -> Callable[..., Any]:
    """The view after something else; a coroutine function stays one, so that Flask awaits it."""
    if inspect.iscoroutinefunction(view):

        @functools.wraps(view)
        async def awaited(*args: Any, **kwargs: Any) -> Any:
            first()
            return await view(*args, **kwargs)

        return awaited

    @functools.wraps(view)
    def called(*args: Any, **kwargs: Any) -> Any:
        first()
        return view(*args, **kwargs)

    return called


def _extension() -> FlaskArctos:
    if not has_app_context():
        raise OsoError("there is no application at work: ask within its context")
    found = current_app.extensions.get(EXTENSION)
    if found is None:
        raise OsoError("the application has no `FlaskArctos`: call `init_app`")
    return cast(FlaskArctos, found)
