"""Python objects inside policies: attributes, calls, iteration, comparison, exceptions."""

import collections
import decimal
import sys
import uuid

import pytest
from arctos import Oso, Variable
from arctos.polar import exceptions as e


class Boom(Exception):
    pass


class User:
    shared = "yes"

    def __init__(self, name="ann", **fields):
        self.name = name
        self.__dict__.update(fields)

    def greet(self, *args, **kwargs):
        return [list(args), kwargs]

    def seen(self, value):
        self.value = value
        return True

    def boom(self):
        raise Boom("from the application")

    def inner_attribute_error(self):
        return None.missing

    @property
    def broken(self):
        raise AttributeError("inside the property")

    @property
    def exploding(self):
        raise Boom("property")


@pytest.fixture
def oso():
    oso = Oso()
    oso.register_class(User)
    return oso


def ask(oso, query, **bindings):
    results = [r["bindings"] for r in oso.query(query, bindings=bindings)]
    return [{k: v for k, v in result.items() if k not in bindings} for result in results]


def holds(oso, query, **bindings):
    return bool(ask(oso, query, **bindings))


def test_attributes(oso):
    u = User(boss=User("bob"))
    assert ask(oso, "x = u.name", u=u) == [{"x": "ann"}]
    assert ask(oso, "x = u.boss.name", u=u) == [{"x": "bob"}]
    assert ask(oso, "x = u.shared", u=u) == [{"x": "yes"}]
    assert ask(oso, "x = u.(k)", u=u, k="name") == [{"x": "ann"}]
    assert callable(ask(oso, "x = u.greet", u=u)[0]["x"]), "a method without parentheses is the method"
    assert ask(oso, "x = u.boss", u=u)[0]["x"] is u.boss, "objects keep their identity"


def test_a_missing_attribute_is_an_error_everywhere(oso):
    oso.load_str(
        """
        plain(u) if u.banned;
        negated(u) if not u.banned;
        called(u) if not plain(u);
        every(u) if forall(u.banned, false);
        method(u) if not u.is_banned();
        nothing() if not nil.foo;
        matched(u) if u matches {banned: true};
        """
    )
    for rule in ("plain", "negated", "called", "every", "method"):
        with pytest.raises(e.PolarRuntimeError, match="banned"):
            oso.query_rule_once(rule, User())
    with pytest.raises(e.PolarRuntimeError, match="foo"):
        oso.query_rule_once("nothing")
    assert oso.query_rule_once("matched", User()) is False, "a pattern just does not match"
    assert oso.query_rule_once("matched", User(banned=True)) is True


def test_calls(oso):
    u = User()
    assert ask(oso, 'x = u.greet(1, "a", k: [2])', u=u) == [{"x": [[1, "a"], {"k": [2]}]}]
    assert ask(oso, 'x = "abc".upper()') == [{"x": "ABC"}]
    assert ask(oso, "x = [1, 2].index(2)") == [{"x": 1}]
    assert ask(oso, 'x = {a: 1}.get("b", 7)') == [{"x": 7}]
    with pytest.raises(e.InvalidCallError, match="name"):
        ask(oso, "u.name()", u=u)
    with pytest.raises(e.PolarRuntimeError, match="nope"):
        ask(oso, "u.nope()", u=u)
    assert holds(oso, "u.seen(_x)", u=u)
    assert isinstance(u.value, Variable), "unbound variables arrive as such"


def test_exceptions_arrive_unchanged(oso):
    oso.load_str("f(u) if u.boom(); g(u) if not f(u); h(u) if u.exploding; k(u) if x = u.items and _ in x;")
    failing = Boom("once")

    class Thrower(User):
        def boom(self):
            raise failing

    for rule in ("f", "g"):
        with pytest.raises(Boom) as caught:
            oso.query_rule_once(rule, Thrower())
        assert caught.value is failing
    if sys.version_info >= (3, 11):
        assert "u.boom()" in failing.__notes__[0] and "rule `f`" in failing.__notes__[0]
    with pytest.raises(Boom, match="property"):
        oso.query_rule_once("h", User())

    def items():
        yield 1
        raise Boom("while iterating")

    with pytest.raises(Boom, match="iterating"):
        list(oso.query_rule("k", User(items=items())))
    with pytest.raises(AttributeError, match="missing"):
        ask(oso, "u.inner_attribute_error()", u=User())


