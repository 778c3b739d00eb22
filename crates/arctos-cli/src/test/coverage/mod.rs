//! `arctos test --coverage`: which rules and conditions the tests exercise, by file.

mod html;
mod lcov;
mod table;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use arctos::testing::{ConditionCoverage, Coverage};
use arctos::{Policy, Sources, Span};

use super::running::Results;
use crate::args::{CoverageFormat, TestArgs, TestFormat};
use crate::output::{Failure, Output};

/// What is covered of one file.
struct FileCoverage {
    name: String,
    text: String,
    /// In the order of the text.
    rules: Vec<Rule>,
}

/// What is covered of a rule.
struct Rule {
    /// `has_role/3`
    name: String,
    place: Place,
    entered: u64,
    held: u64,
    conditions: Vec<Condition>,
}

/// What is covered of a condition.
struct Condition {
    place: Place,
    tried: u64,
    held: u64,
    failed: u64,
}

/// Where something stands in its file: bytes, and the line and column where it begins.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Place {
    start: usize,
    end: usize,
    line: u32,
    column: u32,
}

/// How much of something there is.
#[derive(Clone, Copy, Default)]
struct Share {
    covered: usize,
    all: usize,
}

impl Share {
    fn add(&mut self, is_covered: bool) {
        self.all += 1;
        self.covered += usize::from(is_covered);
    }
}

impl FileCoverage {
    /// Rules that granted something.
    fn rule_share(&self) -> Share {
        let mut share = Share::default();
        self.rules.iter().for_each(|rule| share.add(rule.held > 0));
        share
    }

    /// Outcomes of conditions: each can hold, and can fail.
    fn outcome_share(&self) -> Share {
        let mut share = Share::default();
        for condition in self.rules.iter().flat_map(|rule| &rule.conditions) {
            share.add(condition.held > 0);
            share.add(condition.failed > 0);
        }
        share
    }

    fn text_of(&self, place: Place) -> &str {
        self.text.get(place.start..place.end).unwrap_or_default()
    }
}

/// Prints the coverage, or writes it to the file that the user names or the format's own.
///
/// # Errors
/// [`Failure::Usage`] where the file cannot be written.
pub(super) fn report(results: &Results, args: &TestArgs, output: &Output) -> Result<(), Failure> {
    let Some(format) = args.coverage else { return Ok(()) };
    let files = gather(results);
    let (text, default) = match format {
        CoverageFormat::Table => (table::text(&files, output), None),
        CoverageFormat::Html => (html::text(&files), Some("coverage.html")),
        CoverageFormat::Lcov => (lcov::text(&files), Some("lcov.info")),
    };
    match args.coverage_file.clone().or(default.map(PathBuf::from)) {
        Some(path) => write(&path, &text, args, output),
        None if args.format == TestFormat::Human => Ok(output.raw(&text)?),
        // Stdout is for machines.
        None => Ok(text.lines().try_for_each(|line| output.note(line))?),
    }
}

fn write(path: &Path, text: &str, args: &TestArgs, output: &Output) -> Result<(), Failure> {
    let name = path.display();
    fs::write(path, text).map_err(|error| Failure::usage(format!("cannot write `{name}`: {error}")))?;
    let told = format!("coverage written to {name}");
    let say = if args.format == TestFormat::Human { Output::line } else { Output::note };
    Ok(say(output, &told)?)
}

/// The rules of all suites by file; what several suites have in common is added up.
fn gather(results: &Results) -> Vec<FileCoverage> {
    let mut files: BTreeMap<String, FileCoverage> = BTreeMap::new();
    for ran in results.suites.iter().filter_map(|suite| suite.outcome.as_ref().ok()) {
        if let Some(coverage) = &ran.coverage {
            add(coverage, &ran.policy, &mut files);
        }
    }
    let mut files: Vec<FileCoverage> = files.into_values().collect();
    for file in &mut files {
        file.rules.sort_by_key(|rule| rule.place.start);
    }
    files
}

fn add(coverage: &Coverage, policy: &Policy, files: &mut BTreeMap<String, FileCoverage>) {
    let sources = policy.sources();
    for found in coverage.rules() {
        let Some(source) = sources.get(found.span.source) else { continue };
        let Some(known) = policy.rule(found.rule) else { continue };
        let name = source.name().unwrap_or("<policy>");
        let file = files.entry(name.to_owned()).or_insert_with(|| FileCoverage {
            name: name.to_owned(),
            text: source.text().to_owned(),
            rules: Vec::new(),
        });
        let rule = Rule {
            name: format!("{}/{}", known.name, known.arity),
            place: place(found.span, sources),
            entered: found.entered,
            held: found.held,
            conditions: found.conditions.iter().map(|found| condition(found, sources)).collect(),
        };
        match file.rules.iter_mut().find(|other| other.place == rule.place) {
            Some(same) => same.join(&rule),
            None => file.rules.push(rule),
        }
    }
}

fn condition(found: &ConditionCoverage, sources: &Sources) -> Condition {
    let ConditionCoverage { span, tried, held, failed } = *found;
    Condition { place: place(span, sources), tried, held, failed }
}

fn place(span: Span, sources: &Sources) -> Place {
    let position = sources.position(span);
    Place { start: span.start as usize, end: span.end as usize, line: position.line, column: position.column }
}

impl Rule {
    /// Adds the counts of the same rule in another suite.
    fn join(&mut self, other: &Rule) {
        self.entered += other.entered;
        self.held += other.held;
        for (condition, other) in self.conditions.iter_mut().zip(&other.conditions) {
            condition.tried += other.tried;
            condition.held += other.held;
            condition.failed += other.failed;
        }
    }
}
