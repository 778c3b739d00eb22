"""Residuals, the filters of adapters that users wrote themselves, and single conditions of SQLAlchemy."""

from __future__ import annotations

import operator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any
from uuid import UUID

import pytest
from arctos import Arctos, DataFilter, Relation
from arctos.polar import Condition, Projection
from arctos.polar.data.adapter import DataAdapter
from arctos.polar.data.adapter.sqlalchemy_adapter import SqlAlchemyAdapter
from arctos.polar.data.filter import Relation as Joined
from arctos.polar.exceptions import (
    PolarRuntimeError,
    UnregisteredClassError,
    UnsupportedError,
)
from arctos.residual import (
    All,
    Attribute,
    Compare,
    Known,
    One,
    OneOf,
    Residual,
    RowTypes,
    Some,
)
from arctos.residual import Any as AnyOf
from arctos.sqlalchemy import SQLAlchemyArctos, SQLAlchemyOso, authorize_model
from models import Animal, Base, Cat, Comment, Dog, Family, Issue, Keeper, Kind, Org, Repo, User, database
from sqlalchemy import create_engine, select
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.orm import Session

# ---- residuals ----


@dataclass(eq=False)
class Author:
    id: int
    name: str


@dataclass(eq=False)
class Page:
    id: int
    author_id: int | None
    title: str | None
    views: int | None
    public: bool
    author: Author | None = field(default=None, repr=False)


def pages(policy: str) -> Arctos:
    arctos = Arctos()
    arctos.register_class(Author, fields={"id": int, "name": str})
    fields = {
        "author_id": int,
        "title": str,
        "views": int,
        "public": bool,
        "author": Relation("one", "Author", "author_id", "id"),
    }
    arctos.register_class(Page, fields=fields)
    arctos.load_str(policy)
    return arctos


ANN = Author(1, "ann")


def residual(policy: str) -> Residual:
    return pages(policy).residual(ANN, "read", Page)


def test_a_residual_is_data() -> None:
    found = residual('allow(a: Author, "read", p: Page) if p.author = a and p.title in ["x", a.name];')
    assert found.class_name == "Page"
    title = OneOf(Attribute(0, "title"), ("x", "ann"))
    assert found.formula == All((Compare("==", Attribute(0, "author_id"), 1), title))
    assert str(found) == '_.author_id == 1 and _.title in ["x", "ann"]'
    assert found.size == 5


def test_relations_lead_to_other_rows() -> None:
    formula = residual('allow(_, "read", p: Page) if p.author.name = "x" or not p.public;').formula
    assert isinstance(formula, AnyOf)
    one = formula.parts[0]
    assert isinstance(one, One)
    assert (one.of, one.relation, one.class_name) == (0, "author", "Author")
    assert one.formula == Compare("==", Attribute(one.row, "name"), "x")


def test_what_every_row_and_no_row_has() -> None:
    assert residual('allow(_, "read", _: Page);').formula == Known(True)
    assert residual('allow(_, "write", _: Page);').formula == Known(False)
    assert residual('allow(_: Page, "read", _: Page);').formula == Known(False)


def test_constants_are_the_applications_own() -> None:
    token = UUID(int=3)
    arctos = Arctos()
    arctos.register_class(Page)
    arctos.register_constant(token, "token")
    arctos.load_str("allow(_, _, p: Page) if p.title = token;")
    formula = arctos.residual(None, "read", Page).formula
    assert isinstance(formula, Compare)
    assert formula.right is token


def test_what_an_object_equals_is_its_own_affair() -> None:
    class Title(str):
        pass

    policy = 'allow(a: Author, "read", p: Page) if p.title != a.name and p.id != a.id;'
    formula = pages(policy).residual(Author(Title("x"), Title("ann")), "read", Page).formula  # type: ignore[arg-type]
    # Never true of every row: a check would ask the object, and it may say that it is equal.
    assert isinstance(formula, All)
    assert [type(part.right) for part in formula.parts if isinstance(part, Compare)] == [Title, Title]


