"""What the engine is told about rows, from the classes that are registered."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from arctos._arctos import RowTypes
from arctos.polar.data_filtering import Relation

if TYPE_CHECKING:
    from arctos.polar.host import Host, UserType

__all__ = ["AttributeType", "RelationType", "RowType", "heir_relation", "row_types"]

ValueType = Literal["Boolean", "Integer", "Float", "String"]

VALUE_TYPES: dict[type[Any], ValueType] = {bool: "Boolean", int: "Integer", float: "Float", str: "String"}
"""Exactly these travel as values of the language; everything else stays an object."""


class AttributeType(NamedTuple):
    """An attribute of rows."""

    name: str
    value_type: ValueType | None
    """``None`` where nothing can be told from it."""
    nullable: bool


class RelationType(NamedTuple):
    """A relation of rows: the other rows are those whose attributes equal attributes of their own."""

    name: str
    many: bool
    class_name: str
    on: list[tuple[str, str]]


class RowType(NamedTuple):
    """The rows of a registered class."""

    name: str
    key: list[str]
    attributes: list[AttributeType]
    relations: list[RelationType]
    has_others: bool
    """Whether names that are neither are attributes, too."""
    heirs: list[str]
    """Classes that inherit, of which some rows are: see :func:`heir_relation`."""

    @property
    def to_one(self) -> list[str]:
        """The relations that lead to one row at most."""
        return [relation.name for relation in self.relations if not relation.many] + [
            heir_relation(heir) for heir in self.heirs
        ]


def heir_relation(class_name: str) -> str:
    """The relation of formulas that leads from a row to the same row as one of a class that inherits: the one with the same key."""
    return f"as {class_name}"


def row_types(host: Host) -> RowTypes:
    """The rows of all registered classes."""
    known = host.derived.get("row_types")
    if known is None:
        user_types = [user_type for user_type in host.distinct_user_types() if user_type.cls.__module__ != "builtins"]
        known = RowTypes([_row_type(user_type, host) for user_type in user_types])
        host.derived["row_types"] = known
    assert isinstance(known, RowTypes)
    return known


def _row_type(user_type: UserType, host: Host) -> RowType:
    # A class can be mapped only where the application has imported SQLAlchemy, or Django.
    if "sqlalchemy.orm" in sys.modules:
        from arctos.sqlalchemy import mapping

        mapped = mapping.models_of(host).by_name.get(user_type.name)
        if mapped is not None:
            return mapped.row_type
    if "django.db.models" in sys.modules:
        from arctos.django.mapping import models_of

        model = models_of(host).by_name.get(user_type.name)
        if model is not None:
            return model.row_type
    return _of_fields(user_type)


def _of_fields(user_type: UserType) -> RowType:
    """What was given when the class was registered; names that were not given are plain fields."""
    attributes: list[AttributeType] = []
    relations: list[RelationType] = []
    for name, field in user_type.fields.items():
        if isinstance(field, Relation):
            relations.append(relation_type(name, field))
        else:
            attributes.append(AttributeType(name, VALUE_TYPES.get(field), True))
    return RowType(user_type.name, ["id"], attributes, relations, True, [])


def relation_type(name: str, relation: Relation) -> RelationType:
    """A relation as it was registered."""
    return RelationType(name, relation.kind == "many", relation.other_type, [(relation.my_field, relation.other_field)])
