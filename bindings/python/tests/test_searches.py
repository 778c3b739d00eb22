"""Lists are gone through where they stand, with the answers and the errors of going through them one by one."""

import pytest

from arctos import Arctos

POLICY = """
allow(user: User, "read", page: Page) if has_role(user, "reader", page);
allow(user: User, "edit", page: Page) if has_role(user, "writer", page);
allow(user: User, "tag", page: Page) if page.tag in user.tags;

has_role(user: User, "reader", page: Page) if has_role(user, "writer", page);
has_role(user: User, "writer", page: Page) if has_role(user, "admin", page);
has_role(user: User, name: String, page: Page) if
    role in user.roles and role.name = name and role.page = page.id;
"""


class User:
    def __init__(self, roles=(), tags=()):
        self.roles = roles
        self.tags = tags


class Page:
    def __init__(self, id=1, tag="red"):
        self.id = id
        self.tag = tag


class Role:
    def __init__(self, name, page=1):
        self.name = name
        self.page = page


class Counted:
    """A role that notes what is read of it."""

    def __init__(self, log, name, page):
        self._log, self._name, self._page = log, name, page

    @property
    def name(self):
        self._log.append(f"{self._name}.name")
        return self._name

    @property
    def page(self):
        self._log.append(f"{self._name}.page")
        if isinstance(self._page, Exception):
            raise self._page
        return self._page


@pytest.fixture
def arctos():
    arctos = Arctos()
    for cls in (User, Page, Role, Counted):
        arctos.register_class(cls)
    arctos.load_str(POLICY)
    return arctos


def machine(arctos, user, action, page):
    """What the query says, which knows no searches."""
    try:
        return any(True for _ in arctos.query_rule("allow", user, action, page))
    except Exception as error:  # noqa: BLE001
        return type(error)


def plan(arctos, user, action, page):
    try:
        return arctos.is_allowed(user, action, page)
    except Exception as error:  # noqa: BLE001
        return type(error)


class Text(str):
    pass


class Same:
    def __eq__(self, other):
        return True

    __hash__ = None


class Unequal:
    def __eq__(self, other):
        raise RuntimeError("equality failed")

    __hash__ = None


def without(attribute):
    role = Role("writer")
    delattr(role, attribute)
    return role


ROLES = [
    [],
    [Role("reader")],
    [Role("writer")],
    [Role("admin", 2), Role("writer", 2), Role("reader", 2)],
    [Role("admin", 2), Role("admin", 1)],
    [Role("none"), Role("reader", "1"), Role("reader", 1.0)],
    [Role("reader", True)],
    [Role("reader", None)],
    [Role(Text("writer"))],
    [Role("writer", Same())],
    [Role(Same())],
    [Role("writer", Unequal())],
    [Role("reader"), without("page")],
    [without("page"), Role("reader")],
    [Role("writer"), without("name")],
    [without("name"), Role("writer")],
    [Role("writer", 2), without("page")],
    [Role("reader"), 7],
    [7, Role("reader")],
    [Role("reader"), None],
    [Role("reader"), 2**70],
    [Role("reader"), {"name": "writer", "page": 1}],
    [{"name": "writer", "page": 1}],
    [{"name": "writer", "page": 2}],
    [Role("reader"), [1, 2**70]],
    [Role(name="reader", page=2**70)],
    [Role("writer", [1])],
    [Role("writer", {"id": 1})],
]


@pytest.mark.parametrize("kind", [list, tuple, type("Roles", (list,), {}), iter])
@pytest.mark.parametrize("roles", ROLES, ids=str)
def test_searches_say_what_going_through_says(arctos, roles, kind):
    for action in ("read", "edit"):
        for page in (Page(), Page(2), Page("1"), Page(None), Page(2**70), Page([1])):
            asked = [plan(arctos, User(kind(roles)), action, page) for _ in range(2)]
            assert asked == [machine(arctos, User(kind(roles)), action, page)] * 2


@pytest.mark.parametrize(
    "tags",
    [
        [],
        ["red"],
        ["blue", "green", "red"],
        ["blue", 1, None, True],
        [Text("red")],
        [Same()],
        [Unequal(), "red"],
        ["red", Unequal()],
        ["red", 2**70],
        [["red"]],
        [1.0, 1],
        "red",
        None,
        7,
    ],
    ids=str,
)
@pytest.mark.parametrize("tag", ["red", 1, True, None, 1.0, ["red"]], ids=str)
def test_membership_says_what_going_through_says(arctos, tags, tag):
    for tags in (tags, tuple(tags) if isinstance(tags, list) else tags):
        user, page = User(tags=tags), Page(tag=tag)
        assert plan(arctos, user, "tag", page) == machine(arctos, user, "tag", page)


def test_no_more_is_read_than_before_a_no(arctos):
    log = []
    roles = [Counted(log, "other", RuntimeError("not to be read")), Counted(log, "reader", 2), Counted(log, "admin", 1)]
    assert arctos.is_allowed(User(roles), "read", Page())
    assert set(log) <= {"other.name", "reader.name", "reader.page", "admin.name", "admin.page"}
    assert len(log) == len(set(log)), "one by one each name would be read for each role"


def test_what_items_are_compared_with_is_read_when_it_is_needed_and_once(arctos):
    class Noted(Page):
        @property
        def id(self):
            log.append("id")
            return 1

        @id.setter
        def id(self, _):
            pass

    arctos.register_class(Noted)
    for roles, reads in (
        ([], []),
        ([Role("none"), Role("none")], []),
        ([Role("none"), Role("reader", 2), Role("writer", 3)], ["id"]),
        ([Role("reader"), Role("reader")], ["id"]),
    ):
        log = []
        assert arctos.is_allowed(User(roles), "read", Noted()) is any(role.page == 1 and role.name != "none" for role in roles)
        assert log == reads, roles


def test_what_fails_in_its_turn_fails(arctos):
    failing = Counted([], "writer", RuntimeError("the database is away"))
    with pytest.raises(RuntimeError, match="the database is away"):
        arctos.is_allowed(User([failing, Role("admin")]), "read", Page())
    # The first value is tried with all items before the second one.
    assert arctos.is_allowed(User([failing, Role("reader")]), "read", Page()) == (
        machine(arctos, User([failing, Role("reader")]), "read", Page()) is True
    )


def test_a_list_that_gets_shorter_meanwhile(arctos):
    class Shrinking(Role):
        @property
        def name(self):
            roles.clear()
            return "none"

        @name.setter
        def name(self, _):
            pass

    roles = [Shrinking("none"), Role("writer"), Role("writer")]
    arctos.register_class(Shrinking)
    # Whether there was a writer among them depends on when they are counted; afterwards there is none.
    arctos.is_allowed(User(roles), "edit", Page())
    assert roles == []
    assert not arctos.is_allowed(User(roles), "edit", Page())


def test_a_long_list_is_gone_through(arctos):
    roles = [Role("none")] * 5000
    assert not arctos.is_allowed(User(roles), "read", Page())
    assert arctos.is_allowed(User([*roles, Role("writer")]), "read", Page())