def test_equal_residuals_can_be_kept() -> None:
    arctos = pages('allow(a: Author, "read", p: Page) if p.author = a;')
    first, second = arctos.residual(ANN, "read", Page), arctos.residual(Author(1, "other"), "read", Page)
    assert first == second
    assert hash(first) == hash(second)
    assert first != arctos.residual(Author(2, "ann"), "read", Page)
    assert first != "something else"


def test_what_cannot_be_told_is_an_error_with_its_place() -> None:
    arctos = pages('allow(_, "read", p: Page) if p.title.startswith("x");')
    with pytest.raises(UnsupportedError) as caught:
        arctos.residual(ANN, "read", Page)
    assert "startswith" in str(caught.value)
    assert "line 1" in str(caught.value)


def test_errors_stay_errors() -> None:
    class Broken:
        @property
        def id(self) -> int:
            raise ConnectionError("away")

    arctos = pages('allow(a, "read", p: Page) if p.views = a.id;')
    with pytest.raises(ConnectionError):
        arctos.residual(Broken(), "read", Page)
    with pytest.raises(UnregisteredClassError):
        arctos.residual(ANN, "read", Broken)
    without_a_policy = Arctos()
    without_a_policy.register_class(Page)
    with pytest.raises(PolarRuntimeError, match="allow"):
        without_a_policy.residual(ANN, "read", Page)
    with pytest.raises(UnsupportedError, match="rows"):
        without_a_policy.residual(ANN, "read", int)


def test_row_types_have_keys() -> None:
    with pytest.raises(ValueError, match="key"):
        RowTypes([("Page", [], [], [], False, [])])
    with pytest.raises(ValueError, match="equal"):
        RowTypes([("Page", ["id"], [], [("author", False, "Author", [])], False, [])])
    with pytest.raises(ValueError, match="Text"):
        RowTypes([("Page", ["id"], [("title", "Text", False)], [], False, [])])
    assert RowTypes([("Page", ["id"], [], [], True, [])]).classes() == ["Page"]


# ---- adapters of the application's own ----


class InMemory(DataAdapter[Any, Page]):
    """An adapter as users of the Oso library wrote them: lists instead of a store."""

    operators: dict[str, Any] = {"Eq": operator.eq, "Neq": operator.ne}  # noqa: RUF012

    def __init__(self, pages: list[Page]) -> None:
        self.pages = pages

    def build_query(self, filter: DataFilter) -> DataFilter:
        return filter

    def execute_query(self, query: DataFilter) -> list[Page]:
        return [page for page in self.pages if self.holds(query, page)]

    def holds(self, query: DataFilter, page: Page) -> bool:
        rows: dict[Any, Any] = {query.model: page}
        for relation in query.relations:
            assert isinstance(relation, Joined)
            rows[relation.right] = getattr(rows[relation.left], relation.name)

        def value(side: Any) -> Any:
            if not isinstance(side, Projection):
                return side
            row = rows[side.source]
            return row if side.field is None or row is None else getattr(row, side.field)

        def check(condition: Condition) -> bool:
            left, right = value(condition.left), value(condition.right)
            if condition.cmp in ("In", "Nin"):
                return (left in right) is (condition.cmp == "In")
            if condition.cmp in self.operators:
                return bool(self.operators[condition.cmp](left, right))
            order = {"Lt": operator.lt, "Leq": operator.le, "Gt": operator.gt, "Geq": operator.ge}[condition.cmp]
            return left is not None and right is not None and order(left, right)

        return any(all(check(condition) for condition in conditions) for conditions in query.conditions)


PAGES = [
    Page(1, 1, "a", 1, True, ANN),
    Page(2, 2, "b", None, False, Author(2, "ben")),
    Page(3, None, None, 5, False),
    Page(4, None, "ann", 3, True),
]


