"""The application's own objects. They know nothing of the policy; the policy reads their attributes."""

from __future__ import annotations

import hashlib

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    """What all tables share."""


def token_hash(token: str) -> str:
    """What the database keeps of an access token."""
    return hashlib.sha256(token.encode()).hexdigest()


class User(Base):
    """Someone with an access token."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(unique=True)
    token_hash: Mapped[str] = mapped_column(unique=True)

    organization_memberships: Mapped[list[OrganizationMembership]] = relationship(back_populates="user")
    repository_memberships: Mapped[list[RepositoryMembership]] = relationship(back_populates="user")


class Organization(Base):
    """A group of people that owns repositories."""

    __tablename__ = "organizations"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)

    memberships: Mapped[list[OrganizationMembership]] = relationship(back_populates="organization")
    repositories: Mapped[list[Repository]] = relationship(back_populates="organization")


class Repository(Base):
    """Code, and the issues that people have with it."""

    __tablename__ = "repositories"
    __table_args__ = (UniqueConstraint("organization_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    public: Mapped[bool] = mapped_column(default=False)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))

    organization: Mapped[Organization] = relationship(back_populates="repositories")
    memberships: Mapped[list[RepositoryMembership]] = relationship(
        back_populates="repository", cascade="all, delete-orphan"
    )
    issues: Mapped[list[Issue]] = relationship(back_populates="repository", cascade="all, delete-orphan")

    @property
    def full_name(self) -> str:
        """`acme/anvil`"""
        return f"{self.organization.name}/{self.name}"


class Issue(Base):
    """Something to be done; numbered within its repository."""

    __tablename__ = "issues"
    __table_args__ = (UniqueConstraint("repository_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]
    title: Mapped[str]
    closed: Mapped[bool] = mapped_column(default=False)
    repository_id: Mapped[int] = mapped_column(ForeignKey("repositories.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))

    repository: Mapped[Repository] = relationship(back_populates="issues")
    author: Mapped[User] = relationship()


class OrganizationMembership(Base):
    """A user's role in an organization: `member` or `owner`."""

    __tablename__ = "organization_memberships"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), primary_key=True)
    role: Mapped[str]

    user: Mapped[User] = relationship(back_populates="organization_memberships")
    organization: Mapped[Organization] = relationship(back_populates="memberships")


class RepositoryMembership(Base):
    """A user's role in one repository: `reader`, `contributor` or `maintainer`."""

    __tablename__ = "repository_memberships"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    repository_id: Mapped[int] = mapped_column(ForeignKey("repositories.id"), primary_key=True)
    role: Mapped[str]

    user: Mapped[User] = relationship(back_populates="repository_memberships")
    repository: Mapped[Repository] = relationship(back_populates="memberships")
