"""What queries return."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypedDict

from arctos._arctos import Answers

__all__ = ["Query", "QueryResult"]


class QueryResult(TypedDict):
    """One answer."""

    bindings: dict[str, Any]
    """The query's variables and what they stand for."""
    trace: None
    """Kept for code that looks at it."""


class Query:
    """The answers of one query, found as they are asked for."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def run(self) -> Iterator[QueryResult]:
        """The answers, one after the other."""
        try:
            for bindings in self._answers:
                yield {"bindings": bindings, "trace": None}
        finally:
            self._answers.close()
