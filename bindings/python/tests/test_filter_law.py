"""The law of filters: the rows that a filter selects are those that a check allows, for random policies and rows."""

from __future__ import annotations

import operator
import os
import random
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from arctos import OsoError, residual
from arctos.polar.data.adapter.sqlalchemy_adapter import SqlAlchemyAdapter
from arctos.polar.exceptions import UnsupportedError
from arctos.sqlalchemy import SQLAlchemyArctos
from models import Base, Comment, Issue, Kind, Org, Repo, User, database
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, aliased

CASES = int(os.environ.get("ARCTOS_FILTER_CASES", "500"))
TOKENS = [UUID(int=n) for n in range(2)]
DAYS = [datetime(2026, 1, 1), datetime(2026, 6, 1)]


class Policies:
    """Random policies about a variable of a class, in which nothing is of a type that it could not be."""

    def __init__(self, random: random.Random) -> None:
        self.random = random
        self.names = 0

    def policy(self) -> str:
        pick = self.random
        rules = [
            f'allow(u: User, "read", r: Repo) if {self.repo("r", 3)} and u = u;' for _ in range(pick.randint(1, 3))
        ]
        for name in "fg":
            rules += [
                f"{name}(u, r: Repo) if {self.repo('r', 2, helpers=False)} and u = u;"
                for _ in range(pick.randint(1, 2))
            ]
        rules.append(f"up(u, r: Repo) if {self.repo('r', 1, helpers=False)} and u = u;")
        further = {
            "parent": "up(u, r: Repo) if up(u, r.parent);",
            "forks": "up(u, r: Repo) if f in r.forks and up(u, f);",
            "some forks": f"up(u, r: Repo) if f in r.forks and {self.repo('f', 1, helpers=False)} and up(u, f);",
        }
        rules += [further[name] for name in pick.sample(sorted(further), pick.choice([1, 1, 2]))]
        return "\n".join(rules)

    def fresh(self) -> str:
        self.names += 1
        return f"x{self.names}"

    def repo(self, r: str, depth: int, helpers: bool = True) -> str:
        pick = self.random
        if depth == 0 or pick.random() < 0.3:
            return self.atom(r, helpers)
        kind = pick.choice(["and", "or", "not", "some", "all", "parent"])
        inner = lambda r: self.repo(r, depth - 1, helpers)  # noqa: E731
        if kind in ("and", "or"):
            return f"({inner(r)} {kind} {inner(r)})"
        if kind == "not":
            return f"not ({inner(r)})"
        x = self.fresh()
        if kind == "some":
            return f"({x} in {r}.forks and {inner(x)})"
        if kind == "all":
            return f"forall({x} in {r}.forks, {inner(x)})"
        return f"({x} = {r}.parent and {inner(x)})"

    def atom(self, r: str, helpers: bool) -> str:
        pick = self.random
        order = pick.choice(["<", "<=", ">", ">="])
        equal = pick.choice(["=", "==", "!="])
        number = pick.choice(["0", "1", "2", "2.0", "1.5"])
        text = pick.choice(["nil", '"a"', '"b"', '"zz"'])
        kind = pick.choice(["fork", "source", "nil", '"fork"'])
        token = pick.choice(["token", "nil", '"x"'])
        x = self.fresh()
        atoms = [
            f"{r}.is_public",
            f"{r}.is_public = false",
            f"{r}.size {order} {number}",
            f"{r}.size {equal} {number}",
            f"{r}.size {equal} nil",
            f"{r}.weight {order} {number}",
            f"{r}.weight {equal} {r}.size",
            f"{r}.size {order} {r}.id",
            f"{r}.size + {r}.id {order} {r}.size * 2",
            f"{r}.id mod 3 {equal} {number}",
            f"({r}.id - {r}.size) mod -2 {equal} {r}.size rem 2",
            f"{r}.id mod {r}.size {order} {number}",
            f"{r}.size / 2 {order} {r}.weight",
            f"{r}.weight - {r}.size {equal} {number}",
            f"{r}.size + 9223372036854775806 > u.id",
            f"{r}.topic {equal} {text}",
            f'{r}.topic in ["a", {r}.name]',
            f'{r}.topic {order} "b"',
            f"{r}.topic {equal} {r}.name",
            f"{r}.kind {equal} {kind}",
            f"{r}.token {equal} {token}",
            f"{r}.created {order} day",
            f"{r}.created {equal} day",
            f"{r}.org {equal} nil",
            f"{r}.parent {equal} nil",
            f"{r}.org.level {order} {number}",
            f"{r}.org.name {equal} {r}.name",
            f"{r}.org.owner {equal} u",
            f"{r}.org.owner.name = u.name",
            f"{r}.parent.size {equal} {r}.size",
            f"{r}.parent.parent {equal} {r}.parent",
            f"{r}.parent = {r}",
            f"u in {r}.members",
            f"({x} in {r}.members and {x}.name = {r}.topic)",
            f'{r} matches {{topic: "a", is_public: true}}',
            f"{r}.org matches Org{{level: 2}}",
            f'({x} in {r}.issues and {x}.title {equal} "a")',
            f"({x} in {r}.issues and forall(c{x} in {x}.comments, c{x}.text = {x}.title))",
            f"u.is_admin and {r}.size = u.id",
        ]
        if helpers and pick.random() < 0.3:
            atoms = [f"f(u, {r})", f"g(u, {r})", f"up(u, {r})", f"not f(u, {r})", f"not up(u, {r})"]
        return pick.choice(atoms)


