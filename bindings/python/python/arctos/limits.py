"""How much one query may use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What one query may use. Reaching a limit raises: the decision is then unknown, and nothing is allowed.

    A field that is ``None`` has its default.
    """

    steps: int | None = None
    """Goals tried; by default 100 million."""
    depth: int | None = None
    """Rule calls inside one another; by default 100,000."""
    time: float | None = None
    """Seconds; by default what the environment variable ``POLAR_TIMEOUT_MS`` says, else 30. 0 is no limit."""
    answers: int | None = None
    """Answers of one query; by default as many as there are."""
    memory: int | None = None
    """Bytes of working memory, about; by default 1 GiB."""
