"""A small world for one test: an organization of its own, with one user in each role."""

from dataclasses import dataclass
from itertools import count

import httpx
from codehost.models import (
    Issue,
    Organization,
    OrganizationMembership,
    Repository,
    RepositoryMembership,
    User,
    token_hash,
)
from conftest import Site

ROLES = ["stranger", "member", "owner", "reader", "contributor", "maintainer", "author"]

numbers = count(1)


@dataclass
class World:
    """Names are made unique, so that worlds do not meet."""

    site: Site
    suffix: str

    @property
    def organization(self) -> str:
        return f"/organizations/acme-{self.suffix}"

    @property
    def repository(self) -> str:
        return f"/repositories/acme-{self.suffix}/anvil"

    @property
    def issue(self) -> str:
        return f"{self.repository}/issues/1"

    def login(self, role: str) -> str:
        return f"{role}-{self.suffix}"

    def client(self, role: str) -> httpx.Client:
        return self.site.as_user(self.login(role))


def create_world(site: Site, *, public: bool) -> World:
    """An organization with one repository and one issue, and a user for each of ROLES."""
    world = World(site, f"{next(numbers)}")
    with site.sessions() as session:
        users = {
            role: User(login=world.login(role), token_hash=token_hash(f"{world.login(role)}-token")) for role in ROLES
        }
        acme = Organization(name=f"acme-{world.suffix}")
        anvil = Repository(name="anvil", public=public, organization=acme)
        session.add_all(users.values())
        session.add(Issue(number=1, title="the handle is loose", repository=anvil, author=users["author"]))
        for role in ("member", "owner"):
            session.add(OrganizationMembership(user=users[role], organization=acme, role=role))
        for role in ("reader", "contributor", "maintainer"):
            session.add(RepositoryMembership(user=users[role], repository=anvil, role=role))
        session.commit()
    return world
