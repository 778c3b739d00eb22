//! `arctos repl` without a terminal.

use expect_test::expect;

use crate::run::arctos;

#[test]
fn a_session() {
    arctos(&["repl", "facts.polar"])
        .stdin(
            r#"# a remark, then questions
parent("ann", x)
ancestor("ann", "cid")
parent("cid", x)
x = [1,
  2]

# a definition, and a rule over several lines
parent("cid", "dan");
grand(x, z) if
  parent(x, y) and
  parent(y, z);
grand("bob", x)
resource Folder {
  permissions = ["open"];
}
?= grand("bob", "dan");
?= grand("bob", "bob");
:rules grand
new Folder(name: "a").name = x
:classes
:quit
never("reached")
"#,
        )
        .check(expect![[""]]);
}

#[test]
fn errors_do_not_end_it() {
    arctos(&["repl", "facts.polar"])
        .stdin(
            r#"halve("a", x)
nope(1)
parent("ann", x
;

undefined(x) if missing(x);
parent(x, "y");
:rulez
:rules paren
:load missing.polar
:load
:trace maybe
:quit now
parent("bob", x)
"#,
        )
        .check(expect![[""]]);
}

#[test]
fn commands() {
    arctos(&["repl"])
        .stdin(
            ":help\n:rules\n:classes\n:warnings\n:load facts.polar\n:proof on\nancestor(\"ann\", x)\n:proof off\n:trace on\nparent(\"bob\", x)\n:trace off\n:reload\n",
        )
        .check(expect![[""]]);
}

#[test]
fn a_policy_with_errors_leaves_an_empty_one() {
    let shown = arctos(&["repl", "eight_mistakes.polar"]).stdin("1 = 1\n:rules\n").shown();
    assert!(shown.contains("yes\nthere are no rules\n"), "{shown}");
    assert!(shown.ends_with("what was there before stays in force\n--- exit 2\n"), "{shown}");
}

#[test]
fn what_is_pending_at_the_end_is_taken() {
    arctos(&["repl"]).stdin("x = 1").check(expect![[""]]);
    arctos(&["repl"]).stdin("x = [1").check(expect![[""]]);
    arctos(&["repl", "-"]).stdin("").check(expect![[""]]);
}
