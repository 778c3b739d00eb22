"""Finding things by the names in a request's path.

What is missing raises NotFoundError, the same error as for what the user may not see.
"""

from typing import Annotated

from arctos import NotFoundError
from fastapi import Depends, HTTPException
from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from .database import DbSession
from .models import Issue, Organization, Repository, User


def organization_of_path(session: DbSession, organization: str) -> Organization:
    """`/organizations/{organization}`"""
    found = session.scalar(select(Organization).where(Organization.name == organization))
    if found is None:
        raise NotFoundError()
    return found


def repository_of_path(session: DbSession, organization: str, repository: str) -> Repository:
    """`/repositories/{organization}/{repository}`"""
    found = session.scalar(
        select(Repository)
        .join(Repository.organization)
        .options(contains_eager(Repository.organization))
        .where(Organization.name == organization, Repository.name == repository)
    )
    if found is None:
        raise NotFoundError()
    return found


OrganizationOfPath = Annotated[Organization, Depends(organization_of_path)]
RepositoryOfPath = Annotated[Repository, Depends(repository_of_path)]


def issue_of_path(session: DbSession, repository: RepositoryOfPath, number: int) -> Issue:
    """`/repositories/{organization}/{repository}/issues/{number}`"""
    found = session.scalar(select(Issue).where(Issue.repository == repository, Issue.number == number))
    if found is None:
        raise NotFoundError()
    return found


IssueOfPath = Annotated[Issue, Depends(issue_of_path)]


def user_named(session: Session, login: str) -> User:
    """The user that a request's body names."""
    found = session.scalar(select(User).where(User.login == login))
    if found is None:
        raise HTTPException(422, f"there is no user {login}")
    return found
