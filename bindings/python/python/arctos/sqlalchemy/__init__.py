"""Filters for SQLAlchemy 2: which rows an actor may see, answered by the application's own database.

    from arctos.sqlalchemy import SQLAlchemyArctos

    az = SQLAlchemyArctos(Base)
    az.load_files(["main.polar"])
    repos = session.scalars(select(Repo).where(az.filter(user, "read", Repo)))

The names of the ``sqlalchemy_oso`` package are here, too.
"""

from arctos.sqlalchemy.auth import authorize_model
from arctos.sqlalchemy.oso import SQLAlchemyArctos, SQLAlchemyOso, register_models
from arctos.sqlalchemy.session import (
    AuthorizedSession,
    AuthorizedSessionBase,
    Permissions,
    async_authorized_sessionmaker,
    authorized_sessionmaker,
    scoped_session,
    set_get_session,
)

__all__ = [
    "AuthorizedSession",
    "AuthorizedSessionBase",
    "Permissions",
    "SQLAlchemyArctos",
    "SQLAlchemyOso",
    "async_authorized_sessionmaker",
    "authorize_model",
    "authorized_sessionmaker",
    "register_models",
    "scoped_session",
    "set_get_session",
]
