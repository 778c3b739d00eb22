"""Organizations: reading them, taking people in, creating repositories."""

from fastapi import APIRouter, HTTPException
from sqlalchemy.exc import IntegrityError

from ..access import Access
from ..database import DbSession
from ..lookup import OrganizationOfPath, user_named
from ..models import OrganizationMembership, Repository
from ..views import MemberView, NewOrganizationMember, NewRepository, OrganizationView, RepositoryView

router = APIRouter(prefix="/organizations", tags=["organizations"])


@router.get("/{organization}")
def read(access: Access, organization: OrganizationOfPath) -> OrganizationView:
    access.authorize("read", organization)
    return OrganizationView.of(organization, access)


@router.post("/{organization}/members", status_code=201)
def add_member(
    access: Access, session: DbSession, organization: OrganizationOfPath, new: NewOrganizationMember
) -> MemberView:
    access.authorize("add_member", organization)
    user = user_named(session, new.login)
    session.merge(OrganizationMembership(user_id=user.id, organization_id=organization.id, role=new.role))
    session.commit()
    return MemberView(login=new.login, role=new.role)


@router.post("/{organization}/repositories", status_code=201)
def create_repository(
    access: Access, session: DbSession, organization: OrganizationOfPath, new: NewRepository
) -> RepositoryView:
    access.authorize("create_repository", organization)
    repository = Repository(name=new.name, public=new.public, organization=organization)
    session.add(repository)
    try:
        session.commit()
    except IntegrityError:
        session.rollback()
        raise HTTPException(409, f"there is a repository {new.name} already") from None
    return RepositoryView.of(repository, access)
