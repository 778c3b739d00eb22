//! What can go wrong, in one opaque type.

use std::fmt;

use arctos_syntax::{Diagnostic, Sources, Span};

use crate::host::HostError;
use crate::limits::Limit;

/// Why a policy was not loaded or a query has no answer. An error never means *allow*.
pub struct Error(Box<Inner>);

const _: () = assert!(size_of::<Error>() == size_of::<usize>());

struct Inner {
    kind: ErrorKind,
    message: String,
    trace: Vec<Frame>,
    diagnostics: Vec<Diagnostic>,
    sources: Option<Sources>,
    host: Option<HostError>,
}

/// What kind of error it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The policy or the query text is not well-formed or not valid; see [`Error::diagnostics`].
    Invalid,
    /// An inline query (`?=`) has no answer.
    InlineQueryFailed,
    /// Values of kinds that the operation does not take.
    Type,
    /// An operation that Arctos does not have.
    Unsupported,
    /// Overflow, or division of integers by zero.
    Arithmetic,
    /// A query for a rule that the policy does not have.
    UndefinedRule,
    /// A class that is not registered.
    UnregisteredClass,
    /// The application failed; see [`Error::host`].
    Host,
    /// `in` over something that has no items.
    NotIterable,
    /// A limit was reached: the answer is unknown.
    Exhausted(Limit),
    /// A goal meets its own negation, so that it would hold exactly when it does not.
    NegationLoop,
    /// A condition on a variable that nothing binds.
    Undecided,
    /// The policy asks something of rows that a database cannot answer: see [`residual`](crate::residual).
    Unfilterable,
    /// A value that facts do not take: see [`FactError`](crate::FactError).
    Facts,
    /// A page token of another revision of the facts: see [`List::page`](crate::List::page).
    Stale,
    /// A fact that the policy cannot ask for: see [`Policy::check_fact`](crate::Policy::check_fact).
    FactForm,
    /// A value of the request, or an attribute of an entity, that the policy asks for and the request does not give.
    NotGiven,
    /// The driver used the query wrongly (resumed with an unknown ticket, say).
    Misuse,
}

/// One rule call that was open when an error happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// The goal in the policy's words, at most about a KiB of them.
    pub goal: String,
    /// The rule it stands in; `None` for the query itself.
    pub rule: Option<String>,
    /// Where the goal stands.
    pub span: Option<Span>,
    /// `file.polar:3:14`, empty where there is no place.
    pub location: String,
}

impl Error {
    #[cold]
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Error(Box::new(Inner {
            kind,
            message: message.into(),
            trace: Vec::new(),
            diagnostics: Vec::new(),
            sources: None,
            host: None,
        }))
    }

    #[cold]
    pub(crate) fn invalid(diagnostics: Vec<Diagnostic>, sources: Sources) -> Self {
        let message =
            diagnostics.iter().find(|d| d.is_error()).map_or_else(String::new, |d| d.message.clone());
        let mut error = Error::new(ErrorKind::Invalid, message);
        error.0.diagnostics = diagnostics;
        error.0.sources = Some(sources);
        error
    }

    #[cold]
    pub(crate) fn from_host(host: HostError) -> Self {
        let mut error = Error::new(ErrorKind::Host, host.message());
        error.0.host = Some(host);
        error
    }

    /// An error of a kind of its own that the host reported.
    #[cold]
    pub(crate) fn of_host(kind: ErrorKind, message: impl Into<String>, host: HostError) -> Self {
        let mut error = Error::new(kind, message);
        error.0.host = Some(host);
        error
    }

    pub(crate) fn set_trace(&mut self, trace: Vec<Frame>, sources: &Sources) {
        self.0.trace = trace;
        self.0.sources = Some(sources.clone());
    }

    /// What kind of error it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// One sentence, lowercase, without a final period.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The rule calls that were open, outermost first; empty for errors of a load.
    pub fn trace(&self) -> &[Frame] {
        &self.0.trace
    }

    /// All problems found in a policy, in source order, warnings included; empty for run-time errors.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.0.diagnostics
    }

    /// The texts that spans refer to.
    pub fn sources(&self) -> Option<&Sources> {
        self.0.sources.as_ref()
    }

    /// What the application reported, for [`ErrorKind::Host`].
    pub fn host(&self) -> Option<&HostError> {
        self.0.host.as_ref()
    }

    /// Takes out what the application reported.
    pub fn into_host(self) -> Option<HostError> {
        self.0.host
    }

    /// True when a limit in [`Limits`](crate::Limits) stopped the query. The decision is unknown, not "deny".
    pub fn is_exhausted(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Exhausted(_))
    }

    /// True when the policy text itself is at fault.
    pub fn is_invalid(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Invalid)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        if let (Some(diagnostic), Some(sources)) =
            (self.0.diagnostics.iter().find(|d| d.is_error()), &self.0.sources)
        {
            write!(f, " at {}", sources.locate(diagnostic.span))?;
            let more = self.0.diagnostics.iter().filter(|d| d.is_error()).count().saturating_sub(1);
            if more > 0 {
                write!(f, " (and {more} more)")?;
            }
        }
        for frame in self.0.trace.iter().rev() {
            write!(f, "\n  in `{}`", frame.goal)?;
            if let Some(rule) = &frame.rule {
                write!(f, " of rule `{rule}`")?;
            }
            if !frame.location.is_empty() {
                write!(f, " at {}", frame.location)?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {self}", self.0.kind)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.host.as_ref().map(|host| host as _)
    }
}
