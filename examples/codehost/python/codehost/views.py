"""What the service takes in and gives out."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from .access import Authorizer
from .models import Issue, Organization, Repository

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,38}$")]


class OrganizationView(BaseModel):
    """An organization as one user sees it."""

    name: str
    actions: list[str]

    @classmethod
    def of(cls, organization: Organization, access: Authorizer) -> "OrganizationView":
        return cls(name=organization.name, actions=access.actions(organization))


class RepositoryView(BaseModel):
    """A repository as one user sees it."""

    full_name: str
    public: bool
    actions: list[str]

    @classmethod
    def of(cls, repository: Repository, access: Authorizer) -> "RepositoryView":
        return cls(
            full_name=repository.full_name, public=repository.public, actions=access.actions(repository)
        )


class IssueView(BaseModel):
    """An issue as one user sees it."""

    number: int
    title: str
    author: str
    closed: bool
    actions: list[str]

    @classmethod
    def of(cls, issue: Issue, access: Authorizer) -> "IssueView":
        return cls(
            number=issue.number,
            title=issue.title,
            author=issue.author.login,
            closed=issue.closed,
            actions=access.actions(issue),
        )


class MemberView(BaseModel):
    """A user's role somewhere."""

    login: str
    role: str


class NewRepository(BaseModel):
    """A repository to create."""

    name: Name
    public: bool = False


class NewIssue(BaseModel):
    """An issue to report."""

    title: Annotated[str, Field(min_length=1, max_length=200)]


class NewOrganizationMember(BaseModel):
    """A user to take into an organization."""

    login: str
    role: Literal["member", "owner"] = "member"


class NewRepositoryMember(BaseModel):
    """A user to invite to a repository."""

    login: str
    role: Literal["reader", "contributor", "maintainer"] = "reader"


class Publication(BaseModel):
    """Whether a repository is public."""

    public: bool
