"""What connects a policy with a Flask application: who asks, what an answer becomes, and that each route has asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import werkzeug.wrappers
from flask import Flask, Response, current_app, g, has_request_context, request
from werkzeug.exceptions import Forbidden, HTTPException, NotFound

from arctos._refusals import is_refusal
from arctos.arctos import Arctos
from arctos.asynchronous import AsyncArctos
from arctos.exceptions import AuthorizationError, NotFoundError, OsoError

if TYPE_CHECKING:
    from sqlalchemy.sql import ColumnElement

__all__ = ["EXTENSION", "FlaskArctos", "FlaskOso"]

EXTENSION = "arctos"
"""The name among ``app.extensions``."""

_ASKED = "_arctos_asked"


class FlaskArctos:
    """Asks a policy for the routes of an application.

    :param oso: decides; may be given later, by :meth:`set_oso`
    :param app: the application; may be given later, by :meth:`init_app`
    """

    def __init__(self, oso: Arctos | None = None, app: Flask | None = None) -> None:
        self._app: Flask | None = None
        self._oso: Arctos | None = None
        self._get_actor: Callable[[], Any] = _current_user
        self._unauthorized_action: Callable[[], object] = _unauthorized
        if app is not None:
            self._app = app
            self.init_app(app)
        if oso is not None:
            self.set_oso(oso)

    @property
    def app(self) -> Flask:
        """The application: the one given at first, else the one that handles the request."""
        return self._app if self._app is not None else current_app._get_current_object()  # type: ignore[attr-defined]

    @property
    def oso(self) -> Arctos:
        """What decides.

        :raises OsoError: where :meth:`set_oso` has not been called
        """
        if self._oso is None:
            raise OsoError("there is nothing to decide with: call `set_oso` first")
        return self._oso

    @property
    def current_actor(self) -> Any:
        """Who asks.

        :raises OsoError: where that cannot be told
        """
        try:
            return self._get_actor()
        except AttributeError as error:
            raise OsoError("who asks cannot be told; say how with `set_get_actor`") from error

    def set_oso(self, oso: Arctos) -> None:
        """Sets what decides, and registers the class of requests as ``Request``."""
        known = oso.host.types.get("Request")
        if known is None or known.cls is not werkzeug.wrappers.Request:
            oso.register_class(werkzeug.wrappers.Request)
        self._oso = oso

    def init_app(self, app: Flask) -> None:
        """Makes the decorators of this package work in the application, and answers 404 for :class:`NotFoundError` and 403 for
        :class:`ForbiddenError`, with the application's own pages for these where it has any. Handlers of the
        application's own stand.
        """
        app.extensions[EXTENSION] = self
        if AuthorizationError not in app.error_handler_spec[None][None]:
            app.register_error_handler(AuthorizationError, _refused)

    def set_get_actor(self, func: Callable[[], Any]) -> None:
        """Says who asks; without it, ``flask.g.current_user``."""
        self._get_actor = func

    def set_unauthorized_action(self, func: Callable[[], object]) -> None:
        """Says what happens where an action is not allowed; without it, 403. It should raise or abort; where it returns, the answer is 403."""
        self._unauthorized_action = func

    def require_authorization(self, app: Flask | None = None) -> None:
        """From now on an answer of a route that has not asked is an :class:`OsoError` (500).

        Routes ask by :meth:`authorize` and :meth:`filter`, or say by :meth:`skip_authorization` that they need not. Refusals, such as 401 and
        404, and server errors are let through.
        """
        self._given(app).after_request(self._check_asked)

    def perform_route_authorization(self, app: Flask | None = None) -> None:
        """From now on each request is asked about before its route: ``allow(actor, method, request)``."""
        self._given(app).before_request(self._ask_for_route)

    def skip_authorization(self, reason: str | None = None) -> None:
        """The request needs no authorization; the reason is for those who read the code."""
        _mark_asked()

    def authorize(
        self, resource: object, *, actor: object = None, action: Any = None, check_read: bool = False
    ) -> None:
        """Returns where the policy allows it; else does what :meth:`set_unauthorized_action` says.

        :param actor: else :attr:`current_actor`
        :param action: else the request's method
        :param check_read: as :meth:`Arctos.authorize` does it: :class:`NotFoundError` (404) where the actor may not read the resource either,
            and :class:`ForbiddenError` (403) where it may
        """
        actor, action = self._asked(actor, action)
        if check_read:
            self.oso.authorize(actor, action, _object(resource))
            _mark_asked()
        else:
            self._answer(self.oso.is_allowed(actor, action, _object(resource)))

    async def authorize_async(
        self, resource: object, *, actor: object = None, action: Any = None, check_read: bool = False
    ) -> None:
        """As :meth:`authorize`, and awaits what the application's objects return: see :class:`AsyncArctos`."""
        actor, action = self._asked(actor, action)
        oso = AsyncArctos(self.oso)
        if check_read:
            await oso.authorize(actor, action, _object(resource))
            _mark_asked()
        else:
            self._answer(await oso.is_allowed(actor, action, _object(resource)))

    def filter(self, entity: Any, *, actor: object = None, action: Any = None) -> ColumnElement[bool]:
        """What must hold of the rows of a SQLAlchemy model for the actor to be allowed this, for a statement's ``where``.

        :param entity: a registered model, or an alias of one
        :param actor: else :attr:`current_actor`
        :param action: else the request's method
        """
        from arctos.sqlalchemy.filter import filter_of

        actor, action = self._asked(actor, action)
        condition = filter_of(self.oso.host, actor, action, entity)
        _mark_asked()
        return condition

    def _asked(self, actor: object, action: Any) -> tuple[object, Any]:
        return self.current_actor if actor is None else actor, request.method if action is None else action

    def _answer(self, allowed: bool) -> None:
        _mark_asked()
        if not allowed:
            self._unauthorized_action()
            raise Forbidden("Unauthorized")

    def _given(self, app: Flask | None) -> Flask:
        found = app if app is not None else self._app
        if found is None:
            raise OsoError("say which application: pass `app`")
        return found

    def _ask_for_route(self) -> None:
        # What has no route is answered 404 or 405 by Flask itself.
        if request.url_rule is not None:
            self.authorize(request)

    def _check_asked(self, response: Response) -> Response:
        if request.url_rule is None or is_refusal(response.status_code) or hasattr(_this_request(), _ASKED):
            return response
        if request.method == "OPTIONS" and getattr(request.url_rule, "provide_automatic_options", False):
            return response
        raise OsoError(
            f"`{request.method} {request.url_rule.rule}` has answered and not asked: call `authorize`, "
            "or `skip_authorization` where there is nothing to ask"
        )


FlaskOso = FlaskArctos


def _this_request() -> Any:
    return request._get_current_object()  # type: ignore[attr-defined]


def _object(resource: object) -> object:
    """The request itself, where the resource is Flask's name for it."""
    return _this_request() if resource is request else resource


def _mark_asked() -> None:
    # On the request and not on `g`: a context that an application pushes itself serves many requests.
    if has_request_context():
        setattr(_this_request(), _ASKED, True)


def _current_user() -> Any:
    return g.current_user


def _unauthorized() -> None:
    raise Forbidden("Unauthorized")


def _refused(error: AuthorizationError) -> Any:
    answer: HTTPException = NotFound() if isinstance(error, NotFoundError) else Forbidden()
    return current_app.handle_http_exception(answer)