@pytest.mark.parametrize(
    ("policy", "found"),
    [
        ("p.public", [1, 4]),
        ("not p.public", [2, 3]),
        ("p.author = a", [1]),
        ('p.author.name = "ben"', [2]),
        ('p.public or p.author.name = "ben"', [1, 2, 4]),
        ('p.title != "a"', [2, 3, 4]),
        ("p.title = nil", [3]),
        ("p.views > 2", [3, 4]),
        ("not p.views > 2", [1]),
        ("p.views in [1, 3] and p.public", [1, 4]),
        ("not p.views in [1, 3]", [2, 3]),
        ("p.title = a.name", [4]),
        ("not (p.public and p.views = 3)", [1, 2, 3]),
        ("false", []),
        ("true", [1, 2, 3, 4]),
    ],
)
def test_filters_for_adapters(policy: str, found: list[int]) -> None:
    arctos = pages(f'allow(a: Author, "read", p: Page) if {policy} and a = a and p = p;')
    arctos.set_data_filtering_adapter(InMemory(PAGES))
    assert [page.id for page in arctos.authorized_resources(ANN, "read", Page)] == found
    assert arctos.is_new_data_filtering_configured()


def test_a_filter_as_it_always_was() -> None:
    arctos = pages('allow(a: Author, "read", p: Page) if p.author.name = a.name and p.views >= 3;')
    arctos.set_data_filtering_adapter(InMemory(PAGES))
    made = arctos.authorized_query(ANN, "read", Page)
    assert made == arctos.new_authorized_query(ANN, "read", Page)
    assert (made.model, made.relations) == (Page, [Joined(Page, "author", Author)])
    [conditions] = made.conditions
    assert Condition(Projection(Author, "name"), "Eq", "ann") in conditions
    assert Condition(Projection(Page, "views"), "Geq", 3) in conditions
    assert made.types[Page].fields["author"] == Relation("one", "Author", "author_id", "id")


def test_nothing_allowed_selects_nothing() -> None:
    arctos = pages('allow(_, "write", _: Page);')
    arctos.set_data_filtering_adapter(InMemory(PAGES))
    assert arctos.authorized_query(ANN, "read", Page).conditions == [[Condition(True, "Eq", False)]]
    assert arctos.authorized_resources(ANN, "read", Page) == []


@pytest.mark.parametrize(
    "policy",
    [
        'not (p.author matches Author and p.author.name = "x")',
        "p.views != p.author_id",
        " and ".join(f'(p.views = {n} and p.public or p.title = "x{n}")' for n in range(20)),
    ],
)
def test_what_a_filter_cannot_say_is_refused(policy: str) -> None:
    arctos = pages(f'allow(_, "read", p: Page) if {policy};')
    arctos.set_data_filtering_adapter(InMemory(PAGES))
    with pytest.raises(UnsupportedError, match="DataFilter"):
        arctos.authorized_query(ANN, "read", Page)


def test_without_an_adapter() -> None:
    with pytest.raises(UnsupportedError, match="set_data_filtering_adapter"):
        pages('allow(_, "read", _: Page);').authorized_resources(ANN, "read", Page)


# ---- conditions of SQLAlchemy ----


def models(policy: str) -> SQLAlchemyArctos:
    az = SQLAlchemyArctos(Base)
    az.register_constant(Kind.FORK, "fork")
    az.load_str(policy)
    return az


def sql(policy: str, model: Any = Repo, dialect: Any = None) -> str:
    condition = models(policy).filter(User(id=7, name="x", is_admin=False), "read", model)
    statement = select(model.__table__.c[0]).where(condition).compile(dialect=dialect or sqlite.dialect())
    return " ".join(str(statement).split("WHERE", 1)[1].split())


