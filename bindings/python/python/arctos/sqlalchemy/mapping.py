"""What the models of an application say about their rows: columns, types, and relationships.

Inside conditions, rows are those of light copies of the tables (:func:`Model.rows`): SQLAlchemy adds the criteria of a session to every
mention of a model, also within ``exists()``, and what the policy asks of related rows must not depend on whether the actor may see them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, Union

from sqlalchemy import Column, Table, and_, column, inspect, table
from sqlalchemy import types as sqltypes
from sqlalchemy.orm import Mapper, RelationshipProperty
from sqlalchemy.orm.exc import UnmappedColumnError
from sqlalchemy.sql import ColumnElement, FromClause, operators
from sqlalchemy.sql.elements import BinaryExpression, BooleanClauseList
from sqlalchemy.sql.visitors import replacement_traverse

from arctos.polar.data_filtering import Relation
from arctos.polar.exceptions import UnregisteredClassError, UnsupportedError
from arctos.polar.host import Host, UserType
from arctos.polar.row_types import (
    VALUE_TYPES,
    AttributeType,
    RelationType,
    RowType,
    ValueType,
    heir_relation,
    relation_type,
)

__all__ = ["Model", "Models", "Rows", "models_of"]

Condition = ColumnElement[bool]
Link = Union["RelationshipProperty[Any]", Relation, "Heir"]


@dataclass(frozen=True)
class Rows:
    """Rows in a statement: what they are selected from, and their columns."""

    model: Model
    sources: tuple[FromClause, ...]
    """What to select from; empty for rows that the statement around has already."""
    linked: tuple[Condition, ...]
    """What joins the sources, for a model that has several tables."""
    of: Callable[[Column[Any]], ColumnElement[Any]]
    _related: dict[tuple[str, int], Related] = field(default_factory=dict[tuple[str, int], "Related"])

    def column(self, name: str) -> ColumnElement[Any]:
        """The column of an attribute."""
        return self.of(self.model.mapped(name))

    def related(self, relation: str, number: int, model: Model) -> Related:
        """The rows that a relation leads to. Those of a number are made once, and serve in every condition."""
        known = self._related.get((relation, number))
        if known is None:
            other = model.rows()
            between, joined = self.model.join(relation, self, other)
            known = Related(other, (*other.sources, *between), (joined, *other.linked))
            self._related[relation, number] = known
        return known


@dataclass(frozen=True)
class Heir:
    """Leads from a row to the same row as one of a class that inherits."""

    key: list[str]


class Related(NamedTuple):
    """The rows that a relation leads to."""

    rows: Rows
    sources: tuple[FromClause, ...]
    """What to select from."""
    joined: tuple[Condition, ...]
    """What joins them with the rows that the relation is of."""


@dataclass(frozen=True)
class Model:
    """A registered class that is mapped."""

    name: str
    mapper: Mapper[Any]
    columns: dict[str, Column[Any]]
    links: dict[str, Link]
    key: list[str]
    row_type: RowType
    _light: dict[Table, Any] = field(default_factory=dict[Table, Any])

    def mapped(self, name: str) -> Column[Any]:
        """The mapped column of an attribute."""
        if name not in self.columns:
            raise UnsupportedError(f"`{name}` of `{self.name}` is not a column, so a database cannot be asked for it")
        return self.columns[name]

    @cached_property
    def to_one(self) -> frozenset[str]:
        """The relations that lead to one row at most."""
        return frozenset(self.row_type.to_one)

    @cached_property
    def foreign_keys(self) -> dict[str, dict[str, str]]:
        """Relations by foreign keys, and for each the other row's attributes that are this row's own.

        The database sees to it that there is a row where none of the key is ``NULL``.
        """
        found: dict[str, dict[str, str]] = {}
        for relation in self.row_type.relations:
            link = self.links[relation.name]
            if isinstance(link, RelationshipProperty) and relation.on and not relation.many and _is_constrained(link):
                found[relation.name] = {other: own for own, other in relation.on}
        return found

    @cached_property
    def own(self) -> Rows:
        """The model's rows in the statement around."""
        return self.given(self.mapper)

    def given(self, entity: Any) -> Rows:
        """The rows of the model, or of an alias of it, in the statement around."""
        inspected: Any = inspect(entity)
        selectable: FromClause = inspected.selectable
        # By this SQLAlchemy knows which columns of a session's criteria are meant where the model is joined by an alias.
        of_model = {} if inspected.is_aliased_class else {"parentmapper": self.mapper}

        def of(mapped: Column[Any]) -> ColumnElement[Any]:
            # The table's own: in a relationship's condition columns have notes about that relationship.
            found = selectable.corresponding_column(mapped.table.c[mapped.key])
            if found is None:
                raise UnsupportedError(f"{entity!r} has no column `{mapped}`, which the policy asks for")
            return found._annotate(of_model) if of_model else found

        return Rows(self, (), (), of)

    def rows(self) -> Rows:
        """Other rows of the model, by an alias of their own."""
        aliases = {known: self._copy(known).alias() for known in self.mapper.tables if isinstance(known, Table)}
        if len(aliases) != len(self.mapper.tables):
            raise UnsupportedError(f"`{self.name}` is mapped to something else than tables")

        def of(mapped: Column[Any]) -> ColumnElement[Any]:
            found: ColumnElement[Any] = aliases[mapped.table].c[mapped.name]
            return found

        return Rows(self, tuple(aliases.values()), tuple(self._linked(of)), of)

    def _copy(self, known: Table) -> Any:
        if known not in self._light:
            self._light[known] = light(known)
        return self._light[known]

    def _linked(self, of: Callable[[Column[Any]], ColumnElement[Any]]) -> list[Condition]:
        conditions: list[Condition] = []
        for mapper in self.mapper.iterate_to_root():
            if mapper.inherit_condition is not None:
                conditions.append(_replaced(mapper.inherit_condition, of))
        if self.mapper.single and self.mapper.inherits is not None and self.mapper.polymorphic_on is not None:
            identities = [heir.polymorphic_identity for heir in self.mapper.self_and_descendants]
            kind = self.mapper.polymorphic_on
            conditions.append(_replaced(kind, of).in_(identities))
        return conditions

    def join(self, relation: str, own: Rows, other: Rows) -> tuple[list[FromClause], Condition]:
        """What joins rows with those that a relation leads to, and the table in between, if there is one."""
        link = self.links[relation]
        if isinstance(link, Relation):
            return [], own.column(link.my_field) == other.column(link.other_field)
        if isinstance(link, Heir):
            return [], and_(*(own.column(name) == other.column(name) for name in link.key))
        if link.secondary is None:
            return [], _joined(link.primaryjoin, own.of, other.of)
        if not isinstance(link.secondary, Table):
            raise UnsupportedError(f"`{relation}` of `{self.name}` goes by something else than a table")
        between = self._copy(link.secondary).alias()

        def of_between(mapped: Column[Any]) -> ColumnElement[Any]:
            found: ColumnElement[Any] = between.c[mapped.name]
            return found

        assert link.secondaryjoin is not None
        first = _joined(link.primaryjoin, own.of, of_between)
        return [between], and_(first, _joined(link.secondaryjoin, other.of, of_between))


