//! What a snapshot holds, as text.

use std::collections::HashSet;
use std::fmt;
use std::io::{self, Write};

use arctos::Facts;
use arctos::facts::FactRef;
use arctos_syntax::is_name;

use super::format::Format;
use super::{csv, json_lines, notation};

/// Why facts were not written, or not all of them.
#[derive(Debug)]
pub enum Unwritable {
    /// A predicate or type that is no name of the language, so that nothing could read it.
    NotAName(String),
    /// The output takes no more.
    Output(io::Error),
}

impl fmt::Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unwritable::NotAName(name) => write!(f, "`{name}` is no name of a predicate or type"),
            Unwritable::Output(error) => write!(f, "cannot write the facts: {error}"),
        }
    }
}

impl std::error::Error for Unwritable {}

impl From<io::Error> for Unwritable {
    fn from(error: io::Error) -> Self {
        Unwritable::Output(error)
    }
}

/// Writes all facts, in the order of [`Facts::iter`]: the same for the same history of batches.
///
/// # Errors
/// [`Unwritable`]; what was written before is then no whole file.
pub fn write(facts: &Facts, format: Format, out: &mut impl Write) -> Result<(), Unwritable> {
    let mut known = HashSet::new();
    let most = csv::most_arguments(facts);
    if format == Format::Csv {
        csv::write_header(most, out)?;
    }
    for fact in facts.iter() {
        check_names(&fact, &mut known)?;
        match format {
            Format::JsonLines => json_lines::write(&fact, out)?,
            Format::Csv => csv::write(&fact, most, out)?,
            Format::Notation => notation::write(&fact, out)?,
        }
    }
    Ok(())
}

/// `known` are names that were checked.
fn check_names<'a>(fact: &FactRef<'a>, known: &mut HashSet<&'a str>) -> Result<(), Unwritable> {
    let types = fact.arguments().map(|value| value.type_name());
    for name in std::iter::once(fact.predicate()).chain(types) {
        if known.contains(name) {
            continue;
        }
        if !is_name(name) {
            return Err(Unwritable::NotAName(name.to_owned()));
        }
        known.insert(name);
    }
    Ok(())
}
