"""Conditions as text for one database, by way of Django's own compiler."""

# mypy: disable-error-code="import-untyped"

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models.expressions import Col

from arctos.polar.exceptions import UnsupportedError

__all__ = ["Sql", "Statement", "column"]

_VENDORS = ("sqlite", "postgresql", "mysql")


class Statement:
    """A condition that is being written. Pieces of text come in the order in which they stand, so that parameters gather in theirs.

    :param root: the columns of the row that is asked about, as the statement around names them
    """

    def __init__(self, compiler: Any, connection: Any, root: Mapping[str, Any]) -> None:
        if connection.vendor not in _VENDORS:
            raise UnsupportedError(f"filters in {connection.display_name}")
        self.connection = connection
        self.vendor: str = connection.vendor
        self.root = root
        self.parameters: list[Any] = []
        self._compiler = compiler

    def compiled(self, expression: Any) -> str:
        """An expression of Django's."""
        text, parameters = self._compiler.compile(expression)
        self.parameters.extend(parameters)
        return str(text)

    def parameter(self, value: Any) -> str:
        """A value."""
        self.parameters.append(value)
        return "%s"

    def name(self, name: str) -> str:
        """A name in quotes."""
        return str(self.connection.ops.quote_name(name))


Sql = Callable[[Statement], str]
"""A piece of text, to be written where it stands."""


def column(alias: str | None, field: Any) -> Callable[[Statement], Any]:
    """A field of the row that is asked about, or of rows by an alias."""
    if alias is None:
        return lambda at: at.root[field.attname]
    inner = Col(alias, field)
    return lambda _: inner
