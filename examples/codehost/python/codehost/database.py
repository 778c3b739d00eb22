"""The database: one engine for the application, one session for each request."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker

from .models import Base


def connect(url: str) -> sessionmaker[Session]:
    """Opens the database and creates what tables it lacks."""
    engine = create_engine(url, connect_args={"check_same_thread": False})
    Base.metadata.create_all(engine)
    return sessionmaker(engine)


def session_of_request(request: Request) -> Iterator[Session]:
    """A session that ends with the request."""
    with request.app.state.sessions() as session:
        yield session


DbSession = Annotated[Session, Depends(session_of_request)]
