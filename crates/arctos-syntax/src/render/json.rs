//! One JSON object per diagnostic and line.
//!
//! Lines and columns count from 1, columns in characters; offsets count bytes from 0; ends are exclusive.

use serde_json::{Map, Value, json};

use super::{end_position, file_of};
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::{Sources, Span};

/// The diagnostics as lines of JSON with the keys `code`, `name`, `severity`, `message`, `file` (null for a text without
/// one), `start` and `end` (each `line`, `column`, `offset`), `label`, `labels`, `help` and `fix` (null, or a place
/// and its `replacement`).
pub fn json(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    diagnostics.iter().map(|diagnostic| format!("{}\n", object(diagnostic, sources))).collect()
}

fn object(diagnostic: &Diagnostic, sources: &Sources) -> Value {
    let labels =
        diagnostic.labels.iter().map(|label| place(sources, label.span, [("text", json!(label.text))]));
    let labels: Vec<Value> = labels.collect();
    let fix = diagnostic
        .fix
        .as_ref()
        .map(|fix| place(sources, fix.span, [("replacement", json!(fix.replacement))]));
    let severity = match diagnostic.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    place(
        sources,
        diagnostic.span,
        [
            ("code", json!(diagnostic.code.as_str())),
            ("name", json!(diagnostic.code.name())),
            ("severity", json!(severity)),
            ("message", json!(diagnostic.message)),
            ("label", json!(diagnostic.label)),
            ("labels", json!(labels)),
            ("help", json!(diagnostic.help)),
            ("fix", json!(fix)),
        ],
    )
}

/// A place with more keys beside it.
fn place<const N: usize>(sources: &Sources, span: Span, more: [(&str, Value); N]) -> Value {
    let (start, end) = (sources.position(span), end_position(sources, span));
    let before = sources.get(span.source).map_or(0, |source| source.before().bytes);
    let mut object = Map::new();
    object.insert("file".to_owned(), json!(file_of(sources, span)));
    object.insert(
        "start".to_owned(),
        json!({"line": start.line, "column": start.column, "offset": before + u64::from(span.start)}),
    );
    object.insert(
        "end".to_owned(),
        json!({"line": end.line, "column": end.column, "offset": before + u64::from(span.end)}),
    );
    object.extend(more.map(|(key, value)| (key.to_owned(), value)));
    Value::Object(object)
}
