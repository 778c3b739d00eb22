"""Values of the application beside columns: equal, or before one another, exactly where they are in Python."""

# mypy: disable-error-code="import-untyped"

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Context, Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Choices
from django.db.models.query_utils import DeferredAttribute

from arctos.django.statement import Sql, Statement, column
from arctos.polar.exceptions import UnsupportedError

__all__ = ["Value", "alike", "comparable", "equals", "is_same", "kind_of", "leaf", "ordered", "parameter", "threshold"]

_KINDS: dict[str, type[Any]] = {
    "BooleanField": bool,
    "FloatField": float,
    "DecimalField": Decimal,
    "UUIDField": UUID,
    "DateField": date,
    "DateTimeField": datetime,
    "TimeField": time,
    "DurationField": timedelta,
}
for _name in ("", "Big", "Small"):
    _KINDS[f"{_name}AutoField"] = _KINDS[f"{_name}IntegerField"] = int
    _KINDS[f"Positive{_name}IntegerField"] = int
for _name in ("CharField", "TextField", "SlugField", "FilePathField"):
    _KINDS[_name] = str

_PLAIN = (bool, int, float, str)
_ORDERED = (int, float, str, Decimal, date, datetime, time, timedelta)
_NUMBERS = (int, float, Decimal)
_DIGITS = 15
"""Of a decimal that SQLite, which has none, keeps as a float."""


def leaf(field: Any) -> Any:
    """The field whose values a column has: that of the key, for a foreign key."""
    while field.is_relation:
        field = field.target_field
    return field


def kind_of(field: Any) -> type[Any] | None:
    """The type of a field's values in Python; none where that is the application's own affair."""
    field = leaf(field)
    if _is_own(field) or field.descriptor_class is not DeferredAttribute:
        return None
    return _KINDS.get(field.get_internal_type())


def _is_own(field: Any) -> bool:
    return hasattr(field, "from_db_value")


@dataclass(frozen=True, eq=False)
class Value:
    """A value of rows."""

    shown: str
    """For messages."""
    sql: Sql
    kind: type[Any] | None
    nullable: bool
    field: Any = None
    """Where it is kept; none for what is computed."""
    expression: Callable[[Statement], Any] | None = None

    @staticmethod
    def of(alias: str | None, field: Any) -> Value:
        """The value of a field."""
        named = column(alias, field)
        shown = f"{field.model.__name__}.{field.attname}"
        return Value(shown, lambda at: at.compiled(named(at)), kind_of(field), bool(field.null), field, named)


def equals(value: Value) -> Sql:
    """A value as a side of ``==``."""
    if value.kind is str:
        return _text(value.sql, bool(getattr(leaf(value.field), "db_collation", None)))
    if value.kind is None:
        raise UnsupportedError(f"`{value.shown}` is of a type that is not compared in a database")
    return value.sql


def ordered(value: Value) -> Sql:
    """A value as a side of ``<``."""
    if value.kind not in _ORDERED:
        raise UnsupportedError(f"the order of `{value.shown}`")
    return _text(value.sql, True) if value.kind is str else value.sql


def _text(sql: Sql, is_collated: bool) -> Sql:
    """Text that is compared by its code points, also where the column has a collation that says otherwise."""

    def write(at: Statement) -> str:
        if at.vendor == "mysql":
            # What its collations take for equal does not depend on case or on spaces at the end: only bytes do.
            return f"CAST(CONVERT({sql(at)} USING utf8mb4) AS BINARY)"
        if not is_collated:
            return sql(at)
        return f"{sql(at)} COLLATE {'BINARY' if at.vendor == 'sqlite' else at.name('C')}"

    return write


def comparable(a: Value, b: Value) -> bool:
    """Whether two values of rows can be equal; an error where that cannot be told."""
    if a.kind is None or b.kind is None or {a.kind, b.kind} == {Decimal, float}:
        raise UnsupportedError(f"`{a.shown}` and `{b.shown}` are of types that are not compared in a database")
    return a.kind is b.kind or (a.kind in _NUMBERS and b.kind in _NUMBERS)


def alike(value: Value, constant: Any) -> list[Any]:
    """The value of a column that is equal to this one in Python, or none."""
    constant = constant.value if isinstance(constant, Choices) else constant
    known = type(constant)
    if value.kind is None:
        return [_of_own(value, constant)]
    if known not in _KINDS.values():
        raise UnsupportedError(f"`{value.shown}` is compared with {constant!r}, which the database does not know")
    if value.kind in _NUMBERS and known in (*_NUMBERS,):
        number = _number(value, constant)
        return [] if number is None else [number]
    return [_zoned(value, constant)] if known is value.kind else []


def _of_own(value: Value, constant: Any) -> Any:
    """What is equal is the field's own affair, as it is in the application's queries; but what it is read as is not told by text."""
    field = leaf(value.field) if value.field is not None else None
    if field is None or not _is_own(field) or field.get_internal_type() not in _KINDS or type(constant) in _PLAIN:
        raise UnsupportedError(f"`{value.shown}` is compared with {constant!r}, which the database does not know")
    return constant


def _number(value: Value, constant: Any) -> Any:
    """The same number as one of the column's; none where it has none."""
    if not math.isfinite(constant):
        if value.kind is float:
            raise UnsupportedError(f"`{value.shown}` is compared with {constant!r}")
        return None
    if value.kind is Decimal:
        field = leaf(value.field)
        exact = Decimal(constant)
        try:
            kept = exact.quantize(Decimal(1).scaleb(-field.decimal_places), context=Context(prec=field.max_digits))
        except InvalidOperation:
            return None
        return kept if kept == exact else None
    if value.kind is int:
        return int(constant) if constant == int(constant) and -(2**63) <= constant < 2**63 else None
    try:
        return float(constant) if float(constant) == constant else None
    except OverflowError:
        return None


def _zoned(value: Value, constant: Any) -> Any:
    """A time with a zone is never one without, and a column has either."""
    if isinstance(constant, (datetime, time)):
        has_zone = isinstance(constant, datetime) and settings.USE_TZ
        if (constant.tzinfo is not None) != has_zone:
            raise UnsupportedError(f"`{value.shown}` and {constant!r} are not both times of a zone")
    return constant


def threshold(value: Value, operator: str, constant: Any) -> Any:
    """What stands beside a value of rows for its order to be that in Python."""
    if value.kind is int and type(constant) is float and math.isfinite(constant):
        # An integer is below 1.5 where it is below 2, and at most 1.5 where it is at most 1.
        constant = (math.ceil if operator in ("<", ">=") else math.floor)(constant)
    found = alike(value, constant)
    if not found:
        raise UnsupportedError(f"the order of `{value.shown}` and {constant!r}")
    return found[0]


def is_same(value: Value, constant: Any) -> Sql:
    """Equality with what :func:`alike` has found."""
    if value.kind is None:
        assert value.expression is not None
        field, named = value.field, value.expression
        return lambda at: at.compiled(field.get_lookup("exact")(named(at), constant))
    side, other = equals(value), parameter(value, constant)
    return lambda at: f"{side(at)} = {other(at)}"


def parameter(value: Value, constant: Any) -> Sql:
    """A constant as the column keeps its values."""
    if value.kind in _PLAIN:
        return lambda at: at.parameter(constant)
    field = leaf(value.field)

    def write(at: Statement) -> str:
        if value.kind is Decimal and at.vendor == "sqlite" and field.max_digits > _DIGITS:
            raise UnsupportedError(f"`{value.shown}` has more than {_DIGITS} digits, which SQLite does not keep")
        return at.parameter(field.get_db_prep_value(constant, at.connection))

    return write
