"""``arctos.flask`` in a real application, asked by Flask's own client."""

from __future__ import annotations

import pytest
from arctos import AuthorizationError, OsoError
from arctos.flask import FlaskArctos, FlaskOso, authorize, skip_authorization
from flask import Flask, abort, g, request
from sqlalchemy import select
from web import POLICY, Member, Repo, database, policy

REQUESTS = """
allow(_: Member, "GET", request: Request) if request.path != "/closed";
allow(_: Member, "GET", repo: Repo) if repo.is_public;
"""


class Site:
    """An application with these routes; each request says in a header who asks."""

    def __init__(self, **options) -> None:
        self.app = Flask("site", **options)
        self.sessions = database()
        self.oso = policy()
        self.az = FlaskArctos(self.oso, self.app)
        self.oso.load_str(POLICY + REQUESTS)

        @self.app.before_request
        def who() -> None:
            if "X-User" in request.headers:
                g.current_user = Member(request.headers["X-User"])

    def get(self, path: str, user: str | None = "ben", method: str = "GET"):
        headers = {"X-User": user} if user else {}
        return self.app.test_client().open(path, method=method, headers=headers)

    def repo(self, name: str) -> Repo:
        with self.sessions() as session:
            return session.get(Repo, name) or abort(404)


@pytest.fixture
def site() -> Site:
    return Site()


def test_the_actor_and_the_action_are_those_of_the_request(site: Site) -> None:
    @site.app.get("/<name>")
    def show(name: str) -> str:
        site.az.authorize(site.repo(name))
        return name

    assert site.get("/anvil").text == "anvil"
    refused = site.get("/rocket")
    assert refused.status_code == 403 and "Unauthorized" in refused.text


@pytest.mark.parametrize(("name", "status"), [("anvil", 403), ("rocket", 404), ("none", 404)])
def test_hidden_and_missing_look_the_same(site: Site, name: str, status: int) -> None:
    @site.app.get("/<name>")
    def push(name: str) -> str:
        site.az.authorize(site.repo(name), action="push", check_read=True)
        return "pushed"

    answer = site.get(f"/{name}")
    assert answer.status_code == status
    if status == 404:
        assert answer.data == site.get("/none").data
    assert site.get("/rocket", "ann").text == "pushed"


def test_errors_of_the_engine_itself_become_the_pages_of_the_application(site: Site) -> None:
    site.app.register_error_handler(404, lambda error: ("nothing here", 404))

    @site.app.get("/<name>")
    def push(name: str) -> str:
        site.oso.authorize(g.current_user, "push", site.repo(name))
        return "pushed"

    assert site.get("/anvil").status_code == 403
    assert (site.get("/rocket").text, site.get("/rocket").status_code) == ("nothing here", 404)


def test_a_handler_of_the_application_stands() -> None:
    app = Flask("own")
    app.register_error_handler(AuthorizationError, lambda error: ("mine", 418))
    az = FlaskArctos(policy(), app)
    az.oso.load_str(POLICY)

    @app.get("/")
    def index() -> str:
        az.authorize(Repo(name="x", owner="ann", is_public=True), actor=Member("ben"), action="push", check_read=True)
        return "in"

    assert app.test_client().get("/").status_code == 418


def test_decorators_around_both_kinds_of_views(site: Site) -> None:
    anvil, rocket = site.repo("anvil"), site.repo("rocket")

    @site.app.get("/plain")
    @authorize(resource=anvil)
    def plain() -> str:
        return plain.__name__

    @site.app.get("/awaited")
    @authorize(resource=rocket, action="push", actor=Member("ann"))
    async def awaited() -> str:
        return "awaited"

    @site.app.get("/closed")
    @authorize(resource=request)
    async def closed() -> str:
        return "never"

    @site.app.get("/open")
    @skip_authorization(reason="it is open")
    async def open_() -> str:
        return "open"

    site.az.require_authorization()
    assert site.get("/plain").text == "plain"
    assert site.get("/awaited", None).text == "awaited"
    assert site.get("/closed").status_code == 403
    assert site.get("/open", None).text == "open"


def test_an_async_view_asks_for_itself(site: Site) -> None:
    @site.app.get("/<name>")
    async def show(name: str) -> str:
        site.az.authorize(site.repo(name), action="read", check_read=True)
        return name

    site.az.require_authorization()
    assert site.get("/anvil").status_code == 200
    assert site.get("/rocket").status_code == 404


class Slow:
    """Its attributes are awaited."""

    def __init__(self, owner: str) -> None:
        self._owner = owner

    @property
    async def owner(self) -> str:
        return self._owner


