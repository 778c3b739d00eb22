"""Arithmetic on columns: what is not there is ``NULL``, as it is ``None`` in a formula.

Integers are 64 bits wide and never wrap: databases that would wrap, go on with floats or give up are told to look first. A float that is
divided by zero is ``NULL``, too.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import add, mod, mul, sub, truediv
from typing import Any

from sqlalchemy import BigInteger, Boolean, Double, Numeric, and_, case, cast, func, literal_column, or_
from sqlalchemy import types as sqltypes
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import ColumnElement
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from arctos.polar.exceptions import UnsupportedError

__all__ = ["computed"]

_LEAST = "-9223372036854775808"
_GREATEST = "9223372036854775807"
_OPERATORS: dict[str, Callable[[Any, Any], ColumnElement[Any]]] = {"+": add, "-": sub, "*": mul, "/": truediv}


class _Fits(FunctionElement[bool]):
    """Whether a number that came of integers is a 64-bit integer."""

    name = "fits"
    type = Boolean()
    inherit_cache = True


@compiles(_Fits)  # type: ignore[no-untyped-call, untyped-decorator, unused-ignore]
def _between(element: _Fits, compiler: SQLCompiler, **kw: Any) -> str:
    return f"({compiler.process(element.clauses, **kw)} BETWEEN {_LEAST} AND {_GREATEST})"


# It goes on with floats, of which the least looks like an integer.
@compiles(_Fits, "sqlite")  # type: ignore[no-untyped-call, untyped-decorator, unused-ignore]
def _is_integer(element: _Fits, compiler: SQLCompiler, **kw: Any) -> str:
    return f"(typeof({compiler.process(element.clauses, **kw)}) = 'integer')"


class _Float(FunctionElement[float]):
    """An integer as a float."""

    name = "as_float"
    type = Double()
    inherit_cache = True


@compiles(_Float)  # type: ignore[no-untyped-call, untyped-decorator, unused-ignore]
def _cast(element: _Float, compiler: SQLCompiler, **kw: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **kw)} AS DOUBLE PRECISION)"


@compiles(_Float, "mysql", "mariadb")  # type: ignore[no-untyped-call, untyped-decorator, unused-ignore]
def _sum(element: _Float, compiler: SQLCompiler, **kw: Any) -> str:
    return f"({compiler.process(element.clauses, **kw)} + 0e0)"


def computed(operator: str, left: ColumnElement[Any], right: ColumnElement[Any]) -> ColumnElement[Any]:
    """``left operator right``, of numbers."""
    integers = _is_whole(left) and _is_whole(right)
    if operator in ("mod", "rem"):
        if not integers:
            raise UnsupportedError(f"`{operator}` of `{left}` and `{right}`, which are not both integers")
        return _remainder(operator, left, right)
    if integers and operator != "/":
        result = _OPERATORS[operator](cast(left, Numeric(20, 0)), cast(right, Numeric(20, 0)))
        return case((_Fits(result), cast(result, BigInteger())))
    a, b = _float(left), _float(right)
    return _OPERATORS[operator](a, func.nullif(b, literal_column("0")) if operator == "/" else b)


def _is_whole(column: ColumnElement[Any]) -> bool:
    return isinstance(column.type, sqltypes.Integer)


def _float(column: ColumnElement[Any]) -> ColumnElement[Any]:
    if isinstance(column.type, sqltypes.Float):
        return column
    if _is_whole(column):
        return _Float(column)
    raise UnsupportedError(f"arithmetic on `{column}`, which is neither an integer nor a float")


def _remainder(operator: str, a: ColumnElement[Any], b: ColumnElement[Any]) -> ColumnElement[Any]:
    """``NULL`` where the divisor is zero, and where the quotient does not fit 64 bits."""
    zero: ColumnElement[int] = literal_column("0")
    fits = and_(b != zero, or_(a != literal_column(_LEAST), b != literal_column("-1")))
    rest: ColumnElement[Any] = mod(a, b)
    if operator == "mod":
        # The remainder of databases has the sign of the dividend.
        other_sign = or_(and_(rest < zero, b > zero), and_(rest > zero, b < zero))
        return case((fits, case((other_sign, rest + b), else_=rest)))
    return case((fits, rest))
