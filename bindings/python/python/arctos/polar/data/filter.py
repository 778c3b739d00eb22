"""What must hold of the rows that an actor may see, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Condition", "DataFilter", "Projection", "Relation"]


@dataclass(frozen=True)
class Projection:
    """A field of a class's rows, or the row itself."""

    source: Any
    field: str | None


@dataclass(frozen=True)
class Relation:
    """From the rows of ``left`` by the relation ``name`` to those of ``right``."""

    left: Any
    name: str
    right: Any


@dataclass(frozen=True)
class Condition:
    """A comparison (``Eq``, ``Neq``, ``In``, ``Nin``, ``Lt``, ``Leq``, ``Gt``, ``Geq``) between fields or values."""

    left: Any
    cmp: str
    right: Any


@dataclass
class DataFilter:
    """Rows of ``model``, joined by ``relations``, of which one of the lists of ``conditions`` holds whole."""

    model: Any
    relations: list[Relation]
    conditions: list[list[Condition]]
    types: Any
