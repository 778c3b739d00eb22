"""Variables of a query."""

from __future__ import annotations


class Variable(str):
    """An unknown in a query, by name: ``query_rule("allow", user, Variable("action"), repo)``."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"Variable({super().__repr__()})"

    def __str__(self) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        return str.__eq__(self, other) if isinstance(other, str) else NotImplemented

    def __ne__(self, other: object) -> bool:
        return str.__ne__(self, other) if isinstance(other, str) else NotImplemented

    def __hash__(self) -> int:
        return super().__hash__()
