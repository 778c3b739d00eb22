"""Generated policies as trees: written out as Polar, and made smaller for a report.

A node's ``kind`` says how it is written; ``sort`` says what may stand in its place (goal, value, pattern, …).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Iterator

TEMPLATES = {
    "paren": "({})",
    "not": "not {}",
    "forall": "forall({}, {})",
    "dot": "{}.{name}",
    "field": "{name}: {}",
    "unary": "{name} {}",
    "rest": "*{}",
}
JOINERS = {"list": ("[", ", ", "]"), "dict": ("{{", ", ", "}}"), "print": ("print(", ", ", ")")}
SORTS = {
    "goal": {"true", "and", "or", "not", "forall", "call", "binary", "match", "print", "cut", "test"},
    "value": {"atom", "variable", "list", "dict", "arith", "dot", "method", "new"},
}


@dataclass(frozen=True)
class Node:
    """One construct. ``name`` is an operator, a rule's or field's name, or the text of an atom."""

    kind: str
    kids: tuple[Node, ...] = ()
    name: str = ""

    @property
    def sort(self) -> str:
        return next((sort for sort, kinds in SORTS.items() if self.kind in kinds), self.kind)

    def walk(self) -> Iterator[Node]:
        yield self
        for kid in self.kids:
            yield from kid.walk()


def atom(text: str) -> Node:
    return Node("atom", name=text)


def variable(name: str) -> Node:
    return Node("variable", name=name)


def binary(operator: str, left: Node, right: Node) -> Node:
    """``=``, ``:=``, ``in`` and the comparisons."""
    return Node("binary", (left, right), operator)


def every(goals: list[Node]) -> Node:
    """A conjunction."""
    return goals[0] if len(goals) == 1 else Node("and", tuple(goals))


def write(node: Node) -> str:
    """The node as Polar."""
    kids = [write(kid) for kid in node.kids]
    match node.kind:
        case "atom" | "variable" | "true" | "cut":
            return node.name or node.kind
        case "and" | "or":
            loose = [f"({text})" if kid.kind in ("and", "or") else text for kid, text in zip(node.kids, kids)]
            return f" {node.kind} ".join(loose)
        case "not":
            return f"not ({kids[0]})" if node.kids[0].kind in ("and", "or", "not") else f"not {kids[0]}"
        case "binary":
            tight = node.name == "in"
            sides = [f"({text})" if tight and kid.kind == "arith" else text for kid, text in zip(node.kids, kids)]
            return f" {node.name} ".join(sides)
        case "match":
            return f"({kids[0]}) matches {kids[1]}" if node.kids[0].kind == "arith" else " matches ".join(kids)
        case "arith":
            return f" {node.name} ".join(f"({t})" if k.kind == "arith" else t for k, t in zip(node.kids, kids))
        case "call" | "new":
            return f"{'new ' if node.kind == 'new' else ''}{node.name}({', '.join(kids)})"
        case "method":
            return f"{_base(node.kids[0], kids[0])}.{node.name}({', '.join(kids[1:])})"
        case "dot":
            return f"{_base(node.kids[0], kids[0])}.{node.name}"
        case "class":
            return f"{node.name}{{{', '.join(kids)}}}" if kids else node.name
        case "dict" | "dictpattern":
            return "{" + ", ".join(kids) + "}"
        case "list" | "listpattern":
            return "[" + ", ".join(kids) + "]"
        case "parameter":
            return ": ".join(kids)
        case "head":
            return f"{node.name}({', '.join(kids)})"
        case "rule":
            return f"{kids[0]} if {kids[1]};" if len(kids) == 2 else f"{kids[0]};"
        case "inline":
            return f"?= {kids[0]};"
        case "raw":
            return node.name
        case "print":
            return f"print({', '.join(kids)})"
        case "test":
            return kids[0]
    return TEMPLATES[node.kind].format(*kids, name=node.name)


def _base(node: Node, text: str) -> str:
    return f"({text})" if node.kind in ("arith", "new") else text


def without_singletons(rule: Node) -> Node:
    """The rule with variables that stand only once marked by ``_``, as the language demands."""
    counts: dict[str, int] = {}
    for node in rule.walk():
        if node.kind == "variable":
            counts[node.name] = counts.get(node.name, 0) + 1
    single = {name for name, count in counts.items() if count == 1 and not name.startswith("_")}
    return _renamed(rule, single) if single else rule


def _renamed(node: Node, single: set[str]) -> Node:
    if node.kind == "variable" and node.name in single:
        return Node("variable", name=f"_{node.name}")
    return Node(node.kind, tuple(_renamed(kid, single) for kid in node.kids), node.name)


@dataclass
class Case:
    """A policy and what is asked of it."""

    id: str
    forms: list[Node]
    steps: list[dict[str, object]]
    queries: list[Node | None] = field(default_factory=list)
    """For each step that is a query as text, its tree."""

    @property
    def policy(self) -> str:
        """The policy's text."""
        return "\n".join(write(without_singletons(form)) for form in self.forms)

    def request(self) -> dict[str, object]:
        """What a worker is sent."""
        steps = []
        for step, query in zip(self.steps, self.queries):
            steps.append(step if query is None else {**step, "text": write(query)})
        return {"policy": self.policy, "steps": steps}

    def has(self, kind: str, name: str = "") -> bool:
        """Whether the construct occurs anywhere."""
        trees = self.forms + [query for query in self.queries if query is not None]
        return any(
            node.kind == kind and (not name or node.name == name) for tree in trees for node in tree.walk()
        )

    def mentions(self, pattern: str) -> bool:
        """Whether the text of policy or steps has a match for the regular expression."""
        return re.search(pattern, self.policy + "\n" + str(self.request()["steps"])) is not None
