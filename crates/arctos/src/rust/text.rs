//! Methods of strings, as Rust has them: `name.starts_with("a")`.

use crate::rust::FromPolar;
use crate::rust::object::Values;
use crate::rust::{Scope, ToPolar};
use crate::{HostError, HostErrorKind, Term};

/// The methods' names.
pub(crate) const METHODS: &[&str] = &[
    "len",
    "is_empty",
    "is_char_boundary",
    "bytes",
    "chars",
    "char_indices",
    "split_whitespace",
    "lines",
    "contains",
    "starts_with",
    "ends_with",
    "find",
    "rfind",
    "split",
    "rsplit",
    "split_terminator",
    "rsplit_terminator",
    "splitn",
    "rsplitn",
    "matches",
    "rmatches",
    "match_indices",
    "rmatch_indices",
    "trim",
    "trim_start",
    "trim_end",
    "is_ascii",
    "to_lowercase",
    "to_uppercase",
    "repeat",
];

/// The longest text that `repeat` makes, in bytes.
const LONGEST: usize = 1 << 24;

/// Calls a method of `text`; `None` where there is no such method.
pub(crate) fn call(
    text: &str,
    name: &str,
    arguments: &[Term],
    scope: &mut Scope<'_, '_>,
) -> Option<Result<Term, HostError>> {
    METHODS.contains(&name).then(|| match arguments {
        [] => plain(text, name, scope),
        [first] => with_one(text, name, *first, scope),
        [first, second] => with_two(text, name, *first, *second, scope),
        _ => Err(wrong_arguments(name, arguments.len())),
    })
}

#[cold]
fn wrong_arguments(name: &str, count: usize) -> HostError {
    HostError::new(
        HostErrorKind::Unsupported,
        format!("`{name}` of a string does not take {count} arguments"),
    )
}

fn plain(text: &str, name: &str, scope: &mut Scope<'_, '_>) -> Result<Term, HostError> {
    match name {
        "len" => text.len().to_polar(scope),
        "is_empty" => text.is_empty().to_polar(scope),
        "bytes" => text.bytes().collect::<Vec<_>>().to_polar(scope),
        "chars" => text.chars().collect::<Vec<_>>().to_polar(scope),
        "char_indices" => text.char_indices().collect::<Vec<_>>().to_polar(scope),
        "split_whitespace" => owned(text.split_whitespace(), scope),
        "lines" => owned(text.lines(), scope),
        "trim" => Ok(scope.heap.string(text.trim())),
        "trim_start" => Ok(scope.heap.string(text.trim_start())),
        "trim_end" => Ok(scope.heap.string(text.trim_end())),
        "is_ascii" => text.is_ascii().to_polar(scope),
        "to_lowercase" => text.to_lowercase().to_polar(scope),
        "to_uppercase" => text.to_uppercase().to_polar(scope),
        _ => Err(wrong_arguments(name, 0)),
    }
}

fn with_one(text: &str, name: &str, argument: Term, scope: &mut Scope<'_, '_>) -> Result<Term, HostError> {
    let values = scope.values();
    match name {
        "is_char_boundary" => {
            let index: usize = read::<usize>(argument, &values)?;
            return text.is_char_boundary(index).to_polar(scope);
        }
        "repeat" => {
            let count = read::<usize>(argument, &values)?;
            if text.len().saturating_mul(count) > LONGEST {
                return Err(HostError::new(
                    HostErrorKind::Unsupported,
                    "`repeat` would make a string beyond 16 MiB",
                ));
            }
            return text.repeat(count).to_polar(scope);
        }
        _ => {}
    }
    let pattern: String = read::<String>(argument, &values)?;
    let pattern = pattern.as_str();
    match name {
        "contains" => text.contains(pattern).to_polar(scope),
        "starts_with" => text.starts_with(pattern).to_polar(scope),
        "ends_with" => text.ends_with(pattern).to_polar(scope),
        "find" => text.find(pattern).to_polar(scope),
        "rfind" => text.rfind(pattern).to_polar(scope),
        "split" => owned(text.split(pattern), scope),
        "rsplit" => owned(text.rsplit(pattern), scope),
        "split_terminator" => owned(text.split_terminator(pattern), scope),
        "rsplit_terminator" => owned(text.rsplit_terminator(pattern), scope),
        "matches" => owned(text.matches(pattern), scope),
        "rmatches" => owned(text.rmatches(pattern), scope),
        "match_indices" => indices(text.match_indices(pattern), scope),
        "rmatch_indices" => indices(text.rmatch_indices(pattern), scope),
        _ => Err(wrong_arguments(name, 1)),
    }
}

fn with_two(
    text: &str,
    name: &str,
    first: Term,
    second: Term,
    scope: &mut Scope<'_, '_>,
) -> Result<Term, HostError> {
    if !matches!(name, "splitn" | "rsplitn") {
        return Err(wrong_arguments(name, 2));
    }
    let values = scope.values();
    let count = read::<usize>(first, &values)?;
    let pattern = read::<String>(second, &values)?;
    if name == "splitn" {
        owned(text.splitn(count, pattern.as_str()), scope)
    } else {
        owned(text.rsplitn(count, pattern.as_str()), scope)
    }
}

fn read<'q, A: FromPolar>(term: Term, values: &Values<'_, 'q>) -> Result<A::As<'q>, HostError> {
    A::from_polar(term, values)
}

fn owned<'t>(pieces: impl Iterator<Item = &'t str>, scope: &mut Scope<'_, '_>) -> Result<Term, HostError> {
    let terms: Vec<Term> = pieces.map(|piece| scope.heap.string(piece)).collect();
    Ok(scope.heap.list(&terms))
}

fn indices<'t>(
    found: impl Iterator<Item = (usize, &'t str)>,
    scope: &mut Scope<'_, '_>,
) -> Result<Term, HostError> {
    let mut terms = Vec::new();
    for (index, piece) in found {
        let pair = [index.to_polar(scope)?, scope.heap.string(piece)];
        terms.push(scope.heap.list(&pair));
    }
    Ok(scope.heap.list(&terms))
}
