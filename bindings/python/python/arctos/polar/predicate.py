"""A goal as a value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class Predicate:
    """A rule's name with arguments, to be given to :meth:`arctos.Polar.query`."""

    name: str
    args: Sequence[Any]

    def __init__(self, name: str, args: Sequence[Any]) -> None:
        self.name = name
        self.args = args

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        return f"{self.name}({', '.join(str(arg) for arg in self.args)})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Predicate):
            return NotImplemented
        return self.name == other.name and list(self.args) == list(other.args)
