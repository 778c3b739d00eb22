"""What a statement of an authorized session may come to, and which statements take no conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy
from sqlalchemy import Alias, Column, Delete, Select, Table, TextClause, Update
from sqlalchemy.orm import Mapper, ORMExecuteState
from sqlalchemy.sql import ClauseElement, visitors
from sqlalchemy.sql.expression import SelectBase, TextualSelect
from sqlalchemy.sql.lambdas import StatementLambdaElement

from arctos.polar.exceptions import UnsupportedError
from arctos.polar.host import Host
from arctos.sqlalchemy.mapping import models_of

__all__ = ["Permissions", "answering", "mentioned_in", "refuse_what_takes_no_conditions"]

Permissions = Mapping[type[Any], Any]
"""The action that is checked for each model."""

_ONLY_NAMED_ONES = tuple(int(part) for part in sqlalchemy.__version__.split(".")[:2]) < (2, 1)
"""Whether models that stand in a statement's ``where`` alone get no conditions from SQLAlchemy."""


def mentioned_in(statement: Any) -> set[Mapper[Any]]:
    """The models that a statement names."""
    found: set[Mapper[Any]] = set()
    for element in visitors.iterate(statement):
        entity: Any = getattr(element, "_annotations", {}).get("parententity")
        if entity is not None:
            found.add(entity.mapper)
    return found


def answering(mentioned: set[Mapper[Any]], permissions: Permissions) -> set[Mapper[Any]]:
    """Those whose action counts, for all models that a statement may come to by relationships.

    A class without an action of its own has that of the nearest one that it inherits from, whose condition is for its
    heirs, too.
    """
    reached, left = set(mentioned), list(mentioned)
    while left:
        mapper = left.pop()
        # Options may load what heirs lead to, too.
        relations = (relation for heir in mapper.self_and_descendants for relation in heir.relationships)
        for other in {relation.mapper for relation in relations} - reached:
            reached.add(other)
            left.append(other)
    return {
        next((known for known in mapper.iterate_to_root() if known.class_ in permissions), mapper) for mapper in reached
    }


def refuse_what_takes_no_conditions(state: ORMExecuteState, host: Host, mentioned: set[Mapper[Any]]) -> None:
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
        given = {
            source.key for source in sources if isinstance(source, Table) and "parententity" in source._annotations
        }
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
        # An alias that SQLAlchemy makes for a relationship to the same model would get conditions about that model.
        if entity is not None and not (isinstance(element, Alias) and isinstance(entity, Mapper)):
            continue
        yield element
        left.extend(element.get_children())


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
