"""Sample data: four people, two organizations, three repositories.

ann owns acme and ben is a member of it; cara belongs to nothing yet; dan owns globex. acme/anvil is public.
Everyone's token is their login followed by `-token`.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from .models import Issue, Organization, OrganizationMembership, Repository, User, token_hash


def seed(session: Session) -> None:
    """Puts the sample data into an empty database; leaves any other as it is."""
    if session.scalar(select(User).limit(1)) is not None:
        return
    ann, ben, cara, dan = (
        User(login=login, token_hash=token_hash(f"{login}-token")) for login in ("ann", "ben", "cara", "dan")
    )
    acme = Organization(name="acme")
    globex = Organization(name="globex")
    anvil = Repository(name="anvil", public=True, organization=acme)
    rocket = Repository(name="rocket", public=False, organization=acme)
    plans = Repository(name="plans", public=False, organization=globex)
    session.add_all([ann, ben, cara, dan, anvil, rocket, plans])
    session.add_all(
        [
            OrganizationMembership(user=ann, organization=acme, role="owner"),
            OrganizationMembership(user=ben, organization=acme, role="member"),
            OrganizationMembership(user=dan, organization=globex, role="owner"),
            Issue(number=1, title="the handle is loose", repository=anvil, author=ben),
            Issue(number=1, title="it does not fly", repository=rocket, author=ann),
        ]
    )
    session.commit()