def test_a_property_that_raises_attribute_error_is_no_missing_attribute(oso):
    for query in ("u.broken", "not u.broken", "u matches {broken: 1}"):
        with pytest.raises(e.PolarRuntimeError, match="inside the property"):
            ask(oso, query, u=User())


def test_interrupts_are_never_wrapped(oso):
    class Interrupting(User):
        def __init__(self):
            raise KeyboardInterrupt

        @property
        def now(self):
            raise SystemExit(3)

    oso.register_class(Interrupting)
    with pytest.raises(KeyboardInterrupt):
        ask(oso, "x = new Interrupting()")
    with pytest.raises(SystemExit):
        ask(oso, "u.now", u=Interrupting.__new__(Interrupting))


def test_iteration(oso):
    class Bag:
        def __init__(self, *items):
            self.items = items

        def __iter__(self):
            return iter(self.items)

    def generator():
        yield from "ab"

    assert ask(oso, "x in b", b=Bag(1, "a", None)) == [{"x": 1}, {"x": "a"}, {"x": None}]
    assert ask(oso, "x in b", b=(1, 2)) == [{"x": 1}, {"x": 2}]
    assert ask(oso, "x in b", b={3}) == [{"x": 3}]
    assert ask(oso, "x in b", b=frozenset([4])) == [{"x": 4}]
    assert ask(oso, "x in b", b=generator()) == [{"x": "a"}, {"x": "b"}]
    assert ask(oso, "x in b", b={"k": 1}.keys()) == [{"x": "k"}]
    assert ask(oso, "x in b", b={"k": 1}) == [{"x": ["k", 1]}]
    assert ask(oso, "x in b", b="ab") == [{"x": "a"}, {"x": "b"}]
    with pytest.raises(e.InvalidIteratorError):
        ask(oso, "x in b", b=User())
    with pytest.raises(e.InvalidIteratorError):
        ask(oso, "x in nil")
    with pytest.raises(e.PolarTypeError):
        ask(oso, "x in 5")

    taken = []

    def endless():
        n = 0
        while True:
            taken.append(n)
            yield n
            n += 1

    assert next(oso.query("x in b and x > 3", bindings={"b": endless()}))["bindings"]["x"] == 4
    assert len(taken) == 5, "items are taken one by one"


def test_comparison(oso):
    one, two = decimal.Decimal(1), decimal.Decimal(2)
    assert holds(oso, "a < b and a <= b and a != b and b > a and b >= a", a=one, b=two)
    assert holds(oso, "a == 1 and a = 1 and 1 = a", a=one)
    assert not holds(oso, "a = b", a=one, b=two)
    key = uuid.UUID(int=1)
    assert holds(oso, "a = b", a=key, b=uuid.UUID(int=1))
    assert not holds(oso, 'a = "x"', a=key)
    with pytest.raises(e.PolarRuntimeError) as caught:
        ask(oso, "a < b", a=User(), b=User())
    assert isinstance(caught.value.__cause__, TypeError)

    class Refuses:
        def __eq__(self, other):
            raise Boom("no comparison")

        __hash__ = None

    with pytest.raises(Boom):
        ask(oso, "a = 1", a=Refuses())
    with pytest.raises(Boom):
        ask(oso, "not a = 1", a=Refuses())


def test_values_that_stay_objects(oso):
    assert not holds(oso, "t = [1, 2]", t=(1, 2)), "a tuple is no list"
    assert ask(oso, "x = t", t=(1, 2)) == [{"x": (1, 2)}]
    assert ask(oso, "x = t", t=b"ab") == [{"x": b"ab"}]
    assert type(ask(oso, "x = t", t=collections.OrderedDict(a=1))[0]["x"]) is collections.OrderedDict


