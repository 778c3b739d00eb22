"""The classes of errors that queries raise."""

import pytest
from arctos import Oso
from arctos.polar import errors
from arctos.polar import exceptions as e


@pytest.mark.parametrize(
    ("query", "cls"),
    [
        ("x = in", e.UnrecognizedEOF),
        ("f(new)", e.UnrecognizedToken),
        ("not not true", e.UnrecognizedToken),
        ("x and cut cut", e.ParserError),
        ("x = cut", e.ParserError),
        ("1 and 2", e.ParserError),
        ("1", e.PolarTypeError),
        ("x = 1 and x", e.PolarTypeError),
        ("x = 1 and x := 2", e.PolarTypeError),
        ("x in 5", e.PolarTypeError),
        ("true.foo = 1", e.PolarTypeError),
        ("1 matches Nope", e.UnregisteredClassError),
        ("x = new Nope()", e.UnregisteredClassError),
        ("x = 5 mod 0", e.PolarRuntimeError),
        ("x = 9223372036854775807 + 1", e.PolarRuntimeError),
        ('x = "a" + "b"', e.UnsupportedError),
        ("x.foo()", e.UnsupportedError),
        ("nope(1)", e.PolarRuntimeError),
        ("nil.foo = 1", e.PolarRuntimeError),
        ("x > 1", e.UnexpectedPolarTypeError),
        ("[1, 2, *a] = [1, *b]", e.UnexpectedPolarTypeError),
    ],
)
def test_classes(query, cls):
    with pytest.raises(cls) as caught:
        list(Oso().query(query))
    assert caught.type is cls
    assert str(caught.value)


def test_kinds_that_never_raise_any_more():
    oso = Oso()
    assert list(oso.query('1 == "1"')) == [] and list(oso.query("[1] == [1]"))
    with pytest.raises(e.PolarTypeError):
        list(oso.query('"a" < 1'))


def test_the_hierarchy():
    runtime = [
        "UnsupportedError", "PolarTypeError", "StackOverflowError", "UnregisteredClassError",
        "DuplicateClassAliasError", "DuplicateInstanceRegistrationError", "PolarFileExtensionError",
        "PolarFileNotFoundError", "UnregisteredInstanceError", "InlineQueryFailedError",
        "UnexpectedPolarTypeError", "InvalidQueryTypeError", "InvalidCallError", "InvalidIteratorError",
        "InvalidConstructorError",
    ]  # fmt: skip
    parse = [
        "IntegerOverflow", "InvalidTokenCharacter", "InvalidToken", "UnrecognizedEOF", "UnrecognizedToken",
        "ExtraToken",
    ]  # fmt: skip
    for name in runtime:
        assert issubclass(getattr(e, name), e.PolarRuntimeError)
    for name in parse:
        assert issubclass(getattr(e, name), e.ParserError)
    for name in ("PolarRuntimeError", "ParserError", "OperationalError", "ValidationError", "FFIErrorNotFound"):
        assert getattr(e, name).__bases__ == (e.OsoError,)
    assert issubclass(e.UnknownError, e.OperationalError)
    assert errors.ParserError is e.ParserError and errors.UnknownError is e.UnknownError


def test_errors_carry_what_they_know():
    error = e.OsoError("message", {"k": 1})
    assert (error.message, error.details, error.stack_trace, error.diagnostics) == ("message", {"k": 1}, None, [])
    assert str(e.OsoError()) == ""
