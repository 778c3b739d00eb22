"""What the policy's answers become on the way out: statuses, bodies, headers, effects."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import codehost
import pytest
from conftest import Site
from world import create_world

POLICY = Path(codehost.__file__).with_name("codehost.polar").read_text(encoding="utf-8").splitlines()

ROUTES = [
    ("GET", "/organizations/acme"),
    ("POST", "/organizations/acme/members"),
    ("POST", "/organizations/acme/repositories"),
    ("GET", "/repositories"),
    ("GET", "/repositories/acme/anvil"),
    ("PUT", "/repositories/acme/anvil/publication"),
    ("POST", "/repositories/acme/anvil/members"),
    ("DELETE", "/repositories/acme/anvil"),
    ("GET", "/repositories/acme/anvil/issues"),
    ("POST", "/repositories/acme/anvil/issues"),
    ("GET", "/repositories/acme/anvil/issues/1"),
    ("POST", "/repositories/acme/anvil/issues/1/close"),
]


@pytest.mark.parametrize("login", [None, "nobody"])
@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_every_route_asks_who_you_are(seeded: Site, login: str | None, method: str, path: str) -> None:
    with seeded.as_user(login) as client:
        answer = client.request(method, path)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_no_route_is_forgotten_above(seeded: Site) -> None:
    with seeded.as_user("ann") as client:
        paths = client.get("/openapi.json").json()["paths"]
    served = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    names = {"acme": "{organization}", "anvil": "{repository}", "1": "{number}"}
    listed = {(method, "/".join(names.get(part, part) for part in path.split("/"))) for method, path in ROUTES}
    assert served == listed | {("GET", "/health")}


def test_hidden_and_missing_look_the_same(seeded: Site) -> None:
    with seeded.as_user("dan") as client:
        hidden = client.get("/repositories/acme/rocket")
        missing = client.get("/repositories/acme/no-such-thing")
    assert hidden.status_code == missing.status_code == 404
    assert hidden.content == missing.content
    assert hidden.headers.keys() == missing.headers.keys()


@pytest.mark.parametrize(
    ("login", "readable"),
    [
        ("ann", ["acme/anvil", "acme/rocket"]),
        ("ben", ["acme/anvil", "acme/rocket"]),
        ("cara", ["acme/anvil"]),
        ("dan", ["acme/anvil", "globex/plans"]),
    ],
)
def test_a_listing_has_only_what_the_user_may_read(seeded: Site, login: str, readable: list[str]) -> None:
    with seeded.as_user(login) as client:
        listing = client.get("/repositories").json()
        assert [repository["full_name"] for repository in listing] == readable
        for repository in listing:
            assert client.get(f"/repositories/{repository['full_name']}").json() == repository


def test_an_invitation_opens_a_repository(seeded: Site) -> None:
    path = "/repositories/acme/rocket"
    with seeded.as_user("ann") as ann, seeded.as_user("cara") as cara:
        assert cara.get(path).status_code == 404
        invited = ann.post(f"{path}/members", json={"login": "cara", "role": "contributor"})
        assert (invited.status_code, invited.json()) == (201, {"login": "cara", "role": "contributor"})
        assert cara.get(path).json()["actions"] == ["create_issue", "read"]
        assert ann.post(f"{path}/members", json={"login": "cara", "role": "maintainer"}).status_code == 201
        assert "delete" in cara.get(path).json()["actions"]


def test_a_new_member_sees_the_organizations_repositories(seeded: Site) -> None:
    with seeded.as_user("ann") as ann, seeded.as_user("cara") as cara:
        assert ann.post("/organizations/acme/members", json={"login": "cara"}).status_code == 201
        assert cara.get("/organizations/acme").json() == {"name": "acme", "actions": ["read"]}
        assert cara.get("/repositories/acme/rocket").status_code == 200


def test_the_life_of_an_issue(seeded: Site) -> None:
    issues = "/repositories/acme/anvil/issues"
    with seeded.as_user("dan") as dan, seeded.as_user("cara") as cara:
        created = dan.post(issues, json={"title": "it squeaks"})
        assert created.status_code == 201
        assert created.json() == {
            "number": 2, "title": "it squeaks", "author": "dan", "closed": False, "actions": ["close", "read"],
        }  # fmt: skip
        assert cara.post(f"{issues}/2/close").status_code == 403
        assert dan.post(f"{issues}/2/close").json()["closed"] is True
        assert dan.post(f"{issues}/2/close").status_code == 409
        assert [issue["closed"] for issue in cara.get(issues).json()] == [False, True]


def test_authors_lose_what_they_can_no_longer_see(site: Site) -> None:
    world = create_world(site, public=True)
    with world.client("owner") as owner, world.client("author") as author:
        assert author.get(world.issue).json()["actions"] == ["close", "read"]
        assert owner.put(f"{world.repository}/publication", json={"public": False}).status_code == 200
        assert author.post(f"{world.issue}/close").status_code == 404
        assert owner.get(world.issue).json()["closed"] is False


def test_a_refused_request_changes_nothing(seeded: Site) -> None:
    with seeded.as_user("ben") as ben, seeded.as_user("ann") as ann:
        assert ben.delete("/repositories/acme/anvil").status_code == 403
        assert ben.post("/organizations/acme/repositories", json={"name": "gear"}).status_code == 403
        assert [found["full_name"] for found in ann.get("/repositories").json()] == ["acme/anvil", "acme/rocket"]


def test_deleting_takes_the_issues_along(seeded: Site) -> None:
    with seeded.as_user("ann") as ann:
        assert ann.delete("/repositories/acme/anvil").status_code == 204
        assert ann.get("/repositories/acme/anvil/issues/1").status_code == 404


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/organizations/acme/members", {"login": "nobody"}),
        ("/organizations/acme/members", {"login": "cara", "role": "emperor"}),
        ("/repositories/acme/anvil/members", {"login": "cara", "role": "owner"}),
        ("/organizations/acme/repositories", {"name": "Not A Name"}),
        ("/repositories/acme/anvil/issues", {"title": ""}),
    ],
)
def test_a_wrong_body_is_said_to_be_wrong(seeded: Site, path: str, body: dict[str, str]) -> None:
    with seeded.as_user("ann") as ann:
        assert ann.post(path, json=body).status_code == 422


def test_a_name_that_is_taken(seeded: Site) -> None:
    with seeded.as_user("ann") as ann:
        assert ann.post("/organizations/acme/repositories", json={"name": "anvil"}).status_code == 409


def test_the_header_names_the_deciding_rules(seeded: Site) -> None:
    with seeded.as_user("ben") as ben:
        answer = ben.get("/repositories/acme/rocket")
    rules = json.loads(answer.headers["X-Arctos-Rule"])
    texts = [rule["text"] for rule in rules]
    assert texts[0].startswith("allow(")
    assert any('"read" if "reader"' in text for text in texts)
    assert any('"reader" if "member" on "organization"' in text for text in texts)
    for rule in rules:
        file, line = rule["location"].split(":")[:2]
        assert file == "codehost.polar"
        first_words = POLICY[int(line) - 1].strip()
        assert rule["text"].startswith(first_words.removesuffix(";"))


def test_without_explain_no_rule_is_shown(site: Site) -> None:
    world = create_world(site, public=True)
    with world.client("owner") as owner:
        answer = owner.get(world.repository)
    assert answer.status_code == 200
    assert "X-Arctos-Rule" not in answer.headers


def test_many_at_once_get_their_own_answers(seeded: Site) -> None:
    expected = {"ann": 200, "ben": 200, "cara": 404, "dan": 404}

    def ask(login: str) -> tuple[str, int]:
        with seeded.as_user(login) as client:
            return login, client.get("/repositories/acme/rocket").status_code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, list(expected) * 20))
    assert all(expected[login] == status for login, status in answers)
