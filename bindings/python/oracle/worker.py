"""Runs cases on one engine: ``python worker.py oso`` or ``python worker.py arctos``.

Reads one case as a JSON line, answers with one JSON line. Apart from the import, both engines see the same code.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import itertools
import json
import sys
from typing import Any

import world

ENGINE = importlib.import_module(sys.argv[1])
MOST_ANSWERS = 120


def failure(error: BaseException) -> dict[str, str]:
    return {"class": type(error).__name__, "message": str(error)}


def prepared(case: dict[str, Any], named: dict[str, Any]) -> Any:
    """An engine with the classes and objects registered; nothing is loaded yet."""
    oso = ENGINE.Oso()
    for cls in world.CLASSES:
        oso.register_class(cls)
    for name, value in named.items():
        oso.register_constant(value, name)
    return oso


def results(oso: Any, step: dict[str, Any], named: dict[str, Any]) -> Any:
    """The answers of one step, lazily."""
    args = [world.decode(arg, named, ENGINE.Variable) for arg in step.get("args", [])]
    do = step["do"]
    if do == "query":
        bindings = {k: world.decode(v, named, ENGINE.Variable) for k, v in step.get("bindings", {}).items()}
        found = oso.query(step["text"], bindings=bindings or None, accept_expression=step.get("accept", False))
        return (answer["bindings"] for answer in found)
    if do == "rule":
        found = oso.query_rule(step["name"], *args, accept_expression=step.get("accept", False))
        return (answer["bindings"] for answer in found)
    if do == "once":
        return iter([{"": oso.query_rule_once(step["name"], *args)}])
    if do == "allowed":
        return iter([{"": oso.is_allowed(*args)}])
    if do == "authorize":
        return iter([{"": oso.authorize(*args)}])
    found = oso.authorized_actions(*args, allow_wildcard=step.get("wildcard", False))
    return iter([{"": sorted(found, key=str)}])


def run_step(oso: Any, step: dict[str, Any], named: dict[str, Any], names: dict[int, str]) -> dict[str, Any]:
    """Answers in order, the error that ended them, and what was printed."""
    answers: list[Any] = []
    error = None
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        try:
            for bindings in itertools.islice(results(oso, step, named), MOST_ANSWERS):
                answers.append({name: world.encode(value, names) for name, value in bindings.items()})
        except BaseException as raised:  # an engine's panic is not an Exception
            error = failure(raised)
    return {"answers": answers, "error": error, "printed": printed.getvalue()}


def run(case: dict[str, Any]) -> dict[str, Any]:
    """Loads the case's policy and runs its steps, as far as it loads."""
    named = world.objects()
    names = {id(value): name for name, value in named.items()}
    names.update({id(cls): cls.__name__ for cls in world.CLASSES})
    oso = prepared(case, named)
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            if case["policy"]:
                oso.load_str(case["policy"])
        except BaseException as raised:
            return {"load": failure(raised), "steps": []}
    return {"load": None, "steps": [run_step(oso, step, named, names) for step in case["steps"]]}


def main() -> None:
    for line in sys.stdin:
        answer = json.dumps(run(json.loads(line)))
        print(answer, file=sys.stdout, flush=True)


if __name__ == "__main__":
    main()
