"""W1 over plain Python objects: users have roles on repositories. Policies are the same files that Rust is measured with."""

from __future__ import annotations

import json
import platform
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import arctos
import casbin
import cedarpy
import oso
from measure import Contender, Decide, Workload

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


def nothing(questions: list[Question]) -> Decide:
    """A decision without the decision."""

    def decide(index: int) -> bool:
        _user, _action, _repository = questions[index]
        return True

    return decide


def polar(name: str, engine: Any, questions: list[Question]) -> Contender:
    """Arctos or its predecessor: the same policy, the same objects."""
    for of in (User, Role, Repository):
        engine.register_class(of)
    engine.load_str((HERE / "policy.polar").read_text(encoding="utf-8"))
    is_allowed = engine.is_allowed

    def decide(index: int) -> bool:
        user, action, repository = questions[index]
        return is_allowed(user, action, repository)

    return Contender(name, "`is_allowed(user, action, repository)` over plain objects", decide)


def uid(kind: str, name: str) -> dict[str, str]:
    """A name in Cedar's JSON."""
    return {"type": kind, "id": name}


def group(repository: int, role: int) -> dict[str, str]:
    """The group of those who have the role."""
    return uid("UserGroup", f"r{repository}_{ROLES[role]}")


def cedar_user(user: User) -> dict[str, Any]:
    """A user in its groups."""
    parents = [group(role.repository, ROLES.index(role.name)) for role in user.roles]
    return {"uid": uid("User", f"u{user.id}"), "attrs": {}, "parents": parents}


def cedar_repository(repository: Repository) -> list[dict[str, Any]]:
    """A repository and its groups."""
    groups = [group(repository.id, role) for role in range(3)]
    attributes = {name: {"__entity": of} for name, of in zip(["readers", "writers", "admins"], groups, strict=True)}
    found = [{"uid": uid("Repository", f"r{repository.id}"), "attrs": attributes, "parents": []}]
    for role, of in enumerate(groups):
        found.append({"uid": of, "attrs": {}, "parents": groups[role - 1 : role] if role else []})
    return found


def request(question: Question) -> dict[str, Any]:
    """A request as cedarpy takes it."""
    user, action, repository = question
    return {
        "principal": uid("User", f"u{user.id}"),
        "action": uid("Action", action),
        "resource": uid("Repository", f"r{repository.id}"),
        "context": {},
    }


def cedar(users: list[User], repositories: list[Repository], questions: list[Question]) -> list[Contender]:
    """Cedar with its entities made before, and with those of each request made in it."""
    policies = cedarpy.PolicySet.from_str((HERE / "policy.cedar").read_text(encoding="utf-8"))
    everything = [cedar_user(user) for user in users]
    for repository in repositories:
        everything.extend(cedar_repository(repository))
    entities = cedarpy.Entities.from_json_str(json.dumps(everything))
    requests = [request(question) for question in questions]
    slices = [[cedar_user(user), *cedar_repository(repository)] for user, _, repository in questions]

    def stored(index: int) -> bool:
        return cedarpy.is_authorized(requests[index], policies, entities).allowed

    def per_request(index: int) -> bool:
        return cedarpy.is_authorized(requests[index], policies, slices[index]).allowed

    given = "the policies, the entities and the request are made before"
    each = "the policies and the request are made before; the entities of the request are a list of dictionaries"
    return [Contender("cedarpy", given, stored), Contender("cedarpy, entities per request", each, per_request)]


def casbin_contender(users: list[User], questions: list[Question]) -> Contender:
    """Roles with domains; what a role implies is written out."""
    enforcer = casbin.Enforcer(casbin.Enforcer.new_model(text=(HERE / "model.conf").read_text(encoding="utf-8")))
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
        polar("arctos", arctos.Arctos(), questions),
        by_hand(questions),
        *cedar(users, repositories, questions),
        casbin_contender(users, questions),
        polar("oso", oso.Oso(), questions),
    ]
    return Workload(
        id="W1-python",
        name="python-roles",
        about=f"{ABOUT} CPython {platform.python_version()}.",
        expected=[right(*question) for question in questions],
        describe=lambda index: f"{questions[index]}",
        contenders=contenders,
        floor=reads(questions),
        nothing=nothing(questions),
    )
