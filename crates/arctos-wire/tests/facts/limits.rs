//! What a reader takes is bounded, and a file beyond the bounds is refused.

use std::io::{self, BufReader, Read};

use arctos::Facts;
use arctos_wire::facts::{Format, Import, ReadLimits};
use expect_test::{Expect, expect};

fn check(format: Format, limits: ReadLimits, text: &str, expected: Expect) {
    let mut import = Import::onto(&Facts::new()).with_limits(limits);
    import.read(Some("is_public.x"), format, text.as_bytes());
    expected.assert_eq(&match import.finish() {
        Ok((facts, _)) => format!("facts: {}\n", facts.len()),
        Err(unread) => super::shown(&unread),
    });
}

fn record(record: usize) -> ReadLimits {
    ReadLimits { record, ..ReadLimits::default() }
}

#[test]
fn a_line_that_is_too_long_is_left_out_and_the_next_is_read() {
    let line = |id: &str| format!("{{\"predicate\":\"p\",\"args\":[{{\"type\":\"T\",\"id\":\"{id}\"}}]}}\n");
    let text = format!("{}{}x\n", line("a"), line(&"a".repeat(100)));
    check(
        Format::JsonLines,
        record(60),
        &text,
        expect![[r#"
            error[P0904]: this record has more than 60 bytes
             --> is_public.x:2:1
              |
            2 | {"predicate":"p","args":[{"type":"T","id":"aaaaaaaaaaaaaaaaaa
              | ^

            error[P0901]: this line is no JSON: expected value
             --> is_public.x:3:1
              |
            3 | x
              | ^
              |
              = help: a line is a fact such as `{"predicate":"is_public","args":[{"type":"Doc","id":"plan"}]}`
        "#]],
    );
    check(
        Format::JsonLines,
        record(48),
        &line("a"),
        expect![[r#"
        error[P0904]: this record has more than 48 bytes
         --> is_public.x:1:1
          |
        1 | {"predicate":"p","args":[{"type":"T","id":"a"}]}
          | ^
    "#]],
    );
    check(
        Format::JsonLines,
        record(47),
        &line("a"),
        expect![[r#"
        error[P0904]: this record has more than 47 bytes
         --> is_public.x:1:1
          |
        1 | {"predicate":"p","args":[{"type":"T","id":"a"}]}
          | ^
    "#]],
    );
}

#[test]
fn what_is_never_closed_ends_at_the_limit() {
    let rows = "b\n".repeat(100);
    check(
        Format::Csv,
        record(60),
        &format!("Doc\n\"a\n{rows}"),
        expect![[r#"
        error[P0904]: this record has more than 60 bytes
         --> is_public.x:2:1
          |
        2 | "a
          | ^
          |
          = help: nothing after it was read; is a closing `"` or a `;` missing?
    "#]],
    );
    let statements = "is_public(Doc{\"b\"})\n".repeat(100);
    check(
        Format::Notation,
        record(60),
        &format!("is_public(Doc{{\"a\"}});\n{statements}"),
        expect![[r#"
        error[P0904]: this record has more than 60 bytes
         --> is_public.x:1:1
          |
        1 | is_public(Doc{"a"});
          | ^
          |
          = help: nothing after it was read; is a closing `"` or a `;` missing?
    "#]],
    );
}

#[test]
fn many_short_statements_are_no_long_one() {
    check(
        Format::Notation,
        record(60),
        &"is_public(Doc{\"b\"});\n".repeat(100),
        expect![[r#"
            facts: 1
        "#]],
    );
}

#[test]
fn ids() {
    let limits = ReadLimits { id: 4, ..ReadLimits::default() };
    check(
        Format::Csv,
        limits,
        "Doc,String\nabcd,abcd\nabcde,é\nd,ééé\n",
        expect![[r#"
        error[P0904]: this id has 5 bytes, and the longest may have 4
         --> is_public.x:3:1
          |
        3 | abcde,é
          | ^^^^^

        error[P0904]: this id has 6 bytes, and the longest may have 4
         --> is_public.x:4:3
          |
        4 | d,ééé
          |   ^^^
    "#]],
    );
}

#[test]
fn problems_beyond_the_most_are_counted() {
    let limits = ReadLimits { problems: 1, ..ReadLimits::default() };
    check(
        Format::JsonLines,
        limits,
        "1\n2\n3\n",
        expect![[r#"
            error[P0901]: invalid type: integer `1`, expected a fact, `{"predicate":…,"args":[…]}`
             --> is_public.x:1:1
              |
            1 | 1
              | ^
              |
              = help: a line is a fact such as `{"predicate":"is_public","args":[{"type":"Doc","id":"plan"}]}`
            2 more
        "#]],
    );
}

/// Gives some text and then fails, as a network file system may.
struct Failing(&'static [u8]);

impl Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(io::Error::other("the cable is out")),
            read => Ok(read),
        }
    }
}

#[test]
fn an_input_that_fails_is_not_an_end() {
    let mut import = Import::onto(&Facts::new());
    let input = BufReader::new(Failing(b"is_public(Doc{\"a\"});\n"));
    import.read(Some("a.facts"), Format::Notation, input);
    let unread = import.finish().unwrap_err();
    assert_eq!(unread.to_string(), "cannot read `a.facts`: the cable is out");
}
