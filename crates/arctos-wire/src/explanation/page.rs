//! An explanation as one HTML page with a drawing, which needs nothing else.

use std::fmt::Write;

use arctos::explain::Explanation;

use super::rows::{Kind, Row, rows};

/// The height of a row, how far one that belongs to another is moved, and what surrounds all.
const HEIGHT: usize = 50;
const INDENT: usize = 30;
const MARGIN: usize = 14;
/// About the widths of a character of a title and of a detail, in tenths.
const TITLE: usize = 80;
const DETAIL: usize = 66;
/// Characters that are shown; the rest is there when one points at it.
const SHOWN: usize = 110;

const STYLE: &str = "
:root { color-scheme: light dark; --back: #fff; --fore: #1d2329; --soft: #5b6670; --line: #b8c1c9;
  --rule: #e8f0fb; --fact: #e5f5e9; --value: #f3eefb; --no: #fdf0e3; --missing: #fde7e7; --note: #f1f3f5; }
@media (prefers-color-scheme: dark) { :root { --back: #14181c; --fore: #e4e8ec; --soft: #9aa5af; --line: #4a555f;
  --rule: #1d2c40; --fact: #1b3323; --value: #2a2340; --no: #3a2b18; --missing: #402020; --note: #23292f; } }
body { background: var(--back); color: var(--fore); font: 15px/1.5 system-ui, sans-serif; margin: 24px; }
h1 { font-size: 18px; font-weight: 600; margin: 0 0 2px; }
h1 code { font: 16px ui-monospace, monospace; }
p { color: var(--soft); margin: 0 0 16px; }
div { overflow-x: auto; }
svg text { fill: var(--fore); font: 13px ui-monospace, monospace; }
svg text.detail { fill: var(--soft); font: 12px system-ui, sans-serif; }
svg rect { stroke: var(--line); }
svg path { fill: none; stroke: var(--line); stroke-width: 1.5; }
.rule { fill: var(--rule); } .fact { fill: var(--fact); } .value { fill: var(--value); }
.no { fill: var(--no); } .missing { fill: var(--missing); } .note { fill: var(--note); }
";

/// A page of its own, with the proof or the misses as a tree in SVG; light or dark as the reader has it.
///
/// ```
/// # fn page(explanation: &arctos::explain::Explanation) {
/// let html = arctos_wire::explanation::to_html(explanation);
/// assert!(html.starts_with("<!doctype html>"));
/// # }
/// ```
pub fn to_html(explanation: &Explanation) -> String {
    let answer = if explanation.allowed { "yes" } else { "no" };
    let title = escaped(&explanation.question.to_string());
    let rows = rows(explanation);
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{answer}: {title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<h1>{answer}: <code>{title}</code></h1>\n<p>{}</p>\n<div>\n",
        if explanation.allowed { "what the answer rests on" } else { "what it would take" },
    );
    drawing(&mut out, &rows);
    out.push_str("</div>\n</body>\n</html>\n");
    out
}

fn drawing(out: &mut String, rows: &[Row]) {
    let width =
        rows.iter().map(|row| MARGIN + row.depth * INDENT + box_width(row)).max().unwrap_or(0) + MARGIN;
    let height = rows.len() * HEIGHT + MARGIN;
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\">"
    );
    let mut above: Vec<usize> = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        above.truncate(row.depth);
        if let Some(parent) = above.last() {
            connection(out, *parent, at, row.depth);
        }
        above.push(at);
        one(out, at, row);
    }
    out.push_str("</svg>\n");
}

/// The line from a row to the one that it belongs to.
fn connection(out: &mut String, parent: usize, at: usize, depth: usize) {
    let x = MARGIN + (depth - 1) * INDENT + INDENT / 2;
    let (from, to) = (MARGIN + parent * HEIGHT + HEIGHT - 8, MARGIN + at * HEIGHT + HEIGHT / 2 - 4);
    let _ = writeln!(out, "<path d=\"M{x} {from} V{to} H{}\"/>", MARGIN + depth * INDENT);
}

fn one(out: &mut String, at: usize, row: &Row) {
    let (x, y) = (MARGIN + row.depth * INDENT, MARGIN + at * HEIGHT);
    let class = match row.kind {
        Kind::Rule => "rule",
        Kind::Fact => "fact",
        Kind::Value => "value",
        Kind::Negation => "no",
        Kind::Missing => "missing",
        Kind::Note => "note",
    };
    let full = escaped(&format!("{}\n{}", row.title, row.detail));
    let (title, detail) = (escaped(&cut(&row.title)), escaped(&cut(&row.detail)));
    let width = box_width(row);
    let text = x + 10;
    let _ = writeln!(
        out,
        "<g><title>{full}</title><rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{}\" rx=\"6\"/>\
         <text x=\"{text}\" y=\"{}\">{title}</text><text class=\"detail\" x=\"{text}\" y=\"{}\">{detail}</text></g>",
        HEIGHT - 8,
        y + if row.detail.is_empty() { 26 } else { 17 },
        y + 34,
    );
}

fn box_width(row: &Row) -> usize {
    let title = row.title.chars().count().min(SHOWN + 1) * TITLE;
    let detail = row.detail.chars().count().min(SHOWN + 1) * DETAIL;
    title.max(detail) / 10 + 20
}

/// As much of a text as is shown, on one line.
fn cut(text: &str) -> String {
    let text = text.replace(['\n', '\r', '\t'], " ");
    if text.chars().count() <= SHOWN {
        return text;
    }
    text.chars().take(SHOWN).chain(['…']).collect()
}

/// A text as HTML has it; characters that would be control codes are left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(character),
            character if character.is_control() => out.push('\u{fffd}'),
            character => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{cut, escaped};

    #[test]
    fn texts_cannot_leave_their_place() {
        assert_eq!(escaped("<a href='x'>\"&\u{1}"), "&lt;a href=&#39;x&#39;&gt;&quot;&amp;\u{fffd}");
        assert_eq!(cut(&"é".repeat(200)).chars().count(), 111);
    }
}
