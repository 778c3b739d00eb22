//! From the engine's errors to Python exceptions, all in [`raise`].
//!
//! INVARIANT: an exception of the application travels as itself: the same object, with the policy's call stack among its
//! notes.

use std::error::Error as StdError;
use std::fmt;

use arctos::{Error, ErrorKind, Frame, HostError, HostErrorKind, Limit, Sources, Span};
use arctos_syntax::{Diagnostic, Family, Severity, render};
use pyo3::exceptions::PyException;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyList, PyString, PyTuple, PyType};

/// A Python exception inside an error of the engine.
#[derive(Debug)]
pub(crate) enum Carried {
    /// Goes to the caller as it is.
    Unchanged(PyErr),
    /// Becomes the `__cause__` of an exception of ours.
    Cause(PyErr),
}

impl fmt::Display for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Carried::Unchanged(error) | Carried::Cause(error)) = self;
        write!(f, "{error}")
    }
}

impl StdError for Carried {}

/// An exception that the application's own code raised.
pub(crate) fn unchanged(error: PyErr) -> HostError {
    HostError::new(HostErrorKind::Failed, "the application failed").with_source(Carried::Unchanged(error))
}

/// An error of ours with an exception as its cause; but interrupts and exits stay themselves.
pub(crate) fn caused(py: Python<'_>, kind: HostErrorKind, message: String, cause: PyErr) -> HostError {
    if !cause.is_instance_of::<PyException>(py) {
        return unchanged(cause);
    }
    HostError::new(kind, message).with_source(Carried::Cause(cause))
}

/// The exception for an error of the engine: the one place where kinds become classes.
pub(crate) fn raise(py: Python<'_>, error: Error) -> PyErr {
    let trace = trace_of(&error);
    let class = match error.kind() {
        ErrorKind::Invalid => return invalid(py, &error),
        // Whatever the kind, what the application reported says more.
        _ if error.host().is_some() => return of_host(py, error, &trace),
        ErrorKind::Host => "PolarRuntimeError",
        ErrorKind::InlineQueryFailed => "InlineQueryFailedError",
        ErrorKind::Type => "PolarTypeError",
        ErrorKind::NotIterable => "InvalidIteratorError",
        ErrorKind::Unsupported => "UnsupportedError",
        ErrorKind::UnregisteredClass => "UnregisteredClassError",
        // An open condition on a variable of a rule. One on a variable of the question is `undecided`, below.
        ErrorKind::Undecided => "PolarRuntimeError",
        ErrorKind::Exhausted(which) => return limited(py, which, error.message(), &trace),
        ErrorKind::Misuse => "OperationalError",
        // ErrorKind is open-ended; what is new is a run-time error like the rest.
        _ => "PolarRuntimeError",
    };
    made(py, class, error.message(), &trace, None)
}

/// Errors of a policy that the exception's text shows; its `diagnostics` are all there are.
const MOST_SHOWN: usize = 100;

fn invalid(py: Python<'_>, error: &Error) -> PyErr {
    let empty = Sources::default();
    let sources = error.sources().unwrap_or(&empty);
    let errors: Vec<Diagnostic> = error.diagnostics().iter().filter(|d| d.is_error()).cloned().collect();
    let Some(first) = errors.first() else {
        return made(py, "ValidationError", error.message(), "", None);
    };
    let shown = errors.get(..MOST_SHOWN).unwrap_or(&errors);
    let mut message = render::human(shown, sources, false);
    if shown.len() < errors.len() {
        message.push_str(&format!("\nand {} more: see `diagnostics`", errors.len() - shown.len()));
    }
    let list = match diagnostics(py, error.diagnostics(), sources) {
        Ok(list) => list,
        Err(error) => return error,
    };
    made(py, family_class(first.code.family()), message.trim_end(), "", Some(list))
}

