"""Cases at random, by seed: small policies that mostly mean something, and questions about them.

A scope remembers which variables a rule has and what they probably hold, so that most goals neither fail at once nor
raise; now and then it is ignored.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from blocks import block_case
from fixed import FIXED
from tree import Case, Node, atom, binary, every, variable

NUMBERS = ["0", "1", "2", "3", "-1", "1.0", "2.5", "0.5", "7", "inf"]
TEXTS = ['"a"', '"b"', '"ab"', '""', '"x"', '"é"']
OBJECTS = {"A": "a0", "B": "b0", "C": "c0", "D": "d0", "E": "e0"}
ODD = ["tup", "dec", "byts", "when", "txt", "nil", "d1", "ann", "app"]
CLASSES = ["A", "B", "C", "D", "E"]
BUILT_IN = ["Integer", "Float", "String", "Boolean", "List", "Dictionary"]
COMPARISONS = ["==", "!=", "<", "<=", ">", ">="]
KEYS = ["k", "n", "x", "y"]
ATTRIBUTES = {"num": ["n"], "text": ["s", "kind"], "bool": ["flag"], "list": ["items"], "dict": ["tags"], "object": ["peer"]}


@dataclass
class Scope:
    """The variables of one rule or query: name → kind of value, ``""`` when still unbound."""

    known: dict[str, str] = field(default_factory=dict)

    def of(self, kind: str) -> list[str]:
        return [name for name, held in self.known.items() if held == kind or (kind == "any" and held)]

    def unbound(self) -> list[str]:
        return [name for name, held in self.known.items() if not held]


class Maker:
    """Makes the parts of one case."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.rules: dict[str, int] = {}
        self.chaos = 0.03

    def chance(self, p: float) -> bool:
        return self.rng.random() < p

    # ---- values ----

    def kind(self) -> str:
        return self.rng.choice(["num", "num", "num", "text", "bool", "list", "dict", "object", "object", "odd"])

    def value(self, scope: Scope, kind: str, depth: int = 2) -> Node:
        """A value that is probably of that kind."""
        if self.chance(self.chaos):
            kind = self.kind()
        if kind == "any":
            kind = self.kind()
        if scope.of(kind) and self.chance(0.55):
            return variable(self.rng.choice(scope.of(kind)))
        if depth and kind in ATTRIBUTES and self.chance(0.2):
            return self.lookup(scope, kind, depth - 1)
        return self.fresh(scope, kind, depth)

    def fresh(self, scope: Scope, kind: str, depth: int) -> Node:
        choose = self.rng.choice
        if kind == "num":
            if depth and self.chance(0.25):
                operator = choose(["+", "-", "*", "/", "mod", "rem"])
                return Node("arith", (self.value(scope, "num", 0), self.value(scope, "num", 0)), operator)
            return atom(choose(NUMBERS))
        if kind == "text":
            return atom(choose(TEXTS))
        if kind == "bool":
            return atom(choose(["true", "false"]))
        if kind == "list":
            return self.list_of(scope, depth)
        if kind == "dict":
            # Sorted: the predecessor computes their values in that order, wherever they stand.
            keys = sorted(self.rng.sample(KEYS, self.rng.randint(0, 2)))
            inner = "num" if self.chance(0.6) or not depth else "any"
            return Node("dict", tuple(Node("field", (self.value(scope, inner, depth - 1 if depth else 0),), k) for k in keys))
        if kind == "odd":
            return atom(choose(ODD))
        if self.chance(0.15):
            return Node("new", (self.value(scope, "num", 0),), choose(CLASSES))
        return atom(OBJECTS[choose(CLASSES)])

    def list_of(self, scope: Scope, depth: int) -> Node:
        inner = self.rng.choice(["num", "num", "text", "any"]) if depth else "num"
        items = [self.value(scope, inner, depth - 1 if depth else 0) for _ in range(self.rng.randint(0, 3))]
        if self.chance(0.12) and scope.of("list"):
            rest = self.rng.choice(scope.of("list"))
            items.append(Node("rest", (variable(rest),)))
        return Node("list", tuple(items))

    def lookup(self, scope: Scope, kind: str, depth: int) -> Node:
        owner = self.value(scope, "object", depth)
        name = self.rng.choice(ATTRIBUTES[kind])
        if self.chance(0.25):
            return self.method(owner, scope, depth)
        if self.chance(0.04):
            name = self.rng.choice(["boom", "zzz", "inner_missing", "none"])
        return Node("dot", (owner,), name)

    def method(self, owner: Node, scope: Scope, depth: int) -> Node:
        name = self.rng.choice(["add", "add", "me", "gen", "echo", "echo", "make", "fail", "gen_fail", "n", "zzz"])
        arguments: tuple[Node, ...] = ()
        if name in ("add", "make"):
            arguments = (self.value(scope, "num", depth),)
            if name == "add" and self.chance(0.3):
                arguments += (Node("field", (self.value(scope, "num", 0),), "by"),)
        if name == "echo":
            arguments = tuple(self.value(scope, "any", depth) for _ in range(self.rng.randint(0, 2)))
        return Node("method", (owner, *arguments), name)

    # ---- patterns ----

    def pattern(self, scope: Scope, kind: str, depth: int = 1) -> Node:
        """What a value of that kind might match."""
        if kind == "object" and self.chance(0.85):
            name = self.rng.choice(CLASSES)
            return Node("class", self.pattern_fields(scope, ["n", "s", "flag", "peer"], depth), name)
        roll = self.rng.random()
        if roll < 0.5:
            return Node("class", name=self.rng.choice(BUILT_IN + CLASSES[:2]))
        if roll < 0.7:
            return Node("dictpattern", self.pattern_fields(scope, KEYS, depth))
        if roll < 0.8:
            return Node("listpattern", self.list_of(scope, 0).kids)
        return self.fresh(scope, self.rng.choice(["num", "text"]), 0)

    def pattern_fields(self, scope: Scope, names: list[str], depth: int) -> tuple[Node, ...]:
        if not depth or self.chance(0.6):
            return ()
        chosen = sorted(self.rng.sample(names, self.rng.randint(1, 2)))
        kinds = {"s": "text", "flag": "bool", "peer": "object"}
        made = []
        for name in chosen:
            kind = kinds.get(name, "num")
            inner = self.value(scope, kind, 0)
            if kind == "object":
                inner = Node("class", (), self.rng.choice(CLASSES) + "{}")
            elif self.chance(0.25):
                inner = self.binder(scope, kind)
            made.append(Node("field", (inner,), name))
        return tuple(made)

    def binder(self, scope: Scope, kind: str) -> Node:
        """A variable to be bound."""
        free = scope.unbound()
        name = self.rng.choice(free) if free and self.chance(0.6) else f"v{len(scope.known)}"
        scope.known[name] = kind
        return variable(name)

    # ---- goals ----

    def goal(self, scope: Scope, depth: int = 2) -> Node:
        """One goal."""
        makers = [
            (12, self.bind_goal), (10, self.compare_goal), (8, self.in_goal), (6, self.match_goal),
            (9, self.call_goal), (2, self.test_goal), (1, self.print_goal), (1, self.assign_goal), (3, self.unify_goal),
            (1, self.cut_goal), (1, self.late_goal),
        ]  # fmt: skip
        if depth:
            makers += [(3, self.or_goal), (4, self.not_goal), (2, self.forall_goal), (1, self.group_goal)]
        weights = [weight for weight, _ in makers]
        make = self.rng.choices([maker for _, maker in makers], weights)[0]
        return make(scope, depth)

    def bind_goal(self, scope: Scope, depth: int) -> Node:
        kind = self.kind()
        value = self.value(scope, kind)
        sides = (self.binder(scope, kind), value)
        return binary("=", *(sides if self.chance(0.8) else sides[::-1]))

    def unify_goal(self, scope: Scope, depth: int) -> Node:
        kind = self.rng.choice(["num", "list", "dict", "any"])
        if kind == "list" and self.chance(0.5):
            whole = self.value(scope, "list")
            left = Node("list", (self.binder(scope, "num"), Node("rest", (self.binder(scope, "list"),))))
            return binary("=", left, whole)
        return binary("=", self.value(scope, kind), self.value(scope, kind))

    def assign_goal(self, scope: Scope, depth: int) -> Node:
        kind = self.kind()
        value = self.value(scope, kind)
        return binary(":=", self.binder(scope, kind), value)

    def compare_goal(self, scope: Scope, depth: int) -> Node:
        kind = self.rng.choices(["num", "text", "bool", "object", "list", "odd"], [10, 3, 2, 2, 1, 1])[0]
        pool = COMPARISONS if kind in ("num", "text", "bool") or self.chance(0.1) else ["==", "!="]
        return binary(self.rng.choice(pool), self.value(scope, kind), self.value(scope, kind))

    def in_goal(self, scope: Scope, depth: int) -> Node:
        kind = self.rng.choices(["list", "dict", "text", "object", "odd", "num"], [12, 3, 2, 2, 2, 0.3])[0]
        if kind == "object" and self.chance(0.7):
            collection = self.rng.choice([atom("d0"), Node("method", (atom("b0"),), "gen"), Node("dot", (atom("c0"),), "items")])
        else:
            collection = self.value(scope, kind)
        if self.chance(0.6):
            return binary("in", self.binder(scope, "num" if kind == "list" else "any"), collection)
        return binary("in", self.value(scope, self.rng.choice(["num", "text", "any"]), 0), collection)

    def match_goal(self, scope: Scope, depth: int) -> Node:
        kind = self.rng.choice(["object", "object", "num", "dict", "any"])
        return Node("match", (self.value(scope, kind), self.pattern(scope, kind)))

    def call_goal(self, scope: Scope, depth: int) -> Node:
        if not self.rules:
            return self.compare_goal(scope, depth)
        name = self.rng.choice(list(self.rules))
        arguments = []
        for _ in range(self.rules[name]):
            if self.chance(0.3):
                arguments.append(self.binder(scope, "any"))
            else:
                arguments.append(self.value(scope, self.rng.choice(["num", "object", "any"]), 1))
        if self.chance(0.01):
            arguments.append(atom("1"))
        return Node("call", tuple(arguments), name)

    def test_goal(self, scope: Scope, depth: int) -> Node:
        return Node("test", (self.value(scope, "bool"),))

    def print_goal(self, scope: Scope, depth: int) -> Node:
        return Node("print", (self.value(scope, "num"), self.value(scope, "text")))

    def cut_goal(self, scope: Scope, depth: int) -> Node:
        return Node("cut")

    def late_goal(self, scope: Scope, depth: int) -> Node:
        """A condition on a variable that only its second goal binds."""
        name = f"v{len(scope.known)}"
        scope.known[name] = ""
        late = variable(name)
        number = self.value(scope, "num", 0)
        condition = self.rng.choice(
            [
                binary(self.rng.choice(COMPARISONS), late, number),
                Node("match", (late, self.pattern(scope, "num"))),
                binary("in", number, late),
                binary("=", Node("dot", (late,), "n"), number),
            ]
        )
        kind = "object" if condition.kids[0].kind == "dot" else self.kind()
        scope.known[name] = kind
        then = [binary("=", late, self.fresh(scope, kind, 1))] if self.chance(0.8) else []
        return every([condition, *then])

    def or_goal(self, scope: Scope, depth: int) -> Node:
        return Node("or", tuple(self.body(scope, depth - 1, 2) for _ in range(self.rng.choice([2, 2, 3]))))

    def group_goal(self, scope: Scope, depth: int) -> Node:
        return self.body(scope, depth - 1, 2)

    def not_goal(self, scope: Scope, depth: int) -> Node:
        inner = Scope(dict(scope.known)) if self.chance(0.85) else scope
        return Node("not", (self.body(inner, depth - 1, 2),))

    def forall_goal(self, scope: Scope, depth: int) -> Node:
        inner = Scope(dict(scope.known))
        condition = self.in_goal(inner, 0) if self.chance(0.8) else self.goal(inner, 0)
        if any(node.kind == "arith" for node in condition.walk()):
            condition = binary("in", self.binder(inner, "num"), atom("[1, 2]"))
        return Node("forall", (condition, self.goal(inner, 0)))

    def body(self, scope: Scope, depth: int, most: int) -> Node:
        return every([self.goal(scope, depth) for _ in range(self.rng.randint(1, most))])

    # ---- rules ----

    def parameter(self, scope: Scope, index: int) -> Node:
        name = variable(f"p{index}")
        roll = self.rng.random()
        if roll < 0.35:
            kind = self.rng.choice(["object", "object", "object", "num", "dict"])
            pattern = self.pattern(scope, kind)
            scope.known[name.name] = kind
            return Node("parameter", (name, pattern))
        if roll < 0.55:
            return self.fresh(scope, self.rng.choice(["num", "text", "list", "any"]), 1)
        scope.known[name.name] = self.rng.choice(["any", "num", "num", "object", ""])
        if roll < 0.6 and scope.of("num"):
            return variable(self.rng.choice(scope.of("num")))
        return name

    def rule(self, name: str, arity: int) -> Node:
        scope = Scope()
        head = Node("head", tuple(self.parameter(scope, index) for index in range(arity)), name)
        if self.chance(0.25):
            return Node("rule", (head,))
        return Node("rule", (head, self.body(scope, 2, 3)))

    def argument(self) -> object:
        """An argument of a query from the application."""
        roll = self.rng.random()
        if roll < 0.4:
            return {"object": self.rng.choice(list(OBJECTS.values()))}
        if roll < 0.55:
            return {"variable": self.rng.choice(["x", "y"])}
        if roll < 0.6:
            return {"object": self.rng.choice(["tup", "dec", "txt", "d1"])}
        return self.rng.choice([0, 1, 2, 3, True, "a", "b", [1, 2], {"entries": {"k": 1}}, None, {"float": "1.0"}])

    def steps(self, case: Case, count: int) -> None:
        """Adds questions."""
        for _ in range(count):
            name = self.rng.choice(list(self.rules)) if self.rules else ""
            if name and self.chance(0.5):
                arguments = [self.argument() for _ in range(self.rules[name])]
                case.steps.append({"do": self.rng.choice(["rule"] * 4 + ["once"]), "name": name, "args": arguments})
                case.queries.append(None)
                continue
            scope = Scope()
            query = self.call_goal(scope, 0) if name and self.chance(0.6) else self.body(scope, 2, 4)
            case.steps.append({"do": "query"})
            case.queries.append(query)