def fill(session: Session, pick: random.Random) -> list[User]:
    """Rows in which much is nil and much is alike."""
    users = [User(id=n, name=pick.choice("abc"), is_admin=pick.random() < 0.5) for n in range(3)]
    orgs = [
        Org(
            id=n,
            name=pick.choice(["a", "b", None]),
            level=pick.choice([None, 1, 2, 3]),
            owner=pick.choice([*users, None]),
        )
        for n in range(3)
    ]
    repos: list[Repo] = []
    for n in range(12):
        repo = Repo(
            id=n,
            name=pick.choice("abc"),
            is_public=pick.random() < 0.5,
            size=pick.choice([None, 0, 1, 2, 3]),
            weight=pick.choice([None, 0.0, 1.5, 2.0]),
            topic=pick.choice([None, "a", "b", "ä"]),
            kind=pick.choice([None, *Kind]),
            token=pick.choice([None, *TOKENS]),
            created=pick.choice([None, *DAYS]),
            org=pick.choice([None, *orgs]),
            members=pick.sample(users, pick.randint(0, 2)),
        )
        for number in range(pick.choice([0, 0, 1, 2])):
            issue = Issue(number=number, title=pick.choice([None, "a", "b"]), repo=repo)
            issue.comments = [Comment(text=pick.choice([None, "a", "b"])) for _ in range(pick.randint(0, 2))]
        repos.append(repo)
    session.add_all([*users, *orgs, *repos])
    session.flush()
    # Written by number: parents may go round in circles.
    for repo in repos:
        parent = pick.choice([None, *repos])
        session.execute(update(Repo).where(Repo.id == repo.id).values(parent_id=parent and parent.id))
    session.commit()
    return users


def engine() -> SQLAlchemyArctos:
    az = SQLAlchemyArctos(Base)
    for name, value in {"fork": Kind.FORK, "source": Kind.SOURCE, "token": TOKENS[0], "day": DAYS[0]}.items():
        az.register_constant(value, name)
    return az


def check(az: SQLAlchemyArctos, user: User, repo: Repo) -> bool | None:
    """Whether it is allowed; ``None`` where that is an error."""
    try:
        return az.is_allowed(user, "read", repo)
    except OsoError:
        return None


