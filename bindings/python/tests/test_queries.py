"""Queries: text, predicates, bindings, variables, conditions."""

import types

import pytest
from arctos import Arctos, Expression, Limits, Oso, Pattern, Polar, Predicate, Variable
from arctos.polar import exceptions as e
from arctos.polar.partial import TypeConstraint, dot_path


@pytest.fixture
def oso():
    oso = Oso()
    oso.load_str('f(1); f(2); f(2); g("a", [1, {b: x}]) if x = 2.5; h(x) if x > 1; loop(x) if loop(x + 1);')
    return oso


def answers(oso, query, **kwargs):
    return [r["bindings"] for r in oso.query(query, **kwargs)]


def test_the_form_of_an_answer(oso):
    results = oso.query("f(1)")
    assert isinstance(results, types.GeneratorType)
    assert list(results) == [{"bindings": {}, "trace": None}]
    assert answers(oso, "f(x)") == [{"x": 1}, {"x": 2}, {"x": 2}], "duplicates stay"
    assert answers(oso, "f(3)") == []
    assert answers(oso, "g(x, y)") == [{"x": "a", "y": [1, {"b": 2.5}]}]
    assert answers(oso, "f(_x)") == [{}, {}, {}]


def test_queries_are_lazy(oso):
    wrong = oso.query("f(")
    with pytest.raises(e.ParserError):
        next(wrong)
    unknown = oso.query_rule("nope")
    with pytest.raises(e.PolarRuntimeError, match="nope"):
        next(unknown)
    first = next(oso.query("f(x) and (x = 1 or loop(x))"))
    assert first["bindings"] == {"x": 1}


def test_query_rule(oso):
    assert [r["bindings"] for r in oso.query_rule("f", Variable("x"))] == [{"x": 1}, {"x": 2}, {"x": 2}]
    assert oso.query_rule_once("f", 1) is True
    assert oso.query_rule_once("f", 7) is False
    assert oso.query_rule_once("f", 1, 2) is False, "another number of arguments is just another rule"
    assert answers(oso, Predicate("f", [Variable("x")])) == [{"x": 1}, {"x": 2}, {"x": 2}]
    assert list(oso.query_rule("f", Variable("x"), bindings={"x": 2})) == [
        {"bindings": {"x": 2}, "trace": None}
    ] * 2
    nested = [r["bindings"] for r in oso.query_rule("g", "a", [Variable("n"), Variable("d")])]
    assert nested == [{"n": 1, "d": {"b": 2.5}}]
    with pytest.raises(e.InvalidQueryTypeError):
        next(oso.query(3))


def test_bindings(oso):
    assert answers(oso, "f(x)", bindings={"x": 2}) == [{"x": 2}, {"x": 2}]
    assert answers(oso, "x = y", bindings={"x": [1, None]}) == [{"x": [1, None], "y": [1, None]}]
    thing = object()
    assert answers(oso, "x = y", bindings={"x": thing})[0]["y"] is thing


def test_variables_that_stay_unbound(oso):
    [answer] = answers(oso, "x = y")
    assert answer == {"x": Variable("y"), "y": Variable("x")}
    assert all(isinstance(value, Variable) for value in answer.values())
    assert repr(Variable("x")) == "Variable('x')" == str(Variable("x"))
    assert Variable("x") == Variable("x") != Variable("y")
    [answer] = answers(oso, "x = [y, z]")
    assert answer["x"] == [Variable("y"), Variable("z")]


def test_conditions(oso):
    with pytest.raises(e.UnexpectedPolarTypeError, match="accept_expression"):
        answers(oso, "h(x)")
    [answer] = answers(oso, "h(x)", accept_expression=True)
    assert isinstance(answer["x"], Expression)
    assert answer["x"] == Expression("And", [Expression("Gt", [Variable("_this"), 1])])
    results = oso.query("x = 1 or h(x)")
    assert next(results)["bindings"] == {"x": 1}, "answers before the condition come first"
    with pytest.raises(e.UnexpectedPolarTypeError):
        next(results)
    assert answers(oso, "h(x) and x = 2") == [{"x": 2}]


