//! Diagnostics to text: for people, for programs, for GitHub, for exception texts.
//!
//! INVARIANT: what a diagnostic is shown with is limited, so that time and text grow with the number of diagnostics alone.
//! INVARIANT: whatever spans a diagnostic has, rendering ends with a text; a span of no source is shown without its lines.

mod classic;
mod github;
mod human;
mod json;

pub use classic::classic;
pub use github::github;
pub use human::human;
pub use json::json;

use crate::diagnostic::Diagnostic;
use crate::source::{Position, Sources, Span};

/// Bytes of the longest line that is shown. A text may be one line with an error in every word of it.
const LONGEST_LINE: usize = 1024;

/// Where a span ends: the place after its last character.
fn end_position(sources: &Sources, span: Span) -> Position {
    sources.position(Span { start: span.end, ..span })
}

/// The name of the file a span lies in, if it has one.
fn file_of(sources: &Sources, span: Span) -> Option<&str> {
    sources.get(span.source).and_then(|source| source.name())
}

/// The help of a diagnostic; where it has only a fix, that in words.
fn advice(diagnostic: &Diagnostic) -> Vec<String> {
    match &diagnostic.fix {
        Some(fix) if diagnostic.help.is_empty() => {
            let replacement = fix.replacement.trim();
            vec![match (fix.span.start == fix.span.end, replacement) {
                (_, "") => "remove it".to_owned(),
                (true, text) => format!("add `{text}` here"),
                (false, text) => format!("write `{text}`"),
            }]
        }
        _ => diagnostic.help.clone(),
    }
}

#[cfg(test)]
mod tests;
