"""Lists: the pages, and how many queries they take however long they are."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from codehost.models import Issue, Organization, Repository, User
from conftest import Site
from sqlalchemy import event, select
from world import create_world


@contextmanager
def queries(site: Site) -> Iterator[list[str]]:
    """The statements that the application sends to its database meanwhile."""
    seen: list[str] = []

    def see(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        seen.append(statement)

    engine = site.sessions.kw["bind"]
    event.listen(engine, "before_cursor_execute", see)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", see)


def add_repositories(site: Site, count: int) -> None:
    """In each organization; every other one is public."""
    with site.sessions() as session:
        for organization in session.scalars(select(Organization)):
            session.add_all(
                Repository(name=f"more-{number:03}", public=number % 2 == 0, organization=organization)
                for number in range(count)
            )
        session.commit()


def add_issues(site: Site, path: str, count: int) -> None:
    with site.sessions() as session:
        organization, name = path.split("/")
        repository = session.scalars(
            select(Repository).join(Repository.organization).where(
                Organization.name == organization, Repository.name == name
            )
        ).one()  # fmt: skip
        authors = session.scalars(select(User)).all()
        first = len(repository.issues) + 1
        session.add_all(
            Issue(number=first + number, title="too heavy", repository=repository, author=authors[number % len(authors)])
            for number in range(count)
        )
        session.commit()


@pytest.mark.parametrize("login", ["ann", "cara"])
def test_a_list_of_repositories_is_one_query_however_long(seeded: Site, login: str) -> None:
    counts = []
    for more in (0, 90):
        add_repositories(seeded, more)
        with seeded.as_user(login) as client, queries(seeded) as seen:
            listing = client.get("/repositories?limit=100").json()
        counts.append((len(listing), len(seen)))
        about = [statement for statement in seen if "FROM repositories" in statement]
        assert len(about) == 1, about
    assert counts[1][0] > counts[0][0] + 80
    # Who asks, their roles on organizations and on repositories, and the list.
    assert [count for _, count in counts] == [4, 4]


@pytest.mark.parametrize("login", ["ben", "dan"])
def test_a_list_of_issues_is_one_query_however_long(seeded: Site, login: str) -> None:
    counts = []
    for more in (0, 90):
        add_issues(seeded, "acme/anvil", more)
        with seeded.as_user(login) as client, queries(seeded) as seen:
            listing = client.get("/repositories/acme/anvil/issues?limit=100").json()
        counts.append((len(listing), len(seen)))
        assert len([statement for statement in seen if "FROM issues" in statement]) == 1
    # And the repository of the path.
    assert counts == [(1, 5), (91, 5)]


@pytest.mark.parametrize("limit", [1, 2, 7, 100])
def test_pages_are_the_list_in_pieces(seeded: Site, limit: int) -> None:
    add_repositories(seeded, 10)
    with seeded.as_user("ben") as client:
        whole = client.get("/repositories?limit=100").json()
        names = [repository["full_name"] for repository in whole]
        assert names == sorted(names, key=lambda name: name.split("/")) and len(names) == 17
        address: str | None = f"/repositories?limit={limit}"
        pieces = []
        while address is not None:
            answer = client.get(address)
            pieces.append(answer.json())
            assert len(pieces[-1]) <= limit
            address = answer.links["next"]["url"] if "next" in answer.links else None
    assert [repository for piece in pieces for repository in piece] == whole
    assert len(pieces) == -(-len(whole) // limit)


def test_a_page_stays_where_it_is_when_rows_come_before_it(seeded: Site) -> None:
    with seeded.as_user("ann") as client:
        first = client.get("/repositories?limit=1")
        assert client.post("/organizations/acme/repositories", json={"name": "aaa"}).status_code == 201
        second = client.get(first.links["next"]["url"])
    assert [repository["full_name"] for repository in first.json() + second.json()] == ["acme/anvil", "acme/rocket"]
    assert "next" not in second.links


def test_pages_of_issues(seeded: Site) -> None:
    add_issues(seeded, "acme/anvil", 4)
    path = "/repositories/acme/anvil/issues"
    with seeded.as_user("cara") as client:
        first = client.get(f"{path}?limit=2")
        assert [issue["number"] for issue in first.json()] == [1, 2]
        assert [issue["number"] for issue in client.get(first.links["next"]["url"]).json()] == [3, 4]
        assert client.get(f"{path}?after=5").json() == []


@pytest.mark.parametrize("wrong", ["limit=0", "limit=101", "limit=many", "after=x"])
def test_a_page_that_cannot_be(seeded: Site, wrong: str) -> None:
    with seeded.as_user("ann") as client:
        assert client.get(f"/repositories/acme/anvil/issues?{wrong}").status_code == 422


def test_a_role_shows_in_the_list_at_once(site: Site) -> None:
    world = create_world(site, public=False)
    with world.client("owner") as owner, world.client("stranger") as stranger:
        assert stranger.get("/repositories").json() == []
        owner.post(f"{world.repository}/members", json={"login": world.login("stranger")})
        [repository] = stranger.get("/repositories").json()
        owner.delete(world.repository)
        assert stranger.get("/repositories").json() == []
    assert f"/repositories/{repository['full_name']}" == world.repository
