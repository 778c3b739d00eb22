"""A formula as a condition in SQL.

SQL and formulas have different notions of unknown: in SQL ``NULL = NULL`` is, in a formula equality never is. So nothing is negated in SQL.
A formula is written in one of two ways, where it :meth:`holds <Writer.holds>` and where it :meth:`fails <Writer.fails>`, and each is *true*
in SQL exactly there; whether it is false or NULL elsewhere does not matter, since both leave a row out.
"""

from __future__ import annotations

from collections.abc import Callable

from arctos.django.comparison import Comparison
from arctos.django.conditions import FALSE, TRUE, Rows, Source, all_of, any_of, exists, negated, not_true
from arctos.django.mapping import Model, Models
from arctos.django.recursion import Step, growing, member_of
from arctos.django.statement import Sql
from arctos.django.values import Value
from arctos.polar.exceptions import UnsupportedError
from arctos.residual import Again, All, Compare, Formula, Known, Least, Not, One, OneOf, Some, Unknown
from arctos.residual import Any as AnyOf

__all__ = ["Writer"]

Read = Callable[[Formula], Sql]


class Writer:
    """Writes a formula about the row that ``root`` stands for."""

    def __init__(self, models: Models, root: Rows) -> None:
        self._models = models
        self._rows: dict[int, Rows] = {0: root}
        self._aliases = 0
        self._comparison = Comparison(self._rows)

    def holds(self, formula: Formula) -> Sql:
        """True in SQL exactly where the formula is true."""
        if isinstance(formula, Known):
            return TRUE if formula.value else FALSE
        if isinstance(formula, Compare):
            return self._comparison.compared(formula, True)
        if isinstance(formula, OneOf):
            return self._comparison.among(formula, True)
        if isinstance(formula, All):
            return all_of([self.holds(part) for part in formula.parts])
        if isinstance(formula, AnyOf):
            return any_of([self.holds(part) for part in formula.parts])
        if isinstance(formula, Not):
            return self.fails(formula.formula)
        if isinstance(formula, (Some, One)):
            return self._exists(formula, self.holds)
        if isinstance(formula, Least):
            return self._member(formula, True)
        return self._never(formula)

    def fails(self, formula: Formula) -> Sql:
        """True in SQL exactly where the formula is false."""
        if isinstance(formula, Known):
            return FALSE if formula.value else TRUE
        if isinstance(formula, Compare):
            return self._comparison.compared(formula, False)
        if isinstance(formula, OneOf):
            return self._comparison.among(formula, False)
        if isinstance(formula, All):
            return any_of([self.fails(part) for part in formula.parts])
        if isinstance(formula, AnyOf):
            return all_of([self.fails(part) for part in formula.parts])
        if isinstance(formula, Not):
            return self.holds(formula.formula)
        if isinstance(formula, Some):
            return negated(self._exists(formula, self._may_hold))
        if isinstance(formula, One):
            return self._exists(formula, self.fails)
        if isinstance(formula, Least):
            return self._member(formula, False)
        return self._never(formula)

    def _never(self, formula: Formula) -> Sql:
        if isinstance(formula, Unknown):
            return FALSE
        raise UnsupportedError("a recursive rule asks for itself in a way that has no meaning in SQL")

    def _may_hold(self, formula: Formula) -> Sql:
        """True in SQL exactly where the formula is true or unknown."""
        if _is_decided(formula):
            return self.holds(formula)
        return not_true(self.fails(formula))

    # ---- related rows ----

    def _other(self, model: Model) -> tuple[Rows, Source]:
        """Further rows of a model."""
        self._aliases += 1
        alias = f"arctos{self._aliases}"
        return Rows(model, alias), (model.table, alias)

    def _related(self, formula: Some | One) -> tuple[list[Source], list[Sql]]:
        """Where related rows are, and what joins them. They have their name from here on."""
        own = self._rows[formula.of]
        other, source = self._other(self._models.by_name[formula.class_name])
        self._rows[formula.row] = other
        link = own.model.links[formula.relation]
        a, b = own.value(link.own.attname).sql, other.value(link.other.attname).sql
        if link.between is None:
            return [source], [lambda at: f"{a(at)} = {b(at)}"]
        self._aliases += 1
        alias = f"arctos{self._aliases}"
        first, second = (Value.of(alias, field).sql for field in link.between)
        between = (str(link.between[0].model._meta.db_table), alias)
        return [source, between], [lambda at: f"{a(at)} = {first(at)}", lambda at: f"{second(at)} = {b(at)}"]

    def _exists(self, formula: Some | One, read: Read) -> Sql:
        outside = self._rows.get(formula.row)
        if read == self.holds:
            found = exists(*self._joined(formula, set()))
        else:
            sources, joined = self._related(formula)
            found = exists(sources, [*joined, read(formula.formula)])
        self._restore(formula.row, outside)
        return found

    def _joined(self, formula: Some | One, here: set[int]) -> tuple[list[Source], list[Sql]]:
        """What has to be there, and what must hold of it. A row that a relation leads to from there is joined at once.

        Databases bound how deep conditions may be nested. Where a relation leads to many rows it stays a condition of its
        own: all combinations of rows would be looked at.
        """
        here.add(formula.row)
        sources, conditions = self._related(formula)
        for part in formula.formula.parts if isinstance(formula.formula, All) else (formula.formula,):
            if isinstance(part, (Some, One)) and part.of in here and self._leads_to_one(part):
                outside = self._rows.get(part.row)
                further, more = self._joined(part, here)
                self._restore(part.row, outside)
                sources = sources + further
                conditions = conditions + more
            else:
                conditions = [*conditions, self.holds(part)]
        return sources, conditions

    def _leads_to_one(self, formula: Some | One) -> bool:
        return formula.relation in self._rows[formula.of].model.to_one

    def _restore(self, row: int, outside: Rows | None) -> None:
        """A name may stand for another row outside."""
        if outside is not None:
            self._rows[row] = outside

    # ---- recursion ----

    def _member(self, formula: Least, inside: bool) -> Sql:
        row = self._rows[formula.row]
        # Where a member may be unknown, only rows that are not even that are surely outside.
        read = self.holds if inside else self._may_hold
        member, source = self._other(self._models.by_name[formula.class_name])
        # Inside the set, the row that is asked about may have the name of any member.
        outside = self._rows.get(formula.member)
        self._rows[formula.member] = member
        first, steps = self._steps(formula.formula, formula.number, read)
        self._restore(formula.member, outside)
        self._aliases += 1
        name = f"arctos_set{self._aliases}"
        return member_of(row, name, growing(name, member, source, first, steps), inside)

    def _steps(self, formula: Formula, number: int, read: Read) -> tuple[Sql, list[Step]]:
        """Where it holds, or may, without asking for the set, and the ways in which it does ask."""
        if not _mentions(formula, number):
            return read(formula), []
        if isinstance(formula, Again):
            return FALSE, [Step([], [], self._rows[formula.row])]
        if isinstance(formula, AnyOf):
            parts = [self._steps(part, number, read) for part in formula.parts]
            return any_of([first for first, _ in parts]), [step for _, steps in parts for step in steps]
        if isinstance(formula, All):
            return self._steps_of_all(formula, number, read)
        if isinstance(formula, (Some, One)):
            outside = self._rows.get(formula.row)
            sources, joined = self._related(formula)
            first, steps = self._steps(formula.formula, number, read)
            self._restore(formula.row, outside)
            before = exists(sources, [*joined, first])
            if isinstance(formula, One) and read == self._may_hold:
                before = any_of([before, negated(exists(sources, joined))])
            return before, [step.after(sources, joined) for step in steps]
        return self._never(formula), []

    def _steps_of_all(self, formula: All, number: int, read: Read) -> tuple[Sql, list[Step]]:
        asking = [part for part in formula.parts if _mentions(part, number)]
        if len(asking) != 1:
            raise UnsupportedError("a recursive rule asks for itself twice")
        others = all_of([read(part) for part in formula.parts if part is not asking[0]])
        first, steps = self._steps(asking[0], number, read)
        return all_of([others, first]), [step.after([], [others]) for step in steps]


def _is_decided(formula: Formula) -> bool:
    """Whether the formula is true or false of every row; :class:`Again` apart, which is as its definition."""
    if isinstance(formula, Compare):
        return formula.operator in ("==", "!=")
    if isinstance(formula, (All, AnyOf)):
        return all(_is_decided(part) for part in formula.parts)
    if isinstance(formula, (Not, Some, Least)):
        return _is_decided(formula.formula)
    return isinstance(formula, (Known, OneOf, Again))


def _mentions(formula: Formula, number: int) -> bool:
    """Whether the formula asks for members of that set."""
    if isinstance(formula, Again):
        return formula.number == number
    if isinstance(formula, (All, AnyOf)):
        return any(_mentions(part, number) for part in formula.parts)
    if isinstance(formula, (Not, Some, One, Least)):
        return _mentions(formula.formula, number)
    return False
