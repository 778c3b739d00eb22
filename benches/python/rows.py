"""W9: lists of a database's rows, in SQLAlchemy over SQLite: by filters, and by queries that are written by hand for this policy."""

from __future__ import annotations

import gc
import platform
import random
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import codehost
import measure
import sqlalchemy
from arctos.polar.data.adapter.sqlalchemy_adapter import SqlAlchemyAdapter
from arctos.sqlalchemy import SQLAlchemyArctos
from codehost import OrgRole, RepoRole, User
from measure import Contender
from sqlalchemy import Engine, ForeignKey, create_engine, insert, or_, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship
from sqlalchemy.pool import StaticPool

SIZES = (100, 1_000, 10_000, 100_000)
ORGANIZATIONS = 20
USERS = 20
ABOUT = (
    "Which issues may this user read? All that she may, of so many; a repository has ten on average, and the policy is that of W2. 20 users, "
    "one after the other; each is in 5 of 20 organizations and has a role on up to 10 repositories. The tables are in SQLite, in memory, with an index on each key."
)
#: Issues that a user may read, by a query that is written for this policy.
SQL = (
    "SELECT issues.id, issues.creator, issues.repo_id FROM issues JOIN repositories ON repositories.id = issues.repo_id "
    "WHERE repositories.is_public OR repositories.org_id IN ({orgs}) OR repositories.id IN ({repos})"
)


class Base(DeclarativeBase):
    """The tables."""


class Organization(Base):
    """An organization."""

    __tablename__ = "organizations"
    id: Mapped[int] = mapped_column(primary_key=True)


class Repository(Base):
    """A repository."""

    __tablename__ = "repositories"
    id: Mapped[int] = mapped_column(primary_key=True)
    is_public: Mapped[bool]
    org_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), index=True)
    org: Mapped[Organization] = relationship()


class Issue(Base):
    """An issue."""

    __tablename__ = "issues"
    id: Mapped[int] = mapped_column(primary_key=True)
    creator: Mapped[int]
    repo_id: Mapped[int] = mapped_column(ForeignKey("repositories.id"), index=True)
    repo: Mapped[Repository] = relationship()


@dataclass
class World:
    """A database with so many issues, and who asks."""

    engine: Engine
    users: list[User]
    #: The numbers of the issues that each user may read.
    right: list[set[int]]


