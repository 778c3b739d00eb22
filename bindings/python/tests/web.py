"""What the tests of web frameworks ask about: a few users, repositories in a database, and a policy."""

from __future__ import annotations

from dataclasses import dataclass

from arctos.sqlalchemy import SQLAlchemyArctos
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker
from sqlalchemy.pool import StaticPool

POLICY = """
allow(user: Member, "read", repo: Repo) if repo.is_public or repo.owner = user.name;
allow(user: Member, "push", repo: Repo) if repo.owner = user.name;
"""


class Base(DeclarativeBase):
    pass


class Repo(Base):
    __tablename__ = "web_repos"
    name: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    is_public: Mapped[bool]


@dataclass(frozen=True)
class Member:
    name: str


def policy() -> SQLAlchemyArctos:
    """The engine, with the models and no policy yet."""
    az = SQLAlchemyArctos(Base)
    az.register_class(Member)
    return az


def database() -> sessionmaker[Session]:
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    Base.metadata.create_all(engine)
    sessions = sessionmaker(engine)
    with sessions() as session:
        session.add_all([Repo(name="anvil", owner="ann", is_public=True), Repo(name="rocket", owner="ann", is_public=False)])
        session.commit()
    return sessions
