//! Files of facts, read into one batch.

use std::collections::{BTreeMap, HashSet};
use std::io::BufRead;

use arctos::facts::{Change, Facts, MAX_ARGUMENTS, ValueRef};
use arctos::{Fact, Policy};
use arctos_syntax::{Diagnostic, SourceId, Span, is_name};

use super::csv::Table;
use super::format::Format;
use super::framing::{End, Frame, Framing};
use super::limits::ReadLimits;
use super::problem::{self, Cause, Shown, Unread};
use super::{json_lines, notation};

/// Reads facts from files into one batch over a snapshot. Problems are collected, so that one run finds all of them; with
/// any, the batch is not applied.
///
/// ```
/// use arctos::Facts;
/// use arctos_wire::facts::{Format, Import};
///
/// let table = "User,role: String,Repo\nann,reader,anvil\nbob,reader\n";
/// let mut import = Import::onto(&Facts::new());
/// import.read(Some("has_role.csv"), Format::Csv, table.as_bytes());
/// let unread = import.finish().unwrap_err();
/// assert_eq!(unread.to_string(), "has_role.csv:3:1: this row has 2 fields, and the header has 3");
/// ```
#[derive(Debug)]
pub struct Import<'p> {
    change: Change,
    policy: Option<&'p Policy>,
    limits: ReadLimits,
    imported: Imported,
    unread: Unread,
    /// Predicates and types that have been found to be names.
    names: HashSet<String>,
}

/// What an import has read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Facts in the files.
    pub records: u64,
    /// Those that were not there before, in the snapshot or earlier in the files.
    pub inserted: u64,
    /// Those that were.
    pub repeated: u64,
    /// How many facts of each predicate and number of arguments the files have.
    pub by_predicate: BTreeMap<(String, usize), u64>,
}

/// A fact with the places of its parts.
pub(super) struct Placed<'a> {
    pub(super) predicate: &'a str,
    pub(super) arguments: &'a [ValueRef<'a>],
    pub(super) span: Span,
    pub(super) argument_spans: &'a [Span],
}

/// Takes what a format finds in a record.
pub(super) struct Taker<'i, 'p> {
    import: &'i mut Import<'p>,
    record: Shown<'i>,
}

impl<'p> Import<'p> {
    /// An import over a snapshot.
    pub fn onto(facts: &Facts) -> Self {
        Import {
            change: facts.change(),
            policy: None,
            limits: ReadLimits::default(),
            imported: Imported::default(),
            unread: Unread::default(),
            names: HashSet::new(),
        }
    }

    /// The same, for a policy: a fact that it does not ask for is a problem.
    #[must_use]
    pub fn for_policy(self, policy: &'p Policy) -> Self {
        Import { policy: Some(policy), ..self }
    }

    /// The same with other limits.
    #[must_use]
    pub fn with_limits(self, limits: ReadLimits) -> Self {
        Import { limits, ..self }
    }

    /// Reads a file to its end. `name` is for messages, and tells the predicate of a table whose header does not.
    ///
    /// What is wrong with it is told by [`Import::finish`].
    pub fn read(&mut self, name: Option<&str>, format: Format, input: impl BufRead) {
        let mut framing = Framing::new(input, format, self.limits.record);
        let mut table = Table::new(name);
        let mut bytes = Vec::new();
        while self.unread.cause().is_none() {
            match framing.next(&mut bytes) {
                Ok(Some(frame)) => {
                    self.record(name, format, &frame, &bytes, &mut table);
                    if frame.end == End::Lost {
                        return;
                    }
                }
                Ok(None) => break,
                Err(error) => self.unread.end(Cause::Input { name: name.map(str::to_owned), error }),
            }
        }
        if format == Format::Csv && self.unread.cause().is_none() && !table.has_header() {
            let record = Shown { name, before: Default::default(), text: "" };
            let mut taker = Taker { import: self, record };
            taker.begin();
            let span = Span::new(taker.source(), 0, 0);
            taker.problem(problem::truncated(span, "the file is empty: a table has at least its header"));
        }
    }

    /// What has been read so far.
    pub fn imported(&self) -> &Imported {
        &self.imported
    }

    /// The snapshot with the facts of the files.
    ///
    /// # Errors
    /// [`Unread`], when there was any problem with any file: then nothing is applied.
    pub fn finish(mut self) -> Result<(Facts, Imported), Unread> {
        if !self.unread.is_empty() {
            return Err(self.unread);
        }
        let (facts, applied) = self.change.commit();
        self.imported.inserted = applied.inserted;
        self.imported.repeated = applied.unchanged;
        Ok((facts, self.imported))
    }

