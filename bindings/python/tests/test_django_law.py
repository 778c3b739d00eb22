"""The law of filters in Django: the rows that a filter selects are those that a check allows, for random policies and rows."""

from __future__ import annotations

import os
import random
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import django_app  # noqa: F401
import pytest
from arctos.django.engine import DjangoArctos
from arctos.polar.exceptions import UnsupportedError
from django.db import OperationalError
from django_app.models import Comment, Issue, Kind, Member, Org, Repo
from test_filter_law import Policies, check, ground

CASES = int(os.environ.get("ARCTOS_FILTER_CASES", "500"))
TOKENS = [UUID(int=n) for n in range(2)]
DAYS = [datetime(2026, 1, 1, tzinfo=timezone.utc), datetime(2026, 6, 1, tzinfo=timezone.utc)]
PRICES = [Decimal("1.50"), Decimal("2")]


class DjangoPolicies(Policies):
    """What is about Django's types, too."""

    def atom(self, r: str, helpers: bool) -> str:
        pick = self.random
        order, equal = pick.choice(["<", "<=", ">", ">="]), pick.choice(["=", "==", "!="])
        x = self.fresh()
        atoms = [
            f"{r}.price {equal} price",
            f"{r}.price {order} price",
            f"{r}.price {equal} {pick.choice(['nil', '2', '1.5', '0.1'])}",
            f"{r}.price {equal} {r}.size",
            f"{r}.kind {equal} {r}.topic",
            f"{r}.pk {order} u.pk",
            f"{r}.org_id {equal} u.id",
            f"({x} in {r}.issues and u in {x}.watchers)",
            f"({x} in {r}.org.repos and {x}.size {equal} {r}.size)",
            f"({x} in {r}.members and {r}.parent in {x}.repos)",
            f'({x} in {r}.issues and {x}.key {equal} token)',
        ]
        return pick.choice(atoms) if pick.random() < 0.2 else super().atom(r, helpers)


def fill(pick: random.Random) -> list[Member]:
    """Rows in which much is nil and much is alike."""
    users = [Member.objects.create(id=n + 1, name=pick.choice("abc"), is_admin=pick.random() < 0.5) for n in range(3)]
    orgs = [
        Org.objects.create(
            name=pick.choice(["a", "b", None]), level=pick.choice([None, 1, 2, 3]), owner=pick.choice([*users, None])
        )
        for n in range(3)
    ]
    repos = [repo(pick, orgs) for _ in range(12)]
    for n, one in enumerate(repos):
        one.parent = pick.choice([None, *repos])
        one.save()
        one.members.set(pick.sample(users, pick.randint(0, 2)))
        for number in range(pick.choice([0, 0, 1, 2])):
            issue = Issue.objects.create(key=UUID(int=3 * n + number), number=number, title=pick.choice([None, "a", "b"]), repo=one)
            issue.watchers.set(pick.sample(users, pick.randint(0, 2)))
            for _ in range(pick.randint(0, 2)):
                Comment.objects.create(text=pick.choice([None, "a", "b"]), issue=issue)
    return users


def loaded() -> list[Repo]:
    """All repositories with all that they lead to, each row as one object: a check that goes round in circles has to meet the same objects again."""
    members, orgs, repos, issues, comments = (
        {row.pk: row for row in model.objects.order_by("pk")} for model in (Member, Org, Repo, Issue, Comment)
    )
    known: list[tuple[Any, str, Any, Any]] = [
        (repos, "forks", repos, lambda one, other: other.parent_id == one.pk),
        (repos, "issues", issues, lambda one, other: other.repo_id == one.pk),
        (repos, "members", members, lambda one, other: one.members.through.objects.filter(repo=one, member=other)),
        (members, "repos", repos, lambda one, other: one.repos.through.objects.filter(repo=other, member=one)),
        (orgs, "repos", repos, lambda one, other: other.org_id == one.pk),
        (issues, "comments", comments, lambda one, other: other.issue_id == one.pk),
        (issues, "watchers", members, lambda one, other: one.watchers.through.objects.filter(issue=one, member=other)),
    ]
    for rows, name, others, leads in known:
        for one in rows.values():
            found = getattr(one, name).all()
            found._result_cache = [other for other in others.values() if leads(one, other)]
            found._prefetch_done = True
            one.__dict__.setdefault("_prefetched_objects_cache", {})[name] = found
    keys = [(orgs, "owner", members), (repos, "org", orgs), (repos, "parent", repos), (issues, "repo", repos), (comments, "issue", issues)]
    for rows, name, others in keys:
        for one in rows.values():
            setattr(one, name, others.get(getattr(one, f"{name}_id")))
    return list(repos.values())


def repo(pick: random.Random, orgs: list[Org]) -> Repo:
    return Repo.objects.create(
        name=pick.choice("abc"),
        is_public=pick.random() < 0.5,
        size=pick.choice([None, 0, 1, 2, 3]),
        weight=pick.choice([None, 0.0, 1.5, 2.0]),
        topic=pick.choice([None, "a", "A", "b", "ä"]),
        kind=pick.choice([None, *Kind.values]),
        token=pick.choice([None, *TOKENS]),
        created=pick.choice([None, *DAYS]),
        price=pick.choice([None, *PRICES]),
        org=pick.choice([None, *orgs]),
    )


def engine() -> DjangoArctos:
    az = DjangoArctos()
    az.register_class(Member, name="User")
    for model in (Org, Repo, Issue, Comment):
        az.register_class(model)
    constants = {"fork": Kind.FORK, "source": Kind.SOURCE, "token": TOKENS[0], "day": DAYS[0], "price": PRICES[0]}
    for name, value in constants.items():
        az.register_constant(value, name)
    return az


@pytest.mark.usefixtures("empty")
def test_a_filter_selects_what_checks_allow() -> None:
    az = engine()
    counts: dict[Any, int] = {True: 0, False: 0, None: 0, "unsupported": 0, "too deep": 0, "selected": 0}
    users = fill(random.Random(7))
    repos = loaded()
    for seed in range(CASES):
        policy = DjangoPolicies(random.Random(seed)).policy()
        az.reload_str(policy)
        user = users[seed % len(users)]
        try:
            condition = az.filter(user, "read", Repo)
        except UnsupportedError:
            counts["unsupported"] += 1
            continue
        try:
            found = set(Repo.objects.filter(condition))
            # Where the row that is asked about has another name in the statement.
            within = set(Issue.objects.filter(repo__in=Repo.objects.filter(condition)))
        except OperationalError as error:
            # SQLite's parser has a stack of its own, of fixed size.
            assert "parser stack overflow" in str(error)
            counts["too deep"] += 1
            continue
        assert within == {issue for repo in found for issue in repo.issues.all()}
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
    assert counts[True] > CASES and counts[False] > CASES and counts[None] > CASES / 2
    assert counts["unsupported"] + counts["too deep"] <= CASES / 100


if __name__ == "__main__":
    raise SystemExit(pytest.main([__file__, "-q", "-s"]))
