"""Conditions that an answer depends on, as values."""

from __future__ import annotations

from typing import Any


class Expression:
    """An operator (``And``, ``Unify``, ``Lt``, ``Isa``, ``Dot``, …) with its operands."""

    operator: str
    args: list[Any]

    def __init__(self, operator: str, args: list[Any]) -> None:
        self.operator = operator
        self.args = args

    def __repr__(self) -> str:
        return f"Expression({self.operator}, {self.args})"

    def __str__(self) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Expression):
            return NotImplemented
        return self.operator == other.operator and self.args == other.args


class Pattern:
    """What a value is matched against: a class's name (or ``None``) and fields."""

    tag: str | None
    fields: dict[str, Any]

    def __init__(self, tag: str | None, fields: dict[str, Any]) -> None:
        self.tag = tag
        self.fields = fields

    def __repr__(self) -> str:
        return f"Pattern({self.tag}, {self.fields})"

    def __str__(self) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Pattern):
            return NotImplemented
        return self.tag == other.tag and self.fields == other.fields
