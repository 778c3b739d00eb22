"""Authorization in FastAPI applications: dependencies that ask the policy, in synchronous and asynchronous routes.

    from arctos.fastapi import FastAPIArctos

    az = FastAPIArctos(current_user)  # a dependency that says who asks

    @app.get("/repositories/{name}")
    def show(repository: Annotated[Repository, az.authorized("read", repository_of_path)]): ...

    @app.get("/repositories")
    def index(session: DbSession, may_read: Annotated[ColumnElement[bool], az.filtered(Repository, "read")]): ...

    az.init_app(app, arctos)

Needs FastAPI 0.115 or later: ``pip install "arctos[fastapi]"``.
"""

from arctos.fastapi.access import Access, FastAPIArctos
from arctos.fastapi.refusals import RESPONSES

__all__ = ["RESPONSES", "Access", "FastAPIArctos"]
