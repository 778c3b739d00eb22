"""Decisions, as code written for Oso 0.27 asks for them; only the import is changed."""

from dataclasses import dataclass, field

import pytest
from arctos import AuthorizationError, ForbiddenError, NotFoundError, Oso, OsoError
from arctos.polar.exceptions import PolarRuntimeError, UnsupportedError


@dataclass(frozen=True)
class Org:
    name: str


@dataclass(frozen=True)
class Repo:
    name: str
    org: Org
    public: bool = False


@dataclass(eq=False)
class User:
    name: str
    roles: list = field(default_factory=list)

    def role_names(self, resource):
        return [role for role, of in self.roles if of == resource]


class Admin(User):
    pass


POLICY = """
actor User {}

resource Org {
  roles = ["owner", "member"];
  "member" if "owner";
}

resource Repo {
  permissions = ["read", "push", "delete"];
  roles = ["reader", "maintainer"];
  relations = { parent: Org };

  "read" if "reader";
  "push" if "maintainer";
  "delete" if "owner" on "parent";
  "reader" if "maintainer";
  "reader" if "member" on "parent";
}

has_relation(org: Org, "parent", repo: Repo) if repo.org = org;
has_role(user: User, role: String, resource: Resource) if role in user.role_names(resource);
has_permission(_: User, "read", repo: Repo) if repo.public;
has_permission(_: Admin, "delete", _: Repo);

allow(actor, action, resource) if has_permission(actor, action, resource);
allow_request(user: User, request: Request) if request.path = user.name;
allow_field(_: User, "read", _: Repo, "name");
allow_field(user: User, "read", repo: Repo, field) if
  has_role(user, "maintainer", repo) and field in ["name", "org"];
"""


class Request:
    def __init__(self, path):
        self.path = path


ACME = Org("acme")
ANVIL = Repo("anvil", ACME)
SITE = Repo("site", ACME, public=True)


@pytest.fixture
def oso():
    oso = Oso()
    for cls in (Org, Repo, User, Admin, Request):
        oso.register_class(cls)
    oso.load_str(POLICY)
    return oso


def test_is_allowed(oso):
    reader = User("ann", [("reader", ANVIL)])
    assert oso.is_allowed(reader, "read", ANVIL)
    assert not oso.is_allowed(reader, "push", ANVIL)
    assert oso.is_allowed(User("bob"), "read", SITE)
    assert not oso.is_allowed(User("bob"), "read", ANVIL)
    owner = User("cy", [("owner", ACME)])
    assert oso.is_allowed(owner, "delete", ANVIL)
    assert oso.is_allowed(owner, "read", ANVIL)
    assert oso.is_allowed(Admin("dot"), "delete", ANVIL)
    assert not oso.is_allowed("no actor", "read", ANVIL)


def test_authorize_tells_404_from_403(oso):
    reader, stranger = User("ann", [("reader", ANVIL)]), User("bob")
    oso.authorize(reader, "read", ANVIL)
    with pytest.raises(ForbiddenError):
        oso.authorize(reader, "push", ANVIL)
    with pytest.raises(NotFoundError):
        oso.authorize(stranger, "push", ANVIL)
    with pytest.raises(NotFoundError):
        oso.authorize(stranger, "read", ANVIL)
    with pytest.raises(ForbiddenError):
        oso.authorize(stranger, "read", ANVIL, check_read=False)
    assert issubclass(NotFoundError, AuthorizationError) and issubclass(ForbiddenError, AuthorizationError)
    assert issubclass(AuthorizationError, OsoError)
    assert "404" in str(NotFoundError()) and "403" in str(ForbiddenError())


def test_errors_and_read_action_of_ones_own():
    class Missing(Exception):
        pass

    class Denied(Exception):
        pass

    oso = Oso(not_found_error=Missing, forbidden_error=Denied, read_action="view")
    oso.load_str('allow("ann", "view", "doc");')
    with pytest.raises(Denied):
        oso.authorize("ann", "edit", "doc")
    with pytest.raises(Missing):
        oso.authorize("bob", "edit", "doc")
    with pytest.raises(Missing):
        oso.authorize("bob", "view", "doc")


def test_authorize_request(oso):
    oso.authorize_request(User("ann"), Request("ann"))
    with pytest.raises(ForbiddenError):
        oso.authorize_request(User("ann"), Request("bob"))


