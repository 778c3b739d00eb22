//! Renderings, as a reader sees them.

use expect_test::{Expect, expect};

use super::{classic, github, human, json};
use crate::source::Sources;
use crate::{Diagnostic, codes, parse};

fn load(text: &str) -> (Vec<Diagnostic>, Sources) {
    let mut sources = Sources::default();
    let id = sources.add(Some("policy.polar"), text);
    (parse(id, text).diagnostics, sources)
}

fn check(text: &str, expected: Expect) {
    let (diagnostics, sources) = load(text);
    expected.assert_eq(&human(&diagnostics, &sources, false));
}

#[test]
fn missing_semicolon_points_to_the_end_of_the_line() {
    check(
        "f(x) if g(x)\nh(x) if f(x);\n",
        expect![[r#"
        error[P0106]: missing `;` at the end of this rule
         --> policy.polar:1:13
          |
        1 | f(x) if g(x)
          |             ^
          |
          = help: add `;` here
    "#]],
    );
}

#[test]
fn labels_point_to_the_bracket() {
    check(
        "allow(actor, action, resource) if\n  check([actor, action and\n  resource;\n",
        expect![[r#"
        error[P0106]: found `and`, expected `,` or `]`
         --> policy.polar:2:24
          |
        2 |   check([actor, action and
          |         -              ^^^
          |         |
          |         to close this
    "#]],
    );
}

#[test]
fn columns_count_characters() {
    check(
        "# 💯💯💯💯\nf(\"💯\", é é);",
        expect![[r#"
        error[P0106]: found `é`, expected `,` or `)`
         --> policy.polar:2:10
          |
        2 | f("💯", é é);
          |           ^
    "#]],
    );
}

#[test]
fn carriage_returns_and_tabs() {
    let (diagnostics, sources) = load("# one\r\n\tf(x) if g(x)\r\n\th(x) if\ty y;\r\n");
    expect![[r#"
        error[P0106]: missing `;` at the end of this rule
         --> policy.polar:2:14
          |
        2 |     f(x) if g(x)
          |                 ^
          |
          = help: add `;` here

        error[P0106]: found `y`, expected `;`
         --> policy.polar:3:12
          |
        3 |     h(x) if    y y;
          |                  ^
    "#]]
    .assert_eq(&human(&diagnostics, &sources, false));
    let classic: String = diagnostics.iter().map(|d| classic(d, &sources)).collect();
    expect![[r#"
        missing `;` at the end of this rule at line 2, column 14 of file policy.polar:
        	002: 	f(x) if g(x)
        	     	            ^
        	help: add `;` here
        found `y`, expected `;` at line 3, column 12 of file policy.polar:
        	003: 	h(x) if	y y;
        	     	       	  ^
    "#]]
    .assert_eq(&classic);
}

#[test]
fn a_line_that_nobody_could_read_is_not_shown() {
    let text = format!("f(x) if g(\"{}\") x;", "a".repeat(1024));
    let (diagnostics, sources) = load(&text);
    expect![[r#"
        error[P0106]: found `x`, expected `;`
         --> policy.polar:1:1039
    "#]]
    .assert_eq(&human(&diagnostics, &sources, false));
    expect!["found `x`, expected `;` at line 1, column 1039 of file policy.polar"]
        .assert_eq(&classic(&diagnostics[0], &sources));
}

#[test]
fn places_far_apart_are_shown_each_by_itself() {
    let (mut diagnostics, sources) =
        load(&format!("f(x) if g(x)\n{}h(1);\n", "# a line between\n".repeat(300)));
    let place = crate::Span::new(diagnostics[0].span.source, 13 + 17 * 300, 17 + 17 * 300);
    diagnostics[0].labels.push(crate::diagnostic::Label { span: place, text: "far away".to_owned() });
    expect![[r#"
        error[P0106]: missing `;` at the end of this rule
           --> policy.polar:1:13
            |
          1 | f(x) if g(x)
            |             ^
            |
           ::: policy.polar:302:1
            |
        302 | h(1);
            | ---- far away
            |
            = help: add `;` here
    "#]]
    .assert_eq(&human(&diagnostics, &sources, false));
}

#[test]
fn several_sources() {
    let (mut diagnostics, mut sources) = load("f(x) if g(x)");
    let other = sources.add(None, "\n\nsecond text");
    let place = crate::Span::new(other, 2, 8);
    diagnostics.push(
        Diagnostic::new(codes::DUPLICATE_KEY, diagnostics[0].span, "two places").label(place, "the other"),
    );
    expect![[r#"
        error[P0105]: missing `;` at the end of this rule
         --> policy.polar:1:13
          |
        1 | f(x) if g(x)
          |             ^
          |
          = help: add `;` here

        error[P0109]: two places
         --> policy.polar:1:13
          |
        1 | f(x) if g(x)
          |             ^
          |
         ::: <policy>:3:1
          |
        3 | second text
          | ------ the other
    "#]]
    .assert_eq(&human(&diagnostics, &sources, false));
    expect![[r#"
        ::error file=policy.polar,line=1,endLine=1,col=13,title=P0105::missing `;` at the end of this rule%0Ahelp: add `;` here
        ::error file=policy.polar,line=1,endLine=1,col=13,title=P0109::two places
    "#]]
    .assert_eq(&github(&diagnostics, &sources));
    expect![[r#"
        missing `;` at the end of this rule at line 1, column 13 of file policy.polar:
        	001: f(x) if g(x)
        	                 ^
        	help: add `;` here
        two places at line 1, column 13 of file policy.polar:
        	001: f(x) if g(x)
        	                 ^
    "#]]
    .assert_eq(&diagnostics.iter().map(|d| classic(d, &sources)).collect::<String>());
}

#[test]
fn colour_only_on_demand() {
    let (diagnostics, sources) = load("f(x) if g(x)");
    assert!(human(&diagnostics, &sources, true).contains('\u{1b}'));
    assert!(!human(&diagnostics, &sources, false).contains('\u{1b}'));
}

#[test]
fn json_has_places_and_fix() {
    let (diagnostics, sources) = load("f(\"é\")");
    let text = json(&diagnostics, &sources);
    assert_eq!(text.lines().count(), 1);
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let expected = serde_json::json!({
        "code": "P0105",
        "name": "unexpected-end",
        "severity": "error",
        "message": "missing `;` at the end of this rule",
        "file": "policy.polar",
        "start": {"line": 1, "column": 7, "offset": 7},
        "end": {"line": 1, "column": 7, "offset": 7},
        "label": "",
        "labels": [],
        "help": [],
        "fix": {
            "file": "policy.polar",
            "start": {"line": 1, "column": 7, "offset": 7},
            "end": {"line": 1, "column": 7, "offset": 7},
            "replacement": ";",
        },
    });
    assert_eq!(value, expected);
}

#[test]
fn github_escapes() {
    let mut sources = Sources::default();
    let text = "f(100%);\nh(";
    let id = sources.add(Some("a,b:c.polar"), text);
    expect![[r#"
        ::error file=a%2Cb%3Ac.polar,line=1,endLine=1,col=6,endColumn=6,title=P0102::`%25` is not a valid character here%0Ahelp: the remainder of a division is written `a mod b` or `a rem b`
        ::error file=a%2Cb%3Ac.polar,line=2,endLine=2,col=3,title=P0105::the text ends where an expression was expected
    "#]].assert_eq(&github(&parse(id, text).diagnostics, &sources));
}

#[test]
fn spans_outside_any_text_still_render() {
    let sources = Sources::default();
    let mut some = Sources::default();
    let id = some.add(None, "é");
    for span in
        [crate::Span::new(id, 1, 1), crate::Span::new(id, 7, 3), crate::Span::new(crate::SourceId(9), 0, 4)]
    {
        let diagnostic = [Diagnostic::new(codes::MALFORMED_FORM, span, "somewhere")];
        for sources in [&sources, &some] {
            assert!(human(&diagnostic, sources, false).contains("somewhere"));
            assert!(github(&diagnostic, sources).contains("somewhere"));
            assert!(json(&diagnostic, sources).contains("somewhere"));
            assert!(classic(&diagnostic[0], sources).contains("somewhere"));
        }
    }
}

#[test]
fn a_part_of_a_file_keeps_its_place() {
    let mut sources = Sources::default();
    let before = crate::Before { lines: 999, bytes: 70_000 };
    let id = sources.add_part(Some("my.facts"), before, "f(1);\nf(2;\n");
    let found = parse(id, "f(1);\nf(2;\n").diagnostics;
    expect![[r#"
        error[P0106]: found `;`, expected `,` or `)`
            --> my.facts:1001:4
             |
        1001 | f(2;
             |    ^
    "#]]
    .assert_eq(&human(&found, &sources, false));
    assert!(json(&found, &sources).contains(r#""start":{"column":4,"line":1001,"offset":70009}"#));
    assert_eq!(sources.get(id).map(|source| source.line(1001)), Some("f(2;"));
    assert_eq!(sources.get(id).map(|source| source.line(7)), Some(""));
}
