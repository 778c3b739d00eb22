"""Filtering data by policy: the types that adapters speak of."""

from arctos.polar.data.adapter import DataAdapter
from arctos.polar.data.filter import Condition, DataFilter, Projection, Relation

__all__ = ["Condition", "DataAdapter", "DataFilter", "Projection", "Relation"]
