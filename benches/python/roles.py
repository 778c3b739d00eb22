"""W1 over plain Python objects: users have roles on repositories. Policies are the same files that Rust is measured with."""

from __future__ import annotations

import platform
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import arctos
import oso
import peers
from measure import Contender, Workload
from peers import Entity, entity, named, uid

HERE = Path(__file__).resolve().parent.parent / "src" / "roles"
ROLES = ["reader", "writer", "admin"]
ACTIONS = ["read", "push", "delete"]
REPOSITORIES = 50
ABOUT = (
    "W1 from Python: 100 users with 2 or 3 roles each on different ones of 50 repositories, plain Python objects; 1,000 "
    "questions. What it costs to take up a question and do nothing is subtracted."
)


@dataclass(eq=False)
class Role:
    """A user's role on a repository."""

    name: str
    repository: int


@dataclass(eq=False)
class User:
    """A user."""

    id: int
    roles: list[Role]


@dataclass(eq=False)
class Repository:
    """A repository."""

    id: int


CLASSES = (User, Role, Repository)

Question = tuple[User, str, Repository]


def world() -> tuple[list[User], list[Repository], list[Question]]:
    """The same every time."""
    chance = random.Random(1)
    repositories = [Repository(number) for number in range(REPOSITORIES)]
    users = []
    for number in range(100):
        granted = chance.sample(range(REPOSITORIES), chance.randint(2, 3))
        users.append(User(number, [Role(chance.choice(ROLES), repository) for repository in granted]))
    questions: list[Question] = []
    wanted = {True: 500, False: 500}
    while any(wanted.values()):
        user = chance.choice(users)
        near = chance.random() < 0.75
        number = chance.choice(user.roles).repository if near else chance.randrange(REPOSITORIES)
        question = (user, chance.choice(ACTIONS), repositories[number])
        answer = right(*question)
        if wanted[answer]:
            wanted[answer] -= 1
            questions.append(question)
    chance.shuffle(questions)
    return users, repositories, questions


def right(user: User, action: str, repository: Repository) -> bool:
    """The decision in plain Python."""
    needed = ACTIONS.index(action)
    return any(role.repository == repository.id and ROLES.index(role.name) >= needed for role in user.roles)


GRANTING = {"read": {"reader", "writer", "admin"}, "push": {"writer", "admin"}, "delete": {"admin"}}


def by_hand(questions: list[Question]) -> Contender:
    """What an application would write."""

    def decide(index: int) -> bool:
        user, action, repository = questions[index]
        granting = GRANTING[action]
        for role in user.roles:
            if role.repository == repository.id and role.name in granting:
                return True
        return False

    return Contender("by hand", "a loop over `user.roles`", decide)


def reads(questions: list[Question]) -> Contender:
    """The attributes that a decision needs, and nothing else."""

    def decide(index: int) -> bool:
        user, _, repository = questions[index]
        for role in user.roles:
            role.name
            role.repository
        repository.id
        return True

    return Contender("attribute reads alone", "each attribute that the policy names, read once in Python", decide)


def group(repository: int, role: int) -> dict[str, str]:
    """The group of those who have the role."""
    return uid("UserGroup", f"r{repository}_{ROLES[role]}")


def cedar_user(user: User) -> Entity:
    """A user in its groups."""
    parents = [group(role.repository, ROLES.index(role.name)) for role in user.roles]
    return entity(uid("User", f"u{user.id}"), {}, parents)


def cedar_repository(repository: Repository) -> list[Entity]:
    """A repository and its groups."""
    groups = [group(repository.id, role) for role in range(3)]
    attributes = named(["readers", "writers", "admins"], groups)
    found = [entity(uid("Repository", f"r{repository.id}"), attributes, [])]
    for role, of in enumerate(groups):
        found.append(entity(of, {}, groups[role - 1 : role] if role else []))
    return found


def request(question: Question) -> dict[str, Any]:
    """A request as cedarpy takes it."""
    user, action, repository = question
    return peers.request(f"u{user.id}", action, uid("Repository", f"r{repository.id}"))


def cedar(users: list[User], repositories: list[Repository], questions: list[Question]) -> list[Contender]:
    """Cedar with its entities made before, and with those of each request made in it."""
    everything = [cedar_user(user) for user in users]
    for repository in repositories:
        everything.extend(cedar_repository(repository))
    requests = [request(question) for question in questions]
    slices = [[cedar_user(user), *cedar_repository(repository)] for user, _, repository in questions]
    return peers.cedar(HERE, everything, requests, slices)


def casbin_contender(users: list[User], questions: list[Question]) -> Contender:
    """Roles with domains; what a role implies is written out."""
    enforcer = peers.enforcer(HERE)
    for number, role in enumerate(ROLES):
        for action in ACTIONS[: number + 1]:
            enforcer.add_policy(role, action)
    for user in users:
        for role in user.roles:
            enforcer.add_grouping_policy(f"u{user.id}", role.name, f"r{role.repository}")
    names = [(f"u{user.id}", f"r{repository.id}", action) for user, action, repository in questions]

    def decide(index: int) -> bool:
        return enforcer.enforce(*names[index])

    return Contender("casbin", "roles with domains, `enforce(user, repository, action)` with ready names", decide)


def workload() -> Workload:
    """W1 for Python."""
    users, repositories, questions = world()
    contenders = [
        peers.polar("arctos", arctos.Arctos(), CLASSES, HERE, questions),
        by_hand(questions),
        *cedar(users, repositories, questions),
        casbin_contender(users, questions),
        peers.polar("oso", oso.Oso(), CLASSES, HERE, questions),
    ]
    return Workload(
        id="W1-python",
        name="python-roles",
        about=f"{ABOUT} CPython {platform.python_version()}.",
        expected=[right(*question) for question in questions],
        describe=lambda index: f"{questions[index]}",
        contenders=contenders,
        floor=reads(questions),
        nothing=peers.nothing(questions),
    )
