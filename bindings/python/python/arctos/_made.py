"""Exceptions by the names of their classes, for the extension module."""

from __future__ import annotations

from arctos.diagnostics import Diagnostic
from arctos.polar import exceptions
from arctos.polar.exceptions import OsoError


def exception(
    class_name: str, message: str, stack_trace: str | None, diagnostics: list[Diagnostic] | None
) -> OsoError:
    """An exception of that class, with what the engine knows about it."""
    cls: type[OsoError] = getattr(exceptions, class_name)
    error = cls(message)
    error.stack_trace = stack_trace
    error.diagnostics = diagnostics or []
    return error
