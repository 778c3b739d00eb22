"""Models for the tests of filters: nullable columns, self relations, many to many, composite keys, inheritance."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ForeignKey, ForeignKeyConstraint, Table, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship
from sqlalchemy.pool import StaticPool


class Base(DeclarativeBase):
    pass


class Kind(enum.Enum):
    FORK = "fork"
    SOURCE = "source"


repo_members = Table(
    "repo_members",
    Base.metadata,
    Column("repo_id", ForeignKey("repos.id"), primary_key=True),
    Column("user_id", ForeignKey("users.id"), primary_key=True),
)


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    is_admin: Mapped[bool] = mapped_column(default=False)


class Org(Base):
    __tablename__ = "orgs"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str | None]
    level: Mapped[int | None]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    owner: Mapped[User | None] = relationship()
    repos: Mapped[list[Repo]] = relationship(back_populates="org")


class Repo(Base):
    __tablename__ = "repos"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    is_public: Mapped[bool]
    size: Mapped[int | None]
    weight: Mapped[float | None]
    topic: Mapped[str | None]
    kind: Mapped[Kind | None]
    token: Mapped[UUID | None]
    created: Mapped[datetime | None]
    org_id: Mapped[int | None] = mapped_column(ForeignKey("orgs.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("repos.id"))
    org: Mapped[Org | None] = relationship(back_populates="repos")
    parent: Mapped[Repo | None] = relationship(remote_side=[id], back_populates="forks")
    forks: Mapped[list[Repo]] = relationship(back_populates="parent")
    members: Mapped[list[User]] = relationship(secondary=repo_members)
    issues: Mapped[list[Issue]] = relationship(back_populates="repo")


class Issue(Base):
    __tablename__ = "issues"
    repo_id: Mapped[int] = mapped_column(ForeignKey("repos.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str | None]
    repo: Mapped[Repo] = relationship(back_populates="issues")
    comments: Mapped[list[Comment]] = relationship(back_populates="issue")


class Comment(Base):
    __tablename__ = "comments"
    __table_args__ = (ForeignKeyConstraint(["repo_id", "number"], ["issues.repo_id", "issues.number"]),)
    id: Mapped[int] = mapped_column(primary_key=True)
    repo_id: Mapped[int | None]
    number: Mapped[int | None]
    text: Mapped[str | None]
    issue: Mapped[Issue | None] = relationship(back_populates="comments")


class Family(DeclarativeBase):
    pass


class Animal(Family):
    __tablename__ = "animals"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("keepers.id"))
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "animal"}  # noqa: RUF012


class Cat(Animal):
    __tablename__ = "cats"
    id: Mapped[int] = mapped_column(ForeignKey("animals.id"), primary_key=True)
    lives: Mapped[int]
    toys: Mapped[list[Toy]] = relationship()
    __mapper_args__ = {"polymorphic_identity": "cat"}  # noqa: RUF012


class Dog(Animal):
    tricks: Mapped[int | None]
    __mapper_args__ = {"polymorphic_identity": "dog"}  # noqa: RUF012


class Toy(Family):
    __tablename__ = "toys"
    id: Mapped[int] = mapped_column(primary_key=True)
    cat_id: Mapped[int] = mapped_column(ForeignKey("cats.id"))


class Keeper(Family):
    __tablename__ = "keepers"
    id: Mapped[int] = mapped_column(primary_key=True)
    cats: Mapped[list[Cat]] = relationship()
    dogs: Mapped[list[Dog]] = relationship(viewonly=True)
    animals: Mapped[list[Animal]] = relationship(viewonly=True)


def database(**options: Any) -> Session:
    """An empty database in memory."""
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    Base.metadata.create_all(engine)
    return Session(engine, **options)
