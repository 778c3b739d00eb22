"""The interface between filters and a store of data."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Generic, TypeVar

from arctos.polar.data.filter import DataFilter

Q = TypeVar("Q")
R = TypeVar("R")


class DataAdapter(ABC, Generic[Q, R]):
    """Turns filters into queries of a store, and runs them."""

    @abstractmethod
    def build_query(self, filter: DataFilter) -> Q:
        """A query of the store for what the filter describes."""

    @abstractmethod
    def execute_query(self, query: Q) -> list[R]:
        """What the query finds."""
