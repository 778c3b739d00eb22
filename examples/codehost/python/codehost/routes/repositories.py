"""Repositories: listing and reading them, publishing, inviting people, deleting."""

from fastapi import APIRouter
from sqlalchemy import select, tuple_
from sqlalchemy.orm import contains_eager

from ..access import Access
from ..database import DbSession
from ..lookup import RepositoryOfPath, user_named
from ..models import Organization, Repository, RepositoryMembership
from ..pages import Page
from ..views import MemberView, NewRepositoryMember, Publication, RepositoryView

router = APIRouter(prefix="/repositories", tags=["repositories"])


@router.get("")
def list_readable(access: Access, session: DbSession, page: Page, after: str = "") -> list[RepositoryView]:
    """Those repositories that the user may read, by name; a page of them, after the full name of one."""
    repositories = session.scalars(
        select(Repository)
        .join(Repository.organization)
        .options(contains_eager(Repository.organization))
        .where(
            access.allowed("read", Repository),
            tuple_(Organization.name, Repository.name) > tuple(after.partition("/")[::2]),
        )
        .order_by(Organization.name, Repository.name)
        .limit(page.fetch)
    ).all()
    shown = page.of(repositories, lambda repository: repository.full_name)
    return [RepositoryView.of(repository, access) for repository in shown]


@router.get("/{organization}/{repository}")
def read(access: Access, repository: RepositoryOfPath) -> RepositoryView:
    access.authorize("read", repository)
    return RepositoryView.of(repository, access)


@router.put("/{organization}/{repository}/publication")
def publish(
    access: Access, session: DbSession, repository: RepositoryOfPath, publication: Publication
) -> RepositoryView:
    access.authorize("publish", repository)
    repository.public = publication.public
    session.commit()
    return RepositoryView.of(repository, access)


@router.post("/{organization}/{repository}/members", status_code=201)
def add_member(
    access: Access, session: DbSession, repository: RepositoryOfPath, new: NewRepositoryMember
) -> MemberView:
    access.authorize("add_member", repository)
    user = user_named(session, new.login)
    session.merge(RepositoryMembership(user_id=user.id, repository_id=repository.id, role=new.role))
    session.commit()
    return MemberView(login=new.login, role=new.role)


@router.delete("/{organization}/{repository}", status_code=204)
def delete(access: Access, session: DbSession, repository: RepositoryOfPath) -> None:
    access.authorize("delete", repository)
    session.delete(repository)
    session.commit()
