"""``arctos.django`` in a project, asked by Django's own client, by that of Django REST framework, and by the pages of the admin."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import django_app  # noqa: F401
import pytest
from arctos import OsoError
from arctos.django.auth import authorize, authorize_model, authorize_type, request_authorized
from arctos.django.engine import DjangoArctos
from arctos.django.models import AuthorizedQuerySet
from arctos.django.oso import Oso, init_oso, reset_oso
from arctos.polar.exceptions import UnregisteredClassError, UnsupportedError
from django.contrib.auth.models import AnonymousUser, Group, User
from django.core.exceptions import PermissionDenied
from django.db import connection, models
from django.db.models import Count
from django.http import HttpRequest
from django.test import Client, RequestFactory, override_settings
from django.test.utils import CaptureQueriesContext
from django_app.models import Badge, Comment, Event, Issue, Kind, Member, Org, Repo, Shape, Visitor
from rest_framework.test import APIClient

pytestmark = pytest.mark.usefixtures("rows")
GUARD = "arctos.django.middleware.RequireAuthorization"
GATE = "arctos.django.middleware.RouteAuthorization"


@pytest.fixture
def rows(empty: None) -> None:
    """Ann owns `anvil`, of which `bolt` is a fork; `cog` is public."""
    for name in ("ann", "ben"):
        User.objects.create_user(name, password="secret", is_staff=True)
    own, foreign = (Org.objects.create(name=name, owner=Member.objects.create(name=name)) for name in ("ann", "zoe"))
    anvil = Repo.objects.create(name="anvil", org=own)
    bolt = Repo.objects.create(name="bolt", parent=anvil)
    cog = Repo.objects.create(name="cog", is_public=True, org=foreign)
    for number, repo in enumerate((anvil, bolt, cog, cog)):
        Issue.objects.create(number=number, repo=repo)


def client(name: str, kind: type[Client] = Client) -> Client:
    found = kind(raise_request_exception=False)
    assert found.login(username=name, password="secret")
    return found


def request(name: str | None = None, method: str = "GET") -> HttpRequest:
    made = RequestFactory().generic(method, "/repos")
    made.user = AnonymousUser() if name is None else User.objects.get(username=name)
    return made


def names(found: models.QuerySet) -> list[str]:
    return sorted(repo.name for repo in found)


def guarded(*middleware: str) -> override_settings:
    from django.conf import settings

    return override_settings(MIDDLEWARE=[*settings.MIDDLEWARE, *middleware])


# ---- querysets ----


def test_a_list_is_one_query_and_what_checks_allow() -> None:
    for name in ("ann", "ben", None):
        asking = request(name)
        with CaptureQueriesContext(connection) as queries:
            found = names(Repo.objects.authorize(asking, action="read"))
        assert len(queries) == 1
        assert found == names([repo for repo in Repo.objects.all() if Oso.is_allowed(asking.user, "read", repo)])
    assert names(Repo.objects.authorize(request("ann"), action="read")) == ["anvil", "bolt", "cog"]
    assert names(Repo.objects.authorize(request("ben"), action="read")) == ["cog"]
    assert names(Repo.objects.authorize(request(), action="push")) == []


def test_conditions_go_with_what_querysets_do() -> None:
    ann = User.objects.get(username="ann")
    may_push = Oso.filter(ann, "push", Repo)
    assert names(Repo.objects.filter(may_push).exclude(name="bolt")) == ["anvil"]
    assert names(Repo.objects.filter(may_push | models.Q(is_public=True))) == ["anvil", "bolt", "cog"]
    assert names(Repo.objects.exclude(may_push)) == ["cog"]
    assert names(Repo.objects.filter(may_push).order_by("-name")[:1]) == ["bolt"]
    assert names(Org.objects.get(name="ann").repos.authorized(ann, "push")) == ["anvil"]
    counted = Repo.objects.filter(may_push).annotate(size_of=Count("issues")).values_list("name", "size_of")
    assert sorted(counted) == [("anvil", 1), ("bolt", 1)]
    assert Repo.objects.filter(may_push).count() == 2
    assert Repo.objects.filter(forks__in=Repo.objects.filter(may_push)).get().name == "anvil"
    assert Repo.objects.authorized(ann, "push").select_related("parent").get(name="bolt").parent.name == "anvil"
    assert Repo.objects.filter(may_push).update(size=7) == 2
    assert Repo.objects.filter(may_push).delete()[0] == 4


def test_related_rows_are_asked_about_whoever_may_see_them() -> None:
    ben = User.objects.get(username="ben")
    assert [issue.number for issue in Issue.objects.authorized(ben, "read").order_by("number")] == [2, 3]


def test_nobody_is_nobody() -> None:
    with pytest.raises(OsoError, match="who asks"):
        Repo.objects.authorized(None, "read")
    nameless = RequestFactory().get("/repos")
    with pytest.raises(OsoError, match="who asks"):
        Repo.objects.authorize(nameless)
    with pytest.raises(OsoError, match="who asks"):
        authorize(nameless, Repo.objects.first())
    assert not request_authorized(nameless)


def test_what_has_no_filter_is_an_error() -> None:
    ann = User.objects.get(username="ann")
    with pytest.raises(UnsupportedError, match="upper"):
        Oso.filter(ann, "read", Comment)
    with pytest.raises(UnsupportedError, match="rows of `Repo` in a query for `Issue`"):
        Issue.objects.filter(Oso.filter(ann, "read", Repo))
    with pytest.raises(UnregisteredClassError):
        DjangoArctos().filter(ann, "read", Repo)
    assert list(Group.objects.filter(Oso.filter(ann, "read", Group))) == []


def test_models_that_share_rows_have_no_filter() -> None:
    az = DjangoArctos()
    az.register_class(Member)
    az.register_class(Visitor)
    az.load_str('allow(u, "be", m: Member) if m = u;')
    member = Member.objects.get(name="ann")
    visitor = Visitor.objects.get(name="ann")
    with pytest.raises(UnsupportedError, match="proxy"):
        az.filter(visitor, "be", Visitor)
    assert list(Member.objects.filter(az.filter(visitor, "be", Member))) == [member]


def test_members_of_choices_are_equal_to_their_text() -> None:
    Repo.objects.filter(name="cog").update(kind="fork")
    az = DjangoArctos()
    az.register_class(Repo)
    az.register_constant(Kind, "Kind")
    az.load_str('allow(_, "=", r: Repo) if r.kind = Kind.FORK; allow(_, "!=", r: Repo) if r.kind != Kind.FORK;')
    for action, expected in {"=": ["cog"], "!=": ["anvil", "bolt"]}.items():
        assert names(Repo.objects.filter(az.filter(None, action, Repo))) == expected
        assert names([repo for repo in Repo.objects.all() if az.is_allowed(None, action, repo)]) == expected


def test_a_field_that_reads_its_values_is_compared_in_its_own_way() -> None:
    shapes = [Shape.ROUND, Shape.SQUARE, None]
    for repo, shape in zip(Repo.objects.order_by("name"), shapes, strict=True):
        Badge.objects.create(repo=repo, shape=shape)
    az = DjangoArctos()
    az.register_class(Badge)
    az.register_constant(Shape, "Shape")
    az.load_str("""
        allow(_, "=", b: Badge) if b.shape = Shape.ROUND;
        allow(_, "!=", b: Badge) if b.shape != Shape.ROUND;
        allow(_, "in", b: Badge) if b.shape in [Shape.ROUND, Shape.SQUARE];
        allow(_, "nil", b: Badge) if b.shape = nil;
    """)
    for action, count in {"=": 1, "!=": 2, "in": 2, "nil": 1}.items():
        found = set(Badge.objects.filter(az.filter(None, action, Badge)))
        assert len(found) == count
        assert found == {badge for badge in Badge.objects.all() if az.is_allowed(None, action, badge)}


@pytest.mark.parametrize(
    ("condition", "problem"),
    [
        ('b.shape = "round"', "does not know"),
        ('b.shape < "round"', "shape"),
        ("b.shape = b.repo.name", "not compared"),
        ('b.notes = "x"', "does not know"),
        ("e in b.repo.events and e.is_old", "events"),
        ("b.repo.badge = b", "badge"),
        ("b.repo.topic = price", "does not know"),
        ("b.repo.created < naive", "times of a zone"),
        ("b.repo.price > price", "order of `Repo.price`"),
    ],
)
def test_what_a_database_cannot_tell_is_an_error(condition: str, problem: str) -> None:
    az = DjangoArctos()
    for model in (Badge, Event, Repo):
        az.register_class(model)
    az.register_constant(datetime(2026, 1, 1), "naive")
    az.register_constant(Decimal("0.001") if "price >" in condition else 2j, "price")
    az.load_str(f"allow(_, _, b: Badge) if {condition};")
    with pytest.raises(UnsupportedError, match=problem):
        az.filter(None, "read", Badge)


# ---- questions about a request ----


def test_authorize() -> None:
    repo = Repo.objects.get(name="cog")
    asking = request("ben")
    authorize(asking, repo, action="read")
    assert request_authorized(asking)
    with pytest.raises(PermissionDenied):
        authorize(asking, repo)  # GET is no action of the policy
    authorize(asking, repo, actor=AnonymousUser(), action="read")
    authorize_type(asking, Repo, action="push")
    with pytest.raises(PermissionDenied):
        authorize_type(request(), Repo, action="push")
    assert names(Repo.objects.filter(authorize_model(asking, Repo, action="read"))) == ["cog"]


def test_views() -> None:
    ann, ben = client("ann"), client("ben")
    assert ann.get("/repos").json() == {"repos": ["anvil", "bolt", "cog"]}
    assert Client().get("/repos").json() == ben.get("/repos").json() == {"repos": ["cog"]}
    assert [ben.get("/repos/bolt").status_code, ben.post("/repos/cog").status_code] == [404, 403]
    assert [ann.get("/repos/bolt").status_code, ann.post("/repos/bolt").status_code] == [200, 200]
    assert [ann.get(page).status_code for page in ("/closed", "/door")] == [403, 200]


def test_every_view_asks() -> None:
    with guarded(GUARD):
        ann = client("ann")
        pages = ("/repos", "/repos/anvil", "/about", "/news", "/door", "/api/repos/", "/admin/code/repo/")
        assert [ann.get(page).status_code for page in pages] == [200] * len(pages)
        assert [ann.get(page).status_code for page in ("/forgets", "/nowhere", "/repos/none")] == [500, 404, 404]


def test_a_gate_before_all_views() -> None:
    with guarded(GATE):
        assert [client("ann").get(page).status_code for page in ("/forgets", "/closed")] == [200, 403]


# ---- Django REST framework ----


def test_rest() -> None:
    ann, ben = client("ann", APIClient), client("ben", APIClient)
    ids = dict(Repo.objects.values_list("name", "id"))
    assert [repo["name"] for repo in ann.get("/api/repos/").data] == ["anvil", "bolt", "cog"]
    assert [repo["name"] for repo in ben.get("/api/repos/").data] == ["cog"]
    assert [ben.get(f"/api/repos/{ids[name]}/").status_code for name in ("anvil", "cog")] == [404, 200]
    assert [ben.delete(f"/api/repos/{ids[name]}/").status_code for name in ("anvil", "cog")] == [404, 403]
    assert ann.patch(f"/api/repos/{ids['anvil']}/", {"is_public": True}).status_code == 200
    assert ann.get("/api/repos/all/").status_code == 403
    assert ben.options("/api/repos/").status_code == 200


def test_rest_keeps_only_what_may_be_saved() -> None:
    ann = client("ann", APIClient)
    own, foreign = (Org.objects.get(name=name).id for name in ("ann", "zoe"))
    assert ann.post("/api/repos/", {"name": "drill", "org": own}).status_code == 201
    assert ann.post("/api/repos/", {"name": "edge", "org": foreign}).status_code == 403
    anvil = Repo.objects.get(name="anvil")
    assert ann.patch(f"/api/repos/{anvil.id}/", {"org": foreign}).status_code == 403
    assert names(Repo.objects.filter(org=own)) == ["anvil", "drill"] and not Repo.objects.filter(name="edge")


# ---- the admin ----


def test_admin_lists_and_shows_what_may_be_read() -> None:
    ann, ben = client("ann"), client("ben")
    ids = dict(Repo.objects.values_list("name", "id"))
    assert b"bolt" in ann.get("/admin/code/repo/").content
    page = ben.get("/admin/code/repo/").content
    assert b"cog" in page and b"bolt" not in page
    pages = [ben.get(f"/admin/code/repo/{ids[name]}/change/").status_code for name in ("bolt", "cog")]
    assert pages == [302, 200]  # what is not there is said on the page to which Django leads
    assert ben.post(f"/admin/code/repo/{ids['cog']}/change/", {"name": "mine"}).status_code == 403
    form = ann.get("/admin/code/repo/add/").content.decode()
    assert f'value="{Org.objects.get(name="ann").id}"' in form and f'value="{Org.objects.get(name="zoe").id}"' not in form


def test_admin_keeps_only_what_may_be_saved() -> None:
    ann = client("ann")
    own, foreign = (Org.objects.get(name=name).id for name in ("ann", "zoe"))
    assert ann.post("/admin/code/repo/add/", {"name": "drill", "org": own}).status_code == 302
    ann.post("/admin/code/repo/add/", {"name": "edge", "org": foreign})  # no choice of hers, says the form
    Org.objects.filter(id=foreign).update(level=1)
    assert ann.post("/admin/code/repo/add/", {"name": "edge", "org": foreign}).status_code == 403
    anvil = Repo.objects.get(name="anvil")
    assert ann.post(f"/admin/code/repo/{anvil.id}/change/", {"name": "anvil", "org": foreign}).status_code == 403
    assert names(Repo.objects.filter(org=own)) == ["anvil", "drill"]
    assert names(Repo.objects.filter(name__in=["drill", "edge"])) == ["drill"]


def test_admin_changes_and_deletes_in_lists_what_may_be() -> None:
    ann = client("ann")
    ids = dict(Repo.objects.values_list("name", "id"))
    action = {"action": "delete_selected", "_selected_action": [ids["bolt"], ids["cog"]], "post": "yes"}
    ann.post("/admin/code/repo/", action)
    assert names(Repo.objects.all()) == ["anvil", "bolt", "cog"]
    form = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-0-id": ids["cog"], "_save": "Save"}
    assert ann.post("/admin/code/repo/", form).status_code == 403
    assert Repo.objects.get(name="cog").is_public


# ---- the engine of the project ----


def test_init_may_be_called_again() -> None:
    known = dict(Oso.host.types)
    init_oso()
    reset_oso()
    assert Oso.host.types == known
    assert {"auth::User", "auth::AnonymousUser", "code::Repo", "HttpRequest"} <= {key for key in known if isinstance(key, str)}
    assert names(Repo.objects.authorized(User.objects.get(username="ben"), "read")) == ["cog"]


def test_a_manager_of_any_queryset() -> None:
    assert isinstance(Repo.objects.all(), AuthorizedQuerySet)
