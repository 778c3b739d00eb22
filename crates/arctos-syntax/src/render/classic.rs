//! The compact form that stands in exception texts.

use super::{LONGEST_LINE, advice};
use crate::diagnostic::Diagnostic;
use crate::source::{Position, Sources};

/// The message, where it is, the line with a caret under it, and help:
///
/// ```
/// use arctos_syntax::{Sources, parse, render};
/// let mut sources = Sources::default();
/// let text = "f(x) if g(é é);";
/// let id = sources.add(Some("a.polar"), text);
/// let parsed = parse(id, text);
/// assert_eq!(
///     render::classic(&parsed.diagnostics[0], &sources),
///     "found `é`, expected `,` or `)` at line 1, column 13 of file a.polar:\n\t001: f(x) if g(é é);\n\t                 ^\n",
/// );
/// ```
pub fn classic(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let mut text = diagnostic.message.clone();
    if let Some(source) = sources.get(diagnostic.span.source) {
        let position = sources.position(diagnostic.span);
        text.push_str(&format!(" at line {}, column {}", position.line, position.column));
        if let Some(name) = source.name() {
            text.push_str(&format!(" of file {name}"));
        }
        let line = source.line(position.line);
        if line.len() <= LONGEST_LINE {
            text.push_str(&excerpt(line, position));
        }
    }
    for help in advice(diagnostic) {
        if !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(&format!("\thelp: {help}\n"));
    }
    text
}

fn excerpt(line: &str, position: Position) -> String {
    let number = format!("{:03}: ", position.line);
    // Tabs stay tabs under the line, so that the caret stands where the character does.
    let before = line.chars().take(position.column.saturating_sub(1) as usize);
    let indent: String = before.map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
    let margin = " ".repeat(number.len());
    format!(":\n\t{number}{line}\n\t{margin}{indent}^\n")
}