@pytest.mark.parametrize(
    ("policy", "condition"),
    [
        ("r.topic = nil", "repos.topic IS NULL"),
        ("r.topic != nil", "repos.topic IS NOT NULL"),
        ("r.name = nil", "0 = 1"),
        ('r.name != "x"', "repos.name != ?"),
        ('r.topic != "x"', "repos.topic != ? OR repos.topic IS NULL"),
        ('r.topic in ["x", "y"]', "repos.topic IN (?, ?)"),
        ("r.topic = r.name", "repos.name = repos.topic"),
        ("r.topic != r.name", "repos.topic IS NOT repos.name"),
        ("r.size = r.org_id", "repos.org_id IS repos.size"),
        ("not r.size > 1", "repos.size <= ?"),
        ("r.kind = fork", "repos.kind = ?"),
        ('r.kind = "fork"', "0 = 1"),
        ('r.token != "x"', "1 = 1"),
        ("r.org = nil", "repos.org_id IS NULL"),
        ("r.org.id = 7", "repos.org_id = ?"),
        ("r.org.id != 7", "repos.org_id IS NOT NULL AND repos.org_id != ?"),
        ("not r.org.id > 7", "repos.org_id IS NOT NULL AND repos.org_id <= ?"),
        ("r.org.id in [7, r.size]", "repos.org_id IS NOT NULL AND (repos.org_id = ? OR repos.org_id = repos.size)"),
    ],
)
def test_conditions(policy: str, condition: str) -> None:
    assert sql(f'allow(_, "read", r: Repo) if {policy};') == condition


def test_text_is_compared_by_code_points_everywhere() -> None:
    equal, less = 'allow(_, "read", r: Repo) if r.name = "x";', 'allow(_, "read", r: Repo) if r.name < "x";'
    assert sql(less) == "(repos.name COLLATE BINARY) < ?"
    assert sql(equal, dialect=postgresql.dialect()).startswith("repos.name = ")
    assert sql(less, dialect=postgresql.dialect()).startswith('(repos.name COLLATE "C") < ')
    assert sql(equal, dialect=mysql.dialect()).startswith("CAST(CONVERT(repos.name USING utf8mb4) AS BINARY) = ")


def test_composite_keys() -> None:
    policy = """
    allow(_, "read", c: Comment) if c.issue.title = "x" and c.issue.repo.is_public;
    allow(_, "read", i: Issue) if c in i.comments and c.text = "y";
    allow(_, "write", i: Issue) if forall(c in i.comments, c.issue = i);
    """
    az = models(policy)
    with database() as session:
        repo = Repo(id=1, name="r", is_public=True)
        issues = [Issue(repo=repo, number=n, title=title) for n, title in enumerate(["x", "z"])]
        session.add_all([repo, *[Comment(issue=issue, text=text) for issue in issues for text in ("y", "n")]])
        session.commit()
        comments = session.scalars(select(Comment).where(az.filter(None, "read", Comment))).all()
        assert {comment.issue.title for comment in comments} == {"x"}
        assert len(comments) == 2
        assert len(session.scalars(select(Issue).where(az.filter(None, "read", Issue))).all()) == 2
        assert len(session.scalars(select(Issue).where(az.filter(None, "write", Issue))).all()) == 2


def test_times_and_zones() -> None:
    az = models('allow(since, "read", r: Repo) if r.created > since;')
    assert az.filter(datetime(2026, 1, 1), "read", Repo) is not None
    with pytest.raises(UnsupportedError, match="zone"):
        az.filter(datetime(2026, 1, 1, tzinfo=timezone.utc), "read", Repo)


@pytest.mark.parametrize(
    ("policy", "reason"),
    [
        ("r.kind < fork", "order"),
        ("r.token < r.token", "order"),
        ('r.name.startswith("x")', "startswith"),
        ("r.unknown = 1", "unknown"),
        ("r.kind = nobody", "does not know"),
    ],
)
def test_what_a_database_cannot_answer(policy: str, reason: str) -> None:
    az = SQLAlchemyArctos(Base)
    az.register_constant(Kind.FORK, "fork")
    az.register_constant(object(), "nobody")
    az.load_str(f'allow(_, "read", r: Repo) if {policy.replace("r.kind = nobody", "r.created = nobody")};')
    with pytest.raises(UnsupportedError, match=reason):
        az.filter(None, "read", Repo)


