//! What the user has typed: a command, a query, a definition, or not yet the whole of one.
//!
//! The parser itself decides, so that the prompt and policy files never differ. An entry that ends with `;` and reads as
//! policy text is a definition, except a single `?= …;`; without the `;` it is a query. An empty line ends an entry, finished or not.

use arctos_syntax::tree::Item;
use arctos_syntax::{Diagnostic, SourceId, codes, parse, parse_query};

/// An entry at the prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// Nothing, or only comments.
    Empty,
    /// `:name argument`
    Command(String, String),
    /// Policy text to be added.
    Definition(String),
    /// A question.
    Query(String),
    /// More lines are needed.
    Unfinished,
}

impl Entry {
    /// Reads the lines typed so far, without the last line's end.
    pub(super) fn of(text: &str) -> Entry {
        let trimmed = text.trim();
        if trimmed.lines().all(|line| line.trim().is_empty() || line.trim().starts_with('#')) {
            return Entry::Empty;
        }
        if let Some(command) = trimmed.strip_prefix(':') {
            let (name, argument) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
            return Entry::Command(name.to_owned(), argument.trim().to_owned());
        }
        let query = parse_query(SourceId(0), trimmed);
        let policy = parse(SourceId(0), trimmed);
        if let ([Item::InlineQuery(_)], Some(asked)) =
            (policy.tree.items.as_slice(), trimmed.strip_prefix("?="))
            && is_good(&policy.diagnostics)
        {
            return Entry::Query(without_end(asked).trim_start().to_owned());
        }
        let (query, policy) = (query.diagnostics, policy.diagnostics);
        match (is_good(&query), is_good(&policy)) {
            (_, true) => Entry::Definition(trimmed.to_owned()),
            (true, false) => Entry::Query(without_end(trimmed).to_owned()),
            (false, false) if !ends_with_empty_line(text) && (is_cut_off(&query) || is_cut_off(&policy)) => {
                Entry::Unfinished
            }
            (false, false) if is_policy_like(trimmed) => Entry::Definition(trimmed.to_owned()),
            (false, false) => Entry::Query(trimmed.to_owned()),
        }
    }
}

/// The text before its last `;`.
fn without_end(text: &str) -> &str {
    text.trim_end().trim_end_matches(';').trim_end()
}

fn is_good(diagnostics: &[Diagnostic]) -> bool {
    !diagnostics.iter().any(Diagnostic::is_error)
}

/// The only thing wrong is that the text ends.
fn is_cut_off(diagnostics: &[Diagnostic]) -> bool {
    let mut errors = diagnostics.iter().filter(|found| found.is_error());
    errors.next().is_some_and(|found| found.code == codes::UNEXPECTED_END)
}

/// The user pressed Enter on an empty line: there are lines before it, and nothing on it.
fn ends_with_empty_line(text: &str) -> bool {
    text.rsplit_once('\n').is_some_and(|(before, last)| !before.trim().is_empty() && last.trim().is_empty())
}

/// What does not parse is taken for what it looks like, so that the error is about that.
fn is_policy_like(text: &str) -> bool {
    let keywords = ["resource ", "actor ", "type ", "?=", "declare ", "test ", "global "];
    text.ends_with(';')
        || keywords.iter().any(|keyword| text.starts_with(keyword))
        || text.split_whitespace().any(|word| word == "if")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Entry) {
        assert_eq!(Entry::of(text), expected, "{text:?}");
    }

    #[test]
    fn queries_and_definitions() {
        check("f(x)", Entry::Query("f(x)".into()));
        check("f(1);", Entry::Definition("f(1);".into()));
        check("x = 1;", Entry::Query("x = 1".into()));
        check("f(x) if\n  g(x);\n", Entry::Definition("f(x) if\n  g(x);".into()));
        check("resource Repo {}", Entry::Definition("resource Repo {}".into()));
        check("x = {a: 1}", Entry::Query("x = {a: 1}".into()));
        check("?= f(1) ;", Entry::Query("f(1)".into()));
        check("?= f(1); ?= g(1);", Entry::Definition("?= f(1); ?= g(1);".into()));
    }

    #[test]
    fn commands_and_nothing() {
        check(":load a b.polar ", Entry::Command("load".into(), "a b.polar".into()));
        check(":quit", Entry::Command("quit".into(), String::new()));
        check("  \n", Entry::Empty);
        check("# a remark\n", Entry::Empty);
    }

    #[test]
    fn unfinished_entries() {
        for text in
            ["f(", "f(x) if", "f(x) if g(x)", "x = [1,\n  2", "resource Repo {\n  roles = [\"a\"];", "x in"]
        {
            check(text, Entry::Unfinished);
        }
    }

    #[test]
    fn an_empty_line_ends_an_entry() {
        check("f(x) if\n", Entry::Definition("f(x) if".into()));
        check("x = [1,\n", Entry::Query("x = [1,".into()));
    }

    #[test]
    fn nonsense_is_finished() {
        check("f(x) g", Entry::Query("f(x) g".into()));
        check("f(x) g;", Entry::Definition("f(x) g;".into()));
    }
}
