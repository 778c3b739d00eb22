"""Puts the application together, and turns the policy's two refusals into statuses. No route answers without having asked."""

from dataclasses import dataclass

from arctos import ForbiddenError, NotFoundError
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from . import database, policy
from .access import guard
from .routes import issues, organizations, repositories
from .seed import seed


@dataclass(frozen=True)
class Settings:
    """What an installation may choose."""

    database: str = "sqlite:///codehost.db"
    explain: bool = False
    """Name the deciding rules in a response header. It shows the policy to every caller: not for production."""
    seed: bool = False
    """Put the sample data into an empty database."""


def create_app(settings: Settings) -> FastAPI:
    """The application: one database, one policy, shared by all requests."""
    app = FastAPI(title="codehost")
    app.state.explain = settings.explain
    app.state.sessions = database.connect(settings.database)
    guard.init_app(app, policy.load())
    guard.require_authorization(app)
    if settings.seed:
        with app.state.sessions() as session:
            seed(session)

    app.add_exception_handler(NotFoundError, not_found)
    app.add_exception_handler(ForbiddenError, forbidden)
    app.include_router(organizations.router)
    app.include_router(repositories.router)
    app.include_router(issues.router)

    @app.get("/health", dependencies=[guard.skip_authorization("tells nothing but that it runs")])
    def health() -> dict[str, str]:
        return {"status": "ok"}

    return app


def not_found(_request: Request, _error: Exception) -> JSONResponse:
    """The same answer whether it does not exist or this user may not know that it does."""
    return JSONResponse({"detail": "there is no such thing, or none that you may see"}, 404)


def forbidden(_request: Request, _error: Exception) -> JSONResponse:
    """The user may see it, but not do this to it."""
    return JSONResponse({"detail": "you may see this, but not do that"}, 403)
