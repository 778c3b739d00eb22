"""Recursive rules as sets that grow: ``WITH RECURSIVE``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from arctos.django.conditions import FALSE, Rows, Source, all_of, listed, selected
from arctos.django.statement import Sql, Statement

__all__ = ["Step", "growing", "member_of"]


@dataclass(frozen=True, eq=False)
class Step:
    """A way from the set to another member."""

    sources: list[Source]
    """What more to select from."""
    conditions: list[Sql]
    """What must hold."""
    asked: Rows
    """The rows that have to be in the set."""

    def after(self, sources: list[Source], conditions: list[Sql]) -> Step:
        """The same with something before it."""
        return Step([*sources, *self.sources], [*conditions, *self.conditions], self.asked)


def member_of(row: Rows, name: str, grown: Sql, inside: bool) -> Sql:
    """Whether a row is in a set of that name, or outside."""
    key = row.key()
    members = [_named(name, f"k{place}") for place in range(len(key))]
    if len(key) == 1:
        word = "IN" if inside else "NOT IN"
        return lambda at: f"{key[0](at)} {word} ({grown(at)} SELECT {members[0](at)} FROM {at.name(name)})"
    same = all_of([_equal(column, member) for column, member in zip(key, members, strict=True)])
    word = "EXISTS" if inside else "NOT EXISTS"
    return lambda at: f"{word}({grown(at)} SELECT 1 FROM {at.name(name)} WHERE {same(at)})"


def growing(name: str, member: Rows, source: Source, first: Sql, steps: Sequence[Step]) -> Sql:
    """The set of members: of which ``first`` holds, and then those to which steps lead from members."""
    own = member.key()
    start = selected(own, [source], first)
    ways = [step for step in steps if all_of(step.conditions) is not FALSE]
    further = _further(name, own, source, ways)
    columns = listed([_bare(f"k{place}") for place in range(len(own))])

    def write(at: Statement) -> str:
        grown = start(at) if further is None else f"{start(at)} UNION {further(at)}"
        return f"WITH RECURSIVE {at.name(name)} ({columns(at)}) AS ({grown})"

    return write


def _further(name: str, own: list[Sql], source: Source, steps: Sequence[Step]) -> Sql | None:
    known = [_named(name, f"k{place}") for place in range(len(own))]
    if not steps:
        return None
    if len(steps) == 1:
        [step] = steps
        same = [_equal(column, member) for column, member in zip(step.asked.key(), known, strict=True)]
        return selected(own, [source, *step.sources, (name, name)], all_of([*step.conditions, *same]))
    # A recursive query may name itself but once.
    edges = [
        selected([*_as(own, "m"), *_as(step.asked.key(), "o")], [source, *step.sources], all_of(step.conditions))
        for step in steps
    ]
    edge = f"{name}_edges"
    ends = [_named(edge, f"m{place}") for place in range(len(own))]
    same = [_equal(_named(edge, f"o{place}"), member) for place, member in enumerate(known)]

    def write(at: Statement) -> str:
        every = " UNION ALL ".join(way(at) for way in edges)
        tables = f"({every}) {at.name(edge)}, {at.name(name)}"
        return f"SELECT {listed(ends)(at)} FROM {tables} WHERE {all_of(same)(at)}"

    return write


def _as(columns: list[Sql], letter: str) -> list[Sql]:
    def named(column: Sql, place: int) -> Sql:
        return lambda at: f"{column(at)} AS {at.name(f'{letter}{place}')}"

    return [named(column, place) for place, column in enumerate(columns)]


def _equal(a: Sql, b: Sql) -> Sql:
    return lambda at: f"{a(at)} = {b(at)}"


def _bare(name: str) -> Sql:
    return lambda at: at.name(name)


def _named(table: str, name: str) -> Sql:
    return lambda at: f"{at.name(table)}.{at.name(name)}"
