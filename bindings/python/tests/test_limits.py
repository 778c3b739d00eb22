"""Whatever a policy and an application do, a question ends, and reaching a limit raises."""

import threading

import pytest
from arctos import Arctos, Limits, _arctos
from arctos.polar import exceptions as e

STEPS = 50_000


class Node:
    """Has a successor without end, and items without end."""

    asked = 0

    def __init__(self, number=0):
        self.number = number

    @property
    def next(self):
        Node.asked += 1
        return Node(self.number + 1)

    def __iter__(self):
        while True:
            Node.asked += 1
            yield Node()

    def doubled(self, text):
        return text + text

    def pair(self, value):
        return [value, value]

    @property
    def deep(self):
        value = []
        for _ in range(100_000):
            value = [value]
        return value

    @property
    def own_item(self):
        value = []
        value.append(value)
        return value

    @property
    def shared(self):
        value = [1]
        for _ in range(64):
            value = [value, value]
        return value


POLICY = """
allow(node, "items", _) if item in node and item = node;
allow(node, "no items", _) if not (item in node and item = node);
allow(node, "next", _) if follow(node);
allow(node, "not next", _) if not avoid(node);
follow(node) if follow(node.next);
avoid(node) if not avoid(node.next);
allow(node, "text", _) if grow(node, "ab");
grow(node, text) if grow(node, node.doubled(text));
allow(node, "pairs", _) if nest(node, 1);
nest(node, value) if nest(node, node.pair(value));
allow(_, "cyclic", _) if x = [x] and y = [y] and x = y;
allow(node, "deep", _) if node.deep = 1;
allow(node, "own item", _) if node.own_item = 1;
allow(node, "shared", _) if node.shared = 1;
allow(_, action, _) if action in ["a", "b", "c"];
"""


def engine(**limits):
    arctos = Arctos(limits=Limits(**{"steps": STEPS, "memory": 16 << 20, "time": 0, **limits}))
    arctos.register_class(Node)
    arctos.load_str(POLICY)
    return arctos


def on_small_stack(work):
    """Runs it on a thread with a stack of 2 MB."""
    outcome = []

    def run():
        try:
            outcome.append((work(), None))
        except BaseException as error:  # noqa: BLE001 - handed on below
            outcome.append((None, error))

    before = threading.stack_size(2 << 20)
    try:
        thread = threading.Thread(target=run)
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
    ((value, error),) = outcome
    if error is not None:
        raise error
    return value


def asks(arctos, action):
    """The ways to ask, of which each meets the limit."""
    yield lambda: arctos.is_allowed(Node(), action, 1)
    yield lambda: arctos.decide(Node(), action, 1)
    yield lambda: list(arctos.query_rule("allow", Node(), action, 1))
    yield lambda: list(arctos.query("allow(node, action, 1)", bindings={"node": Node(), "action": action}))


@pytest.mark.parametrize(
    ("limits", "action", "limit"),
    [
        ({"memory": 1 << 30}, "items", "steps"),
        ({"memory": 1 << 30}, "no items", "steps"),
        ({}, "cyclic", "steps"),
        ({"depth": 100}, "next", "depth"),
        ({"depth": 100}, "not next", "depth"),
        ({"time": 0.01, "steps": 10**12, "memory": 1 << 40}, "items", "time"),
        ({"time": 0.01, "steps": 10**12, "memory": 1 << 40}, "no items", "time"),
        ({"answers": 0}, "a", "answers"),
        ({}, "text", "memory"),
        ({"memory": 1 << 20}, "pairs", "memory"),
    ],
)
def test_each_limit_raises(limits, action, limit):
    arctos = engine(**limits)
    for ask in asks(arctos, action):
        Node.asked = 0
        with pytest.raises(e.LimitError) as caught:
            on_small_stack(ask)
        assert caught.value.limit == limit
        assert (caught.type is e.StackOverflowError) == (limit == "depth")
        if "time" not in limits:
            assert Node.asked <= 4 * STEPS, "the application is asked a few times a step at most"


def test_answers_are_counted():
    arctos = engine(answers=2)
    answers = arctos.query("x in [1, 2, 3]")
    assert [next(answers)["bindings"]["x"] for _ in range(2)] == [1, 2]
    with pytest.raises(e.LimitError) as caught:
        next(answers)
    assert caught.value.limit == "answers"
    assert arctos.is_allowed(Node(), "a", 1), "one answer is enough for a decision"


@pytest.mark.parametrize("action", ["deep", "own item", "shared"])
def test_values_that_are_too_deep_or_too_large_are_refused(action):
    for ask in asks(engine(), action):
        with pytest.raises(e.PolarRuntimeError, match="too deeply|too many items"):
            on_small_stack(ask)


def test_a_limit_leaves_nothing_behind():
    arctos = engine()
    for _ in range(3):
        with pytest.raises(e.LimitError):
            arctos.is_allowed(Node(), "text", 1)
        assert arctos.is_allowed(Node(), "a", 1) and not arctos.is_allowed(Node(), "d", 1)


