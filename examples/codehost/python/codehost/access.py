"""Who is asking, and what the policy lets them do: the one dependency that every route has."""

import json
from pathlib import Path
from typing import Annotated

from arctos.fastapi import Access as Asked
from arctos.fastapi import FastAPIArctos
from fastapi import Depends, HTTPException, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload, selectinload

from .database import DbSession
from .models import Base, OrganizationMembership, RepositoryMembership, User, token_hash

bearer = HTTPBearer(auto_error=False)

# The policy asks the user for these in nearly every decision.
ROLES = (
    selectinload(User.organization_memberships).joinedload(OrganizationMembership.organization),
    selectinload(User.repository_memberships).joinedload(RepositoryMembership.repository),
)


def current_user(
    session: DbSession, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
) -> User:
    """The user whose token this is, or 401."""
    if credentials is not None:
        hashed = token_hash(credentials.credentials)
        user = session.scalar(select(User).where(User.token_hash == hashed).options(*ROLES))
        if user is not None:
            return user
    raise HTTPException(401, "say who you are: Authorization: Bearer <token>", {"WWW-Authenticate": "Bearer"})


guard = FastAPIArctos(current_user)


class Authorizer:
    """The current user before the policy."""

    def __init__(self, request: Request, response: Response, asked: Annotated[Asked, Depends(guard.access)]):
        self.user: User = asked.actor
        self._asked = asked
        self._arctos = asked.arctos
        self._explain: bool = request.app.state.explain
        self._response = response

    def authorize(self, action: str, resource: object) -> None:
        """Returns when the policy allows it.

        Raises NotFoundError when the user may not even read the resource, ForbiddenError otherwise; the application
        answers 404 and 403.
        """
        self._asked.authorize(action, resource)
        if self._explain:
            self._response.headers["X-Arctos-Rule"] = self._deciding_rules(action, resource)

    def _deciding_rules(self, action: str, resource: object) -> str:
        """The rules that the decision rests on, as JSON: where each stands, and its text in one line."""
        decision = self._arctos.decide(self.user, action, resource)
        return json.dumps(
            [
                {"location": Path(rule.location).name, "text": " ".join(rule.text.split())}
                for rule in decision.rules
            ]
        )

    def allowed(self, action: str, model: type[Base]) -> ColumnElement[bool]:
        """The condition on a model's rows that the policy comes to, for a list: no row is asked about one by one."""
        return self._asked.filter(action, model)

    def actions(self, resource: object) -> list[str]:
        """All that the user may do with the resource; shown beside it, so that a page knows which buttons to draw."""
        return sorted(self._arctos.authorized_actions(self.user, resource))


Access = Annotated[Authorizer, Depends(Authorizer)]
