"""The application behind a real server on a free port, with a database of its own."""

import socket
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import uvicorn
from sqlalchemy.orm import Session, sessionmaker

sys.path.insert(0, str(Path(__file__).parents[1]))

from codehost import Settings, create_app


@dataclass
class Site:
    """A running application, its address, and its database."""

    address: str
    sessions: sessionmaker[Session]

    def as_user(self, login: str | None) -> httpx.Client:
        """A client that sends this user's token."""
        headers = {"Authorization": f"Bearer {login}-token"} if login else {}
        return httpx.Client(base_url=self.address, headers=headers, timeout=30)


def serve(settings: Settings) -> Iterator[Site]:
    app = create_app(settings)
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server ended before it began"
            time.sleep(0.01)
        port = listener.getsockname()[1]
        yield Site(f"http://127.0.0.1:{port}", app.state.sessions)
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One site for tests that make their own organizations."""
    path = tmp_path_factory.mktemp("site") / "codehost.db"
    yield from serve(Settings(database=f"sqlite:///{path}"))


@pytest.fixture
def seeded(tmp_path: Path) -> Iterator[Site]:
    """A site of its own with the sample data, which names the deciding rules."""
    yield from serve(Settings(database=f"sqlite:///{tmp_path / 'codehost.db'}", explain=True, seed=True))
