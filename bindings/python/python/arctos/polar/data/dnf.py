"""A residual as the filter that adapters of the application's own understand: alternatives of comparisons over joined classes.

Not every formula has that form. What a filter could only say wrongly is refused: relations to many rows, a class that is joined twice,
negated relations, recursion.
"""

from __future__ import annotations

from typing import Any, NoReturn

from arctos.polar.data.filter import Condition, DataFilter, Projection, Relation
from arctos.polar.data_filtering import Relation as Registered
from arctos.polar.exceptions import UnsupportedError
from arctos.polar.host import Host
from arctos.residual import (
    All,
    Attribute,
    Compare,
    Formula,
    Known,
    Not,
    One,
    OneOf,
    Residual,
    Some,
    Unknown,
)
from arctos.residual import Any as AnyOf

__all__ = ["data_filter"]

_NAMES = {"==": "Eq", "!=": "Neq", "<": "Lt", "<=": "Leq", ">": "Gt", ">=": "Geq"}
_TURNED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}

_MOST_ALTERNATIVES = 1000

Alternatives = list[list[Condition]]


def data_filter(residual: Residual, host: Host) -> DataFilter:
    """The filter for a residual. A policy that allows nothing gives one that selects nothing.

    Adapters have to keep rows that a relation leads nowhere from (an outer join).

    :raises UnsupportedError: where a filter cannot say it
    """
    made = _Made(host, residual)
    conditions = made.holds(residual.formula)
    if not conditions:
        conditions = [[Condition(True, "Eq", False)]]
    return DataFilter(host.get_class(residual.class_name), made.relations, conditions, host.types)


def _refuse(what: str) -> NoReturn:
    raise UnsupportedError(
        f"the policy asks for {what}, which a `DataFilter` cannot say; use an adapter for residuals "
        "(`ResidualAdapter`), as `SqlAlchemyAdapter` is"
    )


class _Made:
    def __init__(self, host: Host, residual: Residual) -> None:
        self.host = host
        self.relations: list[Relation] = []
        self._classes: dict[int, type[Any]] = {0: host.get_class(residual.class_name)}

    def holds(self, formula: Formula) -> Alternatives:
        """Alternatives of which one holds where the formula is true."""
        if isinstance(formula, Known):
            return [[]] if formula.value else []
        if isinstance(formula, Unknown):
            return []
        if isinstance(formula, Compare):
            return self._compare(formula, True)
        if isinstance(formula, OneOf):
            return [[Condition(self._side(formula.left), "In", list(formula.values))]]
        if isinstance(formula, All):
            return self._all([self.holds(part) for part in formula.parts])
        if isinstance(formula, AnyOf):
            return self._any([self.holds(part) for part in formula.parts])
        if isinstance(formula, Not):
            return self._fails(formula.formula)
        if isinstance(formula, (Some, One)):
            return self._related(formula)
        _refuse("a recursive rule")

    def _fails(self, formula: Formula) -> Alternatives:
        """Alternatives of which one holds where the formula is false."""
        if isinstance(formula, Known):
            return [] if formula.value else [[]]
        if isinstance(formula, Unknown):
            return []
        if isinstance(formula, Compare):
            return self._compare(formula, False)
        if isinstance(formula, OneOf):
            side = self._side(formula.left)
            return [[Condition(side, "Nin", list(formula.values))], [Condition(side, "Eq", None)]]
        if isinstance(formula, All):
            return self._any([self._fails(part) for part in formula.parts])
        if isinstance(formula, AnyOf):
            return self._all([self._fails(part) for part in formula.parts])
        if isinstance(formula, Not):
            return self.holds(formula.formula)
        _refuse("a negated relation or recursive rule")

    def _any(self, parts: list[Alternatives]) -> Alternatives:
        alternatives = [alternative for part in parts for alternative in part]
        if len(alternatives) > _MOST_ALTERNATIVES:
            _refuse("more alternatives than can be listed")
        return alternatives

    def _all(self, parts: list[Alternatives]) -> Alternatives:
        made: Alternatives = [[]]
        for part in parts:
            made = [[*one, *other] for one in made for other in part]
            if len(made) > _MOST_ALTERNATIVES:
                _refuse("more alternatives than can be listed")
        return made

    def _compare(self, formula: Compare, holds: bool) -> Alternatives:
        operator, left, right = formula.operator, formula.left, formula.right
        if not isinstance(left, Attribute):
            left, right, operator = right, left, _TURNED[operator]  # type: ignore[assignment]
        name = operator if holds else _OPPOSITE[operator]
        a, b = self._side(left), self._side(right)
        found = [[Condition(a, _NAMES[name], b)]]
        if name == "!=" and b is not None:
            if isinstance(right, Attribute):
                _refuse("two fields that differ, of which one may be nil")
            # What is nil differs from every value; a database would not say so.
            found.append([Condition(a, "Eq", None)])
        return found

    def _side(self, value: Any) -> Any:
        return Projection(self._classes[value.row], value.name) if isinstance(value, Attribute) else value

    def _related(self, formula: Some | One) -> Alternatives:
        own = self._classes[formula.of]
        other = self.host.get_class(formula.class_name)
        registered = self.host.types[own].fields.get(formula.relation)
        if not isinstance(registered, Registered) or registered.kind != "one":
            _refuse(f"`{formula.relation}`, a relation to many rows or one that was not given as a field")
        relation = Relation(own, formula.relation, other)
        if relation not in self.relations:
            if other in self._classes.values():
                _refuse(f"rows of `{formula.class_name}` by two ways")
            self.relations.append(relation)
        self._classes[formula.row] = other
        leads_somewhere = [Condition(Projection(other, registered.other_field), "Neq", None)]
        return self._all([[leads_somewhere], self.holds(formula.formula)])
