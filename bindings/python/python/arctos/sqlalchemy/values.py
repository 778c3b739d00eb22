"""Values of the application beside columns: equal, or before one another, exactly where they are in Python."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, TypeGuard
from uuid import UUID

from sqlalchemy import BigInteger, Float, String, literal
from sqlalchemy import types as sqltypes
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import ColumnElement
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from arctos.polar.exceptions import UnsupportedError

__all__ = ["comparable", "equals", "literal_of", "ordered"]

_SIMPLE = (date, datetime, time, timedelta, UUID, bytes)
_NUMBERS = (bool, int, float, Decimal)
_PLAIN = (bool, int, float, str)


class _CodePoints(FunctionElement[str]):
    """Text that is compared by its code points, in a column whose collation may say otherwise."""

    name = "code_points"
    type = String()
    inherit_cache = True


class _Text(FunctionElement[str]):
    """Text in a column whose collation is the database's usual one."""

    name = "text"
    type = String()
    inherit_cache = True


@compiles(_Text)  # type: ignore[no-untyped-call, untyped-decorator, unused-ignore]
def _text(element: _Text, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(element.clauses, **kw)


@compiles(_CodePoints)  # type: ignore[no-untyped-call, untyped-decorator, unused-ignore]
def _code_points(element: _CodePoints, compiler: SQLCompiler, **kw: Any) -> str:
    collation = {"sqlite": "BINARY", "postgresql": '"C"'}.get(compiler.dialect.name)
    if collation is None:
        raise UnsupportedError(f"the order of text by code points, in {compiler.dialect.name}")
    return f"({compiler.process(element.clauses, **kw)} COLLATE {collation})"


# What these take for equal does not depend on case or on spaces at the end: only bytes do.
@compiles(_Text, "mysql", "mariadb")  # type: ignore[no-untyped-call, untyped-decorator, unused-ignore]
@compiles(_CodePoints, "mysql", "mariadb")  # type: ignore[no-untyped-call, untyped-decorator, unused-ignore]
def _bytes(element: FunctionElement[str], compiler: SQLCompiler, **kw: Any) -> str:
    return f"CAST(CONVERT({compiler.process(element.clauses, **kw)} USING utf8mb4) AS BINARY)"


@compiles(_Text, "mssql")  # type: ignore[no-untyped-call, untyped-decorator, unused-ignore]
@compiles(_CodePoints, "mssql")  # type: ignore[no-untyped-call, untyped-decorator, unused-ignore]
def _binary(element: FunctionElement[str], compiler: SQLCompiler, **kw: Any) -> str:
    return f"({compiler.process(element.clauses, **kw)} COLLATE Latin1_General_BIN2)"


def _is_text(known: sqltypes.TypeEngine[Any]) -> TypeGuard[String]:
    return isinstance(known, sqltypes.String) and not isinstance(known, sqltypes.Enum)


def equals(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A column as a side of ``==``."""
    known = column.type
    if not _is_text(known):
        return column
    if type(known).__name__ == "CITEXT":
        raise UnsupportedError(f"`{column}` does not tell upper case from lower case")
    return _CodePoints(column) if known.collation else _Text(column)


def ordered(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A column as a side of ``<``."""
    known = column.type
    if isinstance(known, sqltypes.TypeDecorator):
        raise UnsupportedError(f"the order of `{column}`, whose type is the application's own")
    if _is_text(known):
        return _CodePoints(column)
    python = _python_type(known)
    if python not in (int, float, Decimal, date, datetime, time, timedelta):
        raise UnsupportedError(f"the order of `{column}`")
    return column


def comparable(left: ColumnElement[Any], right: ColumnElement[Any]) -> bool:
    """Whether values of two columns can be equal; an error where that cannot be told."""
    a, b = _python_type(left.type), _python_type(right.type)
    if isinstance(left.type, sqltypes.TypeDecorator) or isinstance(right.type, sqltypes.TypeDecorator):
        if type(left.type) is type(right.type):
            return True
    elif a is b and a in (*_PLAIN, *_SIMPLE, Decimal):
        return True
    elif a in _NUMBERS and b in _NUMBERS and bool not in (a, b):
        return True
    elif isinstance(left.type, sqltypes.Enum) and a is b:
        return True
    elif a in (*_PLAIN, *_SIMPLE, Decimal) and b in (*_PLAIN, *_SIMPLE, Decimal):
        return False
    raise UnsupportedError(f"`{left}` and `{right}` are of types that are not compared")


def _python_type(known: sqltypes.TypeEngine[Any]) -> type[Any] | None:
    try:
        return known.python_type
    except NotImplementedError:
        return None


def literal_of(value: Any, known: sqltypes.TypeEngine[Any]) -> ColumnElement[Any]:
    """A value of the language or of the column's own type as a parameter."""
    if type(value) is float:
        return literal(value, Float())
    if type(value) is int and not -(2**31) <= value < 2**31:
        return literal(value, BigInteger())
    if type(value) is str and _is_text(known):
        return literal(value, String())
    return literal(value, known)


def values_like(column: ColumnElement[Any], value: Any) -> list[Any]:
    """The values of a column that are equal to this one in Python: none, one, or several members of an enumeration."""
    known = column.type
    python = _python_type(known)
    if isinstance(known, sqltypes.TypeDecorator):
        return [value]  # What is equal is the type's own affair, as it is in the application's queries.
    if isinstance(known, sqltypes.Enum):
        members = list(known.enum_class) if known.enum_class is not None else list(known.enums)
        return [member for member in members if member == value]
    if python in _PLAIN and type(value) in _PLAIN:
        return [value]
    if python is Decimal and type(value) in _NUMBERS:
        return [value if type(value) is Decimal else Decimal(value)] if value == value else []
    if python in _SIMPLE and type(value) is python:
        return [_zoned(column, value)]
    # A value is compared by what its class says: those of the standard library's other types are never equal.
    if python in (*_SIMPLE, *_PLAIN, Decimal) and type(value) in (*_SIMPLE, *_PLAIN, Decimal):
        return []
    raise UnsupportedError(f"`{column}` is compared with {value!r}, which the database does not know")


def _zoned(column: ColumnElement[Any], value: Any) -> Any:
    """A time with a zone is never one without, and a column has either."""
    is_zoned = getattr(value, "tzinfo", None) is not None
    if isinstance(value, (datetime, time)) and is_zoned != bool(getattr(column.type, "timezone", False)):
        raise UnsupportedError(f"`{column}` and {value!r} are not both times of a zone")
    return value
