//! Texts: tokens cover them, diagnostics point into them, and what parses is the same when printed and parsed again.

use arctos_syntax::format::{print_expr, print_file};
use arctos_syntax::{
    Diagnostic, SourceId, Sources, Span, dump_tokens, dump_tree, parse, parse_query, render, tree,
};

/// Any text has tokens, and each of them is lexed the same when it stands alone with the blanks and comments after it.
pub fn lexer(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let dump = dump_tokens(SourceId(0), &text);
    let tokens: Vec<(usize, &str)> = located(&text, &dump);
    for (index, (start, token)) in tokens.iter().enumerate() {
        let end = tokens.get(index + 1).map_or(text.len(), |(next, _)| *next);
        let alone = text.get(*start..end).unwrap_or("");
        let dump = dump_tokens(SourceId(0), alone);
        let first = dump.lines().next().and_then(|line| line.split_once(' '));
        assert_eq!(first.map(|(_, token)| token), Some(*token), "{alone:?} lexes differently alone");
        assert!(dump.lines().count() <= 2, "{alone:?} has more than one token alone");
    }
}

/// The offset of each dumped token, and its line of the dump without the place.
fn located<'d>(text: &str, dump: &'d str) -> Vec<(usize, &'d str)> {
    let mut starts = text.split_inclusive('\n').scan(0, |offset, line| {
        let start = *offset;
        *offset += line.len();
        Some((start, line))
    });
    let (mut number, mut line) = (1, starts.next().unwrap_or((0, "")));
    let mut found: Vec<(usize, &str)> = Vec::new();
    for (place, token) in dump.lines().filter_map(|token| token.split_once(' ')) {
        let (at, column) = place.split_once(':').unwrap_or(("", ""));
        let (at, column) = (at.parse().unwrap_or(0), column.parse().unwrap_or(0));
        while number < at {
            number += 1;
            line = starts.next().unwrap_or((text.len(), ""));
        }
        let before: usize = line.1.chars().take(column - 1).map(char::len_utf8).sum();
        let start = line.0 + before;
        assert!(found.last().is_none_or(|(last, _)| *last < start || token.starts_with("End")), "{dump}");
        found.push((start, token));
    }
    found
}

/// Any text has a tree and diagnostics that can be shown. Where nothing is wrong with it, its tree is that of its printed
/// text.
pub fn parser(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut sources = Sources::default();
    let id = sources.add(Some("fuzz.polar"), &text);
    let parsed = parse(id, &text);
    check_diagnostics(&parsed.diagnostics, &sources);
    let printed = print_file(&parsed.tree);
    let dumped = dump_tree(&parsed.tree);
    if parsed.diagnostics.is_empty() {
        let again = parse(id, &printed);
        assert_same(&again.diagnostics, &dumped, &dump_tree(&again.tree), &printed);
    }
    let query = parse_query(id, &text);
    check_diagnostics(&query.diagnostics, &sources);
    assert!(query.tree.is_some() || !query.diagnostics.is_empty(), "neither a query nor a reason");
    if let (Some(tree), true) = (query.tree, query.diagnostics.is_empty()) {
        let printed = print_expr(&tree);
        let again = parse_query(id, &printed);
        let dumped = |query| again_dumped(query, id);
        assert_same(
            &again.diagnostics,
            &dumped(Some(tree)),
            &again.tree.map_or(String::new(), |tree| dumped(Some(tree))),
            &printed,
        );
    }
}

fn again_dumped(query: Option<tree::Expr>, id: SourceId) -> String {
    let span = Span::new(id, 0, 0);
    let query = query.map(|query| tree::Item::InlineQuery(tree::InlineQuery { query, span }));
    dump_tree(&tree::File { items: query.into_iter().collect() })
}

/// Printing puts parentheses around an `and` inside an `or`, so that a text at the limit may become too deep.
fn assert_same(diagnostics: &[Diagnostic], first: &str, second: &str, printed: &str) {
    if diagnostics.iter().any(|diagnostic| diagnostic.code.as_str() == "P0110") {
        return;
    }
    assert!(diagnostics.is_empty(), "printed and parsed again: {diagnostics:#?}\n{printed}");
    assert_eq!(without_spans(first), without_spans(second), "printed and parsed again:\n{printed}");
}

fn without_spans(dump: &str) -> String {
    let is_span = |word: &str| {
        word.split_once("..").is_some_and(|(start, end)| {
            [start, end].iter().all(|offset| !offset.is_empty() && offset.bytes().all(|c| c.is_ascii_digit()))
        })
    };
    let line = |line: &str| match line.rsplit_once(' ') {
        Some((before, span)) if is_span(span) => before.to_owned(),
        _ => line.to_owned(),
    };
    dump.lines().map(|text| line(text) + "\n").collect()
}

/// Diagnostics say something, in order, about places that exist; every renderer takes them.
pub(super) fn check_diagnostics(diagnostics: &[Diagnostic], sources: &Sources) {
    let mut last = None;
    for diagnostic in diagnostics {
        assert!(!diagnostic.message.is_empty(), "{diagnostic:?}");
        let at = (diagnostic.span.source, diagnostic.span.start);
        assert!(last.is_none_or(|last| last <= at), "out of order: {diagnostic:?}");
        last = Some(at);
        let labels = diagnostic.labels.iter().map(|label| label.span);
        for span in labels.chain(diagnostic.fix.iter().map(|fix| fix.span)).chain([diagnostic.span]) {
            let text = sources.get(span.source).map_or("", |source| source.text());
            assert!(text.get(span.start as usize..span.end as usize).is_some(), "{span:?} of {diagnostic:?}");
        }
        render::classic(diagnostic, sources);
    }
    render::human(diagnostics, sources, true);
    render::json(diagnostics, sources);
    render::github(diagnostics, sources);
}
