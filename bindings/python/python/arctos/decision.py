"""A decision with its reasons."""

from __future__ import annotations

from dataclasses import dataclass


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
