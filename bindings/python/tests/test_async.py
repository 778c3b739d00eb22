"""Objects that answer later: ``AsyncArctos`` awaits them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from arctos import Arctos, AsyncArctos, ForbiddenError, NotFoundError, OsoError, Variable
from sqlalchemy import ForeignKey
from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Group:
    def __init__(self, name: str) -> None:
        self.name = name


class User:
    def __init__(self, name: str, groups: list[str] = [], manager: User | None = None) -> None:  # noqa: B006
        self.name = name
        self.names = groups
        self._manager = manager
        self.asked: list[str] = []

    @property
    async def role(self) -> str:
        await asyncio.sleep(0)
        self.asked.append("role")
        return "admin" if self.name == "ann" else "guest"

    @property
    async def manager(self) -> User | None:
        await asyncio.sleep(0)
        return self._manager

    @property
    def groups(self) -> AsyncIterator[Group]:
        async def all_of_them() -> AsyncIterator[Group]:
            for name in self.names:
                await asyncio.sleep(0)
                yield Group(name)

        return all_of_them()

    async def may(self, page: Page, *, level: int) -> bool:
        await asyncio.sleep(0)
        return page.level <= level

    async def fails(self) -> bool:
        await asyncio.sleep(0)
        raise KeyError("no such row")


class Page:
    def __init__(self, level: int = 1) -> None:
        self.level = level


def engine(policy: str) -> AsyncArctos:
    arctos = Arctos()
    for cls in (User, Page, Group):
        arctos.register_class(cls)
    arctos.load_str(policy)
    return AsyncArctos(arctos)


def allowed(policy: str, user: User, page: Page | None = None) -> bool:
    return asyncio.run(engine(policy).is_allowed(user, "read", page or Page()))


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('u.role = "admin"', True),
        ('u.role = "guest"', False),
        ('not u.role = "guest"', True),
        ('u.role in ["admin", "owner"]', True),
        ("u.manager.manager = nil", True),
        ('u.manager.role = "guest"', True),
        ("u.may(p, level: 1)", True),
        ("u.may(p, level: 0)", False),
        ("not u.may(p, level: 0)", True),
        ('g in u.groups and g.name = "b"', True),
        ('g in u.groups and g.name = "c"', False),
        ('forall(g in u.groups, g.name in ["a", "b"])', True),
        ("forall(g in u.groups, g.name = u.role)", False),
        ('(u.role = "guest" or u.may(p, level: 3)) and u.role = "admin"', True),
        ("u matches User{role: \"admin\"}", True),
    ],
)
def test_what_answers_later_is_awaited(condition: str, expected: bool) -> None:
    user = User("ann", ["a", "b"], User("bob"))
    assert allowed(f'allow(u: User, "read", p: Page) if {condition} and p = p;', user) is expected


def test_each_question_is_asked_once() -> None:
    user = User("ann")
    assert allowed('allow(u: User, _, _) if [u.role, u.role] = ["admin", "admin"] and u.name = "ann";', user)
    assert user.asked == ["role", "role"]


def test_errors_are_those_of_the_application() -> None:
    user = User("ann")
    with pytest.raises(KeyError, match="no such row") as caught:
        allowed("allow(u: User, _, _) if not u.fails();", user)
    assert "u.fails()" in "".join(caught.value.__notes__)
    # What is not registered is an error as ever.
    with pytest.raises(OsoError, match="nothing_of_the_kind"):
        allowed("allow(u: User, _, _) if u.nothing_of_the_kind;", user)


def test_authorize_and_the_lists() -> None:
    az = engine("""
        allow(u: User, "read", _: Page) if u.role = "admin";
        allow(u: User, action, _: Page) if action in ["edit", "read"] and u.may(new Page(1), level: 1) and u.role = "admin";
        allow_field(u: User, "read", _: Page, field) if field in ["title", "text"] and u.role = "admin";
        allow_request(u: User, "GET") if u.role = "admin";
    """)
    ann, bob, page = User("ann"), User("bob"), Page()

    async def work() -> None:
        await az.authorize(ann, "read", page)
        with pytest.raises(ForbiddenError):
            await az.authorize(ann, "delete", page)
        with pytest.raises(NotFoundError):
            await az.authorize(bob, "delete", page)
        assert await az.authorized_actions(ann, page) == {"read", "edit"}
        assert await az.authorized_fields(ann, "read", page) == {"title", "text"}
        assert await az.authorized_actions(bob, page) == set()
        await az.authorize_request(ann, "GET")
        with pytest.raises(ForbiddenError):
            await az.authorize_request(bob, "GET")
        await az.authorize_field(ann, "read", page, "title")
        with pytest.raises(ForbiddenError):
            await az.authorize_field(ann, "read", page, "owner")
        found = [answer["bindings"] async for answer in az.query_rule("allow", ann, Variable("what"), page)]
        assert [answer["what"] for answer in found] == ["read", "edit", "read"]

    asyncio.run(work())


def test_questions_at_once_and_given_up() -> None:
    az = engine('allow(u: User, "read", p: Page) if u.role = "admin" and u.may(p, level: 2);')

    async def work() -> None:
        users = [User(name) for name in ("ann", "bob") * 20]
        answers = await asyncio.gather(*(az.is_allowed(user, "read", Page()) for user in users))
        assert answers == [True, False] * 20

        class Slow(User):
            @property
            async def role(self) -> str:
                await asyncio.sleep(60)
                return "admin"

        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(az.is_allowed(Slow("ann"), "read", Page()), 0.01)

    asyncio.run(work())


def test_comparisons_are_awaited() -> None:
    class Money:
        def __init__(self, amount: int) -> None:
            self.amount = amount

        def __lt__(self, other: Any) -> Any:
            async def less() -> bool:
                await asyncio.sleep(0)
                return self.amount < int(other.amount)

            return less()

    policy = 'allow(a, "read", b) if a < b;'
    az = engine(policy)
    assert asyncio.run(az.is_allowed(Money(1), "read", Money(2)))
    assert not asyncio.run(az.is_allowed(Money(2), "read", Money(1)))
    # Whoever does not wait is told so: an awaitable would be as good as true.
    with pytest.raises(OsoError), pytest.warns(RuntimeWarning, match="never awaited"):
        az.sync.is_allowed(Money(2), "read", Money(1))


@pytest.mark.filterwarnings("ignore:coroutine")
def test_nothing_is_allowed_without_waiting() -> None:
    az = engine('allow(u: User, "read", _: Page) if u.may(new Page(0), level: 1);')
    with pytest.raises(OsoError):
        az.sync.is_allowed(User("ann"), "read", Page())


class Base(AsyncAttrs, DeclarativeBase):
    pass


class Owner(Base):
    __tablename__ = "owner"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Document(Base):
    __tablename__ = "document"
    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("owner.id"))
    owner: Mapped[Owner] = relationship()


def test_relations_of_an_async_session() -> None:
    arctos = Arctos()
    arctos.register_class(Document)
    arctos.load_str('allow(name, "read", d: Document) if d.awaitable_attrs.owner.name = name;')
    az = AsyncArctos(arctos)

    async def work() -> None:
        database = create_async_engine("sqlite+aiosqlite://")
        async with database.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        async with AsyncSession(database) as session:
            session.add(Document(id=1, owner=Owner(id=1, name="ann")))
            await session.commit()
        async with AsyncSession(database) as session:
            document = await session.get(Document, 1)
            assert await az.is_allowed("ann", "read", document)
            assert not await az.is_allowed("bob", "read", document)
        await database.dispose()

    asyncio.run(work())
