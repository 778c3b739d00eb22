"""Dependencies of routes that ask the policy."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, cast

from fastapi import Depends, FastAPI
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection

from arctos.arctos import Arctos
from arctos.asynchronous import AsyncArctos
from arctos.exceptions import AuthorizationError, OsoError
from arctos.fastapi.asked import RequireAuthorization, mark_asked
from arctos.fastapi.refusals import refused

if TYPE_CHECKING:
    from sqlalchemy.sql import ColumnElement

__all__ = ["Access", "FastAPIArctos"]


class Access:
    """One request before the policy.

    :param arctos: decides
    :param actor: who asks
    """

    def __init__(self, arctos: Arctos, actor: Any, connection: HTTPConnection) -> None:
        self.arctos = arctos
        self.actor = actor
        self._scope = connection.scope

    def authorize(self, action: Any, resource: object, *, check_read: bool = True) -> None:
        """Returns where the action is allowed, and raises as :meth:`Arctos.authorize` does; the application answers 404 and 403."""
        self.arctos.authorize(self.actor, action, resource, check_read=check_read)
        mark_asked(self._scope)

    async def authorize_async(self, action: Any, resource: object, *, check_read: bool = True) -> None:
        """As :meth:`authorize`, and awaits what the application's objects return: see :class:`AsyncArctos`."""
        await AsyncArctos(self.arctos).authorize(self.actor, action, resource, check_read=check_read)
        mark_asked(self._scope)

    def filter(self, action: Any, entity: Any) -> ColumnElement[bool]:
        """What must hold of the rows of a SQLAlchemy model for the actor to be allowed this, for a statement's ``where``.

        :param entity: a registered model, or an alias of one
        """
        from arctos.sqlalchemy.filter import filter_of

        condition = filter_of(self.arctos.host, self.actor, action, entity)
        mark_asked(self._scope)
        return condition


class FastAPIArctos:
    """Makes the dependencies of an application's routes; may be made before the application and its policy.

    ``access`` is the dependency that gives an :class:`Access`, for routes that ask in their own words:
    ``Annotated[Access, Depends(az.access)]``.

    :param get_actor: a dependency that says who asks, synchronous or not
    """

    access: Callable[..., Access]

    def __init__(self, get_actor: Callable[..., Any]) -> None:
        def access(connection: HTTPConnection, actor: Any = Depends(get_actor)) -> Access:
            return Access(_engine(connection), actor, connection)

        self.access = access

    def init_app(self, app: FastAPI, arctos: Arctos) -> None:
        """Lets that policy decide in the application (``app.state.arctos``), and answers 404 for :class:`NotFoundError` and 403 for
        :class:`ForbiddenError`. Handlers of the application's own stand.
        """
        app.state.arctos = arctos
        # The declared type knows nothing of web sockets, whose refusal is no response.
        app.exception_handlers.setdefault(AuthorizationError, cast(Any, refused))

    def require_authorization(self, app: FastAPI, *, public: Iterable[str] = ()) -> None:
        """From now on an answer that nothing has been asked for is an :class:`OsoError` (500), and so is a web socket that is accepted.

        Routes ask by the dependencies of this class, or say by :meth:`skip_authorization` that they need not. Refusals, such as 401 and 404,
        server errors, and the pages that FastAPI makes of the routes are let through.

        :param public: paths with all that is below them, for files and applications that are mounted
        """
        pages = (app.openapi_url, app.docs_url, app.redoc_url, app.swagger_ui_oauth2_redirect_url)
        exact = frozenset(page for page in pages if page is not None)
        # The innermost: it sees what the routes answer, and nothing that stands around them.
        app.user_middleware.append(Middleware(RequireAuthorization, exact=exact, below=tuple(public)))

    def authorized(self, action: Any, get_resource: Callable[..., Any], *, check_read: bool = True) -> Any:
        """A dependency that gives a resource where the actor may do this with it.

        :param get_resource: a dependency that finds the resource, synchronous or not; ``None`` is answered as what may not be read
        """

        def dependency(access: Access = Depends(self.access), resource: Any = Depends(get_resource)) -> Any:
            if resource is None:
                raise access.arctos.not_found_error()
            access.authorize(action, resource, check_read=check_read)
            return resource

        return Depends(dependency)

    def authorized_async(self, action: Any, get_resource: Callable[..., Any], *, check_read: bool = True) -> Any:
        """As :meth:`authorized`, and awaits what the application's objects return: see :class:`AsyncArctos`."""

        async def dependency(access: Access = Depends(self.access), resource: Any = Depends(get_resource)) -> Any:
            if resource is None:
                raise access.arctos.not_found_error()
            await access.authorize_async(action, resource, check_read=check_read)
            return resource

        return Depends(dependency)

    def filtered(self, entity: Any, action: Any) -> Any:
        """A dependency that gives the condition of :meth:`Access.filter`."""

        def dependency(access: Access = Depends(self.access)) -> Any:
            return access.filter(action, entity)

        return Depends(dependency)

    def skip_authorization(self, reason: str | None = None) -> Any:
        """A dependency of routes that need no authorization; the reason is for those who read the code."""
        return Depends(_skip)


def _skip(connection: HTTPConnection) -> None:
    mark_asked(connection.scope)


def _engine(connection: HTTPConnection) -> Arctos:
    found = getattr(connection.app.state, "arctos", None)
    if not isinstance(found, Arctos):
        raise OsoError("the application has no policy: call `FastAPIArctos.init_app`")
    return found
