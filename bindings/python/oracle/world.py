"""The application that generated policies speak of: classes, objects, and how values are written as JSON.

Both workers import this same file; it knows nothing of either engine.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Iterator


class A:
    """The root of a small hierarchy (``C`` is a ``B`` is an ``A``), with one attribute of each kind."""

    kind = "a"

    def __init__(self, n: int = 0, s: str = "", **more: Any) -> None:
        self.n = n
        self.s = s
        self.flag = n % 2 == 0
        self.items = [n, n + 1]
        self.tags = {"k": s, "n": n}
        self.none = None
        self.peer: Any = more.get("peer")
        self._label = more.get("label")

    def add(self, x: Any, by: int = 1) -> Any:
        return self.n + x * by

    def me(self) -> A:
        return self

    def gen(self) -> Iterator[int]:
        yield self.n
        yield self.n + 1

    def echo(self, *args: Any, **kwargs: Any) -> list[Any]:
        return [*args, *(kwargs[key] for key in sorted(kwargs))]

    def fail(self) -> None:
        raise KeyError("fail")

    def gen_fail(self) -> Iterator[int]:
        yield self.n
        raise IndexError("gen_fail")

    @property
    def boom(self) -> int:
        raise ValueError("boom")

    @property
    def inner_missing(self) -> int:
        return self.not_there  # type: ignore[attr-defined]

    @classmethod
    def make(cls, n: int) -> A:
        return cls(n)

    def label(self) -> str:
        return self._label or f"{type(self).__name__}({self.n!r}, {self.s!r})"


class B(A):
    """More special than ``A``."""

    kind = "b"
    own_b = 7


class C(B):
    """More special than ``B``."""

    kind = "c"


class D:
    """Apart from the rest; compares by value, has an order, and can be iterated."""

    kind = "d"

    def __init__(self, n: int = 0, s: str = "") -> None:
        self.n = n
        self.s = s

    def __eq__(self, other: object) -> bool:
        return isinstance(other, D) and self.n == other.n

    def __hash__(self) -> int:
        return hash(self.n)

    def __lt__(self, other: Any) -> bool:
        if not isinstance(other, D):
            return NotImplemented
        return self.n < other.n

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.n))

    def label(self) -> str:
        return f"D({self.n!r}, {self.s!r})"


class E(B, D):
    """Two parents."""

    kind = "e"
    __eq__ = object.__eq__
    __hash__ = object.__hash__
    label = A.label


class Text(str):
    """A string that is not exactly a string."""


class Org:
    """Owns repositories."""

    def __init__(self, name: str) -> None:
        self.name = name

    def label(self) -> str:
        return f"Org {self.name}"


class Repo:
    """Has issues, belongs to an organization."""

    def __init__(self, name: str, org: Org, public: bool = False) -> None:
        self.name = name
        self.org = org
        self.public = public

    def label(self) -> str:
        return f"Repo {self.name}"


class Issue:
    """Belongs to a repository, has an author."""

    def __init__(self, name: str, repo: Repo, author: User) -> None:
        self.name = name
        self.repo = repo
        self.author = author

    def label(self) -> str:
        return f"Issue {self.name}"


class User:
    """Holds roles on anything."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.roles: list[tuple[str, Any]] = []

    def roles_on(self, resource: Any) -> list[str]:
        return [role for role, on in self.roles if on is resource]

    def label(self) -> str:
        return f"User {self.name}"


class Admin(User):
    """A user of a class of its own."""


CLASSES: list[type[Any]] = [A, B, C, D, E, Org, Repo, Issue, User, Admin]


def objects() -> dict[str, Any]:
    """Fresh objects, by the names that policies use for them."""
    a0, b0, c0, e0 = A(0, "x", label="a0"), B(1, "y", label="b0"), C(2, "z", label="c0"), E(3, "w", label="e0")
    a0.peer, b0.peer, c0.peer = b0, c0, c0
    acme, beta = Org("acme"), Org("beta")
    app, lib = Repo("app", acme), Repo("lib", beta, public=True)
    ann, bob, root = User("ann"), User("bob"), Admin("root")
    ann.roles = [("owner", acme), ("reader", lib)]
    bob.roles = [("writer", app), ("member", acme)]
    root.roles = [("owner", app), ("owner", beta), ("reader", acme)]
    return {
        "a0": a0, "b0": b0, "c0": c0, "e0": e0, "d0": D(2, "q"), "d1": D(3, "q"),
        "acme": acme, "beta": beta, "app": app, "lib": lib,
        "bug": Issue("bug", app, ann), "idea": Issue("idea", lib, bob),
        "ann": ann, "bob": bob, "root": root,
        "tup": (1, 2), "dec": Decimal("1.5"), "byts": b"ab", "when": datetime(2020, 1, 2), "txt": Text("abc"),
    }  # fmt: skip


def decode(spec: Any, named: dict[str, Any], variable: type[str]) -> Any:
    """The value that a JSON description stands for."""
    if isinstance(spec, list):
        return [decode(item, named, variable) for item in spec]
    if not isinstance(spec, dict):
        return spec
    if "object" in spec:
        return named[spec["object"]]
    if "variable" in spec:
        return variable(spec["variable"])
    if "float" in spec:
        return float(spec["float"])
    return {key: decode(item, named, variable) for key, item in spec["entries"].items()}


def encode(value: Any, names: dict[int, str]) -> Any:
    """A value as JSON that tells its type: the inverse of :func:`decode`, and more."""
    if value is None or type(value) in (bool, int, str):
        return value
    if type(value) is float:
        return {"float": repr(value)}
    if type(value) is list:
        return [encode(item, names) for item in value]
    if type(value) is dict:
        return {"entries": {str(key): encode(item, names) for key, item in value.items()}}
    if id(value) in names:
        return {"object": names[id(value)]}
    return {"other": _described(value, names)}


def _described(value: Any, names: dict[int, str]) -> Any:
    kind = type(value).__name__
    if kind == "Variable":
        return "Variable"
    if kind == "Expression":
        return [value.operator, [encode(item, names) for item in value.args]]
    if kind == "Pattern":
        return ["pattern", value.tag]
    if hasattr(value, "label") and not isinstance(value, type):
        return value.label()
    if isinstance(value, (tuple, Decimal, bytes, datetime, Text, type)):
        return f"{kind} {value!r}"
    return kind
