"""Conditions for a queryset's ``filter``: which rows of a model an actor may do something to."""

# mypy: disable-error-code="import-untyped", disallow-subclassing-any=False

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, Expression, F, Q

from arctos.django.conditions import Rows
from arctos.django.expression import Writer
from arctos.django.mapping import Model, Models, models_of
from arctos.django.statement import Sql, Statement
from arctos.polar.exceptions import UnsupportedError
from arctos.polar.host import Host
from arctos.polar.row_types import row_types
from arctos.residual import Residual

__all__ = ["filter_of", "residual_of"]

_REMEMBERED = 512
"""Conditions that are kept for the next question of the same actor."""


class _Allowed(Expression):
    """True in SQL exactly for the rows that are allowed.

    :param columns: of the row that is asked about, to be resolved by the query
    """

    conditional = True

    def __init__(self, model: type[Any], condition: Sql, columns: tuple[Any, ...]) -> None:
        super().__init__(output_field=BooleanField())
        self._model = model
        self._condition = condition
        self._columns = columns
        self._names = [column.name for column in columns]
        self._is_resolved = False

    def get_source_expressions(self) -> list[Any]:
        return list(self._columns)

    def set_source_expressions(self, exprs: Any) -> None:
        self._columns = tuple(exprs)

    def resolve_expression(self, query: Any = None, *args: Any, **options: Any) -> Any:
        # Where a query becomes part of another, Django comes here again with the one around.
        if not self._is_resolved and query.model._meta.concrete_model is not self._model._meta.concrete_model:
            raise UnsupportedError(f"a condition on rows of `{self._model.__name__}` in a query for `{query.model.__name__}`")
        resolved = super().resolve_expression(query, *args, **options)
        resolved._is_resolved = True
        return resolved

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        statement = Statement(compiler, connection, dict(zip(self._names, self._columns, strict=True)))
        text = f"({self._condition(statement)})"
        return text, tuple(statement.parameters)


def residual_of(host: Host, actor: object, action: Any, cls: type[Any]) -> Residual:
    """What must hold of any row of a model."""
    model = models_of(host).of(cls)
    return host.polar.ffi_polar.filter("allow", (actor, action), model.name, row_types(host))


def filter_of(host: Host, actor: object, action: Any, cls: type[Any]) -> Q:
    """What must hold of rows of a model for the actor to be allowed this."""
    models = models_of(host)
    model = models.of(cls)
    condition, columns = _condition_of(models, model, residual_of(host, actor, action, cls))
    return Q(_Allowed(cls, condition, tuple(F(name) for name in sorted(columns))))


def _condition_of(models: Models, model: Model, residual: Residual) -> tuple[Sql, frozenset[str]]:
    known = models.conditions.get(residual)
    if known is None:
        root = Rows(model, None)
        condition = Writer(models, root).holds(residual.formula)
        known = condition, frozenset(root.asked)
        if len(models.conditions) >= _REMEMBERED:
            # The oldest goes; another thread may have taken it already.
            for oldest in list(models.conditions)[:1]:
                models.conditions.pop(oldest, None)
        models.conditions[residual] = known
    return known
