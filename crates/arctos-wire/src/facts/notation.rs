//! Facts in the notation of policies.

use std::io::{self, Write};

use arctos::facts::{self, FactRef, Value, ValueRef};
use arctos_syntax::SourceId;

use super::import::{Placed, Taker};

/// Reads some whole statements.
pub(super) fn read(text: &str, source: SourceId, taker: &mut Taker<'_, '_>) {
    let (facts, problems) = facts::statements(source, text);
    for problem in problems {
        taker.problem(problem);
    }
    for statement in &facts {
        let arguments: Vec<ValueRef<'_>> = statement.fact.arguments.iter().map(Value::as_ref).collect();
        let placed = Placed {
            predicate: &statement.fact.predicate,
            arguments: &arguments,
            span: statement.span,
            argument_spans: &statement.argument_spans,
        };
        taker.fact(&placed);
    }
}

/// Writes a fact.
pub(super) fn write(fact: &FactRef<'_>, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{fact};")
}