def light(known: Table) -> Any:
    """The same table by name, unknown to the mappers."""
    columns: list[Any] = [column(mapped.name, mapped.type) for mapped in known.columns]
    return table(known.name, *columns, schema=known.schema)


def _replaced(expression: Any, of: Callable[[Column[Any]], ColumnElement[Any]]) -> Any:
    def replace(element: Any, **_: Any) -> Any:
        return of(element) if isinstance(element, Column) else None

    return replacement_traverse(expression, {}, replace)


def _joined(
    condition: Any,
    own: Callable[[Column[Any]], ColumnElement[Any]],
    other: Callable[[Column[Any]], ColumnElement[Any]],
) -> Any:
    """A relationship's condition: its columns say themselves which side they are of."""

    def replace(element: Any, **_: Any) -> Any:
        if not isinstance(element, Column):
            return None
        return (other if "remote" in element._annotations else own)(element)

    return replacement_traverse(condition, {}, replace)


@dataclass(frozen=True)
class Models:
    """The registered classes that are mapped."""

    by_name: dict[str, Model]

    def of(self, cls: type[Any]) -> Model:
        """The model of a class."""
        for model in self.by_name.values():
            if model.mapper.class_ is cls:
                return model
        raise UnregisteredClassError(f"{cls!r} is not registered as a model")

    @cached_property
    def filters(self) -> dict[Any, Condition]:
        """Conditions made before, oldest first."""
        return {}


