"""Classes and constants."""

import abc
import datetime
from typing import Protocol, runtime_checkable

import pytest
from arctos import Oso, Relation
from arctos.polar.exceptions import DuplicateClassAliasError, PolarRuntimeError, UnregisteredClassError


def ask(oso, query, **bindings):
    return [r["bindings"] for r in oso.query(query, bindings=bindings)]


def holds(oso, query, **bindings):
    return bool(ask(oso, query, **bindings))


class A:
    pass


class B(A):
    pass


class C(B):
    pass


def test_names():
    oso = Oso()
    oso.register_class(A)
    oso.register_class(A, name="Alias")
    oso.register_class(B, name="ns::B")
    assert holds(oso, "new A() matches Alias") and holds(oso, "new Alias() matches A")
    assert holds(oso, "new ns::B() matches A") and holds(oso, "new ns::B() matches Alias")
    assert oso.get_class("Alias") is A
    with pytest.raises(UnregisteredClassError):
        oso.get_class("Nope")


def test_a_taken_name():
    oso = Oso()
    oso.register_class(A)
    with pytest.raises(DuplicateClassAliasError, match="A"):
        oso.register_class(B, name="A")
    with pytest.raises(DuplicateClassAliasError):
        oso.register_class(A, name="String")
    for name in ("Actor", "Resource"):
        with pytest.raises(PolarRuntimeError, match=name):
            oso.register_class(A, name=name)
        with pytest.raises(PolarRuntimeError, match=name):
            oso.register_constant(1, name)


def test_specificity_follows_inheritance():
    oso = Oso()
    for cls in (B, A, C):
        oso.register_class(cls)
    oso.load_str("f(_: A, 1); f(_: C, 2); f(_: B, 3); f(_, 4); f(_: A, 5);")
    assert [r["x"] for r in ask(oso, "f(c, x)", c=C())] == [2, 3, 1, 5, 4]
    assert [r["x"] for r in ask(oso, "f(c, x)", c=B())] == [3, 1, 5, 4]
    assert [r["x"] for r in ask(oso, "f(c, x)", c=1)] == [4]


def test_multiple_inheritance_follows_the_method_resolution_order():
    class X:
        pass

    class Y:
        pass

    class Z(X, Y):
        pass

    oso = Oso()
    for cls in (Y, X):
        oso.register_class(cls)
    oso.load_str('f(_: Y, "y"); f(_: X, "x");')
    assert [r["r"] for r in ask(oso, "f(z, r)", z=Z())] == ["x", "y"], "of an unregistered class"
    oso.register_class(Z)
    assert [r["r"] for r in ask(oso, "f(z, r)", z=Z())] == ["x", "y"]


def test_built_in_classes():
    oso = Oso()
    for query in (
        "true matches Boolean",
        "true matches Integer",
        "1 matches Integer",
        "1.5 matches Float",
        '"a" matches String',
        "[] matches List",
        "{} matches Dictionary",
        "not 1 matches Boolean",
        "not 1.0 matches Integer",
        "not nil matches Integer",
        "Integer matches Integer",
    ):
        assert holds(oso, query), query
    assert holds(oso, "d matches Datetime", d=datetime.datetime(2026, 1, 1))
    assert holds(oso, "d matches Timedelta", d=datetime.timedelta(1))
    assert not holds(oso, "d matches Datetime", d=datetime.date(2026, 1, 1))
    assert holds(oso, "a < b", a=datetime.datetime(2026, 1, 1), b=datetime.datetime(2027, 1, 1))
    assert oso.get_class("Dictionary") is dict


def test_classes_as_values():
    class Thing:
        limit = 3

        @classmethod
        def find(cls, n, *, kind="x"):
            return [cls.__name__, n, kind]

    oso = Oso()
    oso.register_class(Thing)
    oso.register_class(A)
    oso.register_class(C)
    assert ask(oso, "x = Thing.limit") == [{"x": 3}]
    assert ask(oso, 'x = Thing.find(1, kind: "k")') == [{"x": ["Thing", 1, "k"]}]
    assert ask(oso, "x = Thing") == [{"x": Thing}]
    assert holds(oso, "Thing matches Thing") and holds(oso, "C matches A") and not holds(oso, "A matches C")


