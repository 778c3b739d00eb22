"""Sessions that see only what an actor may.

Each statement of such a session, those of lazy and eager loads included, gets a condition for every model that it may come to. A model without an
action among the checked permissions has no rows. What cannot be given conditions (SQL as text, tables without their models, updates of
rows by their keys) is refused; writing objects (``flush``) and refreshing objects that the session already has are the application's own affair.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import sqlalchemy.orm
from sqlalchemy import Alias, Column, Delete, Select, Table, TextClause, Update, event, false
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import LoaderCriteriaOption, Mapper, ORMExecuteState, Session, sessionmaker, with_loader_criteria
from sqlalchemy.sql import ClauseElement, ColumnElement, visitors
from sqlalchemy.sql.expression import SelectBase, TextualSelect
from sqlalchemy.sql.lambdas import StatementLambdaElement

from arctos.arctos import Arctos
from arctos.polar.exceptions import UnsupportedError
from arctos.polar.host import Host
from arctos.sqlalchemy.filter import filter_of
from arctos.sqlalchemy.mapping import models_of

__all__ = [
    "AuthorizedSession",
    "AuthorizedSessionBase",
    "Permissions",
    "async_authorized_sessionmaker",
    "authorized_sessionmaker",
    "scoped_session",
    "set_get_session",
]

Permissions = Mapping[type[Any], Any]


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
    mentioned = _mentioned(state.statement)
    _refuse_what_takes_no_conditions(state, context["oso"].host, mentioned)
    if state.is_insert or not mentioned:
        return
    statement: Any = state.statement
    # What a loaded object passes on to its lazy loads need not be said again.
    passed_on = [(option.entity, option._where_crit_orig) for option in _criteria(statement)]
    conditions: list[Any] = []
    for mapper in _answering(mentioned, permissions):
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


def _mentioned(statement: Any) -> set[Mapper[Any]]:
    """The models that a statement names."""
    found: set[Mapper[Any]] = set()
    for element in visitors.iterate(statement):
        entity: Any = getattr(element, "_annotations", {}).get("parententity")
        if entity is not None:
            found.add(entity.mapper)
    return found


def _answering(mentioned: set[Mapper[Any]], permissions: Permissions) -> set[Mapper[Any]]:
    """Those whose action counts, for all models that a statement may come to: options may load whatever relationships lead to.

    A class without an action of its own has that of the nearest one that it inherits from, whose condition is for its heirs, too.
    """
    reached, left = set(mentioned), list(mentioned)
    while left:
        mapper = left.pop()
        for relation in mapper.relationships:
            if relation.mapper not in reached:
                reached.add(relation.mapper)
                left.append(relation.mapper)
    return {
        next((known for known in mapper.iterate_to_root() if known.class_ in permissions), mapper) for mapper in reached
    }


def _refuse_what_takes_no_conditions(state: ORMExecuteState, host: Host, mentioned: set[Mapper[Any]]) -> None:
    statement: Any = state.statement
    if isinstance(statement, (TextClause, TextualSelect)) or state.is_from_statement:
        raise UnsupportedError("SQL as text takes no conditions; an authorized session runs statements about models")
    if not hasattr(statement, "options"):
        return
    if state.is_insert:
        if any(isinstance(element, SelectBase) for element in visitors.iterate(statement)):
            raise UnsupportedError("an authorized session does not insert what a `select` finds")
        return
    if isinstance(statement, StatementLambdaElement):
        raise UnsupportedError("a statement in a lambda takes no conditions of an actor, since it is kept")
    strategy = state.execution_options.get("dml_strategy", "auto")
    if (state.is_update or state.is_delete) and (isinstance(state.parameters, list) or strategy not in ("auto", "orm")):
        raise UnsupportedError("an update of rows by their keys takes no conditions; give the statement a `where`")
    # What SQLAlchemy writes itself, for relationships, is about models.
    bare = [] if state.is_relationship_load else _bare_tables(host, statement, state.is_orm_statement)
    if bare:
        raise UnsupportedError(f"`{bare[0]}` takes no conditions without its model")
    if _ONLY_NAMED_ONES and not state.is_relationship_load and isinstance(statement, Select):
        _refuse_implied(statement, set())


def _bare_tables(host: Host, statement: Any, is_orm: bool) -> list[str]:
    """Tables of models, and texts, that a statement selects from, or writes to, without their models."""
    registries = {model.mapper.registry for model in models_of(host).by_name.values()}
    tables = {table for known in registries for mapper in known.mappers for table in mapper.tables}
    found: list[str] = []
    for part in visitors.iterate(statement):
        if part is statement and is_orm and isinstance(part, (Update, Delete)):
            continue
        sources = _sources(part)
        # A table that stands there with its model gets the conditions: its columns may be named any way.
        given = {source.key for source in sources if isinstance(source, Table) and "parententity" in source._annotations}
        for element in (element for source in sources for element in _unmapped(source)):
            table = element.table if isinstance(element, Column) else element
            if isinstance(table, TextClause):
                found.append(table.text)
            if isinstance(table, Table) and table in tables and table.key not in given:
                found.append(table.name)
    return found


def _sources(part: Any) -> list[Any]:
    """What a statement, or one inside of it, selects, joins and writes to; its conditions apart."""
    if isinstance(part, Select):
        return [*part._raw_columns, *part._from_obj, *(join[0] for join in part._setup_joins)]
    return [part.table] if isinstance(part, (Update, Delete)) else []


def _unmapped(root: Any) -> Iterator[Any]:
    """The parts of what is selected that are not of a model, or of an alias of one."""
    left = [root]
    while left:
        element = left.pop()
        # Statements inside this one are looked at by themselves.
        if isinstance(element, SelectBase) or not isinstance(element, ClauseElement):
            continue
        entity = element._annotations.get("parententity")
        # An alias that SQLAlchemy makes for a relationship to the same model would get conditions about the model itself.
        if entity is not None and not (isinstance(element, Alias) and isinstance(entity, Mapper)):
            continue
        yield element
        left.extend(element.get_children())


_ONLY_NAMED_ONES = tuple(int(part) for part in sqlalchemy.__version__.split(".")[:2]) < (2, 1)
"""Whether SQLAlchemy gives conditions only to models that a statement selects or joins, and not to those in its ``where`` alone."""


def _refuse_implied(statement: Select[Any], around: set[Any]) -> None:
    """Refuses models that stand in the ``where`` of a statement alone, and in no statement around it."""
    named = {_entity(part) for source in _sources(statement) for part in _within(source)}
    named |= {join[0].property.mapper for join in statement._setup_joins if hasattr(join[0], "property")}
    asked = {_entity(part) for condition in statement._where_criteria for part in _within(condition)}
    implied = asked - named - around - {None}
    if implied:
        model = next(iter(implied)).mapper.class_.__name__
        raise UnsupportedError(f"`{model}` stands in conditions alone; name it in `select_from`")
    for source in (*_sources(statement), *statement._where_criteria):
        for part in _within(source):
            if isinstance(part, Select):
                _refuse_implied(part, around | named)


def _entity(part: Any) -> Any:
    return getattr(part, "_annotations", {}).get("parententity")


def _within(root: Any) -> Iterator[Any]:
    """The parts of an expression, down to the statements in it."""
    left = [root]
    while left:
        element = left.pop()
        if isinstance(element, ClauseElement):
            yield element
            if not isinstance(element, Select):
                left.extend(element.get_children())


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
    """As :func:`authorized_sessionmaker`, of sessions for asyncio."""
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
