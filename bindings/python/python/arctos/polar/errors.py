"""The exceptions that errors of the engine become, by their old module name."""

from arctos.polar.exceptions import (
    ExtraToken,
    IntegerOverflow,
    InvalidToken,
    InvalidTokenCharacter,
    OperationalError,
    ParserError,
    PolarRuntimeError,
    PolarTypeError,
    StackOverflowError,
    UnknownError,
    UnrecognizedEOF,
    UnrecognizedToken,
    UnsupportedError,
    ValidationError,
)

__all__ = [
    "ExtraToken",
    "IntegerOverflow",
    "InvalidToken",
    "InvalidTokenCharacter",
    "OperationalError",
    "ParserError",
    "PolarRuntimeError",
    "PolarTypeError",
    "StackOverflowError",
    "UnknownError",
    "UnrecognizedEOF",
    "UnrecognizedToken",
    "UnsupportedError",
    "ValidationError",
]