fn family_class(family: Family) -> &'static str {
    match family {
        Family::IntegerOverflow => "IntegerOverflow",
        Family::InvalidTokenCharacter => "InvalidTokenCharacter",
        Family::InvalidToken => "InvalidToken",
        Family::UnrecognizedEof => "UnrecognizedEOF",
        Family::UnrecognizedToken => "UnrecognizedToken",
        Family::ExtraToken => "ExtraToken",
        Family::Parse => "ParserError",
        Family::Validation => "ValidationError",
        Family::Runtime => "PolarRuntimeError",
    }
}

fn of_host(py: Python<'_>, error: Error, trace: &str) -> PyErr {
    match error.into_host() {
        Some(host) => host_exception(py, host, trace),
        None => made(py, "PolarRuntimeError", "the application failed", trace, None),
    }
}

/// The exception for a value that could not be handed over, outside of any evaluation.
pub(crate) fn of_value(py: Python<'_>, error: HostError) -> PyErr {
    host_exception(py, error, "")
}

fn host_exception(py: Python<'_>, host: HostError, trace: &str) -> PyErr {
    let class = match host.kind() {
        HostErrorKind::NotCallable => "InvalidCallError",
        HostErrorKind::NotIterable => "InvalidIteratorError",
        HostErrorKind::Missing
        | HostErrorKind::Unsupported
        | HostErrorKind::Construction
        | HostErrorKind::Failed => "PolarRuntimeError",
    };
    let message = host.message().to_owned();
    let carried = host.into_source().and_then(|source| source.downcast::<Carried>().ok());
    match carried.map(|carried| *carried) {
        Some(Carried::Unchanged(error)) => {
            annotate(py, &error, trace);
            error
        }
        Some(Carried::Cause(cause)) => {
            let error = made(py, class, &message, trace, None);
            error.set_cause(py, Some(cause));
            error
        }
        None => made(py, class, &message, trace, None),
    }
}

/// Adds the policy's call stack to the notes of an exception, where notes exist (Python 3.11).
fn annotate(py: Python<'_>, error: &PyErr, trace: &str) {
    if trace.is_empty() {
        return;
    }
    let value = error.value(py);
    if let Ok(add_note) = value.getattr(intern!(py, "add_note")) {
        // An exception class may override `add_note` and fail there: the exception itself matters more.
        let _ = add_note.call1((format!("while evaluating the policy:\n{trace}"),));
    }
}

/// The call stack in the policy, innermost goal first, with the line of the innermost.
fn trace_of(error: &Error) -> String {
    let mut text = String::new();
    for frame in error.trace().iter().rev() {
        text.push_str(&frame_line(frame));
    }
    if let (Some(sources), Some(span)) =
        (error.sources(), error.trace().iter().rev().find_map(|frame| frame.span))
    {
        text.push_str(&excerpt(sources, span));
    }
    text
}

fn frame_line(frame: &Frame) -> String {
    let rule =
        frame.rule.as_ref().map_or_else(|| " of the query".to_owned(), |rule| format!(" of rule `{rule}`"));
    let place = if frame.location.is_empty() { String::new() } else { format!(" at {}", frame.location) };
    format!("  in `{}`{rule}{place}\n", frame.goal)
}

/// Bytes of the longest line of a policy that a trace shows.
const LONGEST_LINE: usize = 1024;

fn excerpt(sources: &Sources, span: Span) -> String {
    let Some(source) = sources.get(span.source) else { return String::new() };
    let position = sources.position(span);
    let line = source.line(position.line);
    if line.is_empty() || line.len() > LONGEST_LINE {
        return String::new();
    }
    let number = format!("{:03}: ", position.line);
    let caret = " ".repeat(number.len() + position.column.saturating_sub(1) as usize);
    format!("\t{number}{line}\n\t{caret}^\n")
}

/// A diagnostic rendered as warnings are printed, and its code.
pub(crate) fn warning(diagnostic: &Diagnostic, sources: &Sources) -> (String, String) {
    (diagnostic.code.name().to_owned(), render::classic(diagnostic, sources).trim_end().to_owned())
}