def test_values_that_become_the_languages(oso):
    for value in (None, True, False, 0, -5, 2**63 - 1, -(2**63), 1.5, float("inf"), "", "é💯\0", [], {}, [[1], {"a": None}]):
        [answer] = ask(oso, "x = v", v=value)
        assert answer["x"] == value and type(answer["x"]) is type(value)
    assert ask(oso, "x = v", v={1: "a", None: "b", True: "c", 1.5: "d"}) == [
        {"x": {"1": "a", "null": "b", "true": "c", "1.5": "d"}}
    ] or ask(oso, "x = v", v={2: "a"}) == [{"x": {"2": "a"}}]
    with pytest.raises(e.PolarRuntimeError, match="key"):
        ask(oso, "x = v", v={(1, 2): "a"})


def test_integers_beyond_64_bits(oso):
    class Big:
        n = 2**64

        def get(self):
            return -(2**63) - 1

    for query, bindings in (("x = v", {"v": 2**63}), ("x = v.n", {"v": Big()}), ("x = v.get()", {"v": Big()}), ("not v.n = 1", {"v": Big()})):
        with pytest.raises(e.PolarRuntimeError, match="64 bits"):
            ask(oso, query, **bindings)
    oso.load_str("allow(_, _, n) if n > 0;")
    with pytest.raises(e.PolarRuntimeError, match="64 bits"):
        oso.is_allowed("ann", "read", 2**70)


def test_values_without_end(oso):
    loop = []
    loop.append(loop)
    deep = []
    for _ in range(100_000):
        deep = [deep]
    table = {}
    table["self"] = [table]
    bomb = [1]
    for _ in range(60):
        bomb = [bomb, bomb]
    for value in (loop, deep, table, bomb):
        with pytest.raises(e.PolarRuntimeError):
            ask(oso, "x = v", v=value)
        with pytest.raises(e.PolarRuntimeError):
            ask(oso, "x = u.value", u=User(value=value))
    while deep:
        deep = deep[0]
    with pytest.raises(e.OsoError):
        ask(oso, "x = [x] and y = x")


def test_text_that_is_not_unicode(oso):
    with pytest.raises(e.PolarRuntimeError, match="Unicode"):
        ask(oso, "x = v", v="\ud800")


def test_objects_are_freed_after_the_query(oso):
    import gc
    import weakref

    u = User(boss=User("bob"))
    seen = weakref.ref(u.boss)
    oso.load_str('allow(u, "f", _) if u.boss.name = "bob" and new User().name = "ann";')
    assert oso.is_allowed(u, "f", None)
    results = oso.query("x = u.boss and (true or true)", bindings={"u": u})
    next(results)
    results.close()
    del u, results
    gc.collect()
    assert seen() is None


def test_a_policy_may_ask_the_policy(oso):
    class Nested:
        def allowed(self, n):
            return n == 0 or oso.is_allowed(self, "nest", n)

    oso.register_class(Nested)
    oso.load_str('allow(x: Nested, "nest", n) if x.allowed(n - 1);')
    assert oso.is_allowed(Nested(), "nest", 20)
    with pytest.raises((RecursionError, e.OsoError)):
        oso.is_allowed(Nested(), "nest", 100_000)


def test_cyclic_data_has_an_answer(oso):
    class Folder:
        parent = None

    oso.register_class(Folder)
    oso.load_str('reader("ann", f: Folder) if reader("ann", f.parent);')
    a, b = Folder(), Folder()
    a.parent, b.parent = b, a
    assert oso.query_rule_once("reader", "ann", a) is False


def test_errors_tell_where_they_happened(oso):
    oso.load_str('f(u) if\n  u.name = "ann" and\n  g(u);\ng(u) if u.nope;')
    with pytest.raises(e.PolarRuntimeError) as caught:
        oso.query_rule_once("f", User())
    trace = caught.value.stack_trace
    assert "u.nope" in trace and "line 4" in trace and "g(u) if u.nope;" in trace
    assert trace in str(caught.value)
