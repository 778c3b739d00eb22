//! One fact per line, as JSON.

use std::io::{self, Write};

use arctos::facts::{FactRef, Places, ValueRef};
use arctos_syntax::{SourceId, Span};
use serde_json::error::Category;

use super::framing::End;
use super::import::{Placed, Taker};
use super::problem;
use crate::strict::Line;
use crate::value::{Fact, Value};

/// Reads a line; an empty one is nothing.
pub(super) fn read(line: &str, source: SourceId, end: End, taker: &mut Taker<'_, '_>) {
    let record = line.trim();
    if record.is_empty() {
        return;
    }
    let start = line.len() - line.trim_start().len();
    let span = Span::new(source, start as u32, (start + record.len()) as u32);
    let (fact, is_deletion) = match serde_json::from_str(record) {
        Ok(Line::Fact(fact)) => (fact, false),
        Ok(Line::Delete(fact)) => (fact, true),
        Err(error) => return taker.problem(malformed(&error, record, span, end)),
    };
    let places = || places(record, span, if is_deletion { 2 } else { 1 });
    let mut arguments = Vec::with_capacity(fact.args.len());
    for (at, value) in fact.args.iter().enumerate() {
        match value.to_ref() {
            Ok(value) => arguments.push(value),
            Err(error) => taker.problem(problem::not_a_value(places().argument(at), &error)),
        }
    }
    if arguments.len() == fact.args.len() {
        let placed = Placed { predicate: &fact.predicate, arguments: &arguments, places: &places };
        if is_deletion { taker.deletion(placed) } else { taker.fact(placed) }
    }
}

/// The places in a well-formed record whose fact is an object at that depth: the arguments are the objects inside it.
fn places(record: &str, whole: Span, fact: usize) -> Places {
    let place = |start: usize, end: usize| {
        Span::new(whole.source, whole.start + start as u32, whole.start + end as u32)
    };
    let mut places = Places { whole, predicate: whole, arguments: Vec::new() };
    let (mut depth, mut opened, mut is_predicate) = (0, 0, false);
    let bytes = record.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'{' => {
                depth += 1;
                opened = at;
            }
            b'}' => {
                if depth == fact + 1 {
                    places.arguments.push(place(opened, at + 1));
                }
                depth -= 1;
            }
            b'"' => {
                let end = at + string_length(bytes.get(at..).unwrap_or_default());
                if is_predicate {
                    places.predicate = place(at, end);
                }
                is_predicate = depth == fact && !is_predicate && record.get(at..end) == Some("\"predicate\"");
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    places
}

/// The length of the string literal that the text begins with.
fn string_length(text: &[u8]) -> usize {
    let mut is_escaped = false;
    let end = text.iter().skip(1).position(|byte| {
        let closes = *byte == b'"' && !is_escaped;
        is_escaped = *byte == b'\\' && !is_escaped;
        closes
    });
    end.map_or(text.len(), |end| end + 2)
}

fn malformed(error: &serde_json::Error, record: &str, span: Span, end: End) -> arctos_syntax::Diagnostic {
    let text = error.to_string();
    let message = text.rsplit_once(" at line ").map_or(&*text, |(message, _)| message);
    // Columns count bytes, and that of an error is the last byte that was looked at.
    let mut at = error.column().saturating_sub(1).min(record.len());
    while !record.is_char_boundary(at) {
        at -= 1;
    }
    let next = record.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    let place = Span::new(span.source, span.start + at as u32, span.start + (at + next) as u32);
    match error.classify() {
        Category::Eof if end == End::Input => {
            problem::truncated(place, "the file ends in the middle of a fact")
        }
        Category::Eof => problem::malformed(place, "the line ends in the middle of a fact")
            .help("write each fact on one line"),
        Category::Syntax => problem::malformed(place, format!("this line is no JSON: {message}")).help(SHOWN),
        _ => problem::malformed(place, message).help(SHOWN),
    }
}

const SHOWN: &str =
    r#"a line is a fact such as `{"predicate":"is_public","args":[{"type":"Doc","id":"plan"}]}`"#;

/// Writes a fact.
pub(super) fn write(fact: &FactRef<'_>, out: &mut impl Write) -> io::Result<()> {
    let args = fact.arguments().collect::<Vec<ValueRef<'_>>>();
    let fact = Fact { predicate: fact.predicate().into(), args: args.into_iter().map(Value::from).collect() };
    serde_json::to_writer(&mut *out, &fact)?;
    out.write_all(b"\n")
}
