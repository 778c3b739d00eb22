"""Sessions that see only what an actor may.

Each statement of such a session, those of lazy and eager loads included, gets a condition for every model that it may come to. A model without an
action among the checked permissions has no rows. What cannot be given conditions (SQL as text, tables without their models, updates of
rows by their keys) is refused; writing objects (``flush``) and refreshing objects that the session already has are the application's own affair.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import sqlalchemy.orm
from sqlalchemy import event, false
from sqlalchemy.orm import LoaderCriteriaOption, ORMExecuteState, Session, sessionmaker, with_loader_criteria
from sqlalchemy.sql import ColumnElement

from arctos.arctos import Arctos
from arctos.sqlalchemy.filter import filter_of
from arctos.sqlalchemy.statements import Permissions, answering, mentioned_in, refuse_what_takes_no_conditions

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

__all__ = [
    "AuthorizedSession",
    "AuthorizedSessionBase",
    "Permissions",
    "async_authorized_sessionmaker",
    "authorized_sessionmaker",
    "scoped_session",
    "set_get_session",
]


class AuthorizedSessionBase:
    """Mixed into a session's class, before it.

    :param oso: decides
    :param user: the actor
    :param checked_permissions: the action for each model. A model without one, or with ``None``, has no rows; ``None`` instead of all turns
        the checks off
    """

    def __init__(self, oso: Arctos, user: object, checked_permissions: Permissions | None, **options: Any) -> None:
        self._oso = oso
        self._oso_user = user
        self._oso_checked_permissions = checked_permissions
        super().__init__(**options)

    @property
    def oso_context(self) -> dict[str, Any]:
        """What decides: the engine, the actor, and the checked permissions."""
        return {"oso": self._oso, "user": self._oso_user, "checked_permissions": self._oso_checked_permissions}


class AuthorizedSession(AuthorizedSessionBase, Session):
    """A session that sees only what its actor may."""


@event.listens_for(Session, "do_orm_execute")
def _authorize(state: ORMExecuteState) -> None:
    session = state.session
    # Refreshing is for objects that the session has: it would fail for those that the application has just written.
    if not isinstance(session, AuthorizedSessionBase) or state.is_column_load:
        return
    context = session.oso_context
    permissions: Permissions | None = context["checked_permissions"]
    if permissions is None:
        return
    mentioned = mentioned_in(state.statement)
    refuse_what_takes_no_conditions(state, context["oso"].host, mentioned)
    if state.is_insert or not mentioned:
        return
    statement: Any = state.statement
    # What a loaded object passes on to its lazy loads need not be said again.
    passed_on = [(option.entity, option._where_crit_orig) for option in _criteria(statement)]
    conditions: list[Any] = []
    for mapper in answering(mentioned, permissions):
        action = permissions.get(mapper.class_)
        condition: ColumnElement[bool] = false()
        if action is not None:
            condition = filter_of(context["oso"].host, context["user"], action, mapper.class_)
        if not any(entity is mapper and known is condition for entity, known in passed_on):
            conditions.append(with_loader_criteria(mapper.class_, condition, include_aliases=True))
    statement = statement.options(*conditions)
    if not state.is_orm_statement:
        # What selects from subqueries alone is compiled by the mappers, too, so that they get the conditions.
        subject = next(iter(mentioned))
        statement = statement._set_propagate_attrs({"compile_state_plugin": "orm", "plugin_subject": subject})
    state.statement = statement


def _criteria(statement: Any) -> list[Any]:
    return [option for option in getattr(statement, "_with_options", ()) if isinstance(option, LoaderCriteriaOption)]


def authorized_sessionmaker(
    get_oso: Callable[[], Arctos],
    get_user: Callable[[], object],
    get_checked_permissions: Callable[[], Permissions | None],
    class_: type[Session] = Session,
    **options: Any,
) -> sessionmaker[Any]:
    """A maker of authorized sessions; the functions are called for each.

    :param class_: the class of sessions, an authorized one or not
    :param options: of the session
    """

    class Authorized(_authorized(class_)):  # type: ignore[misc]
        def __init__(self, **options: Any) -> None:
            super().__init__(get_oso(), get_user(), get_checked_permissions(), **options)

    return sessionmaker(class_=Authorized, **options)


def _authorized(class_: type[Session]) -> type[Any]:
    if issubclass(class_, AuthorizedSessionBase):
        return class_
    return type(f"Authorized{class_.__name__}", (AuthorizedSessionBase, class_), {})


def async_authorized_sessionmaker(
    get_oso: Callable[[], Arctos],
    get_user: Callable[[], object],
    get_checked_permissions: Callable[[], Permissions | None],
    **options: Any,
) -> async_sessionmaker[AsyncSession]:
    """As :func:`authorized_sessionmaker`, of sessions for asyncio: they need ``sqlalchemy[asyncio]``."""
    from sqlalchemy.ext.asyncio import async_sessionmaker

    maker = authorized_sessionmaker(get_oso, get_user, get_checked_permissions)
    return async_sessionmaker(sync_session_class=maker.class_, **options)


def scoped_session(
    get_oso: Callable[[], Arctos],
    get_user: Callable[[], object],
    get_checked_permissions: Callable[[], Permissions | None],
    scopefunc: Callable[[], Any] | None = None,
    **options: Any,
) -> sqlalchemy.orm.scoped_session[Any]:
    """A registry of authorized sessions: one for each scope, engine, actor and permissions."""

    def scope() -> tuple[Any, ...]:
        permissions = get_checked_permissions()
        checked = None if permissions is None else frozenset(permissions.items())
        own = scopefunc() if scopefunc is not None else threading.get_ident()
        return own, get_oso(), get_user(), checked

    factory = authorized_sessionmaker(get_oso, get_user, get_checked_permissions, **options)
    return sqlalchemy.orm.scoped_session(factory, scopefunc=scope)


def set_get_session(oso: Arctos, get_session: Callable[[], Session]) -> None:
    """Lets policies ask for the application's session, by ``OsoSession.get()``."""

    class OsoSession:
        @staticmethod
        def get() -> Session:
            return get_session()

    oso.register_constant(OsoSession, "OsoSession")
