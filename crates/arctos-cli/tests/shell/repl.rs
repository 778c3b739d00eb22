//! `arctos repl` without a terminal.

use std::fs;
use std::path::PathBuf;

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
        .check(expect![[r#"
            x = "bob"
            yes
            no
            x = [1, 2]
            defined parent/2
            defined grand/2
            x = "dan"
            defined block Folder
            yes
            no
            grand(x, z) if parent(x, y) and parent(y, z);  (<entry 2>:1:1)
            x = "a"
            Folder
            --- exit 0
        "#]]);
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
        .check(expect![[r#"
            x = "cid"
            --- stderr
            error: `/` needs two numbers, not "a" and 2
              in `x / 2` of rule `halve` at facts.polar:14:10
            error: there is no rule `nope`
            error[P0106]: found `;`, expected `,` or `)`
             --> <entry 1>:2:1
              |
            2 | ;
              | ^
            error[P0202]: there is no rule `missing`
             --> <entry 1>:1:17
              |
            1 | undefined(x) if missing(x);
              |                 ^^^^^^^ not defined
              |
              = help: define `missing` with 1 parameter
            error[P0201]: variable `x` occurs only once in this rule
             --> <entry 1>:1:8
              |
            1 | parent(x, "y");
              |        ^ unused, or misspelt
              |
              = help: write `_x` or `_` if any value will do
            a line that ends with `;` is a definition; leave the `;` out to ask
            error: there is no command `:rulez`; did you mean `:rules`?
            error: there is no rule `paren`; did you mean `parent`?
            error: cannot read `missing.polar`: there is no such file
            error: name a file: `:load policy.polar`
            error: write `:trace on|off`
            error: `:quit` takes nothing after it
            --- exit 2
        "#]]);
}

#[test]
fn commands() {
    arctos(&["repl"])
        .stdin(
            ":help\n:rules\n:classes\n:warnings\n:load facts.polar\n:proof on\nancestor(\"ann\", x)\n:proof off\n:trace on\nparent(\"bob\", x)\n:trace off\n:reload\n",
        )
        .check(expect![[r#"
            f(x)               ask; answers are shown as `x = 1`, or `yes` and `no`
            f(1);              define: an entry that ends with `;` is added to the policy
            :help              this list
            :load FILE         add a policy file or folder
            :reload            read the files again; definitions typed here stay
            :rules [NAME]      the rules of the policy, or those of one name
            :classes           the classes that the policy may name
            :warnings          what is suspicious in the policy
            :trace on|off      print rules as they are entered, left, retried and failed
            :proof on|off      print the rules that each answer rests on
            :quit              leave
            An entry goes on over several lines until it is finished; an empty line ends it.
            there are no rules
            there are no classes besides the built-in ones
            12 rules from 1 file
            x = "bob"
              (no rules are recorded)
            x = "cid"
              (no rules are recorded)
            x = "cid"
            12 rules from 1 file
            --- stderr
            warning[P0701]: the policy has no `allow`, `allow_field` or `allow_request` rule, so nothing is allowed
              |
              = help: with blocks, write `allow(actor, action, resource) if has_permission(actor, action, resource);`
            enter parent("bob", "cid");  (facts.polar:4:1)
            exit  parent/2
            --- exit 0
        "#]]);
}

#[test]
fn a_policy_with_errors_leaves_an_empty_one() {
    let shown = arctos(&["repl", "eight_mistakes.polar"]).stdin("1 = 1\n:rules\n").shown();
    assert!(shown.contains("yes\nthere are no rules\n"), "{shown}");
    assert!(shown.ends_with("what was there before stays in force\n--- exit 2\n"), "{shown}");
}

#[test]
fn a_failed_reload_leaves_the_old_policy() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("reload");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("p.polar"), "f(1);").unwrap();
    fs::write(folder.join("bad.polar"), "f(2").unwrap();
    let shown = arctos(&["repl", "p.polar"])
        .folder(folder)
        .stdin(":load bad.polar\nf(3);\nf(x)\n:reload\nf(x)\n")
        .shown();
    let again = "x = 1\nx = 3\n";
    assert!(
        shown.starts_with(&format!("defined f/1\n{again}")) && shown.contains("stays in force"),
        "{shown}"
    );
    assert_eq!(shown.matches(again).count(), 2, "{shown}");
}

#[test]
fn what_is_pending_at_the_end_is_taken() {
    arctos(&["repl"]).stdin("x = 1").check(expect![[r#"
        x = 1
        --- exit 0
    "#]]);
    arctos(&["repl"]).stdin("x = [1").check(expect![[r#"
        --- stderr
        error[P0105]: the text ends where `,` or `]` was expected
         --> <query>:1:7
          |
        1 | x = [1
          |     - ^
          |     |
          |     to close this
        --- exit 2
    "#]]);
    arctos(&["repl", "-"]).stdin("").check(expect![[r#"
        --- stderr
        error: `-` cannot be a file here: the prompt itself reads stdin
        --- exit 2
    "#]]);
}
