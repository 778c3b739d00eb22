"""``arctos.fastapi`` behind a real server: dependencies, refusals, and routes that do not ask."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import httpx
import pytest
import uvicorn
from arctos import Arctos, NotFoundError, OsoError
from arctos.fastapi import RESPONSES, Access, FastAPIArctos
from fastapi import APIRouter, Depends, FastAPI, HTTPException, WebSocket
from fastapi.responses import JSONResponse, PlainTextResponse
from sqlalchemy import ColumnElement, select
from starlette.requests import HTTPConnection
from starlette.staticfiles import StaticFiles
from web import POLICY, Member, Repo, database, policy

sessions = database()


def current_user(connection: HTTPConnection) -> Member:
    name = connection.headers.get("X-User")
    if name is None:
        raise HTTPException(401)
    return Member(name)


async def current_user_later(connection: HTTPConnection) -> Member:
    return current_user(connection)


def repo_of_path(name: str) -> Repo | None:
    with sessions() as session:
        return session.get(Repo, name)


async def repo_of_path_later(name: str) -> Repo | None:
    return repo_of_path(name)


az = FastAPIArctos(current_user)
later = FastAPIArctos(current_user_later)
router = APIRouter(responses=RESPONSES)


@router.get("/repos/{name}")
def show(repo: Annotated[Repo, az.authorized("read", repo_of_path)]) -> str:
    return repo.name


@router.put("/repos/{name}")
async def push(repo: Annotated[Repo, later.authorized("push", repo_of_path_later)]) -> str:
    return repo.name


@router.delete("/repos/{name}")
def delete(repo: Annotated[Repo, az.authorized("delete", repo_of_path, check_read=False)]) -> str:
    return repo.name


@router.get("/repos")
def index(may_read: Annotated[ColumnElement[bool], az.filtered(Repo, "read")]) -> list[str]:
    with sessions() as session:
        return list(session.scalars(select(Repo.name).where(may_read).order_by(Repo.name)))


@router.get("/words/{name}")
async def in_own_words(access: Annotated[Access, Depends(later.access)], name: str) -> list[str]:
    access.authorize("read", repo_of_path(name))
    return [access.actor.name]


@router.get("/asks-too-late", dependencies=[az.skip_authorization("no dependency of its own")])
def open_() -> str:
    return "open"


def application(arctos: Arctos | None = None) -> FastAPI:
    app = FastAPI()
    engine = arctos if arctos is not None else policy()
    if arctos is None:
        engine.load_str(POLICY)
    az.init_app(app, engine)
    az.require_authorization(app, public=["/files"])
    app.include_router(router)
    return app


@contextmanager
def served(app: FastAPI) -> Iterator[httpx.Client]:
    """The application behind a real server, with a client that ben sits at."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server ended before it began"
            time.sleep(0.01)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        # The server closes a connection after an error of the application's, which the next request would run into.
        alone = httpx.Limits(max_keepalive_connections=0)
        with httpx.Client(base_url=address, headers={"X-User": "ben"}, timeout=30, limits=alone) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with served(application()) as client:
        yield client


ANN = {"X-User": "ann"}


def test_a_resource_comes_when_the_policy_allows_it(client: httpx.Client) -> None:
    assert client.get("/repos/anvil").json() == "anvil"
    assert client.put("/repos/rocket", headers=ANN).json() == "rocket"
    assert client.get("/words/anvil").json() == ["ben"]


def test_hidden_and_missing_look_the_same(client: httpx.Client) -> None:
    assert (client.put("/repos/anvil").status_code, client.delete("/repos/rocket").status_code) == (403, 403)
    answers = [client.get(path) for path in ("/repos/rocket", "/repos/none", "/words/rocket", "/no/such/route")]
    assert {(answer.status_code, answer.content) for answer in answers} == {(404, b'{"detail":"Not Found"}')}


def test_a_list_is_one_condition(client: httpx.Client) -> None:
    assert client.get("/repos").json() == ["anvil"]
    assert client.get("/repos", headers=ANN).json() == ["anvil", "rocket"]


def test_whoever_does_not_say_who_asks(client: httpx.Client) -> None:
    for path in ("/repos", "/repos/anvil", "/words/anvil"):
        assert httpx.get(f"{client.base_url}{path}").status_code == 401
    assert httpx.get(f"{client.base_url}/asks-too-late").json() == "open"


def test_the_schema_tells_of_refusals(client: httpx.Client) -> None:
    schema = client.get("/openapi.json").json()
    assert client.get("/docs").status_code == 200
    for methods in schema["paths"].values():
        for operation in methods.values():
            assert {"200", "403", "404"} <= operation["responses"].keys()
    # What a route takes in is what its resource is found by, and nothing of ours.
    [parameter] = schema["paths"]["/repos/{name}"]["get"]["parameters"]
    assert parameter["name"] == "name"


