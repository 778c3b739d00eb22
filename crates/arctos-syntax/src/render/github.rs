//! Workflow commands that GitHub shows as annotations on the changed lines.

use super::{advice, end_position, file_of};
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Sources;

/// One `::error …::message` or `::warning …::message` line per diagnostic.
pub fn github(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    diagnostics.iter().map(|diagnostic| annotation(diagnostic, sources)).collect()
}

fn annotation(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let command = match diagnostic.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut properties = Vec::new();
    if let Some(file) = file_of(sources, diagnostic.span) {
        properties.push(format!("file={}", property(file)));
    }
    let start = sources.position(diagnostic.span);
    let end = end_position(sources, diagnostic.span);
    properties.push(format!("line={},endLine={},col={}", start.line, end.line, start.column));
    // Columns of the end are taken only where the end is on the same line; they include the last character.
    if start.line == end.line && end.column > start.column {
        properties.push(format!("endColumn={}", end.column - 1));
    }
    properties.push(format!("title={}", diagnostic.code));
    let mut message = diagnostic.message.clone();
    for help in advice(diagnostic) {
        message.push_str(&format!("\nhelp: {help}"));
    }
    format!("::{command} {}::{}\n", properties.join(","), data(&message))
}

/// Escapes what would end the command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes what would end a property as well.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
