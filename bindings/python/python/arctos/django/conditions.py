"""Conditions put together, and the rows that they are about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from arctos.django.mapping import Model
from arctos.django.statement import Sql, Statement
from arctos.django.values import Value

__all__ = ["FALSE", "TRUE", "Rows", "all_of", "any_of", "exists", "listed", "negated", "not_true", "selected"]


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows in a statement."""

    model: Model
    alias: str | None
    """None for the row that is asked about, which the statement around has."""
    asked: set[str] = field(default_factory=set[str])
    """The attributes that have been asked for."""

    def value(self, name: str) -> Value:
        """The value of an attribute."""
        value = self.model.value(self.alias, name)
        self.asked.add(value.field.attname)
        return value

    def key(self) -> list[Sql]:
        """The columns by which they are known."""
        return [self.value(name).sql for name in self.model.row_type.key]


Source = tuple[str, str]
"""A table, and its alias."""


def TRUE(_: Statement) -> str:  # noqa: N802
    """Of every row."""
    return "1 = 1"


def FALSE(_: Statement) -> str:  # noqa: N802
    """Of no row."""
    return "1 = 0"


def all_of(conditions: Iterable[Sql]) -> Sql:
    """True where all are."""
    parts = [part for part in conditions if part is not TRUE]
    return FALSE if FALSE in parts else _joined(" AND ", parts, TRUE)


def any_of(conditions: Iterable[Sql]) -> Sql:
    """True where one is."""
    parts = [part for part in conditions if part is not FALSE]
    return TRUE if TRUE in parts else _joined(" OR ", parts, FALSE)


def _joined(word: str, parts: list[Sql], none: Sql) -> Sql:
    if len(parts) < 2:
        return parts[0] if parts else none
    return lambda at: f"({word.join(part(at) for part in parts)})"


def negated(condition: Sql) -> Sql:
    """Of a condition that is never ``NULL``."""
    if condition in (TRUE, FALSE):
        return FALSE if condition is TRUE else TRUE
    return lambda at: f"NOT {condition(at)}"


def not_true(condition: Sql) -> Sql:
    """False or ``NULL``; itself never ``NULL``."""
    if condition in (TRUE, FALSE):
        return negated(condition)
    return lambda at: f"({condition(at)}) IS NOT TRUE"


def exists(sources: Sequence[Source], conditions: Iterable[Sql]) -> Sql:
    """There are rows of which they hold."""
    condition = all_of(conditions)
    if condition is FALSE:
        return FALSE
    return lambda at: f"EXISTS({selected([lambda _: '1'], sources, condition)(at)})"


def selected(columns: Sequence[Sql], sources: Sequence[Source], condition: Sql) -> Sql:
    """A ``SELECT``."""

    def write(at: Statement) -> str:
        tables = ", ".join(f"{at.name(table)} {at.name(alias)}" for table, alias in sources)
        return f"SELECT {listed(columns)(at)} FROM {tables} WHERE {condition(at)}"

    return write


def listed(columns: Sequence[Sql]) -> Sql:
    """One after the other."""
    return lambda at: ", ".join(column(at) for column in columns)