def expression_case(maker: Maker, case: Case) -> None:
    """Questions without a policy."""
    maker.steps(case, 4)


def rules_case(maker: Maker, case: Case) -> None:
    """A few rules that call one another, never in a circle: a rule calls only those declared before it."""
    rng = maker.rng
    for index in range(rng.randint(1, 4)):
        name, arity = f"f{index}", rng.randint(1, 3)
        case.forms += [maker.rule(name, arity) for _ in range(rng.randint(1, 4))]
        maker.rules[name] = arity
    if maker.chance(0.2):
        rng.shuffle(case.forms)
    maker.steps(case, 4)


def order_case(maker: Maker, case: Case) -> None:
    """Many rules of one name, told apart by their last argument: shows the order of specificity."""
    rng = maker.rng
    arity = rng.randint(1, 3)
    for index in range(rng.randint(3, 7)):
        parameters = []
        for place in range(arity):
            roll = rng.random()
            name = variable(f"p{place}")
            if roll < 0.6:
                kind = rng.choice(["object", "object", "object", "object", "dict"])
                parameters.append(Node("parameter", (name, maker.pattern(Scope(), kind))))
            elif roll < 0.75:
                parameters.append(maker.fresh(Scope(), rng.choice(["num", "object"]), 0))
            else:
                parameters.append(name)
        parameters.append(atom(str(index)))
        head = Node("head", tuple(parameters), "f")
        goals = [Node("cut")] if maker.chance(0.1) else []
        case.forms.append(Node("rule", (head, *goals)))
    for _ in range(4):
        arguments = [maker.argument() for _ in range(arity)]
        case.steps.append({"do": "rule", "name": "f", "args": [*arguments, {"variable": "which"}]})
        case.queries.append(None)