    fn record(&mut self, name: Option<&str>, format: Format, frame: &Frame, bytes: &[u8], table: &mut Table) {
        let text = String::from_utf8_lossy(bytes);
        let is_utf8 = matches!(text, std::borrow::Cow::Borrowed(_));
        let longest = self.limits.record;
        let mut taker = Taker { import: self, record: Shown { name, before: frame.before, text: &text } };
        taker.begin();
        let source = taker.source();
        match frame.end {
            End::TooLong | End::Lost => {
                let start = Span::new(source, 0, 0);
                let mut found = problem::record_too_long(start, longest);
                if frame.end == End::Lost {
                    found = found.help("nothing after it was read; is a closing `\"` or a `;` missing?");
                }
                taker.problem(found);
            }
            _ if !is_utf8 => taker.problem(bad_byte(bytes, source, frame)),
            _ => match format {
                Format::JsonLines => json_lines::read(&text, source, frame.end, &mut taker),
                Format::Csv => table.read(&text, source, frame.end, &mut taker),
                Format::Notation => notation::read(&text, source, &mut taker),
            },
        }
    }
}

fn bad_byte(bytes: &[u8], source: SourceId, frame: &Frame) -> Diagnostic {
    let at = std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len);
    let byte = bytes.get(at).copied().unwrap_or_default();
    // The text that is shown has the replacement character there, of three bytes.
    let span = Span::new(source, at as u32, at as u32 + 3);
    problem::not_utf8(span, byte, frame.before.bytes + at as u64)
}

impl Taker<'_, '_> {
    fn begin(&mut self) {
        self.import.unread.begin_record();
    }

    fn source(&self) -> SourceId {
        self.import.unread.source()
    }

    /// Takes a fact, or finds out what is wrong with it.
    pub(super) fn fact(&mut self, fact: &Placed<'_>) {
        let is_good = self.check(fact);
        let import = &mut *self.import;
        import.imported.records += 1;
        count(&mut import.imported.by_predicate, fact.predicate, fact.arguments.len());
        if !is_good || !import.unread.is_empty() {
            return;
        }
        if let Err(error) = import.change.insert_values(fact.predicate, fact.arguments) {
            import.unread.end(Cause::Facts(error));
        }
    }

    /// Notes a problem.
    pub(super) fn problem(&mut self, problem: Diagnostic) {
        self.import.unread.add(problem, &self.record, self.import.limits.problems);
    }

    fn check(&mut self, fact: &Placed<'_>) -> bool {
        let count = fact.arguments.len();
        if count == 0 || count > MAX_ARGUMENTS {
            self.problem(problem::argument_count(fact.span, count));
            return false;
        }
        let mut is_good = self.check_name(fact.predicate, "predicate", fact.span);
        for (at, argument) in fact.arguments.iter().enumerate() {
            let span = fact.argument_spans.get(at).copied().unwrap_or(fact.span);
            is_good &= self.check_name(argument.type_name(), "type", span);
            if let ValueRef::Entity { id, .. } | ValueRef::String(id) = argument
                && id.len() > self.import.limits.id
            {
                self.problem(problem::id_too_long(span, id.len(), self.import.limits.id));
                is_good = false;
            }
        }
        is_good && self.check_form(fact)
    }

    fn check_name(&mut self, name: &str, what: &str, span: Span) -> bool {
        if self.import.names.contains(name) {
            return true;
        }
        let is_good = is_name(name);
        if is_good {
            self.import.names.insert(name.to_owned());
        } else {
            self.problem(problem::not_a_name(span, name, what));
        }
        is_good
    }

    /// Whether the policy asks for such a fact.
    fn check_form(&mut self, fact: &Placed<'_>) -> bool {
        let Some(policy) = self.import.policy else { return true };
        let whole = Fact::new(fact.predicate, fact.arguments.iter().map(|value| value.to_value()));
        if policy.fact_predicates().any(|form| form == (fact.predicate, fact.arguments.len())) {
            return true;
        }
        self.problem(problem::unknown_fact(fact.span, format!("the policy asks for no fact `{whole}`")));
        false
    }
}

fn count(counts: &mut BTreeMap<(String, usize), u64>, predicate: &str, arity: usize) {
    let key = (predicate.to_owned(), arity);
    *counts.entry(key).or_default() += 1;
}
