//! The book is tests: every policy in `docs/` is loaded, and every query in it is asked.
//!
//! Fences and what they promise:
//! - ` ```polar ` loads without an error or a warning;
//! - ` ```polar,warns,P0506 ` loads with exactly those warnings, in that order;
//! - ` ```polar,fails,P0202 ` has exactly those errors, in that order;
//! - ` ```polar,query ` asks the last policy of its page; each line ends with `# => ` and the answers.
//!
//! That a page's policy is no whole application (`P0701`, `P0702`) is no warning here.

#![expect(clippy::expect_used, reason = "a test that cannot read the book fails")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use arctos::{
    Arguments, Bound, ClassId, Comparison, ConstantId, Error, Heap, Host, HostError, Lineage, Name, Policy,
    Query, Replied, Schema, Sources, Term, View,
};

#[test]
fn every_policy_and_query_in_the_book() {
    let mut failures = Vec::new();
    let mut blocks = 0;
    for page in pages() {
        let text = fs::read_to_string(&page).expect("a readable page");
        let mut policy = String::new();
        for block in fenced_blocks(&text) {
            let result = match block.words.as_slice() {
                ["polar", "query"] => check_queries(&policy, block.text),
                ["polar", "fails", codes @ ..] => check_codes(block.text, codes, "errors"),
                ["polar", "warns", codes @ ..] => check_policy(block.text, codes, &mut policy),
                ["polar"] => check_policy(block.text, &[], &mut policy),
                ["polar", ..] => Err(format!("unknown fence `{}`", block.words.join(","))),
                _ => continue,
            };
            blocks += 1;
            if let Err(problem) = result {
                failures.push(format!("{}:{}: {problem}", page.display(), block.line));
            }
        }
    }
    assert!(failures.is_empty(), "{} of {blocks} blocks:\n{}", failures.len(), failures.join("\n"));
    assert!(blocks > 0, "the book has policies");
}

/// The pages of the book; those about single diagnostics have a test of their own.
fn pages() -> Vec<PathBuf> {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").canonicalize().expect("docs");
    let mut found = vec![docs.join("../README.md")];
    let mut folders = vec![docs];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a readable folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() && !path.ends_with("diagnostics") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// One fenced block of a page.
struct Block<'t> {
    words: Vec<&'t str>,
    text: &'t str,
    line: usize,
}

fn fenced_blocks(page: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut offset = 0;
    let mut open: Option<(&str, usize, usize)> = None;
    for (number, line) in page.split_inclusive('\n').enumerate() {
        let end = offset + line.len();
        if let Some(info) = line.trim_end().strip_prefix("```") {
            match open.take() {
                None => open = Some((info, end, number + 2)),
                Some((info, start, line)) => {
                    let text = page.get(start..offset).expect("on a line boundary");
                    blocks.push(Block { words: info.split(',').collect(), text, line });
                }
            }
        }
        offset = end;
    }
    assert!(open.is_none(), "a fence is not closed");
    blocks
}

/// What the book's policies may name.
fn schema() -> Schema {
    let mut schema = Schema::new();
    let user = schema.add_class("User", &[]);
    schema.add_class("Admin", &[user]);
    for class in ["Org", "Repo", "Folder", "Issue"] {
        schema.add_class(class, &[]);
    }
    schema
}

fn load(text: &str) -> Result<Policy, Error> {
    let mut sources = Sources::default();
    sources.add(Some("book.polar"), text);
    Policy::load(&schema(), sources)
}

/// A policy that loads, and that the queries after it are asked.
fn check_policy(text: &str, warnings: &[&str], policy: &mut String) -> Result<(), String> {
    text.clone_into(policy);
    check_codes(text, &[], "errors")?;
    check_codes(text, warnings, "warnings")
}

/// Warnings about policies that are only a part of one.
const PARTS_ONLY: &[&str] = &["P0701", "P0702"];

/// Compares the codes of a policy's errors or warnings with those the page promises.
fn check_codes(text: &str, promised: &[&str], what: &str) -> Result<(), String> {
    let loaded = load(text);
    let diagnostics = match &loaded {
        Ok(policy) => policy.warnings(),
        Err(error) => error.diagnostics(),
    };
    let wanted = diagnostics
        .iter()
        .filter(|found| found.is_error() == (what == "errors"))
        .filter(|found| !PARTS_ONLY.contains(&found.code.as_str()));
    let found: Vec<&str> = wanted.clone().map(|found| found.code.as_str()).collect();
    if found == promised {
        return Ok(());
    }
    let messages: Vec<String> = wanted.map(|found| format!("{} {}", found.code, found.message)).collect();
    Err(format!("{what} {promised:?} were promised, found {messages:#?}"))
}