/// Diagnostics as `arctos.Diagnostic` objects.
pub(crate) fn diagnostics(
    py: Python<'_>,
    diagnostics: &[Diagnostic],
    sources: &Sources,
) -> PyResult<Py<PyList>> {
    let class = py.import(intern!(py, "arctos.diagnostics"))?.getattr(intern!(py, "Diagnostic"))?;
    let list = PyList::empty(py);
    for diagnostic in diagnostics {
        let span = diagnostic.span;
        let (start, end) =
            (sources.position(span), sources.position(Span::new(span.source, span.end, span.end)));
        let severity = match diagnostic.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let file = sources.get(span.source).and_then(|source| source.name());
        list.append(class.call1((
            diagnostic.code.as_str(),
            diagnostic.code.name(),
            severity,
            &diagnostic.message,
            file,
            (start.line, start.column),
            (end.line, end.column),
            PyTuple::new(py, &diagnostic.help)?,
            render::human(std::slice::from_ref(diagnostic), sources, false).trim_end(),
        ))?)?;
    }
    Ok(list.unbind())
}

/// An exception of `arctos.polar.exceptions` by the name of its class.
#[cold]
pub(crate) fn exception(py: Python<'_>, class: &str, message: &str) -> PyErr {
    made(py, class, message, "", None)
}

/// A limit that was reached.
#[cold]
pub(crate) fn limit(py: Python<'_>, which: Limit, message: &str) -> PyErr {
    limited(py, which, message, "")
}

fn limited(py: Python<'_>, which: Limit, message: &str, trace: &str) -> PyErr {
    // The depth has the class that it always had.
    let class = if which == Limit::Depth { "StackOverflowError" } else { "LimitError" };
    let error = made(py, class, message, trace, None);
    // Where the exception could not be made, what is raised in its place has no such attribute.
    let _ = error.value(py).setattr(intern!(py, "limit"), which.to_string());
    error
}

/// An answer that depends on what a variable will be, where a value was wanted.
#[cold]
pub(crate) fn undecided(py: Python<'_>, variable: &str) -> PyErr {
    let message = format!(
        "the answer depends on what `{variable}` will be; bind `{variable}` in the query, or pass \
         `accept_expression=True` to get the conditions as an `Expression`"
    );
    made(py, "UnexpectedPolarTypeError", &message, "", None)
}

fn made(py: Python<'_>, class: &str, message: &str, trace: &str, diagnostics: Option<Py<PyList>>) -> PyErr {
    let make = || -> PyResult<PyErr> {
        let module = py.import(intern!(py, "arctos._made"))?;
        let trace = (!trace.is_empty()).then(|| trace.trim_end());
        let value = module.getattr(intern!(py, "exception"))?.call1((class, message, trace, diagnostics))?;
        Ok(PyErr::from_value(value))
    };
    make().unwrap_or_else(|error| error)
}

static VARIABLE: PyOnceLock<Py<PyType>> = PyOnceLock::new();

#[cold]
fn variable_class(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    VARIABLE.import(py, "arctos.polar.variable", "Variable")
}

/// True for an `arctos.Variable`.
#[inline]
pub(crate) fn is_variable(value: &Bound<'_, PyAny>) -> bool {
    let py = value.py();
    let class = VARIABLE.get(py).map(|class| class.bind(py)).or_else(|| variable_class(py).ok());
    class.is_some_and(|class| value.get_type_ptr() == class.as_type_ptr())
}

/// The name in an `arctos.Variable`; `None` for anything else.
#[cold]
pub(crate) fn variable_name(value: &Bound<'_, PyAny>) -> Option<String> {
    if !is_variable(value) {
        return None;
    }
    value.cast::<PyString>().ok()?.to_str().ok().map(str::to_owned)
}

/// An `arctos.Variable`.
pub(crate) fn variable<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    variable_class(py)?.call1((name,))
}
