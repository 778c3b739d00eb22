"""The interface between filters and a store of data."""

from arctos.polar.data.adapter.adapter import DataAdapter, ResidualAdapter

__all__ = ["DataAdapter", "ResidualAdapter"]