def recursion_case(maker: Maker, case: Case) -> None:
    """Well-known recursive rules over small lists and trees, one of them mutated."""
    rng = maker.rng
    programs = [
        "app([], ys, ys); app([x, *xs], ys, [x, *zs]) if app(xs, ys, zs);",
        "mem(x, [x, *_]); mem(x, [_, *xs]) if mem(x, xs);",
        "len([], 0); len([_, *xs], n) if len(xs, m) and n = m + 1;",
        "rev([], acc, acc); rev([x, *xs], acc, out) if rev(xs, [x, *acc], out);",
        "edge(1, 2); edge(2, 3); edge(1, 3); edge(3, 4); path(x, y) if edge(x, y); path(x, y) if edge(x, z) and path(z, y);",
        "fact(0, 1); fact(n, r) if n > 0 and fact(n - 1, s) and r = n * s;",
        "top(x, x) if x matches C; top(x, y) if not x matches C and top(x.peer, y);",
        "sum([], 0); sum([x, *xs], n) if sum(xs, m) and n = x + m;",
        "sel(x, [x, *xs], xs); sel(x, [y, *xs], [y, *ys]) if sel(x, xs, ys);",
        "even(0); even(n) if n > 0 and odd(n - 1); odd(n) if n > 0 and even(n - 1);",
    ]
    questions = {
        "app": ["app(x, y, [1, 2])", "app([1], [2], x)", "app(x, [2], [1, 2])", "app([1], x, y)"],
        "mem": ["mem(x, [1, 2, 1])", "mem(1, [2, 1, 1])", "mem(3, [1])", "mem(x, [1, 2]) and x > 1"],
        "len": ["len([1, 2, 3], x)", "len([], 0)", "len([1], 2)"],
        "rev": ["rev([1, 2, 3], [], x)", "rev([], [], [])"],
        "path": ["path(1, x)", "path(x, 4)", "path(x, y)", "path(1, 4)", "path(4, 1)", "edge(x, y) and not path(y, 4)"],
        "fact": ["fact(5, x)", "fact(3, 6)", "fact(2, 3)"],
        "top": ["top(a0, x)", "top(c0, x)", "top(b0, c0)"],
        "sum": ["sum([1, 2, 3], x)", "sum([0.5, 1], x)", "sum([1], 2)", 'sum(["a"], x)'],
        "sel": ["sel(x, [1, 2, 3], y)", "sel(2, [1, 2], x)", "sel(1, x, [2])"],
        "even": ["even(4)", "odd(4)", "even(3)", "x in [1, 2, 3, 4] and even(x)"],
    }
    program = rng.choice(programs)
    case.forms.append(Node("raw", name=program))
    name = next(name for name in questions if program.startswith(name + "(") or f" {name}(" in program)
    for text in rng.sample(questions[name], min(3, len(questions[name]))):
        case.steps.append({"do": "query"})
        case.queries.append(Node("raw", name=text))


