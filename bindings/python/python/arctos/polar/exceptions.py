"""Everything that loading and querying a policy can raise. An exception never means "allowed"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from arctos.diagnostics import Diagnostic


class OsoError(Exception):
    """The base of all exceptions of Arctos."""

    message: str | None
    """What went wrong, with the lines of the policy."""
    details: Any
    """More, where there is more."""
    stack_trace: str | None
    """The goals that were open in the policy, innermost first."""
    diagnostics: list[Diagnostic]
    """For a policy that does not load: every problem found, in source order, warnings included."""

    def __init__(self, message: str | None = None, details: Any = None) -> None:
        self.message = message
        self.details = details
        self.stack_trace = None
        self.diagnostics = []
        super().__init__(message)

    def __str__(self) -> str:
        message = "" if self.message is None else self.message
        return f"{message}\n{self.stack_trace}" if self.stack_trace else message


class FFIErrorNotFound(OsoError):
    """Never raised; kept for code that names it."""


# ---- while a policy or a query runs ----


class PolarRuntimeError(OsoError):
    """Something went wrong while a policy was loaded or a query ran."""


class UnsupportedError(PolarRuntimeError):
    """An operation that Arctos does not have for these values."""


class PolarTypeError(PolarRuntimeError):
    """A value of a kind that an operation does not take."""


class LimitError(PolarRuntimeError):
    """A question reached one of its :class:`arctos.Limits`: the answer is unknown, and nothing is allowed."""

    limit: str = ""
    """Which: ``steps``, ``depth``, ``time``, ``answers`` or ``memory``."""


class StackOverflowError(LimitError):
    """Rule calls, or questions, inside one another beyond the limit."""

    limit = "depth"


class UnregisteredClassError(PolarRuntimeError):
    """A class that is not registered."""


class DuplicateClassAliasError(PolarRuntimeError):
    """A name under which another class is registered already."""

    def __init__(self, name: str, old: object, new: object) -> None:
        super().__init__(f"`{name}` is the name of {old} already, so {new} needs another name")


class DuplicateInstanceRegistrationError(PolarRuntimeError):
    """Never raised; kept for code that names it."""


class PolarFileExtensionError(PolarRuntimeError):
    """A policy file whose name does not end in ``.polar``."""

    def __init__(self, file: object) -> None:
        super().__init__(f"`{file}` is not named like a policy file; its name must end in `.polar`")


class PolarFileNotFoundError(PolarRuntimeError):
    """A policy file that is not there."""

    def __init__(self, file: object) -> None:
        super().__init__(f"could not find the policy file `{file}`")


class UnregisteredInstanceError(PolarRuntimeError):
    """Never raised; kept for code that names it."""


class InlineQueryFailedError(PolarRuntimeError):
    """An inline query (``?= …;``) without an answer."""

    def __init__(self, source: str | None = None) -> None:
        super().__init__(source)


class UnexpectedPolarTypeError(PolarRuntimeError):
    """An answer that is a condition, where a value was wanted."""


class InvalidQueryTypeError(PolarRuntimeError):
    """A query that is neither text nor a :class:`arctos.Predicate`."""


class InvalidCallError(PolarRuntimeError):
    """A call of something that is not a method."""


class InvalidIteratorError(PolarRuntimeError):
    """``in`` over an object without items."""


class InvalidConstructorError(PolarRuntimeError):
    """Never raised; kept for code that names it."""


# ---- while a policy is read ----


class ParserError(OsoError):
    """A text that is not well-formed."""


class IntegerOverflow(ParserError):
    """A number beyond 64 bits."""


class InvalidTokenCharacter(ParserError):
    """A character that cannot stand there."""


class InvalidToken(ParserError):
    """A malformed token."""


class UnrecognizedEOF(ParserError):
    """A text that ends too early."""


class UnrecognizedToken(ParserError):
    """A token that cannot stand there."""


class ExtraToken(ParserError):
    """A token after the end."""


class ValidationError(OsoError):
    """A well-formed policy that makes no sense: undeclared names, rules of a wrong shape."""


# ---- inside Arctos ----


class OperationalError(OsoError):
    """A fault of Arctos itself. Please report it."""


class UnknownError(OperationalError):
    """Never raised; kept for code that names it."""
