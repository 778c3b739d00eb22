"""The policy language: loading, querying, and the values that queries speak of."""

from arctos.polar.data.filter import Condition, DataFilter, Projection
from arctos.polar.data_filtering import Relation
from arctos.polar.expression import Expression, Pattern
from arctos.polar.polar import Polar
from arctos.polar.predicate import Predicate
from arctos.polar.query import Query, QueryResult
from arctos.polar.variable import Variable

__all__ = [
    "Condition",
    "DataFilter",
    "Expression",
    "Pattern",
    "Polar",
    "Predicate",
    "Projection",
    "Query",
    "QueryResult",
    "Relation",
    "Variable",
]
