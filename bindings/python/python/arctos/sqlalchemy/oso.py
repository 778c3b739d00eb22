"""The engine with filters for models, and registering models."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import registry
from sqlalchemy.sql import ColumnElement

from arctos.arctos import Arctos
from arctos.sqlalchemy.filter import filter_of

__all__ = ["SQLAlchemyArctos", "SQLAlchemyOso", "register_models"]


def register_models(oso: Arctos, base_or_registry: Any) -> None:
    """Registers all models of a declarative base or of a registry, each under the name of its class."""
    known: registry = base_or_registry if isinstance(base_or_registry, registry) else base_or_registry.registry
    for mapper in sorted(known.mappers, key=lambda mapper: mapper.class_.__name__):
        oso.register_class(mapper.class_)


class SQLAlchemyArctos(Arctos):
    """An :class:`arctos.Arctos` for the models of an application.

        az = SQLAlchemyArctos(Base)
        az.load_files(["main.polar"])
        session.scalars(select(Repo).where(az.filter(user, "read", Repo)).order_by(Repo.name).limit(20))

    :param base_or_registry: models to register
    """

    def __init__(self, base_or_registry: Any = None, **options: Any) -> None:
        super().__init__(**options)
        if base_or_registry is not None:
            register_models(self, base_or_registry)

    def filter(self, actor: object, action: Any, entity: Any) -> ColumnElement[bool]:
        """A condition that holds of exactly the rows for which :meth:`is_allowed` does.

        :param entity: a registered model, or an alias of one
        :raises UnsupportedError: where the policy asks something of the rows that a database cannot answer, with its place
        """
        return filter_of(self.host, actor, action, entity)


SQLAlchemyOso = SQLAlchemyArctos
