//! Files of facts, read into one batch.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::BufRead;

use arctos::facts::{Applied, Change, Facts, MAX_ARGUMENTS, Places, ValueRef};
use arctos::{Fact, FactError, Policy};
use arctos_syntax::{Diagnostic, SourceId, Span, is_name};

use super::csv::Table;
use super::format::Format;
use super::forms::KnownForms;
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
    /// Kinds of facts that have been found to be good.
    forms: KnownForms,
    /// What the file at hand deletes, with the number of the line.
    deletions: HashMap<Fact, u64>,
    /// The file at hand has a fact.
    has_fact: bool,
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
    /// Facts that the files have deleted.
    pub deleted: u64,
    /// Deletions of facts that were not there.
    pub absent: u64,
    /// How many facts the files have, by predicate and number of arguments.
    pub by_predicate: BTreeMap<String, BTreeMap<usize, u64>>,
}

/// A fact and a way to find the places of its parts.
#[derive(Clone, Copy)]
pub(super) struct Placed<'a> {
    pub(super) predicate: &'a str,
    pub(super) arguments: &'a [ValueRef<'a>],
    // PERF: most facts are good, and nobody asks where they stand.
    pub(super) places: &'a dyn Fn() -> Places,
}

impl Placed<'_> {
    fn to_fact(self) -> Fact {
        Fact::new(self.predicate, self.arguments.iter().map(|value| value.to_value()))
    }
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
            forms: KnownForms::default(),
            deletions: HashMap::new(),
            has_fact: false,
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
        self.deletions.clear();
        self.has_fact = false;
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
        if format == Format::Csv && self.unread.cause().is_none() && table.awaits_header() {
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
    pub fn finish(self) -> Result<(Facts, Imported), Unread> {
        self.end(|change| Ok(change.commit()))
    }

    /// As [`Import::finish`], with a revision that someone else has given.
    ///
    /// # Errors
    /// As [`Import::finish`], and where the revision is not higher than that of the snapshot.
    pub fn finish_at(self, revision: u64) -> Result<(Facts, Imported), Unread> {
        self.end(|change| change.commit_at(revision))
    }

    fn end(
        mut self,
        commit: impl FnOnce(Change) -> Result<(Facts, Applied), FactError>,
    ) -> Result<(Facts, Imported), Unread> {
        if !self.unread.is_empty() {
            return Err(self.unread);
        }
        match commit(self.change) {
            Ok((facts, applied)) => {
                self.imported.inserted = applied.inserted;
                self.imported.deleted = applied.deleted;
                self.imported.repeated = applied.unchanged - self.imported.absent;
                Ok((facts, self.imported))
            }
            Err(error) => {
                self.unread.end(Cause::Facts(error));
                Err(self.unread)
            }
        }
    }

    fn record(&mut self, name: Option<&str>, format: Format, frame: &Frame, bytes: &[u8], table: &mut Table) {
        // PERF: text is checked many times faster than it is mended.
        let utf8 = std::str::from_utf8(bytes);
        let text = utf8.map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed);
        let longest = self.limits.record;
        let mut taker = Taker { import: self, record: Shown { name, before: frame.before, text: &text } };
        taker.begin();
        let source = taker.source();
        if utf8.is_err() || matches!(frame.end, End::TooLong | End::Lost) {
            table.has_seen_something();
        }
        match (frame.end, format) {
            (End::TooLong | End::Lost, _) => {
                let mut found = problem::record_too_long(Span::new(source, 0, 0), longest);
                if frame.end == End::Lost {
                    found = found.help("nothing after it was read; is a closing `\"` or a `;` missing?");
                }
                taker.problem(found);
            }
            _ if utf8.is_err() => taker.problem(bad_byte(bytes, source, frame)),
            (_, Format::JsonLines) => json_lines::read(&text, source, frame.end, &mut taker),
            (_, Format::Csv) => table.read(&text, source, frame.end, &mut taker),
            (_, Format::Notation) => notation::read(&text, source, frame.end, &mut taker),
        }
        self.unread.end_record();
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
    pub(super) fn fact(&mut self, fact: Placed<'_>) {
        let mut problems = self.problems_with(fact);
        self.import.has_fact = true;
        // PERF: most files delete nothing, and no fact is made of what is only borrowed.
        if !self.import.deletions.is_empty()
            && let Some(line) = self.import.deletions.get(&fact.to_fact())
        {
            problems.push(problem::conflicting((fact.places)().whole, *line));
        }
        self.import.imported.records += 1;
        self.import.imported.count(fact.predicate, fact.arguments.len());
        self.apply(problems, |import| {
            import.change.insert_values(fact.predicate, fact.arguments).map(|_| ())
        });
    }

    /// Takes a deletion, or finds out what is wrong with it.
    pub(super) fn deletion(&mut self, fact: Placed<'_>) {
        let mut problems = self.problems_with(fact);
        if self.import.has_fact {
            problems.push(problem::late_deletion((fact.places)().whole));
        }
        self.import.deletions.entry(fact.to_fact()).or_insert(self.record.before.lines + 1);
        self.apply(problems, |import| {
            let was_there = import.change.delete_values(fact.predicate, fact.arguments);
            import.imported.absent += u64::from(!was_there);
            Ok(())
        });
    }

    /// Notes the problems; applies a change only where there has been none so far.
    fn apply(
        &mut self,
        problems: Vec<Diagnostic>,
        change: impl FnOnce(&mut Import<'_>) -> Result<(), FactError>,
    ) {
        problems.into_iter().for_each(|problem| self.problem(problem));
        if self.import.unread.is_empty()
            && let Err(error) = change(self.import)
        {
            self.import.unread.end(Cause::Facts(error));
        }
    }

    /// Notes a problem.
    pub(super) fn problem(&mut self, problem: Diagnostic) {
        self.import.unread.add(problem, &self.record, self.import.limits.problems);
    }

    /// Why it is no fact, or none that the policy asks for.
    pub(super) fn problems_with(&mut self, fact: Placed<'_>) -> Vec<Diagnostic> {
        let mut problems = self.problems_with_ids(fact);
        if self.import.forms.has(fact.predicate, fact.arguments) {
            return problems;
        }
        let count = fact.arguments.len();
        if count == 0 || count > MAX_ARGUMENTS {
            problems.push(problem::argument_count((fact.places)().whole, count));
        }
        if !self.is_known_name(fact.predicate) {
            problems.push(problem::not_a_name((fact.places)().predicate, fact.predicate, "predicate"));
        }
        for (at, argument) in fact.arguments.iter().enumerate() {
            if !self.is_known_name(argument.type_name()) {
                problems.push(problem::not_a_name(
                    (fact.places)().argument(at),
                    argument.type_name(),
                    "type",
                ));
            }
        }
        if problems.is_empty() {
            problems.extend(self.form_problem(fact));
        }
        problems
    }

    fn problems_with_ids(&self, fact: Placed<'_>) -> Vec<Diagnostic> {
        let longest = self.import.limits.id;
        let too_long = fact.arguments.iter().enumerate().filter_map(|(at, argument)| match argument {
            ValueRef::Entity { id, .. } | ValueRef::String(id) if id.len() > longest => {
                Some(problem::id_too_long((fact.places)().argument(at), id.len(), longest))
            }
            _ => None,
        });
        too_long.collect()
    }

    fn is_known_name(&mut self, name: &str) -> bool {
        if self.import.names.contains(name) {
            return true;
        }
        let is_good = is_name(name);
        if is_good {
            self.import.names.insert(name.to_owned());
        }
        is_good
    }

    /// Why the policy would never ask for such a fact.
    fn form_problem(&mut self, fact: Placed<'_>) -> Option<Diagnostic> {
        let whole = fact.to_fact();
        let problem = self.import.policy.and_then(|policy| policy.fact_problem(&whole, &(fact.places)()));
        if problem.is_none() {
            self.import.forms.add(whole);
        }
        problem
    }
}

impl Imported {
    fn count(&mut self, predicate: &str, arity: usize) {
        // PERF: a key is made for the first fact of a kind only.
        match self.by_predicate.get_mut(predicate).and_then(|by_arity| by_arity.get_mut(&arity)) {
            Some(count) => *count += 1,
            None => {
                self.by_predicate.entry(predicate.to_owned()).or_default().insert(arity, 1);
            }
        }
    }
}
