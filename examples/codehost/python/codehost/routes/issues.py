"""Issues: listing, reading, reporting and closing them."""

from fastapi import APIRouter, HTTPException
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from ..access import Access
from ..database import DbSession
from ..lookup import IssueOfPath, RepositoryOfPath
from ..models import Issue
from ..pages import Page
from ..views import IssueView, NewIssue

router = APIRouter(prefix="/repositories/{organization}/{repository}/issues", tags=["issues"])


@router.get("")
def list_readable(
    access: Access, session: DbSession, repository: RepositoryOfPath, page: Page, after: int = 0
) -> list[IssueView]:
    """Those issues of a repository that the user may read, oldest first; a page of them, after the number of one."""
    access.authorize("read", repository)
    issues = session.scalars(
        select(Issue)
        .options(joinedload(Issue.author))
        .where(Issue.repository == repository, Issue.number > after, access.allowed("read", Issue))
        .order_by(Issue.number)
        .limit(page.fetch)
    ).all()
    return [IssueView.of(issue, access) for issue in page.of(issues, lambda issue: issue.number)]


@router.get("/{number}")
def read(access: Access, issue: IssueOfPath) -> IssueView:
    access.authorize("read", issue)
    return IssueView.of(issue, access)


@router.post("", status_code=201)
def create(access: Access, session: DbSession, repository: RepositoryOfPath, new: NewIssue) -> IssueView:
    access.authorize("create_issue", repository)
    last = session.scalar(select(func.max(Issue.number)).where(Issue.repository == repository))
    issue = Issue(number=(last or 0) + 1, title=new.title, repository=repository, author=access.user)
    session.add(issue)
    session.commit()
    return IssueView.of(issue, access)


@router.post("/{number}/close")
def close(access: Access, session: DbSession, issue: IssueOfPath) -> IssueView:
    access.authorize("close", issue)
    if issue.closed:
        raise HTTPException(409, "it is closed already")
    issue.closed = True
    session.commit()
    return IssueView.of(issue, access)
