"""What is wrong with a policy, as data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Diagnostic:
    """One problem found in a policy.

    ``str(diagnostic)`` is the problem as the command line shows it, with the lines of the policy.
    """

    code: str
    """A stable code, such as ``P0106``; each has a page in the documentation."""
    name: str
    """The code in words, such as ``unexpected-token``."""
    severity: str
    """``"error"`` or ``"warning"``."""
    message: str
    """One sentence."""
    file: str | None
    """The file, where the policy came from one."""
    start: tuple[int, int]
    """Line and column (in characters), both from 1."""
    end: tuple[int, int]
    """The place after the last character."""
    help: tuple[str, ...]
    """What to do about it."""
    rendered: str
    """The problem with the lines of the policy."""

    @property
    def line(self) -> int:
        """The line it begins on, from 1."""
        return self.start[0]

    @property
    def column(self) -> int:
        """The column it begins at, in characters, from 1."""
        return self.start[1]

    def __str__(self) -> str:
        return self.rendered