def asks_itself():
    """An engine whose policy calls a method that asks the engine the same."""

    class Page:
        def readable(self):
            return arctos.is_allowed(self, "read", self)

        def listed(self):
            return list(arctos.query_rule("allow", self, "list", self)) != []

    arctos = Arctos()
    arctos.register_class(Page)
    arctos.load_str(
        """
        allow(page, "read", _) if page.readable();
        allow(page, "list", _) if page.listed();
        allow(_, "see", _);
        """
    )
    return arctos, Page()


@pytest.mark.parametrize("action", ["read", "list"])
def test_questions_inside_one_another_have_a_limit(action):
    arctos, page = asks_itself()
    with pytest.raises(e.StackOverflowError) as caught:
        on_small_stack(lambda: arctos.is_allowed(page, action, page))
    assert caught.value.limit == "depth"
    assert arctos.is_allowed(page, "see", page)


def test_a_fault_of_ours_is_an_exception_and_leaves_nothing_behind():
    arctos, page = asks_itself()
    # More often than entries may be inside one another.
    for _ in range(100):
        with pytest.raises(e.OperationalError, match="failed internally.*: as the test has asked for"):
            _arctos._fail()
    assert arctos.is_allowed(page, "see", page)


# ---- objects that mean no good ----


class Raises(Node):
    def __eq__(self, other):
        raise LookupError("eq")

    def __lt__(self, other):
        raise LookupError("lt")

    def __hash__(self):
        raise LookupError("hash")

    def __repr__(self):
        raise LookupError("repr")

    @property
    def field(self):
        raise LookupError("field")


class Recurses(Node):
    def __eq__(self, other):
        return self == other

    def __lt__(self, other):
        return self < other

    def __hash__(self):
        return hash(self)

    def __repr__(self):
        return repr(self)

    @property
    def field(self):
        return self.field


class Exits(Node):
    def __eq__(self, other):
        raise SystemExit

    def __lt__(self, other):
        raise SystemExit

    __hash__ = None

    @property
    def field(self):
        raise SystemExit


HOSTILE = """
allow(a, "equal", b) if a = b;
allow(a, "not equal", b) if not a = b;
allow(a, "same", b) if a == b;
allow(a, "member", b) if a in [b, b];
allow(a, "less", b) if a < b;
allow(a, "field", _) if a.field = 1;
allow(a, "no field", _) if not a.field = 1;
allow(a, "pattern", _) if a matches {field: 1};
allow(a, "shown", _) if a.nothing;
allow(a, "condition", _) if a;
allow(a, "printed", _) if print(a);
allow(a, "table", b) if swap(a, b, 2);
swap(a, b, n) if n > 0 and swap(b, a, n - 1);
swap(_, _, 0);
allow(_, "see", _);
"""


@pytest.mark.parametrize(
    ("cls", "raised"), [(Raises, LookupError), (Recurses, RecursionError), (Exits, SystemExit)]
)
def test_objects_that_fail_in_their_own_methods(cls, raised, capsys):
    arctos = Arctos()
    arctos.register_class(Node)
    arctos.load_str(HOSTILE)
    for action in ("equal", "not equal", "same", "member", "less", "field", "no field", "pattern"):
        for ask in (
            lambda: arctos.is_allowed(cls(), action, cls()),  # noqa: B023 - asked at once
            lambda: list(arctos.query_rule("allow", cls(), action, cls())),  # noqa: B023
        ):
            with pytest.raises(raised):
                on_small_stack(ask)
        assert arctos.is_allowed(cls(), "see", cls()), f"after {action}"
    for action in ("shown", "condition"):
        with pytest.raises(e.PolarRuntimeError):
            on_small_stack(lambda: arctos.is_allowed(cls(), action, 1))  # noqa: B023
    assert on_small_stack(lambda: arctos.is_allowed(cls(), "printed", 1))
    assert capsys.readouterr().out
    assert on_small_stack(lambda: arctos.is_allowed(cls(), "table", cls())), "identity needs no method of theirs"


# ---- policies that mean no good ----


@pytest.mark.parametrize(
    "text",
    [
        "p(x) if ); " * 20_000,
        "p(x: str) if x = 1 and x = 2; " * 5_000 + "(",
        "p(x) if " + "(" * 100_000,
        "p(x) if " + "q" * 200_000 + "(x); " + "z" * 200_001 + "(1);",
        "resource A {\n" * 10_000,
        "p(x) if x = 1" + " + 1" * 100_000 + ";",
        '"' * 100_001,
    ],
)
def test_texts_that_are_all_errors(text):
    def load():
        Arctos().load_str(text)

    with pytest.raises(e.OsoError) as caught:
        on_small_stack(load)
    errors = [problem for problem in caught.value.diagnostics if problem.severity == "error"]
    assert errors
    shown = str(caught.value)
    assert len(shown) < 1_000_000
    assert (f"and {len(errors) - 100} more" in shown) == (len(errors) > 100)
