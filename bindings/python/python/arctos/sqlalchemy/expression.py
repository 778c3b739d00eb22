"""A formula as a condition of SQLAlchemy.

SQL and formulas have different notions of unknown: in SQL ``NULL = NULL`` is, in a formula equality never is. So nothing is negated in SQL.
A formula is written in one of two ways, where it :meth:`holds <Writer.holds>` and where it :meth:`fails <Writer.fails>`, and each is *true*
in SQL exactly there; whether it is false or NULL elsewhere does not matter, since both leave a row out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import ge, gt, le, lt
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Double, and_, false, literal, literal_column, or_, select, true, union_all
from sqlalchemy.sql import ColumnElement, FromClause
from sqlalchemy.sql.elements import False_, True_

from arctos.polar.exceptions import UnsupportedError
from arctos.residual import (
    Again,
    All,
    Arithmetic,
    Attribute,
    Compare,
    Expression,
    Formula,
    Known,
    Least,
    Not,
    One,
    OneOf,
    Operator,
    Some,
    Unknown,
)
from arctos.residual import Any as AnyOf
from arctos.sqlalchemy import values
from arctos.sqlalchemy.arithmetic import computed
from arctos.sqlalchemy.mapping import Models, Related, Rows

__all__ = ["Writer"]

Condition = ColumnElement[bool]
Read = Callable[[Formula], Condition]

_ORDER: dict[str, Any] = {"<": lt, "<=": le, ">": gt, ">=": ge}
_OPPOSITE: dict[str, Any] = {"<": ge, "<=": gt, ">": le, ">=": lt}
_TURNED: dict[Operator, Operator] = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


class Writer:
    """Writes a formula about the rows that ``root`` stands for."""

    def __init__(self, models: Models, root: Rows) -> None:
        self._models = models
        self._rows: dict[int, Rows] = {0: root}
        self._there: frozenset[Attribute] = frozenset()

    def holds(self, formula: Formula) -> Condition:
        """True in SQL exactly where the formula is true."""
        if isinstance(formula, Known):
            return true() if formula.value else false()
        if isinstance(formula, Compare):
            return self._compare(formula, True)
        if isinstance(formula, OneOf):
            return self._one_of(formula)
        if isinstance(formula, All):
            return _all(self.holds(part) for part in formula.parts)
        if isinstance(formula, AnyOf):
            return _any(self.holds(part) for part in formula.parts)
        if isinstance(formula, Not):
            return self.fails(formula.formula)
        if isinstance(formula, (Some, One)):
            return self._exists(formula, self.holds)
        if isinstance(formula, Least):
            return self._member(formula, True)
        return self._never(formula)

    def fails(self, formula: Formula) -> Condition:
        """True in SQL exactly where the formula is false."""
        if isinstance(formula, Known):
            return false() if formula.value else true()
        if isinstance(formula, Compare):
            return self._compare(formula, False)
        if isinstance(formula, OneOf):
            return self._none_of(formula)
        if isinstance(formula, All):
            return _any(self.fails(part) for part in formula.parts)
        if isinstance(formula, AnyOf):
            return _all(self.fails(part) for part in formula.parts)
        if isinstance(formula, Not):
            return self.holds(formula.formula)
        if isinstance(formula, Some):
            known = self._by_key(formula)
            if known is not None:
                absent = [self._compare(Compare("==", own, None), True) for own in known.key]
                return _any([*absent, self._where_there(known, self.fails)])
            return ~self._exists(formula, self._may_hold)
        if isinstance(formula, One):
            return self._exists(formula, self.fails)
        if isinstance(formula, Least):
            return self._member(formula, False)
        return self._never(formula)

    def _never(self, formula: Formula) -> Condition:
        if isinstance(formula, Unknown):
            return false()
        raise UnsupportedError("a recursive rule asks for itself in a way that has no meaning in SQL")

    def _may_hold(self, formula: Formula) -> Condition:
        """True in SQL exactly where the formula is true or unknown."""
        if is_decided(formula):
            return self.holds(formula)
        return _not_true(self.fails(formula))

    # ---- comparisons ----

    def _column(self, value: Attribute | Arithmetic) -> tuple[ColumnElement[Any], bool]:
        """A value of rows, and whether it may be ``NULL``."""
        if isinstance(value, Arithmetic):
            return computed(value.operator, self._side(value.left), self._side(value.right)), True
        rows = self._rows[value.row]
        return rows.column(value.name), bool(rows.model.mapped(value.name).nullable) and value not in self._there

    def _side(self, value: Expression) -> ColumnElement[Any]:
        if isinstance(value, (Attribute, Arithmetic)):
            return self._column(value)[0]
        return literal(value, Double() if isinstance(value, float) else BigInteger())

    def _compare(self, formula: Compare, holds: bool) -> Condition:
        operator, left, right = formula.operator, formula.left, formula.right
        if not isinstance(left, (Attribute, Arithmetic)):
            operator, left, right = _TURNED[operator], right, left
        if not isinstance(left, (Attribute, Arithmetic)):
            raise UnsupportedError(f"{left!r} and {right!r} are compared in the database, which does not know them")
        if operator in _ORDER:
            return self._ordered((_ORDER if holds else _OPPOSITE)[operator], left, right)
        if isinstance(right, (Attribute, Arithmetic)):
            return self._same_columns(left, right, (operator == "==") is holds)
        column, nullable = self._column(left)
        if (operator == "==") is holds:
            return self._is(column, nullable, right)
        return self._is_not(column, nullable, right)

    def _ordered(self, operator: Any, left: Attribute | Arithmetic, right: Any) -> Condition:
        column, _ = self._column(left)
        if isinstance(right, (Attribute, Arithmetic)):
            other, _ = self._column(right)
            if not values.comparable(column, other):
                raise UnsupportedError(f"the order of `{column}` and `{other}`")
            return operator(values.ordered(column), values.ordered(other))  # type: ignore[no-any-return]
        if right is None:
            return false()
        alike = values.values_like(column, right)
        if not alike:
            raise UnsupportedError(f"the order of `{column}` and {right!r}")
        [value] = alike
        return operator(values.ordered(column), values.literal_of(value, column.type))  # type: ignore[no-any-return]

    def _same_columns(self, left: Attribute | Arithmetic, right: Attribute | Arithmetic, same: bool) -> Condition:
        (a, a_nullable), (b, b_nullable) = self._column(left), self._column(right)
        if not values.comparable(a, b):
            both_none = _all([self._is(a, a_nullable, None), self._is(b, b_nullable, None)])
            neither = _any([self._is_not(a, a_nullable, None), self._is_not(b, b_nullable, None)])
            return both_none if same else neither
        a, b = values.equals(a), values.equals(b)
        if a_nullable and b_nullable:
            return a.is_not_distinct_from(b) if same else a.is_distinct_from(b)
        if same or not (a_nullable or b_nullable):
            return a == b if same else a != b
        return a.is_distinct_from(b)

    def _is(self, column: ColumnElement[Any], nullable: bool, value: Any) -> Condition:
        if value is None:
            return column.is_(None) if nullable else false()
        return self._in(column, values.values_like(column, value))

    def _is_not(self, column: ColumnElement[Any], nullable: bool, value: Any) -> Condition:
        if value is None:
            return column.is_not(None) if nullable else true()
        return self._not_in(column, nullable, values.values_like(column, value))

    def _one_of(self, formula: OneOf) -> Condition:
        column, _ = self._attribute(formula)
        return self._in(column, [alike for value in formula.values for alike in values.values_like(column, value)])

    def _none_of(self, formula: OneOf) -> Condition:
        column, nullable = self._attribute(formula)
        alike = [alike for value in formula.values for alike in values.values_like(column, value)]
        return self._not_in(column, nullable, alike)

    def _attribute(self, formula: OneOf) -> tuple[ColumnElement[Any], bool]:
        if not isinstance(formula.left, (Attribute, Arithmetic)):
            raise UnsupportedError(f"{formula.left!r} is looked for in a list in the database, which does not know it")
        return self._column(formula.left)

    def _in(self, column: ColumnElement[Any], alike: list[Any]) -> Condition:
        if not alike:
            return false()
        if len(alike) == 1:
            return values.equals(column) == values.literal_of(alike[0], column.type)
        return values.equals(column).in_([values.literal_of(value, column.type) for value in alike])

    def _not_in(self, column: ColumnElement[Any], nullable: bool, alike: list[Any]) -> Condition:
        if not alike:
            return true()
        if len(alike) == 1:
            differs: Condition = values.equals(column) != values.literal_of(alike[0], column.type)
        else:
            differs = values.equals(column).not_in([values.literal_of(value, column.type) for value in alike])
        return or_(differs, column.is_(None)) if nullable else differs

    # ---- related rows ----

    def _related(self, formula: Some | One) -> Related:
        """Related rows, which have their name from here on."""
        related = self._rows[formula.of].related(
            formula.relation, formula.row, self._models.by_name[formula.class_name]
        )
        self._rows[formula.row] = related.rows
        return related

    def _by_key(self, formula: Some | One) -> ByKey | None:
        """The same of the row with the relation, where nothing is asked of the other row but the key by which it is known."""
        keys = self._rows[formula.of].model.foreign_keys.get(formula.relation)
        if keys is None:
            return None
        of_own = {other: Attribute(formula.of, own) for other, own in keys.items()}
        inner = with_attributes(formula.formula, formula.row, of_own)
        return None if inner is None else ByKey(inner, tuple(of_own.values()))

    def _of_own(self, known: ByKey, read: Read) -> Condition:
        there = [self._compare(Compare("!=", own, None), True) for own in known.key]
        inner = self._where_there(known, read)
        if isinstance(known.formula, (Compare, OneOf)) and read == self.holds and is_of_value(known.formula, known.key):
            return inner
        return _all([*there, inner])

    def _where_there(self, known: ByKey, read: Read) -> Condition:
        """The formula's condition where no part of the key is ``NULL``."""
        outside = self._there
        self._there = outside.union(known.key)
        condition = read(known.formula)
        self._there = outside
        return condition

    def _exists(self, formula: Some | One, read: Read) -> Condition:
        known = self._by_key(formula)
        if known is not None:
            return self._of_own(known, read)
        outside = self._rows.get(formula.row)
        if read == self.holds:
            found = _exists(*self._joined(formula, set()))
        else:
            related = self._related(formula)
            found = _exists(related.sources, [*related.joined, read(formula.formula)])
        self._restore(formula.row, outside)
        return found

    def _joined(self, formula: Some | One, here: set[int]) -> tuple[list[FromClause], list[Condition]]:
        """What has to be there, and what must hold of it. A row that a relation leads to from there is joined at once.

        Databases bound how deep conditions may be nested. Where a relation leads to many rows it stays a condition of its
        own: all combinations of rows would be looked at.
        """
        here.add(formula.row)
        _, own_sources, own_joined = self._related(formula)
        sources, conditions = list(own_sources), list(own_joined)
        for part in formula.formula.parts if isinstance(formula.formula, All) else (formula.formula,):
            if (
                isinstance(part, (Some, One))
                and part.of in here
                and self._leads_to_one(part)
                and self._by_key(part) is None
            ):
                outside = self._rows.get(part.row)
                further, more = self._joined(part, here)
                self._restore(part.row, outside)
                sources += further
                conditions += more
            else:
                conditions.append(self.holds(part))
        return sources, conditions

    def _leads_to_one(self, formula: Some | One) -> bool:
        return formula.relation in self._rows[formula.of].model.to_one

    # ---- recursion ----

    def _member(self, formula: Least, inside: bool) -> Condition:
        row = self._rows[formula.row]
        # Where a member may be unknown, only rows that are not even that are surely outside.
        found = self._least(formula, self.holds if inside else self._may_hold)
        key = self._key(row)
        if len(key) == 1:
            [column] = key
            members = select(*found.c)
            return column.in_(members) if inside else column.not_in(members)
        same = [column == member for column, member in zip(key, found.c, strict=True)]
        is_there = _exists([found], same)
        return is_there if inside else ~is_there

    def _key(self, rows: Rows) -> list[ColumnElement[Any]]:
        return [rows.column(name) for name in rows.model.key]

    def _least(self, formula: Least, read: Read) -> FromClause:
        """The set of rows that are in it, or that may be, by going on from those that are without asking for it."""
        member = self._models.by_name[formula.class_name].rows()
        # Inside the set, the row that is asked about may have the name of any member.
        outside = self._rows.get(formula.member)
        self._rows[formula.member] = member
        first, steps = self._steps(formula.formula, formula.number, read)
        steps = [step for step in steps if not isinstance(_all(step[1]), False_)]
        self._restore(formula.member, outside)
        own = [column.label(f"m{place}") for place, column in enumerate(self._key(member))]
        found = (
            select(*own).select_from(*member.sources).where(*member.linked, first).correlate(None).cte(recursive=True)
        )
        if not steps:
            return found
        if len(steps) == 1:
            [(sources, conditions, other)] = steps
            same = [column == known for column, known in zip(self._key(other), found.c, strict=True)]
            further = select(*own).select_from(*member.sources, *sources, found)
            return found.union(further.where(*member.linked, *conditions, *same).correlate(None))
        # A recursive query may name itself but once.
        edges = union_all(*(self._edges(own, member, step) for step in steps)).subquery()
        size = len(own)
        same = [edge == known for edge, known in zip(list(edges.c)[size:], found.c, strict=True)]
        return found.union(select(*list(edges.c)[:size]).select_from(edges, found).where(*same).correlate(None))

    def _edges(self, own: list[Any], member: Rows, step: Step) -> Any:
        sources, conditions, other = step
        others = [column.label(f"o{place}") for place, column in enumerate(self._key(other))]
        edges = select(*own, *others).select_from(*member.sources, *sources)
        return edges.where(*member.linked, *conditions).correlate(None)

    def _steps(self, formula: Formula, number: int, read: Read) -> tuple[Condition, list[Step]]:
        """Where it holds, or may, without asking for the set, and the ways in which it does ask."""
        if not mentions(formula, number):
            return read(formula), []
        if isinstance(formula, Again):
            return false(), [([], [], self._rows[formula.row])]
        if isinstance(formula, AnyOf):
            parts = [self._steps(part, number, read) for part in formula.parts]
            return _any([first for first, _ in parts]), [step for _, steps in parts for step in steps]
        if isinstance(formula, All):
            return self._steps_of_all(formula, number, read)
        if isinstance(formula, (Some, One)):
            outside = self._rows.get(formula.row)
            _, sources, joined = self._related(formula)
            first, steps = self._steps(formula.formula, number, read)
            self._restore(formula.row, outside)
            before = _exists(sources, [*joined, first])
            if isinstance(formula, One) and read == self._may_hold:
                before = _any([before, ~_exists(sources, joined)])
            return before, [([*sources, *more], [*joined, *others], row) for more, others, row in steps]
        return self._never(formula), []

    def _steps_of_all(self, formula: All, number: int, read: Read) -> tuple[Condition, list[Step]]:
        asking = [part for part in formula.parts if mentions(part, number)]
        if len(asking) != 1:
            raise UnsupportedError("a recursive rule asks for itself twice")
        others = _all(read(part) for part in formula.parts if part is not asking[0])
        first, steps = self._steps(asking[0], number, read)
        return _all([others, first]), [(sources, [others, *more], row) for sources, more, row in steps]

    def _restore(self, row: int, outside: Rows | None) -> None:
        """A name may stand for another row outside."""
        if outside is not None:
            self._rows[row] = outside


