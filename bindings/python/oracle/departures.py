"""The differences from the predecessor that are meant, each with a narrow test of what it explains.

A predicate sees one disagreement. It must look at what both sides did, not only at the case: whatever it lets through is
never looked at again.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Callable

from tree import Case


@dataclass(frozen=True)
class Disagreement:
    """One step of a case (or its load) with two outcomes."""

    case: Case
    step: int | None
    """Which step; ``None`` for the load."""
    oso: dict[str, Any]
    arctos: dict[str, Any]

    def said(self, side: str, pattern: str) -> bool:
        """Whether that side's error, written ``Class: message``, matches the regular expression."""
        error = getattr(self, side)["error"]
        return error is not None and re.search(pattern, f"{error['class']}: {error['message']}", re.S) is not None

    def answers(self, side: str) -> list[str]:
        """The answers of a side, as comparable texts."""
        return [json.dumps(answer, sort_keys=True) for answer in getattr(self, side)["answers"]]

    @property
    def agreed_so_far(self) -> bool:
        """Whether what the predecessor answered before its error is how our answers begin."""
        theirs = self.answers("oso")
        return self.answers("arctos")[: len(theirs)] == theirs

    @property
    def same_answers(self) -> bool:
        return self.answers("oso") == self.answers("arctos")

    def text(self) -> str:
        """The policy and the question at hand."""
        request = self.case.request()
        steps: Any = request["steps"]
        asked = "" if self.step is None else json.dumps(steps[self.step], ensure_ascii=False)
        return f"{request['policy']}\n{asked}"


@dataclass(frozen=True)
class Departure:
    """A difference that is meant."""

    id: str
    reason: str
    explains: Callable[[Disagreement], bool]


def equality_of_kinds(d: Disagreement) -> bool:
    return d.said("oso", r"^UnsupportedError: (?:.*\n)?.*Not supported: .* (==|!=) ") and d.agreed_so_far


def order_of_kinds(d: Disagreement) -> bool:
    return (
        d.said("oso", r"^UnsupportedError: .*Not supported: .* (<|<=|>|>=) ")
        and d.said("arctos", "^PolarTypeError")
        and d.same_answers
    )


DEPARTURES: list[Departure] = [
    Departure("5-equality", "`==` and `!=` take any two values", equality_of_kinds),
    Departure("5-order", "ordering different kinds is a type error", order_of_kinds),
]


def explanation(disagreement: Disagreement) -> Departure | None:
    """The departure that explains it, if one does."""
    return next((entry for entry in DEPARTURES if entry.explains(disagreement)), None)