def test_constructors():
    class Point:
        def __init__(self, x, y=0):
            self.x, self.y = x, y

    oso = Oso()
    oso.register_class(Point)
    assert ask(oso, "p = new Point(1, y: 2) and x = p.x and y = p.y")[0]["y"] == 2
    with pytest.raises(PolarRuntimeError, match="Point") as caught:
        ask(oso, "p = new Point()")
    assert isinstance(caught.value.__cause__, TypeError)


def test_constants():
    oso = Oso()
    oso.register_constant(3, "limit")
    oso.register_constant({"a": [1]}, name="table")
    assert ask(oso, "x = limit") == [{"x": 3}]
    oso.register_constant(4, "limit")
    assert ask(oso, "x = limit") == [{"x": 4}], "a constant may be overwritten"
    assert ask(oso, "x = table.a") == [{"x": [1]}]
    assert ask(oso, "x = nil") == [{"x": None}]
    oso.load_str("f(x) if x > limit;")
    assert oso.query_rule_once("f", 5) and not oso.query_rule_once("f", 4)


def test_abstract_base_classes_and_protocols():
    class Named(abc.ABC):
        pass

    class Virtual:
        pass

    Named.register(Virtual)

    @runtime_checkable
    class HasId(Protocol):
        id: int

    class Row:
        def __init__(self, id):
            self.id = id

    oso = Oso()
    oso.register_class(Named)
    oso.register_class(HasId)
    assert holds(oso, "v matches Named", v=Virtual()) and not holds(oso, "v matches Named", v=A())
    assert holds(oso, "r matches HasId", r=Row(1)) and not holds(oso, "r matches HasId", r=A())


def test_a_metaclass_that_fails_is_no_answer():
    class Meta(type):
        def __instancecheck__(cls, instance):
            raise ValueError("cannot tell")

    class Odd(metaclass=Meta):
        pass

    oso = Oso()
    oso.register_class(Odd)
    oso.load_str("f(x) if not x matches Odd;")
    with pytest.raises(ValueError, match="cannot tell"):
        oso.query_rule_once("f", A())


def test_proxies_are_what_they_say():
    class Proxy:
        def __init__(self, target):
            object.__setattr__(self, "_target", target)

        @property
        def __class__(self):
            return type(self._target)

        def __getattr__(self, name):
            return getattr(self._target, name)

    class User:
        name = "ann"

    oso = Oso()
    oso.register_class(User)
    oso.load_str('f(u: User) if u.name = "ann";')
    assert oso.query_rule_once("f", Proxy(User()))
    assert not oso.query_rule_once("f", Proxy(A()))


def test_subclasses_of_values_are_objects_that_match():
    class Name(str):
        pass

    class Count(int):
        pass

    oso = Oso()
    assert holds(oso, "n matches String", n=Name("a"))
    assert holds(oso, "n matches Integer", n=Count(1))
    assert holds(oso, 'n = "a"', n=Name("a")), "by the object's own =="
    assert ask(oso, "x = n", n=Name("a"))[0]["x"].__class__ is Name


def test_the_host_shows_what_is_registered():
    oso = Oso()
    relation = Relation(kind="one", other_type="A", my_field="a_id", other_field="id")
    oso.register_class(A)
    oso.register_class(B, fields={"n": int, "a": relation})
    assert oso.host.types["B"] is oso.host.types[B]
    entry = oso.host.types["B"]
    assert (entry.name, entry.cls, entry.fields["n"]) == ("B", B, int)
    assert oso.host.get_field(B, "a") is A and oso.host.get_field(B(), "n") is int
    with pytest.raises(PolarRuntimeError):
        oso.host.get_field(B, "zip")
    for value in (1, 1.5, "a", True, [1, "a"], {"k": [2.5]}, float("inf")):
        assert oso.host.to_python(oso.host.to_polar(value)) == value
    thing = A()
    assert oso.host.to_python(oso.host.to_polar(thing)) is thing
    assert oso.host.adapter is None
