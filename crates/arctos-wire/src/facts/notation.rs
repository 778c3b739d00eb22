//! Facts in the notation of policies.

use std::io::{self, Write};

use arctos::facts::{self, FactRef, Statement, Value, ValueRef};
use arctos_syntax::SourceId;

use super::framing::End;
use super::import::{Placed, Taker};
use super::problem;

/// Reads some statements, whole unless the input ended.
pub(super) fn read(text: &str, source: SourceId, end: End, taker: &mut Taker<'_, '_>) {
    let (facts, mut problems) = facts::statements(source, text);
    if end == End::Torn
        && let Some(last) = problems.pop()
    {
        problems.push(
            problem::truncated(last.span, "the file ends in the middle of a fact").help("end it with `;`"),
        );
    }
    for problem in problems {
        taker.problem(problem);
    }
    for Statement { fact, places } in &facts {
        let arguments: Vec<ValueRef<'_>> = fact.arguments.iter().map(Value::as_ref).collect();
        taker.fact(Placed { predicate: &fact.predicate, arguments: &arguments, places: &|| places.clone() });
    }
}

/// Writes a fact.
pub(super) fn write(fact: &FactRef<'_>, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{fact};")
}