fn check_queries(policy: &str, queries: &str) -> Result<(), String> {
    let policy = load(policy).map_err(|error| error.to_string())?;
    for line in queries.lines().filter(|line| !line.trim().is_empty()) {
        let (query, promised) = line.split_once("# =>").ok_or_else(|| format!("`{line}` has no `# =>`"))?;
        let found = answers(&policy, query.trim());
        if found != promised.trim() {
            return Err(format!("`{}` answers `{found}`", query.trim()));
        }
    }
    Ok(())
}

/// All answers in one line: `no`, `yes`, `x = 1, y = 2; x = 2, y = 3`, `error Type`.
fn answers(policy: &Policy, text: &str) -> String {
    let mut query = Query::new(policy, Nothing);
    let mut shown = Vec::new();
    let mut result = query.ask_text(text, &[]);
    while result.is_ok() {
        match query.next() {
            Ok(Some(answer)) => {
                let bindings: Vec<String> =
                    answer.iter().map(|(name, bound)| show(answer.heap(), name, bound)).collect();
                shown.push(if bindings.is_empty() { "yes".to_owned() } else { bindings.join(", ") });
            }
            Ok(None) => break,
            Err(error) => result = Err(error),
        }
    }
    if let Err(error) = result {
        shown.push(format!("error {:?}", error.kind()));
    } else if shown.is_empty() {
        shown.push("no".to_owned());
    }
    shown.join("; ")
}

fn show(heap: &Heap<()>, name: &str, bound: &Bound) -> String {
    let mut text = format!("{name} = ");
    match bound {
        Bound::Term(term) => show_term(heap, *term, &mut text),
        Bound::Condition(_) => text.push_str("a condition"),
    }
    text
}

fn show_term(heap: &Heap<()>, term: Term, out: &mut String) {
    let result = match heap.view(term) {
        View::Nil => write!(out, "nil"),
        View::Boolean(value) => write!(out, "{value}"),
        View::Integer(value) => write!(out, "{value}"),
        View::Float(value) => write!(out, "{value:?}"),
        View::String(value) => write!(out, "{value:?}"),
        View::Variable(_) => write!(out, "_"),
        View::Object(()) => write!(out, "object"),
        View::List(items) => {
            let mut shown = Vec::new();
            for item in items.iter() {
                let mut text = String::new();
                show_term(heap, item, &mut text);
                shown.push(text);
            }
            write!(out, "[{}]", shown.join(", "))
        }
        View::Dictionary(entries) => {
            let mut shown = Vec::new();
            for (key, value) in entries.iter() {
                let mut text = format!("{key}: ");
                show_term(heap, value, &mut text);
                shown.push(text);
            }
            write!(out, "{{{}}}", shown.join(", "))
        }
    };
    result.expect("a string can be written to");
}

/// An application without objects: the book's queries are about values.
struct Nothing;

fn nothing<T>() -> Result<T, HostError> {
    Err(HostError::missing("there are no objects here"))
}

impl Host for Nothing {
    type Object = ();

    fn lineage(&mut self, (): &()) -> Lineage<'_> {
        Lineage::None
    }

    fn attribute(&mut self, _: &mut Heap<()>, _: Term, _: Name<'_>) -> Replied {
        nothing()
    }

    fn call(&mut self, _: &mut Heap<()>, _: Term, _: Name<'_>, _: Arguments<'_>) -> Replied {
        nothing()
    }

    fn construct(&mut self, _: &mut Heap<()>, _: ClassId, _: Arguments<'_>) -> Replied {
        nothing()
    }

    fn constant(&mut self, _: &mut Heap<()>, _: ConstantId) -> Replied {
        nothing()
    }

    fn class(&mut self, _: &mut Heap<()>, _: ClassId) -> Replied {
        nothing()
    }

    fn compare(&mut self, _: &Heap<()>, _: Comparison, _: Term, _: Term) -> Replied<bool> {
        nothing()
    }

    fn iterate(&mut self, _: &mut Heap<()>, _: Term) -> Result<(), HostError> {
        nothing()
    }

    fn next(&mut self, _: &mut Heap<()>, (): &()) -> Replied<Option<Term>> {
        nothing()
    }

    fn identity(&self, (): &()) -> u64 {
        0
    }

    fn describe(&self, (): &()) -> String {
        "object".to_owned()
    }
}
