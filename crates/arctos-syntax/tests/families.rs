//! Which queries are no Polar, and the class of error each is in the bindings; what else must parse.
//!
//! INVARIANT: the classes are those that users of the classic library catch.

use arctos_syntax::Family::{
    IntegerOverflow, InvalidTokenCharacter, Parse, UnrecognizedEof, UnrecognizedToken, Validation,
};
use arctos_syntax::{Family, SourceId, parse, parse_query};

fn families(text: &str) -> Vec<Family> {
    parse_query(SourceId(0), text).diagnostics.iter().map(|d| d.code.family()).collect()
}

#[test]
fn refused_queries() {
    let refused: &[(&str, Family)] = &[
        ("x = in", UnrecognizedEof),
        ("x and cut cut", Parse),
        ("f(new)", UnrecognizedToken),
        ("debug debug", Parse),
        ("f(in)", UnrecognizedToken),
        ("x = cut", Parse),
        ("not not true", UnrecognizedToken),
        ("y = 1 and x = -y", UnrecognizedToken),
        ("1 < 2 < 3", Parse),
        ("1 == 1 == true", Parse),
        ("x = y = 1", Parse),
        ("x = 1 = 1", Parse),
        ("x = (1 < 2)", Parse),
        ("1 in [1] == true", Parse),
        ("1 in [1] = true", Parse),
        ("1 and 2", Parse),
        ("true and 1", Parse),
        ("true or 1", Parse),
        ("1 + 1 in [2]", Parse),
        ("2 in [1] + [1]", Parse),
        ("x = [1 < 2]", UnrecognizedToken),
        ("x = {a: 1 = 2}", UnrecognizedToken),
        ("x = [a = 1]", UnrecognizedToken),
        ("f(1 < 2)", Parse),
        ("print(1 < 2)", Parse),
        ("print(x in [1])", Parse),
        ("x = print(1)", Parse),
        ("1 + print(1)", Parse),
        ("x matches Integer = 1", Parse),
        ("new(1)", Parse),
        ("+(1,2)", UnrecognizedToken),
        ("==(1,1)", UnrecognizedToken),
        ("debug", UnrecognizedEof),
        ("forall(true)", UnrecognizedToken),
        ("forall(x in [1], true,)", UnrecognizedToken),
        ("x = 2 ** 3", UnrecognizedToken),
        ("1 matches (Integer)", UnrecognizedToken),
        ("x = 9223372036854775808", IntegerOverflow),
        ("x = 18446744073709551616", IntegerOverflow),
        ("x = 1e", Parse),
        ("x = 1.ee1", Parse),
        ("x = \"abc", InvalidTokenCharacter),
        ("x = \"a\nb\"", InvalidTokenCharacter),
        ("x = $", InvalidTokenCharacter),
        ("foo:: = 1", InvalidTokenCharacter),
        ("x = .5", UnrecognizedToken),
        ("x isa Integer", UnrecognizedToken),
        ("!x", UnrecognizedToken),
        ("x | y", UnrecognizedToken),
        ("x.mod", UnrecognizedToken),
        ("x.1", UnrecognizedToken),
        ("{mod: 1} = x", UnrecognizedToken),
        ("{a: 1, a: 2} = x", Parse),
        ("1 := 2", UnrecognizedToken),
        ("new Foo{}", UnrecognizedToken),
        ("f(1,)", UnrecognizedToken),
        ("f(g(x))", Parse),
        ("x = g(1)", Parse),
        ("f(x = 1)", Parse),
        ("f(not x)", Parse),
        ("f(x or y)", Parse),
        ("print(x = 1)", Parse),
        ("new F(a: not x)", Parse),
        ("[not x] = y", UnrecognizedToken),
        ("[x in y] = z", Parse),
        ("{a: not x} = y", UnrecognizedToken),
        ("{a: 1 < 2} = y", Parse),
        ("x matches {a: f(x)}", UnrecognizedToken),
        ("x matches {a: 1 + 2}", UnrecognizedToken),
        ("x matches \"s\".k", UnrecognizedToken),
        ("x matches [*x,]", UnrecognizedToken),
        ("[*x,] = z", UnrecognizedToken),
        ("[1, *x, 2] = z", UnrecognizedToken),
        ("f(,)", UnrecognizedToken),
        ("[,] = x", UnrecognizedToken),
        ("x??", InvalidTokenCharacter),
        ("x.y := 1", UnrecognizedToken),
        ("x := y = 1", Parse),
        ("x == y = z", Parse),
        ("x in y in z", Parse),
        ("f(x).y", Parse),
        ("if x", UnrecognizedToken),
        ("x and", UnrecognizedEof),
        ("", UnrecognizedEof),
    ];
    let wrong: Vec<_> = refused
        .iter()
        .filter(|(text, family)| families(text).first() != Some(family))
        .map(|(text, _)| (text, families(text)))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn accepted_queries() {
    let accepted = [
        "x matches {a: \"s\".k}",
        "x matches {a: x.y(1, k: 2)}",
        "x matches {a: x.(k)}",
        "x matches Foo{a, b: c,}",
        "print(1,)",
        "x matches -1",
        "(x.y).z = 1",
        "x.debug = 1",
        "x = 1 or x = 2 and y = 3",
        "(x = 1 or x = 2) and y = 3",
        "not (not true)",
        "x = 1--1",
        "x = - 1",
        "x = 1 -1",
        "not 1 in [2]",
        "not 1 = 2",
        "1",
        "\"a\"",
        "[]",
        "{}",
        "true",
        "not true = false",
        "x = [1 + 1, 2 * 3,]",
        "x = {a: 1 + 2, b}",
        "x.a.b = 1",
        "1 + 2 == 3",
        "{a: 1} matches {a: x} and x = 1",
        "{a: 1}.a + 1 = x",
        ".({a: 1}, \"a\", x)",
        "in(1, [1])",
        "print()",
        "print(1,)",
        "forall(x in [1,2], x < 3)",
        "cut",
        "x in [1,2] and cut",
        "x = -9223372036854775808",
        "x = 007",
        "x = 1.",
        "x = 1e400",
        "x = inf and y = nan",
        "[x, *r] = [1,2,3]",
        "new C() matches C{}",
        "1 matches Integer{numerator: 1}",
        "[1] matches [x, *r]",
        "x? = a::b::c",
        "x.(y) = x.(\"k\")",
        "new Foo(1, k: 2, in: 3).m(a: 1).type = 1",
        "f(x);",
        "user = User{\"ann\"}",
        "t > @current_unix_time",
        "x matches! Repo",
        "type = declare and global = test",
        "é = 💯",
        "x = \"\\\"\\\\\\n\\q\"",
        "true.x = 1",
    ];
    let wrong: Vec<_> = accepted
        .iter()
        .map(|text| (text, parse_query(SourceId(0), text)))
        .filter(|(_, parsed)| !parsed.diagnostics.is_empty() || parsed.tree.is_none())
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn refused_files() {
    let refused: &[(&str, Family)] = &[
        ("f(x)", UnrecognizedEof),
        ("f(x) if x y;", UnrecognizedToken),
        ("f(x,) if x;", UnrecognizedToken),
        ("f(\"a\": Foo);", UnrecognizedToken),
        ("f(x = 1);", UnrecognizedToken),
        ("f(x < 1);", UnrecognizedToken),
        ("f(x in y);", Parse),
        ("f(not x);", UnrecognizedToken),
        ("f(g(x));", Parse),
        ("f(x: y.z);", UnrecognizedToken),
        ("f(1, -x);", UnrecognizedToken),
        ("f;", UnrecognizedToken),
        (";", UnrecognizedToken),
        ("}", UnrecognizedToken),
        ("cut(x);", Parse),
        ("new(x);", Parse),
        ("print(x);", UnrecognizedToken),
        ("type f(x) if x;", UnrecognizedToken),
        ("?=;", UnrecognizedToken),
        ("actor", UnrecognizedEof),
        ("actor User {", UnrecognizedEof),
        ("actor {}", Validation),
        ("thing User {}", Validation),
        ("User {}", Validation),
        ("resource Repo { roles = [\"a\"] }", UnrecognizedToken),
        ("resource Repo { roles = [a]; }", UnrecognizedToken),
        ("resource Repo { roles = {a: B}; }", Validation),
        ("resource Repo { roles = \"a\"; }", UnrecognizedToken),
        ("resource Repo { relations = [\"a\"]; }", Validation),
        ("resource Repo { relations = { a: \"B\" }; }", UnrecognizedToken),
        ("resource Repo { foo = [\"a\"]; }", Validation),
        ("resource Repo { \"a\" if \"b\" onn \"c\"; }", Validation),
        ("resource Repo { ; }", UnrecognizedToken),
        ("f(x) if x = {a: 1, a: 2};", Parse),
        ("f(x: {a: 1, a: 2});", Parse),
    ];
    for (text, family) in refused {
        let found: Vec<Family> =
            parse(SourceId(0), text).diagnostics.iter().map(|d| d.code.family()).collect();
        assert_eq!(found, [*family], "{text}");
    }
}

#[test]
fn both_dialects_parse() {
    let texts = [include_str!("policies/classic.polar"), include_str!("policies/facts.polar")];
    for text in texts {
        let parsed = parse(SourceId(0), text);
        assert!(parsed.diagnostics.is_empty(), "{:#?}", parsed.diagnostics);
    }
}