def inline_case(maker: Maker, case: Case) -> None:
    """Rules and inline queries."""
    rng = maker.rng
    case.forms += [maker.rule("f0", 1) for _ in range(rng.randint(1, 3))]
    maker.rules["f0"] = 1
    for _ in range(rng.randint(1, 2)):
        case.forms.append(Node("inline", (maker.body(Scope(), 1, 2),)))
    maker.steps(case, 1)


def types_case(maker: Maker, case: Case) -> None:
    """Rule types and rules that may or may not be of them."""
    rng = maker.rng

    def parameter(place: int) -> Node:
        roll = rng.random()
        name = variable(f"p{place}")
        if roll < 0.5:
            fields = maker.pattern_fields(Scope(), ["n", "s"], 1) if maker.chance(0.3) else ()
            return Node("parameter", (name, Node("class", fields, rng.choice(CLASSES[:4] + ["Integer", "String", "List"]))))
        if roll < 0.75:
            return maker.fresh(Scope(), rng.choice(["num", "text", "list", "bool", "dict"]), 0)
        return name

    for _ in range(rng.randint(1, 2)):
        head = Node("head", tuple(parameter(i) for i in range(rng.randint(1, 2))), "f")
        case.forms.append(Node("unary", (Node("rule", (head,)),), "type"))
    for _ in range(rng.randint(1, 2)):
        head = Node("head", tuple(parameter(i) for i in range(rng.randint(1, 2))), "f")
        case.forms.append(Node("rule", (head,)))
    maker.rules["f"] = 1
    maker.steps(case, 2)