def models_of(host: Host) -> Models:
    """The models among the registered classes."""
    known = host.derived.get("models")
    if known is None:
        names: dict[Mapper[Any], str] = {}
        user_types: list[UserType] = []
        for user_type in host.distinct_user_types():
            mapper = inspect(user_type.cls, raiseerr=False)
            if isinstance(mapper, Mapper):
                names[mapper] = user_type.name
                user_types.append(user_type)
        known = Models({user_type.name: _model(user_type, names) for user_type in user_types})
        host.derived["models"] = known
    assert isinstance(known, Models)
    return known


def _model(user_type: UserType, names: dict[Mapper[Any], str]) -> Model:
    mapper: Mapper[Any] = inspect(user_type.cls)
    columns: dict[str, Column[Any]] = {}
    for attribute in mapper.column_attrs:
        mapped = attribute.columns[0]
        if isinstance(mapped, Column) and isinstance(mapped.table, Table):
            columns[attribute.key] = mapped
    for synonym in mapper.synonyms:
        if synonym.name in columns:
            columns[synonym.key] = columns[synonym.name]
    keys = [mapper.get_property_by_column(known).key for known in mapper.primary_key]
    links: dict[str, Link] = {}
    relations: list[RelationType] = []
    for prop in mapper.relationships:
        relation = _relation(prop, names)
        if relation is not None:
            links[prop.key] = prop
            relations.append(relation)
    for name, given in user_type.fields.items():
        if isinstance(given, Relation):
            links[name] = given
            relations = [relation for relation in relations if relation.name != name]
            relations.append(relation_type(name, given))
    attributes = [
        AttributeType(name, value_type(mapped.type), bool(mapped.nullable)) for name, mapped in columns.items()
    ]
    heirs = [name for other, name in names.items() if _is_heir(other, mapper, keys)]
    links |= {heir_relation(heir): Heir(keys) for heir in heirs}
    row_type = RowType(user_type.name, keys, attributes, relations, False, heirs)
    return Model(user_type.name, mapper, columns, links, keys, row_type)


def _is_heir(other: Mapper[Any], mapper: Mapper[Any], keys: list[str]) -> bool:
    is_below = other is not mapper and other.isa(mapper)
    return is_below and [other.get_property_by_column(known).key for known in other.primary_key] == keys


def _relation(prop: RelationshipProperty[Any], names: dict[Mapper[Any], str]) -> RelationType | None:
    """None for one that leads to a model that is not registered, or to one row in a way that attributes do not tell."""
    if prop.mapper not in names:
        return None
    on = [] if prop.secondary is not None else _pairs(prop)
    many = prop.uselist is not False
    return None if not many and not on else RelationType(prop.key, many, names[prop.mapper], on)


def _pairs(prop: RelationshipProperty[Any]) -> list[tuple[str, str]]:
    """The attributes that a relationship makes equal, if that is all that it asks."""
    pairs: list[tuple[str, str]] = []
    parts = prop.primaryjoin.clauses if isinstance(prop.primaryjoin, BooleanClauseList) else [prop.primaryjoin]
    if len(parts) != len(prop.local_remote_pairs or ()):
        return []
    for (local, remote), part in zip(prop.local_remote_pairs or (), parts, strict=True):
        if not (isinstance(part, BinaryExpression) and part.operator is operators.eq):
            return []
        try:
            own = prop.parent.get_property_by_column(local).key
            pairs.append((own, prop.mapper.get_property_by_column(remote).key))
        except UnmappedColumnError:
            return []
    return pairs


def _is_constrained(prop: RelationshipProperty[Any]) -> bool:
    """Whether foreign keys, as they are declared, lead to a row of the other model."""
    is_whole = prop.mapper.inherits is None and prop.secondary is None
    pairs = prop.local_remote_pairs or []
    return is_whole and all(any(key.column is remote for key in local.foreign_keys) for local, remote in pairs)


def value_type(known: sqltypes.TypeEngine[Any]) -> ValueType | None:
    """The type of a column's values in the language; none where they are objects there."""
    if isinstance(known, (sqltypes.TypeDecorator, sqltypes.Enum)) and not _is_text(known):
        return None
    try:
        return VALUE_TYPES.get(known.python_type)
    except NotImplementedError:
        return None


def _is_text(known: sqltypes.TypeEngine[Any]) -> bool:
    return isinstance(known, sqltypes.Enum) and known.enum_class is None
