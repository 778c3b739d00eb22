"""Queries of SQLAlchemy for what an actor may see."""

from __future__ import annotations

from operator import eq, ge, gt, le, lt, ne
from typing import Any

from sqlalchemy import and_, false, inspect, or_, true
from sqlalchemy.orm import Query, Session

from arctos.polar.data.adapter.adapter import ResidualAdapter
from arctos.polar.data.filter import Condition, DataFilter, Projection
from arctos.polar.exceptions import UnsupportedError
from arctos.polar.host import Host
from arctos.residual import Residual
from arctos.sqlalchemy.filter import condition_of
from arctos.sqlalchemy.mapping import models_of

__all__ = ["SqlAlchemyAdapter"]

_OPERATORS: dict[str, Any] = {"Eq": eq, "Neq": ne, "Lt": lt, "Leq": le, "Gt": gt, "Geq": ge}


class SqlAlchemyAdapter(ResidualAdapter["Query[Any]", Any]):
    """Filters rows of mapped classes in a session."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def build_residual_query(self, residual: Residual, host: Host) -> Query[Any]:
        """The rows of which the residual holds: each once, whatever it asks of related rows."""
        models = models_of(host)
        model = models.by_name.get(residual.class_name)
        if model is None:
            raise UnsupportedError(f"`{residual.class_name}` is not a model of SQLAlchemy")
        return self.session.query(model.mapper.class_).filter(condition_of(models, model, residual))

    def build_query(self, filter: DataFilter) -> Query[Any]:
        """The rows that a filter describes, for those made by hand."""
        query: Query[Any] = self.session.query(filter.model)
        for relation in filter.relations:
            joined = filter.types[relation.left].fields[relation.name]
            query = query.outerjoin(
                relation.right,
                getattr(relation.left, joined.my_field) == getattr(relation.right, joined.other_field),
            )
        alternatives = [
            and_(true(), *(_condition(condition) for condition in conditions)) for conditions in filter.conditions
        ]
        return query.filter(or_(false(), *alternatives)).distinct()

    def execute_query(self, query: Query[Any]) -> list[Any]:
        """What the query finds."""
        return query.all()


def _condition(condition: Condition) -> Any:
    left, right = _side(condition.left), _side(condition.right)
    if condition.cmp == "In":
        return left.in_(right)
    if condition.cmp == "Nin":
        return left.not_in(right)
    if condition.cmp not in _OPERATORS:
        raise UnsupportedError(f"`{condition.cmp}` is not a comparison of a filter")
    return _OPERATORS[condition.cmp](left, right)


def _side(value: Any) -> Any:
    if isinstance(value, Projection):
        return _column(value.source, value.field)
    mapper: Any = inspect(type(value), raiseerr=False)
    return getattr(value, _key(mapper)) if mapper is not None else value


def _column(source: Any, field: str | None) -> Any:
    return getattr(source, _key(inspect(source)) if field is None else field)


def _key(mapper: Any) -> str:
    """The attribute that tells rows apart: an object is known by it."""
    if len(mapper.primary_key) != 1:
        raise UnsupportedError(f"`{mapper.class_.__name__}` has a key of several columns")
    key: str = mapper.get_property_by_column(mapper.primary_key[0]).key
    return key