def syntax_case(maker: Maker, case: Case) -> None:
    """A text that was well-formed until a token was dropped, doubled or exchanged."""
    rng = maker.rng
    from tree import write, without_singletons

    maker.rules["f0"] = 1
    text = write(without_singletons(maker.rule("f0", 1))) if maker.chance(0.5) else write(maker.body(Scope(), 2, 3))
    tokens = text.split(" ")
    spare = tokens + ["(", ")", "[", "]", "and", "not", "=", "1", "x", ",", "cut", "new", "in", "@", '"', "1e", "matches", ";",
                      "99999999999999999999", "{", "}", ".", "if", "or", "==", "debug", "::", "x?", "!", "|", "*", "-", "type"]  # fmt: skip
    for _ in range(rng.randint(1, 2)):
        at = rng.randrange(len(tokens))
        action = rng.choice(["drop", "double", "exchange", "insert"])
        if action == "drop" and len(tokens) > 1:
            del tokens[at]
        elif action == "double":
            tokens.insert(at, tokens[at])
        elif action == "exchange":
            tokens[at] = rng.choice(spare)
        else:
            tokens.insert(at, rng.choice(spare))
    changed = Node("raw", name=" ".join(tokens))
    if text.endswith(";"):
        case.forms.append(changed)
    else:
        case.forms.append(Node("raw", name="f0(1);"))
        case.steps.append({"do": "query"})
        case.queries.append(changed)


FAMILIES = [
    (16, "expression", expression_case),
    (34, "rules", rules_case),
    (14, "order", order_case),
    (4, "recursion", recursion_case),
    (4, "inline", inline_case),
    (8, "types", types_case),
    (12, "blocks", block_case),
    (8, "syntax", syntax_case),
]


def make(seed: int, index: int) -> Case:
    """Case number ``index`` of a run; the first ones are fixed."""
    if index < len(FIXED):
        return FIXED[index]
    rng = random.Random(f"{seed}/{index}")
    name, family = rng.choices([(name, make) for _, name, make in FAMILIES], [weight for weight, _, _ in FAMILIES])[0]
    case = Case(f"{name}/{seed}/{index}", [], [])
    family(Maker(rng), case)
    return case
