//! `arctos query`.

use expect_test::expect;

use crate::run::arctos;

#[test]
fn answers() {
    arctos(&["query", "facts.polar", r#"ancestor("ann", x)"#]).check(expect![[""]]);
    arctos(&["query", "facts.polar", r#"parent(x, y)"#]).check(expect![[""]]);
    arctos(&["query", "facts.polar", "value(x)"]).check(expect![[""]]);
    arctos(&["query", "facts.polar", "number(x);"]).check(expect![[""]]);
}

#[test]
fn yes_and_no() {
    arctos(&["query", "facts.polar", r#"ancestor("ann", "cid")"#]).check(expect![[""]]);
    arctos(&["query", "facts.polar", r#"ancestor("cid", _)"#]).check(expect![[""]]);
    arctos(&["query", "1 in [1, 1]"]).check(expect![[""]]);
    arctos(&["query", "--limit", "5", "1 in [1, 1]"]).check(expect![[""]]);
}

#[test]
fn variables_without_a_value() {
    arctos(&["query", "facts.polar", "open(x)"]).check(expect![[""]]);
    arctos(&["query", "facts.polar", "big(x)"]).check(expect![[""]]);
    arctos(&["query", "x = [y, _, y]"]).check(expect![[""]]);
}

#[test]
fn json() {
    arctos(&["query", "--format", "json", "facts.polar", "value(x)"]).check(expect![[""]]);
    arctos(&["query", "--format", "json", "facts.polar", r#"parent("cid", x)"#]).check(expect![[""]]);
    arctos(&["query", "--format", "json", "--proof", "facts.polar", r#"ancestor("ann", "cid")"#])
        .check(expect![[""]]);
    arctos(&["query", "--format", "json", "facts.polar", r#"halve("a", x)"#]).check(expect![[""]]);
    arctos(&["query", "--format", "json", "facts.polar", "f("]).check(expect![[""]]);
    arctos(&["query", "--format", "json", "print(1)"]).check(expect![[""]]);
}

#[test]
fn limits() {
    arctos(&["query", "--limit", "2", "x in [1, 2, 3]"]).check(expect![[""]]);
    arctos(&["query", "--limit", "0", "x in [1, 2, 3]"]).check(expect![[""]]);
    let policy = "allow(_, _, _); count(n) if m = n + 1 and count(m);";
    let shown = arctos(&["query", "-", "--timeout", "50ms", "count(1)"]).stdin(policy).shown();
    assert!(shown.ends_with("--- exit 2\n") && shown.contains("error: "), "{shown}");
}

#[test]
fn records_stand_in_for_objects() {
    let ask = |query: &str| arctos(&["query", "good.polar", query]);
    ask(r#"allow(new User(roles: [["writer", "site"]]), action, new Repo(name: "site"))"#)
        .check(expect![[""]]);
    ask(r#"x = new User(name: "ann") and x = new User(name: "ann")"#).check(expect![[""]]);
    ask(r#"new User(name: "ann") = new User(name: "bob")"#).check(expect![[""]]);
    ask(r#"new User(name: "ann").nam = x"#).check(expect![[""]]);
    ask(r#"new User(name: "ann").shout() = x"#).check(expect![[""]]);
    ask(r#"new User(name: "ann") < new User(name: "bob")"#).check(expect![[""]]);
    ask(r#"x in new User(name: "ann")"#).check(expect![[""]]);
    ask(r#"x = new User("ann")"#).check(expect![[""]]);
    ask(r#""ann".upper() = x"#).check(expect![[""]]);
    ask(r#"not new User(name: "ann").banned"#).check(expect![[""]]);
}

#[test]
fn listed_classes_have_attributes_and_ancestors() {
    let ask = |query: &str| arctos(&["query", "--classes", "classes.txt", "admins.polar", query]);
    ask(r#"allow(new Admin("ann", "a@b", 3), x, 5)"#).check(expect![[""]]);
    ask(r#"allow(new Admin("ann", "a@b", 3), "purge", LIMIT)"#).check(expect![[""]]);
    ask(r#"x = new User(nam: "ann")"#).check(expect![[""]]);
}

#[test]
fn inline_queries_are_run() {
    arctos(&["query", "inline.polar", r#"allow("ann", "read", "x")"#]).check(expect![[""]]);
}

#[test]
fn errors_are_not_answers() {
    arctos(&["query", "facts.polar", "nope(1)"]).check(expect![[""]]);
    arctos(&["query", "facts.polar", "f(1"]).check(expect![[""]]);
    arctos(&["query", "facts.polar", r#"halve("a", x)"#]).check(expect![[""]]);
    arctos(&["query", "eight_mistakes.polar", "1 = 1"]).check(expect![[""]]);
    arctos(&["query", "facts.polar"]).check(expect![[""]]);
    arctos(&["query", "missing.polar", "1 = 1"]).check(expect![[""]]);
}

#[test]
fn proof() {
    arctos(&["query", "--proof", "facts.polar", r#"ancestor("ann", x)"#]).check(expect![[""]]);
    let query = r#"allow(new User(roles: [["writer", "site"]]), "read", new Repo(name: "site"))"#;
    arctos(&["query", "--proof", "good.polar", query]).check(expect![[""]]);
}

#[test]
fn trace() {
    arctos(&["query", "--trace", "facts.polar", r#"ancestor("bob", x)"#]).check(expect![[""]]);
}
