//! `arctos check`.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use expect_test::{expect, expect_file};
use serde_json::Value;

use crate::run::arctos;

#[test]
fn eight_mistakes_for_people() {
    expect_file!["../output/eight_mistakes.txt"]
        .assert_eq(&arctos(&["check", "eight_mistakes.polar"]).shown());
}

#[test]
fn eight_mistakes_as_json() {
    let output = arctos(&["check", "--format", "json", "eight_mistakes.polar"]).output();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    let found: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let errors: Vec<&Value> = found.iter().filter(|one| one["severity"] == "error").collect();
    let codes: BTreeSet<&str> = errors.iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert_eq!((errors.len(), codes.len()), (8, 8), "{text}");
    for one in &found {
        assert_eq!(one["file"], "eight_mistakes.polar");
        assert!(one["start"]["line"].as_u64().unwrap() > 0);
        assert!(one["start"]["column"].as_u64().unwrap() > 0);
        assert!(!one["message"].as_str().unwrap().is_empty());
    }
}

#[test]
fn eight_mistakes_for_github() {
    arctos(&["check", "--format", "github", "eight_mistakes.polar"]).check(expect![[r#"
        ::error file=eight_mistakes.polar,line=11,endLine=11,col=34,endColumn=39,title=P0403::permission `read` is declared twice in one list of `Repository`%0Ahelp: remove one of the two
        ::error file=eight_mistakes.polar,line=13,endLine=13,col=25,endColumn=36,title=P0402::relation `parent` leads to `Organisation`, but no class of that name is registered%0Ahelp: did you mean `Organization`?%0Ahelp: register the class `Organisation` before loading the policy
        ::error file=eight_mistakes.polar,line=15,endLine=15,col=13,endColumn=20,title=P0406::`Repository` declares no role, permission or relation `raeder`%0Ahelp: did you mean `reader`?%0Ahelp: declare `raeder` in a block of `Repository`, in `roles`, `permissions` or `relations`
        ::error file=eight_mistakes.polar,line=16,endLine=16,col=21,title=P0106::missing `;` at the end of this shorthand rule%0Ahelp: add `;` here
        ::error file=eight_mistakes.polar,line=24,endLine=24,col=35,endColumn=37,title=P0201::variable `usr` occurs only once in this rule%0Ahelp: did you mean `user`?%0Ahelp: write `_usr` or `_` if any value will do
        ::error file=eight_mistakes.polar,line=26,endLine=26,col=1,endColumn=26,title=P0302::`has_role` does not match its rule type: it has 2 parameters, the type has 3
        ::error file=eight_mistakes.polar,line=28,endLine=28,col=27,endColumn=46,title=P0101::`10000000000000000000` does not fit a 64-bit integer%0Ahelp: integers go from -9223372036854775808 to 9223372036854775807; write a float such as `1e20` for larger ones
        ::error file=eight_mistakes.polar,line=30,endLine=30,col=59,endColumn=64,title=P0109::the key `public` stands twice%0Ahelp: remove one of the two
        --- exit 1
    "#]]);
}

#[test]
fn a_good_policy() {
    arctos(&["check", "good.polar"]).check(expect![[r#"
        no problems in 1 file
        --- exit 0
    "#]]);
    arctos(&["check", "--format", "json", "good.polar"]).check(expect![[r#"
        --- exit 0
    "#]]);
}

#[test]
fn warnings_are_allowed_or_denied() {
    arctos(&["check", "warned.polar"]).check(expect![[r#"
        warning[P0501]: this rule repeats an earlier one
         --> warned.polar:2:1
          |
        1 | allow("ann", "read", _);
          | ------------------------ written first here
        2 | allow("ann", "read", _);
          | ^^^^^^^^^^^^^^^^^^^^^^^^ the same rule
          |
          = help: remove one of the two: the second only repeats every answer of the first

        1 warning in 1 file
        --- exit 0
    "#]]);
    let denied = arctos(&["check", "--deny-warnings", "warned.polar"]).output();
    assert_eq!(denied.status.code(), Some(1));
}

#[test]
fn folders_are_searched() {
    arctos(&["check", "folder", "./folder/a.polar"]).check(expect![[r#"
        no problems in 3 files
        --- exit 0
    "#]]);
    arctos(&["check", "--dump", "tree", "folder"]).check(expect![[r#"
        # folder/a.polar
        rule 0..23
          head allow 0..14
            variable _
            variable _
            variable x
          if
            call f
              variable x
        # folder/b.polar
        rule 0..5
          head f 0..4
            integer 1
        # folder/inner/c.polar
        rule 0..5
          head f 0..4
            integer 2
        --- exit 0
    "#]]);
}

#[test]
fn stdin_is_read() {
    arctos(&["check", "-"]).stdin("allow(_, _, x) if x = nope(1);").check(expect![[r#"
        error[P0108]: a value is needed here, this is a condition
         --> <stdin>:1:23
          |
        1 | allow(_, _, x) if x = nope(1);
          |                       ^^^^^^^
          |
          = help: a rule call yields no value; give the rule one more parameter for its result, and pass a variable

        1 error in 1 file
        --- exit 1
    "#]]);
}

#[test]
fn listed_classes_are_the_only_ones() {
    arctos(&["check", "--classes", "classes.txt", "admins.polar"]).check(expect![[r#"
        no problems in 1 file
        --- exit 0
    "#]]);
    arctos(&["check", "--class", "User", "good.polar"]).check(expect![[r#"
        error[P0401]: there is a block for `Repo`, but no class of that name is registered
         --> good.polar:4:10
          |
        4 | resource Repo {
          |          ^^^^ not registered
          |
          = help: register the class `Repo` before loading the policy

        warning[P0301]: no class `Repo` is registered
          --> good.polar:15:42
           |
        15 | has_role(user: User, role: String, repo: Repo) if
           |                                          ^^^^ not a class
           |
           = help: register the class `Repo`; until then no value is one

        1 error, 1 warning in 1 file
        --- exit 1
    "#]]);
    arctos(&["check", "--class", "U ser", "good.polar"]).check(expect![[r#"
        --- stderr
        error: `U ser` is not a class name
        --- exit 2
    "#]]);
}

#[test]
fn a_misspelt_type_is_reported_though_no_types_are_listed() {
    let policy = "allow(u: User, _, r: Repository) if owner(u, r);\nowner(_: User, _: Repositry);\nlisted(_: Repository);";
    arctos(&["check", "-"]).stdin(policy).check(expect![[r#"
        warning[P0301]: no class `Repositry` is registered
         --> <stdin>:2:19
          |
        2 | owner(_: User, _: Repositry);
          |                   ^^^^^^^^^ not a class
          |
          = help: did you mean `Repository`?

        1 warning in 1 file
        --- exit 0
    "#]]);
}

#[test]
fn dumps() {
    arctos(&["check", "--dump", "tokens", "-"]).stdin("f(1) if \"é\";").check(expect![[r#"
        1:1 Name "f"
        1:2 LeftParen "("
        1:3 Integer(1) "1"
        1:4 RightParen ")"
        1:6 If "if"
        1:9 String "\"é\""
        1:12 Semicolon ";"
        1:13 End ""
        --- exit 0
    "#]]);
    arctos(&["check", "--dump", "tree", "-"]).stdin("f(1) if g(x);").check(expect![[r#"
        rule 0..13
          head f 0..4
            integer 1
          if
            call g
              variable x
        --- exit 0
    "#]]);
    let ir = arctos(&["check", "--dump", "ir", "good.polar"]).output();
    assert_eq!(ir.status.code(), Some(0));
    assert!(String::from_utf8(ir.stdout).unwrap().contains("has_permission"));
}

#[test]
fn unreadable_files() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    fs::write(folder.join("latin1.polar"), b"allow(\"a\", \"b\", \"c\");\n# caf\xe9\n").unwrap();
    arctos(&["check", "latin1.polar", "missing.polar"]).folder(folder).check(expect![[r#"
        --- stderr
        error: cannot read `latin1.polar`: it is not UTF-8 text; the first bad byte is on line 2
        error: cannot read `missing.polar`: there is no such file
        --- exit 2
    "#]]);
    arctos(&["check"]).check(expect![[r#"
        --- stderr
        error: the following required arguments were not provided:
          <FILE>...

        Usage: arctos check <FILE>...

        For more information, try '--help'.
        --- exit 2
    "#]]);
    arctos(&["check", "--classes", "missing.txt", "good.polar"]).check(expect![[r#"
        --- stderr
        error: cannot read `missing.txt`: there is no such file
        --- exit 2
    "#]]);
}

#[test]
fn colour_when_asked_for() {
    let is_coloured = |arguments: &[&str]| arctos(arguments).shown().contains("\x1b[");
    assert!(!is_coloured(&["check", "eight_mistakes.polar"]));
    assert!(is_coloured(&["check", "--color", "always", "eight_mistakes.polar"]));
    assert!(!is_coloured(&["check", "--color", "never", "eight_mistakes.polar"]));
}

#[test]
fn help() {
    expect_file!["../output/help_arctos.txt"].assert_eq(&arctos(&["--help"]).shown());
    expect_file!["../output/help_check.txt"].assert_eq(&arctos(&["check", "--help"]).shown());
    expect_file!["../output/help_query.txt"].assert_eq(&arctos(&["query", "-h"]).shown());
    expect_file!["../output/help_test.txt"].assert_eq(&arctos(&["test", "--help"]).shown());
    expect_file!["../output/help_repl.txt"].assert_eq(&arctos(&["repl", "-h"]).shown());
}

/// Whoever reads the output may leave early, as `head` does: no message, and no good status either.
#[cfg(unix)]
#[test]
fn a_closed_pipe_is_quiet() {
    use std::process::{Command, Stdio};
    let mut child = Command::new(env!("CARGO_BIN_EXE_arctos"))
        .args(["query", "x in [1, 2, 3] and y in [1, 2, 3] and print(x)"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    // The program may have been done before the pipe was closed.
    assert!(matches!(output.status.code(), Some(0 | 2)), "{:?}", output.status);
}
