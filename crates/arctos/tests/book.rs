//! The book is tests: every policy in `docs/` is loaded, and every query in it is asked.
//!
//! Fences and what they promise:
//! - ` ```polar ` loads without an error or a warning;
//! - ` ```polar,warns,P0506 ` loads with exactly those warnings, in that order;
//! - ` ```polar,fails,P0202 ` has exactly those errors, in that order;
//! - ` ```polar,query ` asks the last policy of its page; each line ends with `# => ` and the answers;
//! - ` ```polar,facts,lists ` asks for lists: `_: Repo` stands where a value is asked for;
//! - ` ```polar,facts ` and the like are of an application that keeps facts; ` ```facts ` are those of its page.
//!
//! That a page's policy is no whole application (`P0701`, `P0702`) is no warning here.

#![expect(clippy::expect_used, reason = "a test that cannot read the book fails")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use arctos::{
    Arguments, Authorizer, Bound, ClassId, Comparison, Conjunction, ConstantId, Error, Facts, Heap, Host,
    HostError, Lineage, Name, Policy, Query, Replied, Request, Schema, Sources, Term, View, facts::Value,
};

#[test]
fn every_policy_and_query_in_the_book() {
    let mut failures = Vec::new();
    let mut blocks = 0;
    for page in pages() {
        let text = fs::read_to_string(&page).expect("a readable page");
        let mut page_so_far = Page::default();
        for block in fenced_blocks(&text) {
            let result = match block.words.as_slice() {
                ["facts"] => page_so_far.facts(block.text),
                ["polar", "facts", words @ ..] => page_so_far.check(words, block.text, &facts_schema()),
                ["polar", words @ ..] => page_so_far.check(words, block.text, &schema()),
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

/// What policies over facts may name: whatever they like.
fn facts_schema() -> Schema {
    let mut schema = Schema::new();
    schema.enable_facts();
    schema
}

fn load(text: &str, schema: &Schema) -> Result<Policy, Error> {
    let mut sources = Sources::default();
    sources.add(Some("book.polar"), text);
    Policy::load(schema, sources)
}

/// What the page has said so far.
#[derive(Default)]
struct Page {
    policy: String,
    facts: Facts,
}

impl Page {
    /// Facts that later queries are about.
    fn facts(&mut self, text: &str) -> Result<(), String> {
        let mut change = Facts::new().change();
        for fact in arctos::facts::parse(None, text).map_err(|error| error.to_string())? {
            change.insert(&fact).map_err(|error| error.to_string())?;
        }
        self.facts = change.commit().0;
        Ok(())
    }

    fn check(&mut self, words: &[&str], text: &str, schema: &Schema) -> Result<(), String> {
        match words {
            ["query"] => self.check_queries(text, schema, answers),
            ["lists"] => self.check_queries(text, schema, listed),
            ["fails", codes @ ..] => check_codes(text, codes, "errors", schema),
            ["warns", codes @ ..] => self.check_policy(text, codes, schema),
            [] => self.check_policy(text, &[], schema),
            _ => Err(format!("unknown fence `polar,{}`", words.join(","))),
        }
    }

    /// A policy that loads, and that the queries after it are asked.
    fn check_policy(&mut self, text: &str, warnings: &[&str], schema: &Schema) -> Result<(), String> {
        text.clone_into(&mut self.policy);
        check_codes(text, &[], "errors", schema)?;
        check_codes(text, warnings, "warnings", schema)
    }

    fn check_queries(
        &self,
        queries: &str,
        schema: &Schema,
        answers: fn(&Policy, &Facts, &str) -> String,
    ) -> Result<(), String> {
        let policy = load(&self.policy, schema).map_err(|error| error.to_string())?;
        for line in queries.lines().filter(|line| !line.trim().is_empty()) {
            let (query, promised) =
                line.split_once("# =>").ok_or_else(|| format!("`{line}` has no `# =>`"))?;
            let found = answers(&policy, &self.facts, query.trim());
            if found != promised.trim() {
                return Err(format!("`{}` answers `{found}`", query.trim()));
            }
        }
        Ok(())
    }
}

/// Warnings about policies that are only a part of one.
const PARTS_ONLY: &[&str] = &["P0701", "P0702"];

/// Compares the codes of a policy's errors or warnings with those the page promises.
fn check_codes(text: &str, promised: &[&str], what: &str, schema: &Schema) -> Result<(), String> {
    let loaded = load(text, schema);
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

/// All answers in one line: `no`, `yes`, `x = 1, y = 2; x = 2, y = 3`, `error Type`.
fn answers(policy: &Policy, facts: &Facts, text: &str) -> String {
    let mut query = Query::new(policy, Nothing);
    query.set_facts(facts.view());
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

/// All answers to a question like `allow(User{"ann"}, "push", _: Repo)` in one line, as `Authorizer::answers` gives them.
fn listed(policy: &Policy, facts: &Facts, text: &str) -> String {
    let asked = arctos::facts::parse(None, &format!("{text};")).expect("a question in the notation of facts");
    let asked = asked.first().expect("a question");
    let names = (0..asked.arguments.len()).map(|place| format!("x{place}"));
    let question = Conjunction::new().call(&*asked.predicate, names.clone());
    let question = names.zip(&asked.arguments).fold(question, |question, (name, argument)| match argument {
        Value::Any(type_name) => question.of_type(name, type_name),
        value => question.is(name, value.clone()),
    });
    let authorizer = Authorizer::new(policy, facts.clone()).expect("a policy over facts");
    let rows = authorizer.answers(&Request::default(), &question).expect("answers");
    let row = |values: &[Option<Value>]| {
        let open = values.iter().zip(&asked.arguments).filter_map(|(value, argument)| match argument {
            Value::Any(_) => Some(value.as_ref().unwrap_or(argument).to_string()),
            _ => None,
        });
        open.collect::<Vec<_>>().join(", ")
    };
    rows.iter().map(|found| row(found.values())).collect::<Vec<_>>().join("; ")
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
        View::Entity { type_name, id } => write!(out, "{type_name}{{{id:?}}}"),
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
