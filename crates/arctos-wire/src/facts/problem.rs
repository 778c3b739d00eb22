//! What can be wrong with a file of facts.

use std::fmt;
use std::io;

use arctos::FactError;
use arctos::facts::MAX_ARGUMENTS;
use arctos_syntax::{Before, Diagnostic, SourceId, Sources, Span, codes};

use crate::value::NotAValue;

/// Why an import was not applied: problems with places, and perhaps what ended it.
#[derive(Debug, Default)]
pub struct Unread {
    diagnostics: Vec<Diagnostic>,
    sources: Sources,
    untold: u64,
    cause: Option<Cause>,
    /// The record that problems are about is among the sources.
    is_shown: bool,
    /// How many problems there were before that record.
    before_record: usize,
}

/// What ended an import before the end of its input.
#[derive(Debug)]
pub enum Cause {
    /// The input could not be read further.
    Input {
        /// The file.
        name: Option<String>,
        /// What the system says.
        error: io::Error,
    },
    /// The facts do not take any more.
    Facts(FactError),
}

impl Unread {
    /// The problems, file by file and in order of place, as many as [`ReadLimits::problems`](super::ReadLimits::problems) allows.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// The records that the places are in.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// How many problems there are beyond those.
    pub fn untold(&self) -> u64 {
        self.untold
    }

    /// What ended the import, where something did.
    pub fn cause(&self) -> Option<&Cause> {
        self.cause.as_ref()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.diagnostics.is_empty() && self.cause.is_none() && self.untold == 0
    }

    pub(super) fn end(&mut self, cause: Cause) {
        self.cause.get_or_insert(cause);
    }

    /// The id that the record at hand has among the sources, once there is a problem with it.
    pub(super) fn source(&self) -> SourceId {
        let known = self.sources.iter().count() as u32;
        SourceId(if self.is_shown { known.saturating_sub(1) } else { known })
    }

    /// Begins with another record.
    pub(super) fn begin_record(&mut self) {
        self.is_shown = false;
        self.before_record = self.diagnostics.len();
    }

    /// Puts the problems of the record into the order of its text.
    pub(super) fn end_record(&mut self) {
        if let Some(found) = self.diagnostics.get_mut(self.before_record..) {
            found.sort_by_key(|problem| problem.span.start);
        }
    }

    /// Adds a problem of a record. Beyond the `most` it is only counted.
    pub(super) fn add(&mut self, problem: Diagnostic, record: &Shown<'_>, most: usize) {
        if self.diagnostics.len() >= most {
            self.untold += 1;
            return;
        }
        if !self.is_shown {
            self.sources.add_part(record.name, record.before, record.text);
            self.is_shown = true;
        }
        self.diagnostics.push(problem);
    }
}

/// What was found in a record, or what is wrong with it.
pub(super) type Found<T> = Result<T, Box<Diagnostic>>;

/// The record that a problem is about.
pub(super) struct Shown<'a> {
    pub(super) name: Option<&'a str>,
    pub(super) before: Before,
    pub(super) text: &'a str,
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problems = self.diagnostics.len() as u64 + self.untold;
        match (self.diagnostics.first(), &self.cause) {
            (Some(first), _) => {
                write!(f, "{}: {}", self.sources.locate(first.span), first.message)?;
                if problems > 1 { write!(f, ", and {} more", problems - 1) } else { Ok(()) }
            }
            (None, Some(cause)) => cause.fmt(f),
            (None, None) => write!(f, "{problems} problems"),
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::Input { name: Some(name), error } => write!(f, "cannot read `{name}`: {error}"),
            Cause::Input { name: None, error } => write!(f, "cannot read the facts: {error}"),
            Cause::Facts(error) => write!(f, "the facts do not fit: {error}"),
        }
    }
}

impl std::error::Error for Unread {}

/// P0901: a record that is not of its form.
pub(super) fn malformed(span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(codes::MALFORMED_RECORD, span, message)
}

/// P0902: the end of the file comes too early.
pub(super) fn truncated(span: Span, message: &str) -> Diagnostic {
    Diagnostic::new(codes::TRUNCATED_FILE, span, message).help(
        "get the whole file: nothing of it has been applied, for what is missing may change what it says",
    )
}

/// P0903: not UTF-8; `offset` is that of the first bad byte in the file.
pub(super) fn not_utf8(span: Span, byte: u8, offset: u64) -> Diagnostic {
    let message = format!("the byte 0x{byte:02x} at offset {offset} is no UTF-8 text");
    Diagnostic::new(codes::NOT_UTF8, span, message).primary("not text").help("save the file as UTF-8")
}

/// P0904: a record beyond the limit.
pub(super) fn record_too_long(span: Span, longest: usize) -> Diagnostic {
    let message = format!("this record has more than {longest} bytes");
    Diagnostic::new(codes::RECORD_TOO_LONG, span, message)
}

/// P0904: an id beyond the limit.
pub(super) fn id_too_long(span: Span, length: usize, longest: usize) -> Diagnostic {
    let message = format!("this id has {length} bytes, and the longest may have {longest}");
    Diagnostic::new(codes::RECORD_TOO_LONG, span, message)
}

/// P0803: a type and an id that are no value.
pub(super) fn not_a_value(span: Span, error: &NotAValue) -> Diagnostic {
    Diagnostic::new(codes::MALFORMED_FACT, span, error.to_string()).primary("not an argument")
}

/// P0803: a predicate or type that the language has no way to write.
pub(super) fn not_a_name(span: Span, text: &str, what: &str) -> Diagnostic {
    Diagnostic::new(codes::MALFORMED_FACT, span, format!("`{text}` is no name of a {what}"))
        .help("a name begins with a letter or `_` and goes on with letters, digits and `_`")
}

/// P0801: too many arguments, or none.
pub(super) fn argument_count(span: Span, count: usize) -> Diagnostic {
    let message = format!("a fact has one to {MAX_ARGUMENTS} arguments, and this one has {count}");
    Diagnostic::new(codes::FACT_ARITY, span, message).primary("not a fact")
}

/// P0905: a file states and deletes one fact; `line` is that of the deletion.
pub(super) fn conflicting(span: Span, line: u64) -> Diagnostic {
    let message = format!("line {line} of this file deletes the same fact");
    Diagnostic::new(codes::CONFLICTING_CHANGE, span, message)
        .help("a file is one batch, in which a fact either comes or goes: remove one of the two lines")
}

/// P0901: a deletion after a fact.
pub(super) fn late_deletion(span: Span) -> Diagnostic {
    malformed(span, "this deletion comes after a fact").help("in a file, deletions stand before all facts")
}
