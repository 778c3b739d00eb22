"""The interface between filters and a store of data."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Generic, TypeVar

from arctos.polar.data.filter import DataFilter

if TYPE_CHECKING:
    from arctos.polar.host import Host
    from arctos.residual import Residual

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


class ResidualAdapter(DataAdapter[Q, R]):
    """An adapter that takes all that a policy can ask of rows, and not only what a :class:`DataFilter` can say."""

    @abstractmethod
    def build_residual_query(self, residual: Residual, host: Host) -> Q:
        """A query of the store for the rows of which the residual holds."""