def test_a_decision_on_a_condition_is_an_error():
    oso = Oso()
    oso.load_str("allow(_, action, _) if action > 1;")
    with pytest.raises(e.UnexpectedPolarTypeError):
        oso.is_allowed("ann", Variable("action"), "x")
    with pytest.raises(e.UnexpectedPolarTypeError):
        oso.authorized_actions("ann", "x", allow_wildcard=True)


def test_expressions_and_patterns_are_values():
    this = Variable("_this")
    path = Expression("Dot", [Expression("Dot", [this, "a"]), "b"])
    assert dot_path(path) == (this, "a", "b")
    assert dot_path(this) == (this,) and dot_path(1) == () and dot_path(Expression("Lt", [1, 2])) == ()
    constraint = TypeConstraint(this, "User")
    assert constraint == Expression("And", [Expression("Isa", [this, Pattern("User", {})])])
    assert Pattern("A", {"x": 1}) != Pattern("A", {}) and Predicate("f", [1]) == Predicate("f", [1])
    assert str(Predicate("f", [1, "a"])) == "f(1, a)"


def test_limits():
    loop = "loop(x) if loop(x + 1); wide(x) if x in [1, 2, 3, 4, 5, 6] and false; count(x) if x in [1, 2, 3];"
    for limits in (Limits(depth=100), Limits(steps=1000), Limits(memory=100_000)):
        arctos = Arctos(limits=limits)
        arctos.load_str(loop)
        with pytest.raises(e.PolarRuntimeError):
            arctos.query_rule_once("loop", 1)
    deep = Arctos(limits=Limits(depth=100))
    deep.load_str(loop)
    with pytest.raises(e.StackOverflowError):
        deep.query_rule_once("loop", 1)
    with pytest.raises(e.StackOverflowError):
        list(deep.query("not loop(1)"))
    few = Arctos(limits=Limits(answers=2))
    few.load_str(loop)
    found = []
    with pytest.raises(e.PolarRuntimeError):
        found.extend(r["bindings"]["x"] for r in few.query("count(x)"))


def test_time_limits(monkeypatch):
    slow = "d(x) if x in [1,2,3,4,5,6,7,8,9,10]; slow() if d(_) and d(_) and d(_) and d(_) and d(_) and d(_) and d(_) and d(_) and false;"
    mine = Arctos(limits=Limits(time=0.05))
    mine.load_str(slow)
    with pytest.raises(e.PolarRuntimeError, match="longer"):
        mine.query_rule_once("slow")
    oso = Oso()
    oso.load_str(slow)
    monkeypatch.setenv("POLAR_TIMEOUT_MS", "50")
    with pytest.raises(e.PolarRuntimeError, match="longer"):
        oso.query_rule_once("slow")
    with pytest.raises(e.PolarRuntimeError, match="longer"):
        list(oso.query("not slow()"))
    for ignored in ("soon", "", "-1"):
        monkeypatch.setenv("POLAR_TIMEOUT_MS", ignored)
        assert oso.query_rule_once("d", 1)
    monkeypatch.setenv("POLAR_TIMEOUT_MS", "0")
    assert oso.query_rule_once("d", 1)


def test_print(oso, capsys):
    list(oso.query('print("a", 1, 1.5, [1, {a: "b"}], true)'))
    assert capsys.readouterr().out == '"a", 1, 1.5, [1, {a: "b"}], true\n'


def test_polar_alone():
    polar = Polar()
    polar.load_str("f(1);")
    assert [r["bindings"] for r in polar.query("f(x)")] == [{"x": 1}]
    assert [r["bindings"] for r in Polar().query("1 = 1")] == [{}], "without any policy"


def test_repl(capsys, monkeypatch, tmp_path):
    policy = tmp_path / "p.polar"
    policy.write_text("f(1); f(2);", encoding="utf-8")
    lines = iter(["f(x)", "f(1);", "f(3)", "f(", "", "x > 1"])

    def read(prompt):
        assert prompt == "query> "
        try:
            return next(lines)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr("builtins.input", read)
    Oso().repl([policy])
    out, err = capsys.readouterr()
    shown = [line for line in out.splitlines() if line]
    assert shown[shown.index("x = 1") : shown.index("x = 1") + 4] == ["x = 1", "x = 2", "True", "False"]
    assert "UnrecognizedEOF" in err and "x = Expression" in out
