"""Reading conditions."""

from __future__ import annotations

from typing import Any

from arctos.polar.expression import Expression, Pattern
from arctos.polar.variable import Variable

__all__ = ["Expression", "Pattern", "TypeConstraint", "Variable", "dot_path"]


class TypeConstraint(Expression):
    """The condition that ``left`` belongs to the class of that name."""

    def __init__(self, left: Any, type_name: str) -> None:
        super().__init__("And", [Expression("Isa", [left, Pattern(type_name, {})])])


def dot_path(expr: Any) -> tuple[Any, ...]:
    """The steps of a lookup: ``_this.a.b`` is ``(Variable("_this"), "a", "b")``; empty for anything else."""
    if isinstance(expr, Variable):
        return (expr,)
    if not (isinstance(expr, Expression) and expr.operator == "Dot" and len(expr.args) == 2):
        return ()
    before = dot_path(expr.args[0])
    return (*before, expr.args[1]) if before else ()
