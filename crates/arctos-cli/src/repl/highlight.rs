//! Colours for what is being typed.
//!
//! A scanner of its own that never fails: while someone types, the text is broken most of the time.

use super::vocabulary::KEYWORDS;
use crate::output::Paint;

/// The line with colours; what is shown is otherwise unchanged.
pub(super) fn highlight(line: &str) -> String {
    let mut painted = String::with_capacity(line.len() * 2);
    let mut rest = line;
    if rest.starts_with(':') {
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        rest = take(rest, end, Some(Paint::Keyword), &mut painted);
    }
    while let Some(first) = rest.chars().next() {
        let (length, paint) = piece(rest, first);
        rest = take(rest, length, paint, &mut painted);
    }
    painted
}

fn take<'t>(text: &'t str, length: usize, paint: Option<Paint>, painted: &mut String) -> &'t str {
    let (piece, rest) = text.split_at_checked(length).unwrap_or((text, ""));
    match paint {
        Some(paint) => painted.push_str(&paint.apply(piece)),
        None => painted.push_str(piece),
    }
    rest
}

/// How long the next piece is, in bytes (at least one), and its colour.
fn piece(text: &str, first: char) -> (usize, Option<Paint>) {
    let until = |stop: &dyn Fn(char) -> bool| text.find(stop).unwrap_or(text.len());
    match first {
        '"' => (string_length(text), Some(Paint::String)),
        '#' => (until(&|c| c == '\n'), Some(Paint::Faint)),
        '0'..='9' => (until(&|c| !c.is_ascii_digit() && c != '.'), Some(Paint::Number)),
        c if c == '_' || c.is_alphabetic() => {
            let length = until(&|c| c != '_' && !c.is_alphanumeric());
            let word = text.get(..length).unwrap_or_default();
            (length, KEYWORDS.contains(&word).then_some(Paint::Keyword))
        }
        c => (c.len_utf8(), None),
    }
}

fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (index, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return index + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(line: &str, expected: Expect) {
        let painted = highlight(line);
        expected.assert_eq(&painted.replace("\x1b[0m", ">").replace("\x1b[", "<"));
    }

    #[test]
    fn pieces() {
        check(
            r#"allow(x, "re\"ad") if x1 > 12.5 and not f # why"#,
            expect![[r#"allow(x, <32m"re\"ad">) <35mif> x1 > <36m12.5> <35mand> <35mnot> f <2m# why>"#]],
        );
        check(":rules allow", expect!["<35m:rules> allow"]);
        check("é = \"open", expect![[r#"é = <32m"open>"#]]);
    }
}
