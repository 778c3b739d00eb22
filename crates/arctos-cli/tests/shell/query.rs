//! `arctos query`.

use expect_test::expect;

use crate::run::arctos;

#[test]
fn answers() {
    arctos(&["query", "facts.polar", r#"ancestor("ann", x)"#]).check(expect![[r#"
        x = "bob"
        x = "cid"
        --- exit 0
    "#]]);
    arctos(&["query", "facts.polar", r#"parent(x, y)"#]).check(expect![[r#"
        x = "ann", y = "bob"
        x = "bob", y = "cid"
        --- exit 0
    "#]]);
    arctos(&["query", "facts.polar", "value(x)"]).check(expect![[r#"
        x = [1, "a\nb", {k: true}]
        --- exit 0
    "#]]);
    arctos(&["query", "facts.polar", "number(x);"]).check(expect![[r#"
        x = 1
        x = 2.5
        --- exit 0
    "#]]);
}

#[test]
fn yes_and_no() {
    arctos(&["query", "facts.polar", r#"ancestor("ann", "cid")"#]).check(expect![[r#"
        yes
        --- exit 0
    "#]]);
    arctos(&["query", "facts.polar", r#"ancestor("cid", _)"#]).check(expect![[r#"
        no
        --- exit 1
    "#]]);
    arctos(&["query", "1 in [1, 1]"]).check(expect![[r#"
        yes
        --- exit 0
    "#]]);
    arctos(&["query", "--limit", "5", "1 in [1, 1]"]).check(expect![[r#"
        yes
        yes
        --- exit 0
    "#]]);
}

#[test]
fn variables_without_a_value() {
    arctos(&["query", "facts.polar", "open(x)"]).check(expect![[r#"
        yes
        --- exit 0
    "#]]);
    arctos(&["query", "facts.polar", "big(x)"]).check(expect![[r#"
        x > 10
        --- exit 0
    "#]]);
    arctos(&["query", "x = [y, _, y]"]).check(expect![[r#"
        x = [y, _, y]
        --- exit 0
    "#]]);
}

#[test]
fn json() {
    arctos(&["query", "--format", "json", "facts.polar", "value(x)"]).check(expect![[r#"
        {"bindings":{"x":[1,"a\nb",{"k":true}]}}
        --- exit 0
    "#]]);
    arctos(&["query", "--format", "json", "facts.polar", r#"parent("cid", x)"#]).check(expect![[r#"
        --- exit 1
    "#]]);
    arctos(&["query", "--format", "json", "--proof", "facts.polar", r#"ancestor("ann", "cid")"#])
        .check(expect![[r#"
            {"bindings":{},"proof":[{"level":0,"location":"facts.polar:7:1","rule":"ancestor","text":"ancestor(x, z) if parent(x, y) and ancestor(y, z);"},{"level":1,"location":"facts.polar:3:1","rule":"parent","text":"parent(\"ann\", \"bob\");"},{"level":2,"location":"facts.polar:6:1","rule":"ancestor","text":"ancestor(x, y) if parent(x, y);"},{"level":3,"location":"facts.polar:4:1","rule":"parent","text":"parent(\"bob\", \"cid\");"}]}
            --- exit 0
        "#]]);
    arctos(&["query", "--format", "json", "facts.polar", r#"halve("a", x)"#]).check(expect![[r#"
        {"error":{"kind":"Unsupported","message":"`/` needs two numbers, not \"a\" and 2","trace":[{"goal":"x / 2","location":"facts.polar:14:10","rule":"halve"}]}}
        --- exit 2
    "#]]);
    arctos(&["query", "--format", "json", "facts.polar", "f("]).check(expect![[r#"
        {"error":{"diagnostics":[{"code":"P0105","end":{"column":3,"line":1,"offset":2},"file":"<query>","fix":null,"help":[],"label":"","labels":[],"message":"the text ends where an expression was expected","name":"unexpected-end","severity":"error","start":{"column":3,"line":1,"offset":2}}],"kind":"Invalid","message":"the text ends where an expression was expected"}}
        --- exit 2
    "#]]);
    arctos(&["query", "--format", "json", "print(1)"]).check(expect![[r#"
        {"bindings":{}}
        --- stderr
        1
        --- exit 0
    "#]]);
}

#[test]
fn limits() {
    arctos(&["query", "--limit", "2", "x in [1, 2, 3]"]).check(expect![[r#"
        x = 1
        x = 2
        --- exit 0
    "#]]);
    arctos(&["query", "--limit", "0", "x in [1, 2, 3]"]).check(expect![[r#"
        --- stderr
        error: invalid value '0' for '--limit <N>': number would be zero for non-zero type

        For more information, try '--help'.
        --- exit 2
    "#]]);
    let policy = "allow(_, _, _); count(n) if m = n + 1 and count(m);";
    let shown = arctos(&["query", "-", "--timeout", "50ms", "count(1)"]).stdin(policy).shown();
    assert!(shown.ends_with("--- exit 2\n") && shown.contains("error: "), "{shown}");
}

#[test]
fn records_stand_in_for_objects() {
    let ask = |query: &str| arctos(&["query", "good.polar", query]);
    let may = r#"allow(new User(roles: [["writer", "site"]]), action, new Repo(name: "site"))"#;
    ask(may).check(expect![[r#"
        action = "read"
        action = "push"
        --- exit 0
    "#]]);
    ask(r#"x = new User(name: "ann") and x = new User(name: "ann")"#).check(expect![[r#"
        x = new User(name: "ann")
        --- exit 0
    "#]]);
    ask(r#"new User(name: "ann") = new User(name: "bob")"#).check(expect![[r#"
        no
        --- exit 1
    "#]]);
    ask(r#"new User(name: "ann").nam = x"#).check(expect![[r#"
        --- stderr
        error: `new User(name: "ann")` has no attribute `nam`; did you mean `name`?
        --- exit 2
    "#]]);
    ask(r#"new User(name: "ann").shout() = x"#).check(expect![[r#"
        --- stderr
        error: `new User(name: "ann")` has no method `shout`: on the command line there is no application, so objects have attributes only
        --- exit 2
    "#]]);
    ask(r#"new User(name: "ann") < new User(name: "bob")"#).check(expect![[r#"
        --- stderr
        error: `new User(name: "ann") < new User(name: "bob")`: objects on the command line have no order
        --- exit 2
    "#]]);
    ask(r#"x in new User(name: "ann")"#).check(expect![[r#"
        --- stderr
        error: `new User(name: "ann")` has no items to go through with `in`
        --- exit 2
    "#]]);
    ask(r#"x = new User("ann")"#).check(expect![[r#"
        --- stderr
        error: name the attributes of a `User` on the command line: `new User(attribute: value)`
        --- exit 2
    "#]]);
    ask(r#""ann".upper() = x"#).check(expect![[r#"
        --- stderr
        error: `"ann"` has no method `upper`: on the command line there is no application, so objects have attributes only
        --- exit 2
    "#]]);
    ask(r#"not new User(name: "ann").banned"#).check(expect![[r#"
        --- stderr
        error: `new User(name: "ann")` has no attribute `banned`; it has `name`
        --- exit 2
    "#]]);
}

#[test]
fn listed_classes_have_attributes_and_ancestors() {
    let ask = |query: &str| arctos(&["query", "--classes", "classes.txt", "admins.polar", query]);
    ask(r#"allow(new Admin("ann", "a@b", 3), x, 5)"#).check(expect![[r#"
        x = "purge"
        x = "write"
        x = "read"
        --- exit 0
    "#]]);
    ask(r#"allow(new Admin("ann", "a@b", 3), "purge", LIMIT)"#).check(expect![[r#"
        no
        --- exit 1
    "#]]);
    ask(r#"x = new User(nam: "ann")"#).check(expect![[r#"
        --- stderr
        error: `User` has no attribute `nam`; did you mean `name`?
        --- exit 2
    "#]]);
}

#[test]
fn inline_queries_are_run() {
    arctos(&["query", "inline.polar", r#"allow("ann", "read", "x")"#]).check(expect![[r#"
        --- stderr
        error: inline query `allow("bob", "read", "x")` at inline.polar:3:4 has no answer
        --- exit 2
    "#]]);
}

#[test]
fn errors_are_not_answers() {
    arctos(&["query", "facts.polar", "nope(1)"]).check(expect![[r#"
        --- stderr
        error: there is no rule `nope`
        --- exit 2
    "#]]);
    arctos(&["query", "facts.polar", r#"ancestr("a", x)"#]).check(expect![[r#"
        --- stderr
        error: there is no rule `ancestr`
          help: did you mean `ancestor`?
        --- exit 2
    "#]]);
    arctos(&["query", "--format", "json", "facts.polar", r#"ancestr("a", x)"#]).check(expect![[r#"
        {"error":{"help":"did you mean `ancestor`?","kind":"UndefinedRule","message":"there is no rule `ancestr`","trace":[]}}
        --- exit 2
    "#]]);
    arctos(&["query", "facts.polar", "f(1"]).check(expect![[r#"
        --- stderr
        error[P0105]: the text ends where `,` or `)` was expected
         --> <query>:1:4
          |
        1 | f(1
          |  - ^
          |  |
          |  to close this
        --- exit 2
    "#]]);
    arctos(&["query", "facts.polar", r#"halve("a", x)"#]).check(expect![[r#"
        --- stderr
        error: `/` needs two numbers, not "a" and 2
          in `x / 2` of rule `halve` at facts.polar:14:10
        --- exit 2
    "#]]);
    let shown = arctos(&["query", "eight_mistakes.polar", "1 = 1"]).shown();
    assert!(shown.starts_with("--- stderr\nerror[P") && shown.ends_with("--- exit 2\n"), "{shown}");
    arctos(&["query", "facts.polar"]).check(expect![[r#"
        --- stderr
        error: there is no query after `facts.polar`; write it last, such as `arctos query facts.polar 'allow("ann", "read", x)'`
        --- exit 2
    "#]]);
    arctos(&["query", "missing.polar", "1 = 1"]).check(expect![[r#"
        --- stderr
        error: cannot read `missing.polar`: there is no such file
        --- exit 2
    "#]]);
}

#[test]
fn no_text_steers_the_terminal() {
    let shown = arctos(&["query", "x = \"\x1b[31m\" and print(x) and y = x.z"]).shown();
    assert!(!shown.contains('\x1b') && shown.contains(r"\u{1b}[31m"), "{shown}");
    let shown = arctos(&["check", "-"]).stdin("f(\x1b[31m);").shown();
    assert!(!shown.contains('\x1b'), "{shown}");
}

#[test]
fn proof() {
    arctos(&["query", "--proof", "facts.polar", r#"ancestor("ann", x)"#]).check(expect![[r#"
        x = "bob"
          (no rules are recorded)
        x = "cid"
          (no rules are recorded)
        --- exit 0
    "#]]);
    let query = r#"allow(new User(roles: [["writer", "site"]]), "read", new Repo(name: "site"))"#;
    arctos(&["query", "--proof", "good.polar", query]).check(expect![[r#"
        yes
          allow(actor, action, resource) if has_permission(actor, action, resource …  (good.polar:13:1)
            has_permission: "read" if "reader";  (good.polar:8:3)
              has_role: "reader" if "writer";  (good.polar:10:3)
                has_role(user: User, role: String, repo: Repo) if [role, repo.name] in u …  (good.polar:15:1)
        --- exit 0
    "#]]);
}

#[test]
fn trace() {
    arctos(&["query", "--trace", "facts.polar", r#"ancestor("bob", x)"#]).check(expect![[r#"
        x = "cid"
        --- stderr
        enter ancestor(x, y) if parent(x, y);  (facts.polar:6:1)
          enter parent("bob", "cid");  (facts.polar:4:1)
          exit  parent/2
        exit  ancestor/2
        enter ancestor(x, z) if parent(x, y) and ancestor(y, z);  (facts.polar:7:1)
          enter parent("bob", "cid");  (facts.polar:4:1)
          exit  parent/2
          enter ancestor(x, y) if parent(x, y);  (facts.polar:6:1)
          fail  ancestor/2
          enter ancestor(x, z) if parent(x, y) and ancestor(y, z);  (facts.polar:7:1)
          fail  ancestor/2
        fail  ancestor/2
        --- exit 0
    "#]]);
}
