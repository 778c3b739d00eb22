"""Makes a case smaller while it still shows the same thing."""

from __future__ import annotations

import time
from typing import Callable, Iterator

from tree import Case, Node, atom

FEWEST = {"and": 1, "or": 1, "list": 0, "dict": 0, "class": 0, "dictpattern": 0, "print": 0}


def smaller_nodes(node: Node) -> Iterator[Node]:
    """Trees one step smaller than this one."""
    for kid in node.kids:
        if kid.sort == node.sort:
            yield kid
    if node.kind in FEWEST and len(node.kids) > FEWEST[node.kind]:
        for index in range(len(node.kids)):
            yield Node(node.kind, node.kids[:index] + node.kids[index + 1 :], node.name)
    if node.kind == "rule" and len(node.kids) == 2:
        yield Node("rule", node.kids[:1])
    if node.kind == "parameter":
        yield node.kids[0]
    if node.sort == "value" and node.kind != "variable" and node.name != "1":
        yield atom("1")
    for index, kid in enumerate(node.kids):
        for smaller in smaller_nodes(kid):
            yield Node(node.kind, node.kids[:index] + (smaller,) + node.kids[index + 1 :], node.name)


def smaller_cases(case: Case) -> Iterator[Case]:
    """Cases one step smaller than this one."""
    for index in range(len(case.steps)):
        if len(case.steps) > 1:
            yield Case(case.id, case.forms, [case.steps[index]], [case.queries[index]])
    for index in range(len(case.forms)):
        yield Case(case.id, case.forms[:index] + case.forms[index + 1 :], case.steps, case.queries)
    for column in _columns(case):
        yield _without_column(case, *column)
    for index, form in enumerate(case.forms):
        for smaller in smaller_nodes(form):
            yield Case(case.id, case.forms[:index] + [smaller] + case.forms[index + 1 :], case.steps, case.queries)
    for index, query in enumerate(case.queries):
        for smaller in smaller_nodes(query) if query else ():
            queries = case.queries[:index] + [smaller] + case.queries[index + 1 :]
            yield Case(case.id, case.forms, case.steps, queries)


def _columns(case: Case) -> list[tuple[str, int]]:
    """Every argument place of every rule."""
    heads = {
        (node.name, len(node.kids)) for form in case.forms for node in form.walk() if node.kind == "head"
    }
    return [(name, place) for name, arity in sorted(heads) if arity > 1 for place in range(arity)]


def _without_column(case: Case, name: str, place: int) -> Case:
    """The case with one argument of a rule left out everywhere."""

    def cut(node: Node) -> Node:
        kids = tuple(cut(kid) for kid in node.kids)
        if node.kind in ("head", "call") and node.name == name:
            kids = kids[:place] + kids[place + 1 :]
        return Node(node.kind, kids, node.name)

    steps = []
    for step in case.steps:
        arguments = step.get("args")
        if step.get("name") == name and isinstance(arguments, list):
            step = {**step, "args": arguments[:place] + arguments[place + 1 :]}
        steps.append(step)
    queries = [None if query is None else cut(query) for query in case.queries]
    return Case(case.id, [cut(form) for form in case.forms], steps, queries)


def shrink(case: Case, shows: Callable[[Case], bool], seconds: float = 10.0) -> Case:
    """The smallest case found, in that time, that still ``shows`` it."""
    deadline = time.monotonic() + seconds
    progress = True
    while progress and time.monotonic() < deadline:
        progress = False
        for candidate in smaller_cases(case):
            if time.monotonic() > deadline:
                break
            if shows(candidate):
                case, progress = candidate, True
                break
    return case