def world(issues: int) -> World:
    """The same every time."""
    chance = random.Random(9)
    repositories = [
        {"id": number, "is_public": chance.random() < 0.2, "org_id": chance.randrange(ORGANIZATIONS)}
        for number in range(issues // 10)
    ]
    rows = [
        {"id": number, "creator": chance.randrange(USERS), "repo_id": chance.randrange(len(repositories))}
        for number in range(issues)
    ]
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(insert(Organization), [{"id": number} for number in range(ORGANIZATIONS)])
        connection.execute(insert(Repository), repositories)
        connection.execute(insert(Issue), rows)
        connection.exec_driver_sql("ANALYZE")
    users = [any_user(chance, number, len(repositories)) for number in range(USERS)]
    found = World(engine, users, [])
    for user in users:
        orgs, repos = roles_of(user)
        readable = {
            repository["id"]
            for repository in repositories
            if repository["is_public"] or repository["org_id"] in orgs or repository["id"] in repos
        }
        found.right.append({row["id"] for row in rows if row["repo_id"] in readable})
    return found


def any_user(chance: random.Random, number: int, repositories: int) -> User:
    """Five organizations, and up to ten repositories."""
    orgs = [OrgRole(chance.choice(codehost.ORG_ROLES), org) for org in chance.sample(range(ORGANIZATIONS), 5)]
    some = chance.sample(range(repositories), chance.randint(0, 10))
    return User(number, orgs, [RepoRole(chance.choice(codehost.REPO_ROLES), repository) for repository in some])


def roles_of(user: User) -> tuple[list[int], list[int]]:
    """The organizations and the repositories on which the user has a role; each lets her read."""
    return [role.organization for role in user.org_roles], [role.repository for role in user.repo_roles]


def policy() -> SQLAlchemyArctos:
    """The policy of W2, over these tables."""
    az = SQLAlchemyArctos(Base)
    for of in (User, OrgRole, RepoRole):
        az.register_class(of)
    az.load_str((codehost.HERE / "policy.polar").read_text(encoding="utf-8"))
    return az


def objects(world: World) -> list[Contender]:
    """Lists of objects: each in a session of its own, so that each object is made."""
    az, users = policy(), world.users

    def resources(index: int) -> Sequence[Issue]:
        with Session(world.engine) as session:
            az.set_data_filtering_adapter(SqlAlchemyAdapter(session))
            return az.authorized_resources(users[index], "read", Issue)

    def filtered(index: int) -> Sequence[Issue]:
        with Session(world.engine) as session:
            return session.scalars(select(Issue).where(az.filter(users[index], "read", Issue))).all()

    def by_hand(index: int) -> Sequence[Issue]:
        orgs, repos = roles_of(users[index])
        may = or_(Repository.is_public, Repository.org_id.in_(orgs), Repository.id.in_(repos))
        with Session(world.engine) as session:
            return session.scalars(select(Issue).join(Issue.repo).where(may)).all()

    return [
        Contender("arctos", '`authorized_resources(user, "read", Issue)`', resources),
        Contender("arctos, filter", '`select(Issue).where(az.filter(user, "read", Issue))`', filtered),
        Contender("by hand", "`select(Issue).join(Issue.repo).where(or_(…))`, with the user's roles as lists", by_hand),
    ]


def raw(world: World) -> list[Contender]:
    """Lists of rows as tuples."""
    az, users = policy(), world.users
    pool = world.engine.raw_connection()
    driver = pool.driver_connection
    assert isinstance(driver, sqlite3.Connection)

    def filtered(index: int) -> Sequence[Any]:
        with world.engine.connect() as connection:
            columns = select(Issue.id, Issue.creator, Issue.repo_id)
            return connection.execute(columns.where(az.filter(users[index], "read", Issue))).all()

    def written(index: int) -> tuple[str, tuple[int, ...]]:
        orgs, repos = roles_of(users[index])
        marks = {"orgs": ", ".join("?" * len(orgs)), "repos": ", ".join("?" * len(repos))}
        return SQL.format(**marks), (*orgs, *repos)

    def by_hand(index: int) -> Sequence[Any]:
        with world.engine.connect() as connection:
            return connection.exec_driver_sql(*written(index)).all()

    def by_driver(index: int) -> Sequence[Any]:
        return driver.execute(*written(index)).fetchall()

    return [
        Contender("arctos", "`select(Issue.id, …).where(az.filter(…))` on a connection", filtered),
        Contender("by hand", "SQL as text, on a connection of SQLAlchemy", by_hand),
        Contender("by hand, driver", "the same text, by `sqlite3` itself", by_driver),
    ]


def check(name: str, world: World, contenders: list[Contender]) -> None:
    """Each contender finds what may be read, and each row of it once.

    :raises SystemExit: with the first list that is wrong
    """
    for contender in contenders:
        for index, right in enumerate(world.right):
            numbers = [row.id if isinstance(row, Issue) else row[0] for row in contender.decide(index)]
            if len(numbers) != len(right) or set(numbers) != right:
                raise SystemExit(f"{name}, user {index}: {contender.engine} lists {len(numbers)}, right are {len(right)}")


def tables(rounds: int, seconds: float) -> list[dict[str, Any]]:
    """The turns of lists of objects and of tuples."""
    about = f"{ABOUT} SQLAlchemy {sqlalchemy.__version__}, SQLite {sqlite3.sqlite_version}, CPython {platform.python_version()}."
    kinds = [
        ("W9-python", "python-rows", f"{about} Objects of SQLAlchemy.", objects),
        ("W9-python-raw", "python-rows-raw", "The same lists, of tuples.", raw),
    ]
    worlds = {f"{size:,} rows": world(size) for size in SIZES}
    gc.freeze()  # what is there before is no part of a list's cost
    found = []
    for key, name, text, make in kinds:
        scenarios = []
        for of, rows in worlds.items():
            contenders = make(rows)
            check(f"{key}, {of}", rows, contenders)
            turns = measure.in_turn(contenders, rounds, seconds, USERS)
            scenarios.append({"name": of, "engines": measure.engines(contenders, turns)})
        found.append({"id": key, "name": name, "about": text, "per": "list", "scenarios": scenarios})
    return found
