"""Every role and every action, over HTTP: the status, and whether the action is among those shown."""

import pytest
from conftest import Site
from world import ROLES, World, create_world

ORGANIZATION = {
    "read": lambda w: ("GET", w.organization, None),
    "create_repository": lambda w: ("POST", f"{w.organization}/repositories", {"name": "gear"}),
    "add_member": lambda w: ("POST", f"{w.organization}/members", {"login": w.login("stranger")}),
}
REPOSITORY = {
    "read": lambda w: ("GET", w.repository, None),
    "create_issue": lambda w: ("POST", f"{w.repository}/issues", {"title": "it squeaks"}),
    "publish": lambda w: ("PUT", f"{w.repository}/publication", {"public": True}),
    "add_member": lambda w: ("POST", f"{w.repository}/members", {"login": w.login("stranger")}),
    "delete": lambda w: ("DELETE", w.repository, None),
}
ISSUE = {
    "read": lambda w: ("GET", w.issue, None),
    "close": lambda w: ("POST", f"{w.issue}/close", None),
}

#                  read  create_repository  add_member
ON_ORGANIZATION = {
    "stranger":    [404, 404, 404],
    "member":      [200, 403, 403],
    "owner":       [200, 201, 201],
    "reader":      [404, 404, 404],
    "contributor": [404, 404, 404],
    "maintainer":  [404, 404, 404],
    "author":      [404, 404, 404],
}  # fmt: skip

#                  read  create_issue  publish  add_member  delete
ON_PRIVATE_REPOSITORY = {
    "stranger":    [404, 404, 404, 404, 404],
    "member":      [200, 201, 403, 403, 403],
    "owner":       [200, 201, 200, 201, 204],
    "reader":      [200, 201, 403, 403, 403],
    "contributor": [200, 201, 403, 403, 403],
    "maintainer":  [200, 201, 200, 201, 204],
    "author":      [404, 404, 404, 404, 404],
}  # fmt: skip
ON_PUBLIC_REPOSITORY = {
    "stranger":    [200, 201, 403, 403, 403],
    "member":      [200, 201, 403, 403, 403],
    "owner":       [200, 201, 200, 201, 204],
    "reader":      [200, 201, 403, 403, 403],
    "contributor": [200, 201, 403, 403, 403],
    "maintainer":  [200, 201, 200, 201, 204],
    "author":      [200, 201, 403, 403, 403],
}  # fmt: skip

#                  read  close
ON_PRIVATE_ISSUE = {
    "stranger":    [404, 404],
    "member":      [200, 403],
    "owner":       [200, 200],
    "reader":      [200, 403],
    "contributor": [200, 200],
    "maintainer":  [200, 200],
    "author":      [404, 404],
}  # fmt: skip
ON_PUBLIC_ISSUE = {
    "stranger":    [200, 403],
    "member":      [200, 403],
    "owner":       [200, 200],
    "reader":      [200, 403],
    "contributor": [200, 200],
    "maintainer":  [200, 200],
    "author":      [200, 200],
}  # fmt: skip

TABLES = [
    ("organization", False, ORGANIZATION, ON_ORGANIZATION),
    ("repository", False, REPOSITORY, ON_PRIVATE_REPOSITORY),
    ("repository", True, REPOSITORY, ON_PUBLIC_REPOSITORY),
    ("issue", False, ISSUE, ON_PRIVATE_ISSUE),
    ("issue", True, ISSUE, ON_PUBLIC_ISSUE),
]

CASES = [
    pytest.param(public, role, requests[action], expected, id=f"{'public' if public else 'private'}-{kind}-{action}-{role}")
    for kind, public, requests, table in TABLES
    for role in ROLES
    for action, expected in zip(requests, table[role], strict=True)
]  # fmt: skip

SHOWN = [
    pytest.param(public, role, kind, requests, table[role], id=f"{'public' if public else 'private'}-{kind}-{role}")
    for kind, public, requests, table in TABLES
    for role in ROLES
]  # fmt: skip


@pytest.mark.parametrize(("public", "role", "request_of", "expected"), CASES)
def test_status(site: Site, public: bool, role: str, request_of, expected: int) -> None:
    world = create_world(site, public=public)
    method, path, body = request_of(world)
    with world.client(role) as client:
        assert client.request(method, path, json=body).status_code == expected


@pytest.mark.parametrize(("public", "role", "kind", "requests", "expected"), SHOWN)
def test_shown_actions_are_those_that_succeed(
    site: Site, public: bool, role: str, kind: str, requests, expected: list[int]
) -> None:
    world: World = create_world(site, public=public)
    with world.client(role) as client:
        answer = client.get(getattr(world, kind))
    allowed = {action for action, status in zip(requests, expected, strict=True) if status < 300}
    if "read" in allowed:
        assert answer.json()["actions"] == sorted(allowed)
    else:
        assert answer.status_code == 404
        assert not allowed
