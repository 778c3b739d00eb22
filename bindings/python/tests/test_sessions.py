"""What a decision keeps from the one before never shows."""

import copy
import gc
import inspect
import weakref

import pytest
from arctos import Arctos, ForbiddenError, Variable


class User:
    def __init__(self, name="ann", ask=None):
        self.name = name
        self.ask = ask


class Page:
    pass


POLICY = 'allow(user: User, "read", _: Page) if user.name = "ann";'


@pytest.fixture
def arctos():
    arctos = Arctos()
    arctos.register_class(User)
    arctos.register_class(Page)
    arctos.load_str(POLICY)
    return arctos


def test_the_policy_in_force_decides(arctos):
    assert arctos.is_allowed(User(), "read", Page())
    arctos.reload_str(POLICY.replace("ann", "bob"))
    assert not arctos.is_allowed(User(), "read", Page())
    assert arctos.is_allowed(User("bob"), "read", Page())
    with pytest.raises(Exception):
        arctos.reload_str("allow(")
    assert arctos.is_allowed(User("bob"), "read", Page())
    arctos.clear_rules()
    with pytest.raises(Exception, match="allow"):
        arctos.is_allowed(User("bob"), "read", Page())
    arctos.register_constant(1, "N")
    arctos.load_str("allow(_, _, n) if n = N;")
    assert arctos.is_allowed(1, 1, 1)
    arctos.register_constant(2, "N")
    assert not arctos.is_allowed(1, 1, 1) and arctos.is_allowed(1, 1, 2)


def test_classes_registered_later_count(arctos):
    class Admin(User):
        pass

    admin = Admin()
    assert arctos.is_allowed(admin, "read", Page())
    arctos.register_class(Admin)
    arctos.reload_str('allow(_: Admin, "read", _: Page); allow(_: User, "see", _: Page);')
    assert arctos.is_allowed(admin, "read", Page()) and arctos.is_allowed(admin, "see", Page())
    assert not arctos.is_allowed(User(), "read", Page())


def test_a_policy_may_be_exchanged_from_inside_a_question(arctos):
    class Exchanging(User):
        @property
        def name(self):
            arctos.reload_str(POLICY.replace("ann", "bob"))
            assert not arctos.is_allowed(User(), "read", Page()), "the new policy, inside the question"
            return "ann"

        @name.setter
        def name(self, _):
            pass

    arctos.register_class(Exchanging)
    assert arctos.is_allowed(Exchanging(), "read", Page()), "a question ends by the policy that it began with"
    assert not arctos.is_allowed(User(), "read", Page())
    assert not arctos.is_allowed(Exchanging(), "read", Page())


def test_questions_inside_questions_do_not_meet(arctos):
    def ask(depth):
        user = User(ask=lambda: depth == 0 or ask(depth - 1))
        return arctos.is_allowed(user, "ask", Page()) and not arctos.is_allowed(User("bob"), "read", Page())

    arctos.reload_str(POLICY + 'allow(user: User, "ask", _) if user.ask();')
    assert ask(20) and ask(20)


def test_ever_new_classes_are_told_apart(arctos):
    arctos.reload_str("allow(_: User, 1, _); allow(_: Page, 2, _);")
    for round in range(3):
        classes = [type(f"C{n}", ((User, Page, object)[n % 3],), {}) for n in range(300)]
        for n, cls in enumerate(classes):
            found = [arctos.is_allowed(cls(), action, None) for action in (1, 2, 1)]
            assert found == [n % 3 == 0, n % 3 == 1, n % 3 == 0], (round, n)


def test_objects_that_tell_their_class_are_asked_each_time(arctos):
    class Proxy:
        def __init__(self, of):
            self.of = of

        @property
        def __class__(self):
            return self.of

    arctos.reload_str("allow(_: User, 1, _); allow(_: Page, 2, _);")
    for of in (User, Page, int, User):
        assert [arctos.is_allowed(Proxy(of), action, None) for action in (1, 2)] == [of is User, of is Page]


def test_a_class_as_a_value_is_its_own_instance(arctos):
    arctos.reload_str("allow(_: User, 1, _); allow(_: Page, 2, _);")
    for of in (User, Page, int, User):
        assert [arctos.is_allowed(of, action, None) for action in (1, 2)] == [of is User, of is Page]


def test_nothing_of_a_question_is_held(arctos):
    user = User()
    seen = weakref.ref(user)
    assert arctos.is_allowed(user, "read", Page())
    assert arctos.is_allowed(user, Variable("action"), Page())
    with pytest.raises(Exception):
        arctos.is_allowed(user, 2**70, Page())
    del user
    gc.collect()
    assert seen() is None


def test_is_allowed_is_a_method_like_any_other(arctos):
    assert str(inspect.signature(Arctos.is_allowed)) == "(self, /, actor, action, resource)"
    assert list(inspect.signature(Arctos).parameters) == ["forbidden_error", "not_found_error", "read_action", "limits"]
    assert Arctos.is_allowed.__doc__
    assert arctos.is_allowed(actor=User(), action="read", resource=Page())
    for arguments in ((), (1, 2), (1, 2, 3, 4)):
        with pytest.raises(TypeError):
            arctos.is_allowed(*arguments)


def test_a_subclass_has_arguments_of_its_own():
    class Mine(Arctos):
        def __init__(self, text, *, name):
            super().__init__(forbidden_error=ForbiddenError)
            self.name = name
            self.load_str(text)

    assert Mine('allow("ann", _, _);', name="mine").is_allowed("ann", 1, 2)

    class Forgetful(Arctos):
        def __init__(self):
            pass

    with pytest.raises(AttributeError, match="__init__"):
        Forgetful().is_allowed(1, 2, 3)


def test_beginning_again_forgets(arctos):
    assert arctos.is_allowed(User(), "read", Page())
    arctos.__init__()
    arctos.load_str('allow("ann", "read", _);')
    assert arctos.is_allowed("ann", "read", None) and not arctos.is_allowed(User(), "read", Page())


def test_a_copy_has_the_same_policy(arctos):
    other = copy.copy(arctos)
    assert type(other) is Arctos and other.is_allowed(User(), "read", Page())
    arctos.reload_str(POLICY.replace("ann", "bob"))
    assert not other.is_allowed(User(), "read", Page())