@pytest.mark.parametrize("check_read", [False, True])
def test_objects_that_answer_later(check_read: bool) -> None:
    site = Site()
    site.oso.register_class(Slow)
    site.oso.reload_str('allow(user: Member, _, slow: Slow) if slow.owner = user.name;')
    site.az.require_authorization()

    @site.app.get("/<owner>")
    async def show(owner: str) -> str:
        await site.az.authorize_async(Slow(owner), action="push", check_read=check_read)
        return owner

    assert site.get("/ann", "ann").text == "ann"
    assert site.get("/ann", "ben").status_code == (404 if check_read else 403)


def test_whoever_does_not_ask_does_not_answer(site: Site) -> None:
    site.az.require_authorization()

    @site.app.get("/forgets")
    def forgets() -> str:
        return "secret"

    @site.app.get("/moves")
    def moves():
        return "", 302

    @site.app.get("/<int:status>")
    def refuses(status: int) -> str:
        abort(status)

    for path in ("/forgets", "/moves", "/409"):
        answer = site.get(path)
        assert answer.status_code == 500 and "secret" not in answer.text
    for status in (400, 401, 403, 404, 405, 422, 429, 503):
        assert site.get(f"/{status}").status_code == status
    assert site.get("/no/such").status_code == 404
    assert site.get("/forgets", method="POST").status_code == 405
    assert site.get("/forgets", method="OPTIONS").status_code == 200
    site.app.testing = True
    with pytest.raises(OsoError, match="`GET /forgets` has answered and not asked"):
        site.get("/forgets")


def test_having_asked_once_is_nothing_for_the_next_request(site: Site) -> None:
    site.az.require_authorization()

    @site.app.get("/asks")
    def asks() -> str:
        site.az.skip_authorization("a test")
        return "yes"

    @site.app.get("/forgets")
    def forgets() -> str:
        return "secret"

    with site.app.app_context():
        assert site.get("/asks").status_code == 200
        assert site.get("/forgets").status_code == 500


def test_each_route_is_asked_about(site: Site) -> None:
    site.az.perform_route_authorization()
    site.az.require_authorization()

    @site.app.get("/open")
    @site.app.get("/closed")
    def view() -> str:
        return "in"

    assert site.get("/open").status_code == 200
    assert site.get("/closed").status_code == 403
    assert site.get("/none").status_code == 404


def test_a_list_is_one_condition(site: Site) -> None:
    site.az.require_authorization()

    @site.app.get("/repos")
    def index():
        with site.sessions() as session:
            may_read = site.az.filter(Repo, action="read")
            return list(session.scalars(select(Repo.name).where(may_read).order_by(Repo.name)))

    assert site.get("/repos", "ann").json == ["anvil", "rocket"]
    assert site.get("/repos", "ben").json == ["anvil"]


def test_an_action_of_ones_own_that_returns_allows_nothing(site: Site) -> None:
    called = []
    site.az.set_unauthorized_action(lambda: called.append(1))
    site.az.set_get_actor(lambda: Member("ben"))

    @site.app.get("/returns")
    @authorize(resource=site.repo("rocket"))
    def returns() -> str:
        return "secret"

    assert site.get("/returns", None).status_code == 403
    site.az.set_unauthorized_action(lambda: abort(401))
    assert site.get("/returns", None).status_code == 401 and called == [1]


def test_what_is_not_set_up_is_an_error(site: Site) -> None:
    with site.app.test_request_context("/"):
        with pytest.raises(OsoError, match="set_get_actor"):
            site.az.authorize(site.repo("anvil"))
    bare = Flask("bare")
    with bare.test_request_context("/"):
        with pytest.raises(OsoError, match="init_app"):
            authorize(lambda: "in", resource=1)()
        with pytest.raises(OsoError, match="set_oso"):
            FlaskArctos(app=bare).authorize(1, actor=2)
    with pytest.raises(OsoError, match="no application"):
        authorize(lambda: "in", resource=1)()
    with pytest.raises(OsoError, match="pass `app`"):
        FlaskArctos(site.oso).require_authorization()


def test_an_application_made_later(site: Site) -> None:
    """One engine for all applications that a factory makes."""
    assert FlaskOso is FlaskArctos
    later = FlaskOso(site.oso)
    app = Flask("later")
    later.init_app(app)
    later.require_authorization(app)
    later.set_get_actor(lambda: Member("ann"))

    @app.get("/")
    def index() -> str:
        later.authorize(Repo(name="x", owner="ann", is_public=False), action="push")
        return later.current_actor.name + later.app.name

    assert app.test_client().get("/").text == "annlater"
    with site.app.app_context():
        later.authorize(Repo(name="x", owner="ann", is_public=False), action="push")  # a command, without a request