Step = tuple[list[FromClause], list[Condition], Rows]
"""What more to select from, what must hold, and the rows that have to be in the set."""


class ByKey(NamedTuple):
    """What must hold of a row instead of that which a foreign key leads to."""

    formula: Formula
    key: tuple[Attribute, ...]
    """The foreign key; there is no other row where a part of it is ``NULL``."""


def _exists(sources: Sequence[FromClause], conditions: Iterable[Condition]) -> Condition:
    condition = _all(conditions)
    if isinstance(condition, False_):
        return false()
    return select(literal_column("1")).select_from(*sources).where(condition).correlate_except(*sources).exists()


def _all(conditions: Iterable[Condition]) -> Condition:
    parts = [part for part in conditions if not isinstance(part, True_)]
    if any(isinstance(part, False_) for part in parts):
        return false()
    return and_(true(), *parts) if len(parts) != 1 else parts[0]


def _any(conditions: Iterable[Condition]) -> Condition:
    parts = [part for part in conditions if not isinstance(part, False_)]
    if any(isinstance(part, True_) for part in parts):
        return true()
    return or_(false(), *parts) if len(parts) != 1 else parts[0]


def _not_true(condition: Condition) -> Condition:
    """False or NULL; itself never NULL."""
    if isinstance(condition, (True_, False_)):
        return false() if isinstance(condition, True_) else true()
    return condition.is_not(true())


