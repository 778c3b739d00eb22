"""W2 over plain Python objects: organizations, repositories and issues that refer to one another."""

from __future__ import annotations

import platform
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import arctos
import oso
import peers
from measure import Contender, Workload
from peers import Entity, entity, named, uid

HERE = Path(__file__).resolve().parent.parent / "src" / "codehost"
ORG_ROLES = ["member", "owner"]
REPO_ROLES = ["reader", "writer", "admin"]
ORG_ACTIONS = ["read", "invite"]
REPO_ACTIONS = ["read", "push", "delete"]
ISSUE_ACTIONS = ["read", "comment", "close"]
ISSUE_NEEDS = [0, 0, 1]
IMPLIED = [0, 2]
ABOUT = (
    "W2 from Python: 1,000 users, 100 organizations, 1,000 repositories, 10,000 issues, plain Python objects that refer to one "
    "another; 2,000 questions. What it costs to take up a question and do nothing is subtracted."
)


@dataclass(eq=False)
class OrgRole:
    """A user's role on an organization."""

    name: str
    organization: int


@dataclass(eq=False)
class RepoRole:
    """A user's role on a repository."""

    name: str
    repository: int


@dataclass(eq=False)
class User:
    """A user."""

    id: int
    org_roles: list[OrgRole]
    repo_roles: list[RepoRole]


@dataclass(eq=False)
class Organization:
    """An organization."""

    id: int


@dataclass(eq=False)
class Repository:
    """A repository."""

    id: int
    is_public: bool
    org: Organization


@dataclass(eq=False)
class Issue:
    """An issue."""

    id: int
    creator: int
    repo: Repository


CLASSES = (User, OrgRole, RepoRole, Organization, Repository, Issue)

Resource = Organization | Repository | Issue
Question = tuple[User, str, Resource]


@dataclass
class World:
    """The code host."""

    users: list[User]
    organizations: list[Organization]
    repositories: list[Repository]
    issues: list[Issue]
    questions: list[Question]


def world() -> World:
    """The same every time."""
    chance = random.Random(2)
    organizations = [Organization(number) for number in range(100)]
    repositories = [
        Repository(number, chance.random() < 0.2, chance.choice(organizations)) for number in range(1_000)
    ]
    issues = [Issue(number, chance.randrange(1_000), chance.choice(repositories)) for number in range(10_000)]
    users = [any_user(chance, number) for number in range(1_000)]
    found = World(users, organizations, repositories, issues, [])
    by_org: dict[int, list[Repository]] = {}
    for repository in repositories:
        by_org.setdefault(repository.org.id, []).append(repository)
    by_repo: dict[int, list[Issue]] = {}
    by_creator: dict[int, list[Issue]] = {}
    for issue in issues:
        by_repo.setdefault(issue.repo.id, []).append(issue)
        by_creator.setdefault(issue.creator, []).append(issue)
    wanted = {True: 1_000, False: 1_000}
    while any(wanted.values()):
        user = chance.choice(users)
        organization, repository = chance.choice(organizations), chance.choice(repositories)
        if chance.random() < 0.67:
            organization = organizations[chance.choice(user.org_roles).organization]
            repository = chance.choice(by_org.get(organization.id, repositories))
            if user.repo_roles and chance.random() < 0.5:
                repository = repositories[chance.choice(user.repo_roles).repository]
        issue = chance.choice(by_repo.get(repository.id, issues))
        if chance.random() < 0.17:
            issue = chance.choice(by_creator.get(user.id, issues))
        questions: list[Question] = [
            (user, chance.choice(ORG_ACTIONS), organization),
            (user, chance.choice(REPO_ACTIONS), repository),
            (user, chance.choice(ISSUE_ACTIONS), issue),
        ]
        (question,) = chance.choices(questions, [1, 2, 3])
        answer = right(*question)
        if wanted[answer]:
            wanted[answer] -= 1
            found.questions.append(question)
    chance.shuffle(found.questions)
    return found


def any_user(chance: random.Random, number: int) -> User:
    """One or two organizations, and up to three repositories."""
    org_roles = [
        OrgRole("owner" if chance.random() < 0.25 else "member", organization)
        for organization in chance.sample(range(100), chance.randint(1, 2))
    ]
    repo_roles = [
        RepoRole(chance.choice(REPO_ROLES), repository)
        for repository in chance.sample(range(1_000), chance.randint(0, 3))
    ]
    return User(number, org_roles, repo_roles)