def test_relations_that_were_given_as_fields() -> None:
    az = Arctos()
    az.register_class(User)
    az.register_class(Org, fields={"boss": Relation("one", "User", "owner_id", "id")})
    az.load_str('allow(_, "read", o: Org) if o.boss.name = "ann";')
    with database() as session:
        ann = User(id=1, name="ann", is_admin=False)
        session.add_all([Org(id=1, owner=ann), Org(id=2)])
        session.commit()
        az.set_data_filtering_adapter(SqlAlchemyAdapter(session))
        assert [org.id for org in az.authorized_resources(None, "read", Org)] == [1]
        assert [org.id for org in session.query(Org).filter(authorize_model(az, None, "read", session, Org))] == [1]


def test_filters_made_by_hand() -> None:
    az = models('allow(_, "read", _: Repo);')
    with database() as session:
        session.add_all([Repo(id=n, name="ab"[n % 2], is_public=True, size=n) for n in range(4)])
        session.commit()
        adapter = SqlAlchemyAdapter(session)
        conditions = [
            [Condition(Projection(Repo, "name"), "Eq", "a"), Condition(Projection(Repo, "size"), "Gt", 0)],
            [Condition(Projection(Repo, None), "Eq", session.get(Repo, 3))],
        ]
        made = DataFilter(Repo, [], conditions, az.host.types)
        assert sorted(repo.id for repo in adapter.execute_query(adapter.build_query(made))) == [2, 3]


# ---- inheritance ----


def test_inheritance() -> None:
    az = SQLAlchemyOso(Family)
    az.load_str("""
        allow(_, "feed", c: Cat) if c.lives > 1 and c.name = "a";
        allow(_, "feed", d: Dog) if d.tricks = 1;
        allow(_, "greet", k: Keeper) if c in k.cats and c.lives > 1 and c.name = "a";
        allow(_, "play", k: Keeper) if d in k.dogs and d.name = "a";
        allow(_, "see", _: Animal);
        allow(_, "spare", a: Animal) if not a matches Cat{lives: 9};
        allow(_, "own", k: Keeper) if a in k.animals and a matches Cat and lively(a);
        lively(c: Cat) if c.lives > 1;
        lively(a: Animal) if a.name = "none";
    """)
    engine = create_engine("sqlite://")
    Family.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all([Keeper(id=n) for n in (1, 2)])
        session.flush()
        session.add_all([Cat(id=1, name="a", lives=9, owner_id=1), Cat(id=2, name="a", lives=1, owner_id=2)])
        session.add_all([Dog(id=3, name="a", tricks=1, owner_id=2), Dog(id=4, name="b", tricks=2, owner_id=1)])
        session.commit()

        def found(action: str, model: Any) -> list[int]:
            rows = session.scalars(select(model).where(az.filter(None, action, model))).all()
            assert [row for row in session.scalars(select(model)) if az.is_allowed(None, action, row)] == rows
            return [row.id for row in rows]

        assert found("feed", Cat) == [1]
        assert found("feed", Dog) == [3]
        assert found("greet", Keeper) == [1]
        assert found("play", Keeper) == [2]
        assert found("see", Animal) == [1, 2, 3, 4]
        # Rows of which some are of classes that inherit: in a table of their own or in the same one.
        assert found("feed", Animal) == [1, 3]
        assert found("spare", Animal) == [2, 3, 4]
        assert found("own", Keeper) == [1]


def test_some_rows_may_be_selected_once_only() -> None:
    formula = (
        models('allow(u: User, "read", r: Repo) if u in r.members;')
        .residual(User(id=7, name="x", is_admin=False), "read", Repo)
        .formula
    )
    assert isinstance(formula, Some)
