//! `arctos check`.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use expect_test::{expect, expect_file};
use serde_json::Value;

use crate::run::arctos;

#[test]
fn eight_mistakes_for_people() {
    arctos(&["check", "eight_mistakes.polar"]).check(expect![[""]]);
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
    arctos(&["check", "--format", "github", "eight_mistakes.polar"]).check(expect![[""]]);
}

#[test]
fn a_good_policy() {
    arctos(&["check", "good.polar"]).check(expect![[""]]);
    arctos(&["check", "--format", "json", "good.polar"]).check(expect![[""]]);
}

#[test]
fn warnings_are_allowed_or_denied() {
    arctos(&["check", "warned.polar"]).check(expect![[""]]);
    let denied = arctos(&["check", "--deny-warnings", "warned.polar"]).output();
    assert_eq!(denied.status.code(), Some(1));
}

#[test]
fn folders_are_searched() {
    arctos(&["check", "folder", "./folder/a.polar"]).check(expect![[""]]);
    arctos(&["check", "--dump", "tree", "folder"]).check(expect![[""]]);
}

#[test]
fn stdin_is_read() {
    arctos(&["check", "-"]).stdin("allow(_, _, x) if x = nope(1);").check(expect![[""]]);
}

#[test]
fn listed_classes_are_the_only_ones() {
    arctos(&["check", "--classes", "classes.txt", "admins.polar"]).check(expect![[""]]);
    arctos(&["check", "--class", "User", "good.polar"]).check(expect![[""]]);
    arctos(&["check", "--class", "U ser", "good.polar"]).check(expect![[""]]);
}

#[test]
fn a_misspelt_type_is_reported_though_no_types_are_listed() {
    let policy = "allow(u: User, _, r: Repository) if owner(u, r);\nowner(_: User, _: Repositry);\nlisted(_: Repository);";
    arctos(&["check", "-"]).stdin(policy).check(expect![[""]]);
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
    expect_file!["../help/arctos.txt"].assert_eq(&arctos(&["--help"]).shown());
    expect_file!["../help/check.txt"].assert_eq(&arctos(&["check", "--help"]).shown());
    expect_file!["../help/query.txt"].assert_eq(&arctos(&["query", "-h"]).shown());
    expect_file!["../help/repl.txt"].assert_eq(&arctos(&["repl", "-h"]).shown());
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
