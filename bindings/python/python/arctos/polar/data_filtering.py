"""Relations between registered classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Relation"]


@dataclass
class Relation:
    """A field that leads to another registered class: to one object, or to many."""

    kind: Literal["one", "many"]
    other_type: str
    my_field: str
    other_field: str
