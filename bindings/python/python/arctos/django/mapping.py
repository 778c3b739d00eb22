"""What the models of an application say about their rows: columns, types, and relations.

A relation is known where a row leads to others by equal columns. Those that a manager of the application's own chooses further, and reverse
one-to-one relations, which raise where there is no row, are left out, and so are those to models that share rows with others: a policy that
asks for one has no filter.
"""

# mypy: disable-error-code="import-untyped"

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import models

from arctos.django.statement import Sql
from arctos.django.values import Value, kind_of
from arctos.polar.exceptions import UnregisteredClassError, UnsupportedError
from arctos.polar.host import Host, UserType
from arctos.polar.row_types import VALUE_TYPES, AttributeType, RelationType, RowType, ValueType

__all__ = ["Link", "Model", "Models", "is_model", "let_be_iterated", "models_of"]


@dataclass(frozen=True)
class Link:
    """Leads from rows to others: by equal fields, or by the rows of a model between."""

    own: Any
    other: Any
    between: tuple[Any, Any] | None = None
    """The keys, in a row between, of its two ends."""


@dataclass(frozen=True, eq=False)
class Model:
    """A registered model."""

    name: str
    cls: type[Any]
    columns: dict[str, Any]
    links: dict[str, Link]
    row_type: RowType

    @property
    def table(self) -> str:
        """Where its rows are."""
        return str(self.cls._meta.db_table)

    @cached_property
    def to_one(self) -> frozenset[str]:
        """The relations that lead to one row at most."""
        return frozenset(self.row_type.to_one)

    def value(self, alias: str | None, name: str) -> Value:
        """The value of an attribute, of rows by an alias."""
        if name not in self.columns:
            raise UnsupportedError(f"`{name}` of `{self.name}` is not a column, so a database cannot be asked for it")
        return Value.of(alias, self.columns[name])


@dataclass(frozen=True, eq=False)
class Models:
    """The registered models."""

    by_name: dict[str, Model]

    def of(self, cls: type[Any]) -> Model:
        """The registered model.

        :raises UnsupportedError: for one whose rows are those of another, or in several tables
        """
        for model in self.by_name.values():
            if model.cls is cls:
                if cls._meta.proxy:
                    raise UnsupportedError(f"`{model.name}` is a proxy; ask for rows of the model that it stands for")
                if not _is_alone(cls):
                    raise UnsupportedError(f"rows of `{model.name}`, which inherits from a model or is inherited from, are in several tables")
                return model
        raise UnregisteredClassError(f"{cls!r} is not registered as a model")

    @cached_property
    def conditions(self) -> dict[Any, tuple[Sql, frozenset[str]]]:
        """Conditions made before, with the columns that they are about, oldest first."""
        return {}


def is_model(cls: type[Any]) -> bool:
    """Whether a class has rows."""
    return issubclass(cls, models.Model) and not cls._meta.abstract and not cls._meta.swapped


def models_of(host: Host) -> Models:
    """The models among the registered classes."""
    known = host.derived.get("django_models")
    if known is None:
        user_types = [user_type for user_type in host.distinct_user_types() if is_model(user_type.cls)]
        names = {user_type.cls: user_type.name for user_type in user_types}
        known = Models({user_type.name: _model(user_type, names) for user_type in user_types})
        host.derived["django_models"] = known
    assert isinstance(known, Models)
    return known


def let_be_iterated(cls: type[Any]) -> None:
    """Lets policies go through what a row leads to, ``issue in repo.issues``, where Django has a manager."""
    for relation in cls._meta.get_fields():
        name = _accessor(relation)
        if name is not None and (relation.one_to_many or relation.many_to_many):
            manager = getattr(getattr(cls, name, None), "related_manager_cls", None)
            if manager is not None:
                manager.__iter__ = _iterate


def _iterate(manager: Any) -> Any:
    return iter(manager.all())


def _model(user_type: UserType, names: dict[type[Any], str]) -> Model:
    meta: Any = user_type.cls._meta
    keys = list(getattr(meta, "pk_fields", [meta.pk]))
    key = [field.attname for field in keys]
    if not _is_alone(user_type.cls):
        # Django compares such objects by the table they are of, the engine by their classes and keys.
        return Model(user_type.name, user_type.cls, {}, {}, RowType(user_type.name, key, [], [], False, []))
    columns = {field.attname: field for field in meta.concrete_fields}
    if len(keys) == 1:
        columns["pk"] = keys[0]
    links: dict[str, Link] = {}
    relations: list[RelationType] = []
    for field in meta.get_fields():
        name = _accessor(field)
        link = None if name is None else _link(field, names)
        if name is not None and link is not None:
            on = [] if link.between is not None else [(link.own.attname, link.other.attname)]
            links[name] = link
            many = bool(field.one_to_many or field.many_to_many)
            relations.append(RelationType(name, many, names[field.related_model], on))
    attributes = [AttributeType(name, _value_type(field), bool(field.null)) for name, field in columns.items()]
    row_type = RowType(user_type.name, key, attributes, relations, False, [])
    return Model(user_type.name, user_type.cls, columns, links, row_type)


def _value_type(field: Any) -> ValueType | None:
    """None for what members of ``Choices`` may be compared with: these are equal to text and to numbers, and neither to the engine."""
    kind = kind_of(field)
    return None if kind is None or kind is str or field.choices else VALUE_TYPES.get(kind)


def _is_alone(cls: type[Any]) -> bool:
    """Whether the rows of a model are of no other; proxies may stand for it."""
    meta: Any = cls._meta
    return not meta.parents and not any(getattr(other, "parent_link", False) for other in meta.related_objects)


def _accessor(field: Any) -> str | None:
    """The name of the attribute that leads to related rows."""
    if not field.is_relation or field.related_model is None:
        return None
    if field.auto_created and not field.concrete:
        name: str | None = None if field.hidden else field.get_accessor_name()
        return name
    return str(field.name)


def _link(field: Any, names: dict[type[Any], str]) -> Link | None:
    """None for one that is not known, for one of the reasons that are told above."""
    other = field.related_model
    if other not in names or not _is_alone(other):
        return None
    if isinstance(field, models.ForeignKey):
        return Link(field, field.target_field) if _gives_all(other._base_manager) else None
    if not _gives_all(other._default_manager):
        return None
    if isinstance(field, models.ManyToOneRel) and not field.one_to_one and isinstance(field.field, models.ForeignKey):
        return Link(field.field.target_field, field.field)
    if isinstance(field, models.ManyToManyField):
        own, end = _ends(field)
        return Link(own.target_field, end.target_field, (own, end))
    if isinstance(field, models.ManyToManyRel):
        end, own = _ends(field.field)
        return Link(own.target_field, end.target_field, (own, end))
    return None


def _ends(field: Any) -> tuple[Any, Any]:
    meta = field.remote_field.through._meta
    return meta.get_field(field.m2m_field_name()), meta.get_field(field.m2m_reverse_field_name())


def _gives_all(manager: Any) -> bool:
    return type(manager).get_queryset is models.Manager.get_queryset