def forgetful() -> FastAPI:
    app = application()

    @app.get("/forgets")
    def forgets() -> str:
        return "secret"

    @app.get("/forgets/later")
    async def forgets_later() -> str:
        return "secret"

    @app.get("/moves", status_code=307)
    def moves() -> None:
        return None

    @app.get("/own-word")
    async def own_word() -> JSONResponse:
        return JSONResponse("secret", 409)

    @app.get("/status/{status}")
    def refuses(status: int) -> None:
        raise HTTPException(status)

    async def plain(request: Any) -> PlainTextResponse:
        return PlainTextResponse("secret")

    app.add_route("/plain", plain)
    app.mount("/mounted", StaticFiles(directory="."))
    app.mount("/files", StaticFiles(directory="."))
    return app


def test_whoever_does_not_ask_does_not_answer() -> None:
    with served(forgetful()) as client:
        for path in ("/forgets", "/forgets/later", "/moves", "/own-word", "/plain", "/mounted/pyproject.toml"):
            answer = client.get(path)
            assert answer.status_code == 500 and "secret" not in answer.text, path
        for status in (400, 401, 403, 404, 405, 422, 429, 503):
            assert client.get(f"/status/{status}").status_code == status
        assert client.get("/status/409").status_code == 500
        assert client.get("/status/word").status_code == 422
        assert client.post("/forgets").status_code == 405
        assert client.get("/repos/").status_code == 307  # to the path without the slash
        assert client.get("/files/pyproject.toml").status_code == 200
        assert client.get("/files-of-others").status_code == 404
        assert client.get("/repos/anvil").status_code == 200


def test_a_mounted_application_asks_for_both() -> None:
    outer, inner = application(), application()
    outer.mount("/inner", inner)
    inner.get("/forgets")(lambda: "secret")
    with served(outer) as client:
        assert client.get("/inner/repos/anvil").json() == "anvil"
        assert client.get("/inner/repos/rocket").status_code == 404
        assert client.get("/inner/forgets").status_code == 500


def test_a_handler_of_the_application_stands() -> None:
    app = application()
    app.add_exception_handler(NotFoundError, lambda request, error: PlainTextResponse("nothing here", 404))
    with served(app) as client:
        assert client.get("/repos/rocket").text == "nothing here"
        assert client.put("/repos/anvil").json() == {"detail": "Forbidden"}


def test_the_errors_of_an_engine_are_what_it_says() -> None:
    class Away(Exception):
        pass

    engine = Arctos(not_found_error=Away)
    engine.register_class(Member)
    engine.register_class(Repo)
    engine.load_str(POLICY)
    app = application(engine)
    app.add_exception_handler(Away, lambda request, error: PlainTextResponse("away", 404))
    with served(app) as client:
        assert client.get("/repos/none").text == client.get("/repos/rocket").text == "away"


class Slow:
    """Its attributes are awaited."""

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    async def owner(self) -> str:
        return self.name


async def slow_of_path(name: str) -> Slow | None:
    return Slow(name) if name != "none" else None


def test_objects_that_answer_later() -> None:
    engine = policy()
    engine.register_class(Slow)
    engine.load_str('allow(user: Member, "read", slow: Slow) if slow.owner = user.name;')
    app = application(engine)

    @app.get("/slow/{name}")
    async def slow(slow: Annotated[Slow, later.authorized_async("read", slow_of_path)]) -> str:
        return slow.name

    with served(app) as client:
        assert client.get("/slow/ben").json() == "ben"
        assert client.get("/slow/ann").content == client.get("/slow/none").content == b'{"detail":"Not Found"}'


async def connect(app: FastAPI, path: str, user: str) -> list[dict[str, Any]]:
    """What an application sends to a web socket that connects."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": path, "headers": [(b"x-user", user.encode())], "query_string": b"", "subprotocols": []}
    scope["extensions"] = {"websocket.http.response": {}}
    await app(scope, receive, send)
    return sent


def test_web_sockets_are_asked_about_before_they_are_accepted() -> None:
    app = application()

    @app.websocket("/watch/{name}")
    async def watch(socket: WebSocket, repo: Annotated[Repo, az.authorized("read", repo_of_path)]) -> None:
        await socket.accept()

    @app.websocket("/forgets")
    async def forgets(socket: WebSocket) -> None:
        await socket.accept()

    accepted = asyncio.run(connect(app, "/watch/anvil", "ben"))
    assert [message["type"] for message in accepted] == ["websocket.accept"]
    [closed] = asyncio.run(connect(app, "/watch/rocket", "ben"))
    assert (closed["type"], closed["code"]) == ("websocket.close", 1008)
    @app.websocket("/says")
    async def says(socket: WebSocket) -> None:
        await socket.send_denial_response(PlainTextResponse("secret"))

    with pytest.raises(OsoError, match="`websocket /says`"):
        asyncio.run(connect(app, "/says", "ben"))
    with pytest.raises(OsoError, match="`websocket /forgets` has answered and not asked"):
        asyncio.run(connect(app, "/forgets", "ben"))


def test_an_application_without_a_policy_says_so() -> None:
    app = FastAPI()
    app.include_router(router)
    transport = httpx.ASGITransport(app)

    async def ask() -> None:
        async with httpx.AsyncClient(transport=transport, base_url="http://site", headers=ANN) as client:
            await client.get("/repos")

    with pytest.raises(OsoError, match="init_app"):
        asyncio.run(ask())
