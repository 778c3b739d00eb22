"""Decisions with their reasons."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class DecidingRule:
    """A rule that a decision rests on."""

    name: str
    """The rule's name, ``allow`` say."""
    file: str | None
    """The policy file, where the policy came from one."""
    line: int
    """The line of the policy it begins on, from 1."""
    text: str
    """The rule, or the shorthand rule of a block, as the policy has it."""

    @property
    def location(self) -> str:
        """``main.polar:3``."""
        return f"{self.file or '<policy>'}:{self.line}"

    def __str__(self) -> str:
        return f"{self.location}: {self.text}"


@dataclass(frozen=True)
class Decision:
    """Whether an action is allowed, and because of which rules. True in a condition when it is allowed."""

    allowed: bool
    rules: tuple[DecidingRule, ...]
    """The rules of the proof, each before those that it calls; empty when the action is not allowed."""

    def __bool__(self) -> bool:
        return self.allowed


@dataclass(frozen=True)
class Explanation:
    """Why an action is allowed, or what it would take. True in a condition when it is allowed."""

    allowed: bool
    _text: str = field(repr=False)
    _json: str = field(repr=False)
    _html: str = field(repr=False)

    def __bool__(self) -> bool:
        return self.allowed

    def __str__(self) -> str:
        return self._text

    def to_text(self) -> str:
        """A tree of lines: the rules and values that a yes rests on, or the conditions that would make a no a yes."""
        return self._text

    def to_json(self) -> str:
        """The same as JSON; the book's chapter on explanations has its shape."""
        return self._json

    def to_html(self) -> str:
        """The same as a page of HTML that needs nothing else, with a drawing."""
        return self._html
