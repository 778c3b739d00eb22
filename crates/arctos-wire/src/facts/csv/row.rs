//! A row and its fields.

use std::borrow::Cow;
use std::io::{self, Write};

use arctos_syntax::{SourceId, Span};

use super::super::problem::{self, Found};

/// A field, without the quotes around it.
#[derive(Debug)]
pub(super) struct Field<'a> {
    pub(super) text: Cow<'a, str>,
    /// Where it stands, with its quotes.
    pub(super) span: Span,
}

/// The row without what ends its line.
pub(super) fn without_line_end(text: &str) -> &str {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text)
}

/// The fields of a row.
pub(super) fn fields(row: &str, source: SourceId) -> Found<Vec<Field<'_>>> {
    let mut fields = Vec::new();
    let mut at = 0;
    loop {
        let (text, length) = field(row.get(at..).unwrap_or(""), at, source)?;
        let end = at + length;
        fields.push(Field { text, span: Span::new(source, at as u32, end as u32) });
        if end == row.len() {
            return Ok(fields);
        }
        // What ends a field before the row does is a comma.
        at = end + 1;
    }
}

/// The first field of `rest`, and the length of what it is written as.
fn field(rest: &str, at: usize, source: SourceId) -> Found<(Cow<'_, str>, usize)> {
    let place = |start: usize, end: usize| Span::new(source, (at + start) as u32, (at + end) as u32);
    let Some(quoted) = rest.strip_prefix('"') else {
        let length = rest.find(',').unwrap_or(rest.len());
        let text = rest.get(..length).unwrap_or("");
        return match text.find(['"', '\r', '\n']) {
            None => Ok((text.into(), length)),
            Some(odd) => {
                let is_quote = text.as_bytes().get(odd) == Some(&b'"');
                let what = if is_quote { "a quote" } else { "a line break" };
                Err(Box::new(problem::malformed(place(odd, odd + 1), format!("{what} inside a field without quotes"))
                    .help(
                        "write `\"` around the whole field, and a quote inside it twice: `\"a \"\"b\"\" c\"`",
                    )))
            }
        };
    };
    let mut from = 0;
    let inner = loop {
        let Some(found) = quoted.get(from..).and_then(|rest| rest.find('"')) else {
            return Err(Box::new(problem::malformed(
                place(0, rest.len()),
                "this quoted field has no closing quote",
            )));
        };
        let close = from + found;
        if quoted.as_bytes().get(close + 1) != Some(&b'"') {
            break quoted.get(..close).unwrap_or("");
        }
        from = close + 2;
    };
    let length = inner.len() + 2;
    match rest.as_bytes().get(length) {
        None | Some(b',') => {}
        Some(_) => {
            return Err(Box::new(
                problem::malformed(
                    place(length, length + 1),
                    "something follows the closing quote of this field",
                )
                .help("write a quote inside a quoted field twice: `\"a \"\"b\"\" c\"`"),
            ));
        }
    }
    let text = if inner.contains('"') { inner.replace("\"\"", "\"").into() } else { inner.into() };
    Ok((text, length))
}

/// Writes a field, in quotes where it would not come back without.
pub(super) fn write_field(text: &str, out: &mut impl Write) -> io::Result<()> {
    // Spaces at the ends would come back; but other programs take them away.
    let is_plain = !text.contains([',', '"', '\r', '\n']) && text.trim().len() == text.len();
    if is_plain {
        return out.write_all(text.as_bytes());
    }
    out.write_all(b"\"")?;
    out.write_all(text.replace('"', "\"\"").as_bytes())?;
    out.write_all(b"\"")
}
