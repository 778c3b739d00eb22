"""Loading, reloading, and what a wrong policy says."""

import pytest
from arctos import Arctos, Oso
from arctos.polar import exceptions as e


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def test_files(tmp_path):
    a = write(tmp_path / "a.polar", "f(1);")
    b = write(tmp_path / "b.polar", "f(2);")
    oso = Oso()
    oso.load_files([a, str(b)])
    assert [r["bindings"]["x"] for r in oso.query("f(x)")] == [1, 2]
    Oso().load_files([])
    Oso().load_files()
    Oso().load_file(a)


def test_files_that_are_not_policies(tmp_path):
    with pytest.raises(e.PolarFileExtensionError, match="a.txt"):
        Oso().load_file("a.txt")
    with pytest.raises(e.PolarFileNotFoundError, match="nope.polar"):
        Oso().load_files([tmp_path / "nope.polar"])
    for error in (e.PolarFileExtensionError, e.PolarFileNotFoundError):
        assert issubclass(error, e.PolarRuntimeError)


def test_the_same_file_twice_is_an_error(tmp_path):
    a = write(tmp_path / "a.polar", "f(1);")
    copy = write(tmp_path / "b.polar", "f(1);")
    for files in ([a, a], [a, copy]):
        with pytest.raises(e.ValidationError):
            Oso().load_files(files)


def test_a_second_load_is_refused():
    oso = Oso()
    oso.load_str("f(1);")
    with pytest.raises(e.PolarRuntimeError, match="loaded already"):
        oso.load_str("f(2);")
    assert oso.query_rule_once("f", 1) and not oso.query_rule_once("f", 2)
    oso.clear_rules()
    with pytest.raises(e.PolarRuntimeError):
        oso.query_rule_once("f", 1)
    oso.load_str("f(2);")
    assert oso.query_rule_once("f", 2)


def test_reload_is_all_or_nothing(tmp_path):
    policy = write(tmp_path / "p.polar", "f(1);")
    arctos = Arctos()
    arctos.load_files([policy])
    write(policy, "f(2);")
    arctos.reload([policy])
    assert arctos.query_rule_once("f", 2) and not arctos.query_rule_once("f", 1)
    for wrong in ("f(3", "f(x);", "f(3); ?= f(4);"):
        with pytest.raises(e.OsoError):
            arctos.reload_str(wrong)
        assert arctos.query_rule_once("f", 2), "the old policy stays in force"
    arctos.reload_str("f(5);")
    assert arctos.query_rule_once("f", 5)


@pytest.mark.parametrize(
    ("text", "cls"),
    [
        ("f(99999999999999999999999);", e.IntegerOverflow),
        ("f(@);", e.InvalidTokenCharacter),
        ('f("a', e.InvalidTokenCharacter),
        ("f(", e.UnrecognizedEOF),
        ("f();;", e.UnrecognizedToken),
        ("f(1e);", e.ParserError),
        ("f(x) if x = (1 < 2);", e.ParserError),
        ("f({a: 1, a: 2});", e.ParserError),
        ("f(x);", e.ValidationError),
        ("f() if g();", e.ValidationError),
        ("actor Nope {}", e.ValidationError),
    ],
)
def test_classes_of_load_errors(text, cls):
    with pytest.raises(cls) as caught:
        Oso().load_str(text)
    assert caught.type is cls
    assert any(diagnostic.severity == "error" for diagnostic in caught.value.diagnostics)
    if cls not in (e.ValidationError, e.ParserError):
        assert issubclass(cls, e.ParserError)


def test_every_problem_is_reported_with_its_place(tmp_path):
    policy = write(tmp_path / "p.polar", "# 💯💯\nf(_) if true;\nh(1;\nk(y);\n")
    with pytest.raises(e.ParserError) as caught:
        Oso().load_files([policy])
    error = caught.value
    first = next(d for d in error.diagnostics if d.severity == "error")
    assert isinstance(error, e.UnrecognizedToken)
    assert first.file == str(policy) and (first.line, first.column) == (3, 4)
    assert "h(1;" in str(error) and "p.polar" in str(error)
    assert first.code.startswith("P01") and first.name
    assert "h(1;" in str(first)

    with pytest.raises(e.ValidationError) as caught:
        Oso().load_str("f(x) if g();\nk(y);\n")
    assert len([d for d in caught.value.diagnostics if d.severity == "error"]) == 3
    assert [d.line for d in caught.value.diagnostics if d.severity == "error"] == [1, 1, 2]


def test_warnings_go_to_standard_output(capsys, monkeypatch):
    oso = Oso()
    oso.load_str("f(1);")
    out = capsys.readouterr().out
    assert out.startswith("[warning] ") and "allow" in out
    assert oso.warnings()[0].severity == "warning"
    monkeypatch.setenv("POLAR_IGNORE_NO_ALLOW_WARNING", "1")
    Oso().load_str("f(1);")
    assert capsys.readouterr().out == ""


def test_inline_queries_run_in_source_order(capsys):
    oso = Oso()
    oso.load_str('f(1); ?= print("a"); ?= f(1); ?= print("b");')
    out = capsys.readouterr().out
    assert out.index('"a"') < out.index('"b"')
    oso.check_inline_queries()
    with pytest.raises(e.InlineQueryFailedError, match=r"f\(3\)"):
        Oso().load_str("f(1);\n?= f(3);")


def test_a_class_may_be_registered_after_loading():
    class Late:
        pass

    class Later(Late):
        pass

    oso = Oso()
    oso.load_str("f(_: Late); g(x) if x matches Later;")
    oso.register_class(Late)
    assert oso.query_rule_once("f", Late())
    oso.register_class(Later)
    assert oso.query_rule_once("f", Later())
    assert oso.query_rule_once("g", Later()) and not oso.query_rule_once("g", Late())


def test_texts_that_once_crashed():
    with pytest.raises(e.ParserError):
        Oso().load_str("# 💯💯💯💯\nf(x;")
    with pytest.raises(e.ParserError):
        Oso().load_str("f(" + "[" * 20_000 + "]" * 20_000 + ");")
    oso = Oso()
    with pytest.raises(e.ParserError):
        next(oso.query("(" * 20_000 + "1 = 1" + ")" * 20_000))