def is_decided(formula: Formula) -> bool:
    """Whether the formula is true or false of every row; :class:`Again` apart, which is as its definition."""
    if isinstance(formula, Compare):
        return formula.operator in ("==", "!=")
    if isinstance(formula, (All, AnyOf)):
        return all(is_decided(part) for part in formula.parts)
    if isinstance(formula, (Not, Some, Least)):
        return is_decided(formula.formula)
    return isinstance(formula, (Known, OneOf, Again))


def is_of_value(formula: Compare | OneOf, key: tuple[Attribute, ...]) -> bool:
    """Whether it says that the one column of a key has a value that is not ``None``."""
    if len(key) != 1:
        return False
    if isinstance(formula, OneOf):
        return formula.left == key[0]
    sides = (formula.left, formula.right)
    others = [side for side in sides if side != key[0]]
    return formula.operator == "==" and len(others) == 1 and not isinstance(others[0], Attribute) and others[0] is not None


def with_attributes(formula: Formula, row: int, instead: dict[str, Attribute]) -> Formula | None:
    """The formula with these in place of attributes of a row; none where it asks for more of the row than that."""
    if isinstance(formula, (Known, Unknown)):
        return formula
    if isinstance(formula, (Compare, OneOf)):
        return _with_sides(formula, row, instead)
    if isinstance(formula, (All, AnyOf)):
        parts = [with_attributes(part, row, instead) for part in formula.parts]
        known = tuple(part for part in parts if part is not None)
        return type(formula)(known) if len(known) == len(parts) else None
    if isinstance(formula, Not):
        inner = with_attributes(formula.formula, row, instead)
        return None if inner is None else Not(inner)
    return None


def _with_sides(formula: Compare | OneOf, row: int, instead: dict[str, Attribute]) -> Formula | None:
    def side(value: Expression) -> Expression:
        return instead.get(value.name) if isinstance(value, Attribute) and value.row == row else value

    left = side(formula.left)
    if left is None or isinstance(left, Arithmetic):
        return None
    if isinstance(formula, OneOf):
        return OneOf(left, formula.values)
    is_nil = formula.right is None
    right = side(formula.right)
    return None if isinstance(right, Arithmetic) or (right is None and not is_nil) else Compare(formula.operator, left, right)


def mentions(formula: Formula, number: int) -> bool:
    """Whether the formula asks for members of that set."""
    if isinstance(formula, Again):
        return formula.number == number
    if isinstance(formula, (All, AnyOf)):
        return any(mentions(part, number) for part in formula.parts)
    if isinstance(formula, (Not, Some, One, Least)):
        return mentions(formula.formula, number)
    return False
