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

/// Writes all facts, in the order of their predicates, then of their arguments: what is written depends on the set of facts
/// alone, so that files can be compared.
///
/// # Errors
/// [`Unwritable`]; what was written before is then no whole file.
pub fn write(facts: &Facts, format: Format, out: &mut impl Write) -> Result<(), Unwritable> {
    let mut ordered: Vec<FactRef<'_>> = facts.iter().collect();
    ordered.sort_unstable_by(|a, b| {
        a.predicate().cmp(b.predicate()).then_with(|| a.arguments().cmp(b.arguments()))
    });
    let most = ordered.iter().map(|fact| fact.row().atoms().len()).max().unwrap_or(1);
    let mut known = HashSet::new();
    if format == Format::Csv {
        csv::write_header(most, out)?;
    }
    for fact in &ordered {
        check_names(fact, &mut known)?;
        match format {
            Format::JsonLines => json_lines::write(fact, out)?,
            Format::Csv => csv::write(fact, most, out)?,
            Format::Notation => notation::write(fact, out)?,
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