def test_authorize_field(oso):
    maintainer = User("ann", [("maintainer", ANVIL)])
    oso.authorize_field(maintainer, "read", ANVIL, "org")
    with pytest.raises(ForbiddenError):
        oso.authorize_field(User("bob"), "read", ANVIL, "org")
    assert oso.authorized_fields(maintainer, "read", ANVIL) == {"name", "org"}
    assert oso.authorized_fields(User("bob"), "read", ANVIL) == {"name"}
    assert oso.authorized_fields(User("bob"), "write", ANVIL) == set()


def test_authorized_actions(oso):
    assert oso.authorized_actions(User("ann", [("maintainer", ANVIL)]), ANVIL) == {"read", "push"}
    assert oso.authorized_actions(User("ann", [("owner", ACME)]), ANVIL) == {"read", "delete"}
    assert oso.authorized_actions(User("ann"), ANVIL) == set()
    assert sorted(oso.get_allowed_actions(Admin("ann", [("owner", ACME)]), ANVIL)) == ["delete", "read"]


def test_a_wildcard_is_an_error_unless_wanted():
    oso = Oso()
    oso.load_str('allow("root", _, _); allow("ann", "read", _); allow("bob", action, _) if action = action;')
    with pytest.raises(OsoError, match="allow_wildcard"):
        oso.authorized_actions("root", "x")
    assert oso.authorized_actions("root", "x", allow_wildcard=True) == {"*"}
    assert oso.authorized_actions("bob", "x", allow_wildcard=True) == {"*"}
    assert oso.authorized_actions("ann", "x", allow_wildcard=True) == {"read"}


def test_an_unhashable_action_is_a_type_error():
    oso = Oso()
    oso.load_str('allow("ann", ["read"], _);')
    with pytest.raises(TypeError):
        oso.authorized_actions("ann", "x")


def test_without_any_allow_rule_it_is_an_error_and_not_no():
    oso = Oso()
    for ask in (
        lambda: oso.is_allowed("ann", "read", "doc"),
        lambda: oso.authorize("ann", "read", "doc"),
        lambda: oso.authorized_actions("ann", "doc"),
        lambda: oso.authorize_request("ann", "doc"),
        lambda: oso.authorize_field("ann", "read", "doc", "f"),
    ):
        with pytest.raises(PolarRuntimeError, match="allow"):
            ask()


def test_actions_may_be_any_value():
    class Action:
        def __init__(self, name):
            self.name = name

    oso = Oso()
    oso.register_class(Action)
    oso.load_str('allow(_, action: Action, _) if action.name = "read"; allow(_, 1, _);')
    assert oso.is_allowed("ann", Action("read"), None)
    assert not oso.is_allowed("ann", Action("write"), None)
    assert oso.is_allowed("ann", 1, None)


def test_decide_names_the_rules(oso):
    decision = oso.decide(User("ann", [("owner", ACME)]), "delete", ANVIL)
    assert decision and decision.allowed
    names = [rule.name for rule in decision.rules]
    assert names == ["allow", "has_permission", "has_relation", "has_role"]
    shorthand = decision.rules[1]
    assert shorthand.text.startswith('"delete" if "owner" on "parent"')
    assert POLICY.splitlines()[shorthand.line - 1].strip().startswith('"delete"')
    assert shorthand.file is None and str(shorthand).startswith("<policy>:")

    denied = oso.decide(User("bob"), "delete", ANVIL)
    assert not denied and denied.rules == ()


def test_filtering_data_without_an_adapter_is_refused_and_never_empty(oso):
    for ask in (oso.authorized_query, oso.authorized_resources, oso.partial_query, oso.new_authorized_query):
        with pytest.raises(UnsupportedError):
            ask(User("ann"), "read", Repo)
    assert oso.is_new_data_filtering_configured() is False


def test_a_subclass_may_override():
    class Mine(Oso):
        def is_allowed(self, actor, action, resource):
            return actor == "root" or super().is_allowed(actor, action, resource)

    oso = Mine()
    oso.load_str('allow("ann", "read", _);')
    oso.authorize("root", "anything", "x")
    with pytest.raises(ForbiddenError):
        oso.authorize("ann", "write", "x")
