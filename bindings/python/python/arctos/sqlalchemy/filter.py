"""Conditions for a statement's ``where``: which rows of a model an actor may do something to."""

from __future__ import annotations

from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import Mapper
from sqlalchemy.sql import ColumnElement

from arctos.polar.host import Host
from arctos.polar.row_types import row_types
from arctos.residual import Residual
from arctos.sqlalchemy.expression import Writer
from arctos.sqlalchemy.mapping import Model, Models, models_of

__all__ = ["condition_of", "filter_of"]

_REMEMBERED = 512
"""Conditions that are kept for the next question of the same actor."""


def filter_of(host: Host, actor: object, action: Any, entity: Any) -> ColumnElement[bool]:
    """What must hold of rows of a model, or of an alias of one, for the actor to be allowed this."""
    models = models_of(host)
    inspected: Any = inspect(entity)
    model = models.of(inspected.mapper.class_)
    residual = host.polar.ffi_polar.filter("allow", (actor, action), model.name, row_types(host))
    if not isinstance(inspected, Mapper):
        return Writer(models, model.given(entity)).holds(residual.formula)
    return condition_of(models, model, residual)


def condition_of(models: Models, model: Model, residual: Residual) -> ColumnElement[bool]:
    """The condition about the model's own rows that a residual comes to."""
    known = models.filters.get(residual)
    if known is None:
        known = Writer(models, model.own).holds(residual.formula)
        if len(models.filters) >= _REMEMBERED:
            # The oldest goes; another thread may have taken it already.
            for oldest in list(models.filters)[:1]:
                models.filters.pop(oldest, None)
        models.filters[residual] = known
    return known