def right(user: User, action: str, resource: Resource) -> bool:
    """The decision, by ranks of roles."""
    if isinstance(resource, Organization):
        needed = ORG_ACTIONS.index(action)
        return any(of.organization == resource.id and ORG_ROLES.index(of.name) >= needed for of in user.org_roles)
    repository = resource.repo if isinstance(resource, Issue) else resource
    actions = ISSUE_ACTIONS if isinstance(resource, Issue) else REPO_ACTIONS
    needed = actions.index(action)
    if isinstance(resource, Issue):
        needed = ISSUE_NEEDS[needed]
    if action == "read" and repository.is_public:
        return True
    if action == "close" and isinstance(resource, Issue) and resource.creator == user.id:
        return True
    own = any(of.repository == repository.id and REPO_ROLES.index(of.name) >= needed for of in user.repo_roles)
    above = any(
        of.organization == repository.org.id and IMPLIED[ORG_ROLES.index(of.name)] >= needed for of in user.org_roles
    )
    return own or above


ORG_GRANTING = {"read": {"member", "owner"}, "invite": {"owner"}}
REPO_GRANTING = {
    "read": {"reader", "writer", "admin"},
    "comment": {"reader", "writer", "admin"},
    "push": {"writer", "admin"},
    "close": {"writer", "admin"},
    "delete": {"admin"},
}
#: The roles on the organization that are enough.
ABOVE = {"read": {"member", "owner"}, "comment": {"member", "owner"}, "push": {"owner"}, "close": {"owner"}, "delete": {"owner"}}


def on_repository(user: User, action: str, repository: Repository) -> bool:
    """Whether a role gives that."""
    number, granting = repository.id, REPO_GRANTING[action]
    for own in user.repo_roles:
        if own.repository == number and own.name in granting:
            return True
    number, granting = repository.org.id, ABOVE[action]
    for role in user.org_roles:
        if role.organization == number and role.name in granting:
            return True
    return False


def by_hand(questions: list[Question]) -> Contender:
    """What an application would write."""

    def decide(index: int) -> bool:
        user, action, resource = questions[index]
        if type(resource) is Organization:
            granting = ORG_GRANTING[action]
            for role in user.org_roles:
                if role.organization == resource.id and role.name in granting:
                    return True
            return False
        if type(resource) is Issue:
            if action == "close" and resource.creator == user.id:
                return True
            resource = resource.repo
        if action == "read" and resource.is_public:
            return True
        return on_repository(user, action, resource)

    return Contender("by hand", "loops over the user's roles", decide)


def reads(questions: list[Question]) -> Contender:
    """The attributes that a denied decision needs, and nothing else."""

    def decide(index: int) -> bool:
        user, action, resource = questions[index]
        if type(resource) is Issue:
            if action == "close":
                resource.creator
                user.id
            resource = resource.repo
        if type(resource) is Repository:
            if action == "read":
                resource.is_public
            for own in user.repo_roles:
                own.name
                own.repository
            resource.id
            resource = resource.org
        for role in user.org_roles:
            role.name
            role.organization
        resource.id
        return True

    return Contender("attribute reads alone", "each attribute that a denial has to look at, read once in Python", decide)


def org_group(organization: int, role: int) -> dict[str, str]:
    """The group of those who have the role."""
    return uid("UserGroup", f"o{organization}_{ORG_ROLES[role]}")


def repo_group(repository: int, role: int) -> dict[str, str]:
    """The group of those who have the role."""
    return uid("UserGroup", f"r{repository}_{REPO_ROLES[role]}")


def cedar_user(user: User) -> Entity:
    """A user in its groups."""
    parents = [org_group(role.organization, ORG_ROLES.index(role.name)) for role in user.org_roles]
    parents += [repo_group(role.repository, REPO_ROLES.index(role.name)) for role in user.repo_roles]
    return entity(uid("User", f"u{user.id}"), {}, parents)


def cedar_organization(organization: Organization, repositories: list[Repository]) -> list[Entity]:
    """An organization and its groups, which are in those of these repositories."""
    groups = [org_group(organization.id, role) for role in range(2)]
    found = [entity(uid("Organization", f"o{organization.id}"), named(["members", "owners"], groups), [])]
    for role, of in enumerate(groups):
        below = [repo_group(repository.id, IMPLIED[role]) for repository in repositories]
        found.append(entity(of, {}, (groups[:1] if role else []) + below))
    return found


def cedar_repository(repository: Repository) -> list[Entity]:
    """A repository and its groups."""
    groups = [repo_group(repository.id, role) for role in range(3)]
    attributes = named(["readers", "writers", "admins"], groups) | {"isPublic": repository.is_public}
    found = [entity(uid("Repository", f"r{repository.id}"), attributes, [])]
    for role, of in enumerate(groups):
        found.append(entity(of, {}, groups[role - 1 : role] if role else []))
    return found