def ground(
    formula: residual.Formula, rows: dict[int, Any], sets: dict[int, residual.Least], open: set[Any]
) -> bool | None:
    """What a formula says of rows that are there; ``None`` where it is unknown."""

    def value(side: Any) -> Any:
        if isinstance(side, residual.Arithmetic):
            return computed(side.operator, value(side.left), value(side.right))
        return getattr(rows[side.row], side.name) if isinstance(side, residual.Attribute) else side

    def among(found: list[bool | None]) -> bool | None:
        return True if True in found else None if None in found else False

    def inverse(found: bool | None) -> bool | None:
        return None if found is None else not found

    def member(number: int, row: Any) -> bool | None:
        # No row is in a set because it is.
        if (number, row) in open:
            return False
        least = sets[number]
        return ground(least.formula, {least.member: row}, sets, open | {(number, row)})

    match formula:
        case residual.Known(known):
            return known
        case residual.Compare(name, left, right):
            a, b = value(left), value(right)
            if name in ("==", "!="):
                return same(a, b) is (name == "==")
            return None if a is None or b is None else bool(ORDERS[name](a, b))
        case residual.OneOf(left, values):
            return any(same(value(left), other) for other in values)
        case residual.All(parts):
            return inverse(among([inverse(ground(part, rows, sets, open)) for part in parts]))
        case residual.Any(parts):
            return among([ground(part, rows, sets, open) for part in parts])
        case residual.Not(inner):
            return inverse(ground(inner, rows, sets, open))
        case residual.Some(of, relation, row, _, inner):
            found = getattr(rows[of], relation)
            others = [] if found is None else list(found) if hasattr(found, "__iter__") else [found]
            return among([ground(inner, {**rows, row: other}, sets, open) for other in others])
        case residual.One(of, relation, row, _, inner):
            other = getattr(rows[of], relation)
            return None if other is None else ground(inner, {**rows, row: other}, sets, open)
        case residual.Least(row, number, _, _, _):
            sets[number] = formula
            return member(number, rows[row])
        case residual.Again(row, number):
            return member(number, rows[row])
    return None


ORDERS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def computed(name: str, a: Any, b: Any) -> Any:
    """What two numbers come to; ``None`` where that is not there."""
    if a is None or b is None or (name in ("mod", "rem") and b == 0):
        return None
    rem = lambda a, b: a - b * int(a / b)  # noqa: E731
    by_name = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "mod": operator.mod}
    result = by_name.get(name, rem)(a, b)
    return result if isinstance(result, float) or -(2**63) <= result < 2**63 else None


def same(a: Any, b: Any) -> bool:
    """Equality of the language: no number is a truth value."""
    return isinstance(a, bool) is isinstance(b, bool) and bool(a == b)


def test_a_filter_selects_what_checks_allow() -> None:
    az = engine()
    counts: dict[Any, int] = {True: 0, False: 0, None: 0, "unsupported": 0, "too deep": 0, "selected": 0}
    with database() as session:
        users = fill(session, random.Random(7))
        repos = list(session.scalars(select(Repo)))
        az.set_data_filtering_adapter(SqlAlchemyAdapter(session))
        for seed in range(CASES):
            policy = Policies(random.Random(seed)).policy()
            az.reload_str(policy)
            user = users[seed % len(users)]
            try:
                condition = az.filter(user, "read", Repo)
            except UnsupportedError:
                counts["unsupported"] += 1
                continue
            try:
                found = set(session.scalars(select(Repo).where(condition)))
            except OperationalError as error:
                # SQLite's parser has a stack of its own, of fixed size.
                assert "parser stack overflow" in str(error)
                counts["too deep"] += 1
                continue
            assert found == set(az.authorized_resources(user, "read", Repo))
            other = aliased(Repo)
            assert found == set(session.scalars(select(other).where(az.filter(user, "read", other))))
            counts["selected"] += len(found)
            formula = az.residual(user, "read", Repo).formula
            for repo in repos:
                allowed = check(az, user, repo)
                counts[allowed] += 1
                about = f"seed {seed}, user {user.id}, repo {repo.id}\n{policy}\n{az.residual(user, 'read', Repo)}"
                assert (repo in found) is (allowed is True), about
                assert ground(formula, {0: repo}, {}, set()) is allowed, about
    print(counts)
    # The law says something only where there are rows of each kind.
    assert counts[True] > CASES and counts[False] > CASES and counts[None] > CASES
    assert counts["unsupported"] + counts["too deep"] <= CASES / 100


if __name__ == "__main__":
    raise SystemExit(pytest.main([__file__, "-q", "-s"]))
