//! Laws of the facts store, against a naive model: a set of facts.

mod laws;
mod limits;
mod meaning;
mod memory;
mod model;
mod parts;

use super::*;

/// A fact from a predicate and arguments.
fn fact(predicate: &str, arguments: &[Value]) -> Fact {
    Fact::new(predicate, arguments.iter().cloned())
}

fn user(id: &str) -> Value {
    Value::entity("User", id)
}

fn org(id: &str) -> Value {
    Value::entity("Org", id)
}

/// A snapshot of these facts.
fn stored(facts: &[Fact]) -> Facts {
    let mut change = Facts::new().change();
    for fact in facts {
        change.insert(fact).expect("a fact");
    }
    change.commit().0
}

/// What a snapshot shows of itself, sorted.
fn shown(facts: &Facts) -> Vec<String> {
    let mut shown: Vec<String> = facts.iter().map(|fact| fact.to_string()).collect();
    shown.sort();
    shown
}

/// What a view finds for a pattern in which strings, entities and wildcards are given and `None` is open.
fn found(view: &mut FactView, predicate: &str, pattern: &[Option<Value>]) -> Vec<String> {
    let Some(relation) = view.relation(predicate, pattern.len()) else { return Vec::new() };
    let atoms: Vec<Option<Atom>> = pattern
        .iter()
        .map(|value| value.as_ref().map(|value| view.intern(value.as_ref()).expect("a value")))
        .collect();
    let mut shown: Vec<String> = view
        .scan(relation, &atoms)
        .map(|row| {
            let values =
                row.atoms().iter().map(|atom| view.value(*atom).expect("an atom of this view").to_value());
            Fact::new(predicate, values).to_string()
        })
        .collect();
    shown.sort();
    shown
}
