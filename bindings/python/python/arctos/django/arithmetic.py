"""Arithmetic on columns: what is not there is ``NULL``, as it is ``None`` in a formula.

Integers are 64 bits wide and never wrap: databases that would wrap, go on with floats or give up are told to look first. A float that is
divided by zero is ``NULL``, too.
"""

from __future__ import annotations

from arctos.django.statement import Sql, Statement
from arctos.django.values import Value
from arctos.polar.exceptions import UnsupportedError

__all__ = ["computed", "number"]

_LEAST = "-9223372036854775808"
_GREATEST = "9223372036854775807"


def number(constant: int | float) -> Value:
    """A constant as a side of arithmetic: databases are told its type, since nothing beside it may tell."""
    given = Value(repr(constant), lambda at: at.parameter(constant), int, False)
    if isinstance(constant, float):
        return Value(given.shown, _float(given), float, False)
    return Value(given.shown, lambda at: f"CAST({given.sql(at)} AS {_integer_type(at)})", int, False)


def computed(operator: str, left: Value, right: Value) -> Value:
    """``left operator right``, of numbers."""
    for side in (left, right):
        if side.kind not in (int, float):
            raise UnsupportedError(f"arithmetic on `{side.shown}`, which is neither an integer nor a float")
    shown = f"{left.shown} {operator} {right.shown}"
    are_integers = left.kind is int and right.kind is int
    if operator in ("mod", "rem"):
        if not are_integers:
            raise UnsupportedError(f"`{operator}` of `{left.shown}` and `{right.shown}`, which are not both integers")
        return Value(shown, _remainder(operator, left.sql, right.sql), int, True)
    if are_integers and operator != "/":
        return Value(shown, _whole(operator, left.sql, right.sql), int, True)
    a, b = _float(left), _float(right)
    if operator == "/":
        return Value(shown, lambda at: f"({a(at)} / NULLIF({b(at)}, 0))", float, True)
    return Value(shown, lambda at: f"({a(at)} {operator} {b(at)})", float, True)


def _whole(operator: str, a: Sql, b: Sql) -> Sql:
    def write(at: Statement) -> str:
        if at.vendor == "sqlite":
            # It goes on with floats, of which the least looks like an integer.
            result = f"({a(at)} {operator} {b(at)})"
            return f"CASE WHEN typeof({result}) = 'integer' THEN ({a(at)} {operator} {b(at)}) END"
        fits = f"{_wide(at, a)} {operator} {_wide(at, b)} BETWEEN {_LEAST} AND {_GREATEST}"
        result = f"{_wide(at, a)} {operator} {_wide(at, b)}"
        return f"CASE WHEN {fits} THEN CAST({result} AS {_integer_type(at)}) END"

    return write


def _remainder(operator: str, a: Sql, b: Sql) -> Sql:
    """``NULL`` where the divisor is zero, and where the quotient does not fit 64 bits."""

    def rest(at: Statement) -> str:
        return f"({a(at)} %% {b(at)})"

    def write(at: Statement) -> str:
        fits = f"{b(at)} <> 0 AND ({a(at)} <> {_LEAST} OR {b(at)} <> -1)"
        if operator == "rem":
            return f"CASE WHEN {fits} THEN {rest(at)} END"
        # The remainder of databases has the sign of the dividend.
        other_sign = f"({rest(at)} < 0 AND {b(at)} > 0) OR ({rest(at)} > 0 AND {b(at)} < 0)"
        sign = f"CASE WHEN {other_sign} THEN {rest(at)} + {b(at)} ELSE {rest(at)} END"
        return f"CASE WHEN {fits} THEN {sign} END"

    return write


def _float(value: Value) -> Sql:
    """A number as a float."""
    if value.kind is float:
        return value.sql

    def write(at: Statement) -> str:
        if at.vendor == "mysql":
            return f"({value.sql(at)} + 0e0)"
        return f"CAST({value.sql(at)} AS {'REAL' if at.vendor == 'sqlite' else 'DOUBLE PRECISION'})"

    return write


def _integer_type(at: Statement) -> str:
    return {"sqlite": "INTEGER", "postgresql": "BIGINT"}.get(at.vendor, "SIGNED")


def _wide(at: Statement, sql: Sql) -> str:
    return f"CAST({sql(at)} AS {'NUMERIC' if at.vendor == 'postgresql' else 'DECIMAL'}(20, 0))"
