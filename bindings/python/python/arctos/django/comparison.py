"""Comparisons of a formula in SQL, each where it is true and where it is false."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from arctos.django.arithmetic import computed, number
from arctos.django.conditions import FALSE, TRUE, Rows, all_of, any_of
from arctos.django.statement import Sql, Statement
from arctos.django.values import Value, alike, comparable, equals, is_same, ordered, parameter, threshold
from arctos.polar.exceptions import UnsupportedError
from arctos.residual import Arithmetic, Attribute, Compare, Expression, OneOf, Operator

__all__ = ["Comparison"]

_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_TURNED: dict[Operator, Operator] = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


class Comparison:
    """Writes comparisons.

    :param rows: by their names in the formula; may change
    """

    def __init__(self, rows: Mapping[int, Rows]) -> None:
        self._rows = rows

    def compared(self, formula: Compare, holds: bool) -> Sql:
        """Where the comparison is true, or where it is false."""
        operator, left, right = formula.operator, formula.left, formula.right
        if not isinstance(left, (Attribute, Arithmetic)):
            operator, left, right = _TURNED[operator], right, left
        if not isinstance(left, (Attribute, Arithmetic)):
            raise UnsupportedError(f"{left!r} and {right!r} are compared in the database, which does not know them")
        value = self._value(left)
        other = self._value(right) if isinstance(right, (Attribute, Arithmetic)) else None
        if operator in _OPPOSITE:
            written = operator if holds else _OPPOSITE[operator]
            return _order_of_two(written, value, other) if other is not None else _order(written, value, right)
        same = (operator == "==") is holds
        if other is not None:
            return _same_values(value, other) if same else _other_values(value, other)
        if right is None:
            return _is_none(value) if same else _is_some(value)
        return _among(value, alike(value, right)) if same else _not_among(value, alike(value, right))

    def among(self, formula: OneOf, holds: bool) -> Sql:
        """Where it is one of them, or where it is none of them."""
        if not isinstance(formula.left, (Attribute, Arithmetic)):
            raise UnsupportedError(f"{formula.left!r} is looked for in a list in the database, which does not know it")
        value = self._value(formula.left)
        found = [same for constant in formula.values for same in alike(value, constant)]
        return _among(value, found) if holds else _not_among(value, found)

    def _value(self, expression: Attribute | Arithmetic) -> Value:
        if isinstance(expression, Arithmetic):
            return computed(expression.operator, self._side(expression.left), self._side(expression.right))
        return self._rows[expression.row].value(expression.name)

    def _side(self, expression: Expression) -> Value:
        if isinstance(expression, (Attribute, Arithmetic)):
            return self._value(expression)
        if type(expression) in (int, float):
            return number(expression)
        raise UnsupportedError(f"arithmetic on {expression!r} in the database, which does not know it")


def _order(operator: str, value: Value, constant: Any) -> Sql:
    if constant is None:
        return FALSE
    side, other = ordered(value), parameter(value, threshold(value, operator, constant))
    return lambda at: f"{side(at)} {operator} {other(at)}"


def _order_of_two(operator: str, a: Value, b: Value) -> Sql:
    if not comparable(a, b):
        raise UnsupportedError(f"the order of `{a.shown}` and `{b.shown}`")
    side, other = ordered(a), ordered(b)
    return lambda at: f"{side(at)} {operator} {other(at)}"


def _same_values(a: Value, b: Value) -> Sql:
    if not comparable(a, b):
        return all_of([_is_none(a), _is_none(b)])
    side, other = equals(a), equals(b)
    if a.nullable and b.nullable:
        return lambda at: f"{side(at)} {_same(at)} {other(at)}"
    return lambda at: f"{side(at)} = {other(at)}"


def _other_values(a: Value, b: Value) -> Sql:
    if not comparable(a, b):
        return any_of([_is_some(a), _is_some(b)])
    side, other = equals(a), equals(b)
    if a.nullable or b.nullable:
        return lambda at: f"NOT ({side(at)} {_same(at)} {other(at)})"
    return lambda at: f"{side(at)} <> {other(at)}"


def _same(at: Statement) -> str:
    """Equality for which ``NULL`` is a value."""
    return {"sqlite": "IS", "postgresql": "IS NOT DISTINCT FROM"}.get(at.vendor, "<=>")


def _is_none(value: Value) -> Sql:
    return (lambda at: f"{value.sql(at)} IS NULL") if value.nullable else FALSE


def _is_some(value: Value) -> Sql:
    return (lambda at: f"{value.sql(at)} IS NOT NULL") if value.nullable else TRUE


def _among(value: Value, found: list[Any]) -> Sql:
    if len(found) == 1 or value.kind is None:
        return any_of([is_same(value, constant) for constant in found])
    if not found:
        return FALSE
    side, others = equals(value), [parameter(value, constant) for constant in found]
    return lambda at: f"{side(at)} IN ({', '.join(other(at) for other in others)})"


def _not_among(value: Value, found: list[Any]) -> Sql:
    if not found:
        return TRUE
    among = _among(value, found)
    return any_of([lambda at: f"NOT ({among(at)})", _is_none(value)])
