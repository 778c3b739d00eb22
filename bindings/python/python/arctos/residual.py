"""What must hold of a row that is not at hand, as data: what :meth:`arctos.Arctos.residual` returns.

A :class:`Residual` has a ``formula`` about row 0, the row that is asked about; further rows are those that relations lead to.
Constants are plain Python values, the application's own objects among them.

A formula is true, false or *unknown* of a row. Unknown is what rests on something that is not there: an attribute of a row that a relation
does not lead to, or the order of ``None`` and something else. A row for which a formula is unknown is not selected, under however many
negations. Equality is never unknown: ``None`` equals ``None`` and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any as Value
from typing import Literal, Union

from arctos._arctos import Residual, RowTypes

__all__ = [
    "Again",
    "All",
    "Any",
    "Arithmetic",
    "ArithmeticOperator",
    "Attribute",
    "Compare",
    "Expression",
    "Formula",
    "Known",
    "Least",
    "Not",
    "One",
    "OneOf",
    "Operator",
    "Residual",
    "RowTypes",
    "Some",
    "Unknown",
]

Operator = Literal["==", "!=", "<", "<=", ">", ">="]
ArithmeticOperator = Literal["+", "-", "*", "/", "mod", "rem"]


@dataclass(frozen=True)
class Attribute:
    """An attribute of a row."""

    row: int
    name: str


@dataclass(frozen=True)
class Arithmetic:
    """A value that is computed.

    It is ``None`` where it is not there: where a side is ``None``, where an integer does not fit 64 bits, and for integer ``mod`` and
    ``rem`` by zero.
    """

    operator: ArithmeticOperator
    left: Expression
    right: Expression


Expression = Union[Attribute, Arithmetic, Value]
"""An attribute, what is computed of attributes, or a value that is known."""


@dataclass(frozen=True)
class Known:
    """True or false of every row."""

    value: bool


@dataclass(frozen=True)
class Unknown:
    """Neither."""


@dataclass(frozen=True)
class Compare:
    """A comparison. ``==`` and ``!=`` are never unknown; the others are where one side is ``None``."""

    operator: Operator
    left: Expression
    right: Expression


@dataclass(frozen=True)
class OneOf:
    """The same as one of these, of which none is ``None``."""

    left: Expression
    values: tuple[Value, ...]


@dataclass(frozen=True)
class All:
    """False where a part is; else unknown where a part is; else true."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True)
class Any:
    """True where a part is; else unknown where a part is; else false."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True)
class Not:
    """False where it is true, true where it is false."""

    formula: Formula


@dataclass(frozen=True)
class _Related:
    """Rows that a relation leads to, and what must hold of them."""

    of: int
    """The row with the relation."""
    relation: str
    row: int
    """The other row, in ``formula``."""
    class_name: str
    """The class of the other row."""
    formula: Formula


@dataclass(frozen=True)
class Some(_Related):
    """It holds of some row that the relation leads to."""


@dataclass(frozen=True)
class One(_Related):
    """It holds of the row that the relation leads to; unknown where there is none."""


@dataclass(frozen=True)
class Least:
    """The row is in the least set of rows of which ``formula`` holds."""

    row: int
    number: int
    """Names the set, for :class:`Again`."""
    member: int
    """A member of the set, in ``formula``."""
    class_name: str
    """The class of the members."""
    formula: Formula


@dataclass(frozen=True)
class Again:
    """Inside of :class:`Least`: that row is in the set of that number. Never under a negation."""

    row: int
    number: int


Formula = Union[Known, Unknown, Compare, OneOf, All, Any, Not, Some, One, Least, Again]