def cedar_issue(issue: Issue) -> Entity:
    """An issue."""
    attributes = {
        "repo": {"__entity": uid("Repository", f"r{issue.repo.id}")},
        "creator": {"__entity": uid("User", f"u{issue.creator}")},
    }
    return entity(uid("Issue", f"i{issue.id}"), attributes, [])


def slice_for(question: Question) -> list[Entity]:
    """The entities that a question is about."""
    user, _, resource = question
    found = [cedar_user(user)]
    if isinstance(resource, Organization):
        return found + cedar_organization(resource, [])
    if isinstance(resource, Issue):
        found.append(cedar_issue(resource))
        resource = resource.repo
    return found + cedar_repository(resource) + cedar_organization(resource.org, [resource])


def request(question: Question) -> dict[str, Any]:
    """A request as cedarpy takes it."""
    user, action, resource = question
    kind = type(resource).__name__
    return peers.request(f"u{user.id}", action, uid(kind, f"{kind[0].lower()}{resource.id}"))


def cedar(world: World) -> list[Contender]:
    """Cedar with its entities made before, and with those of each request made in it."""
    owned: dict[int, list[Repository]] = {}
    for repository in world.repositories:
        owned.setdefault(repository.org.id, []).append(repository)
    everything = [cedar_user(user) for user in world.users] + [cedar_issue(issue) for issue in world.issues]
    for organization in world.organizations:
        everything.extend(cedar_organization(organization, owned.get(organization.id, [])))
    for repository in world.repositories:
        everything.extend(cedar_repository(repository))
    requests = [request(question) for question in world.questions]
    slices = [slice_for(question) for question in world.questions]
    return peers.cedar(HERE, everything, requests, slices)


def permissions() -> list[tuple[str, str, str]]:
    """Which role may do what to which kind of thing, with what the roles imply."""
    lines = [(role, "organization", action) for rank, role in enumerate(ORG_ROLES) for action in ORG_ACTIONS[: rank + 1]]
    ranked = [*enumerate(REPO_ROLES), *zip(IMPLIED, ORG_ROLES, strict=True)]
    for rank, role in ranked:
        lines += [(role, "repository", action) for action in REPO_ACTIONS[: rank + 1]]
        lines += [
            (role, "issue", action) for action, needed in zip(ISSUE_ACTIONS, ISSUE_NEEDS, strict=True) if needed <= rank
        ]
    return [*lines, ("anyone", "repository", "read"), ("anyone", "issue", "read"), ("creator", "issue", "close")]


def casbin_request(question: Question) -> tuple[str, ...]:
    """The application follows the relations itself."""
    user, action, resource = question
    kind = type(resource).__name__.lower()
    creator = f"u{resource.creator}" if isinstance(resource, Issue) else ""
    if isinstance(resource, Organization):
        return f"u{user.id}", kind, action, "", f"o{resource.id}", "no", ""
    repository = resource.repo if isinstance(resource, Issue) else resource
    public = "yes" if repository.is_public else "no"
    return f"u{user.id}", kind, action, f"r{repository.id}", f"o{repository.org.id}", public, creator


def casbin_contender(world: World) -> Contender:
    """Roles with domains; the application follows the relations, and what a role implies is written out."""
    enforcer = peers.enforcer(HERE)
    enforcer.add_policies([list(line) for line in permissions()])
    roles = []
    for user in world.users:
        roles += [[f"u{user.id}", role.name, f"o{role.organization}"] for role in user.org_roles]
        roles += [[f"u{user.id}", role.name, f"r{role.repository}"] for role in user.repo_roles]
    enforcer.add_grouping_policies(roles)
    requests = [casbin_request(question) for question in world.questions]

    def decide(index: int) -> bool:
        return enforcer.enforce(*requests[index])

    given = "roles with domains; the application itself follows the relations, which is less work than the others do"
    return Contender("casbin", given, decide)


def workload() -> Workload:
    """W2 for Python."""
    found = world()
    questions = found.questions
    describe: Callable[[int], str] = lambda index: f"{questions[index]}"
    contenders = [
        peers.polar("arctos", arctos.Arctos(), CLASSES, HERE, questions),
        by_hand(questions),
        *cedar(found),
        casbin_contender(found),
        peers.polar("oso", oso.Oso(), CLASSES, HERE, questions),
    ]
    return Workload(
        id="W2-python",
        name="python-codehost",
        about=f"{ABOUT} CPython {platform.python_version()}.",
        expected=[right(*question) for question in questions],
        describe=describe,
        contenders=contenders,
        floor=reads(questions),
        nothing=peers.nothing(questions),
    )
