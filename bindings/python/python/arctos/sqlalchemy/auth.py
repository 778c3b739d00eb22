"""Conditions by the old name."""

from __future__ import annotations

from typing import Any

from sqlalchemy.sql import ColumnElement

from arctos.arctos import Arctos
from arctos.sqlalchemy.filter import filter_of

__all__ = ["authorize_model"]


def authorize_model(oso: Arctos, actor: object, action: Any, session: Any, model: Any) -> ColumnElement[bool]:
    """What must hold of the model's rows for the actor to be allowed this; ``session`` is not looked at."""
    return filter_of(oso.host, actor, action, model)
