//! Kinds of facts that have been found to be good.
//!
//! PERF: files have millions of facts of a few kinds. Whether the names of a fact are names and the policy asks for it depends on
//! its predicate, its types and its strings (the names of roles and relations), and never on its ids.

use arctos::Fact;
use arctos::facts::ValueRef;

/// Some good facts, frequent ones first.
#[derive(Debug, Default)]
pub(super) struct KnownForms(Vec<Fact>);

/// So many are kept; looking through more would take longer than asking the policy.
const MOST: usize = 16;

impl KnownForms {
    /// True for a fact that is like a known one.
    pub(super) fn has(&mut self, predicate: &str, arguments: &[ValueRef<'_>]) -> bool {
        let is_like = |known: &Fact| {
            known.predicate == predicate
                && known.arguments.len() == arguments.len()
                && known
                    .arguments
                    .iter()
                    .zip(arguments)
                    .all(|(known, value)| are_alike(known.as_ref(), *value))
        };
        let Some(at) = self.0.iter().position(is_like) else { return false };
        // One place forward, so that frequent kinds come to the front.
        self.0.swap(at, at.saturating_sub(1));
        true
    }

    pub(super) fn add(&mut self, fact: Fact) {
        self.0.truncate(MOST - 1);
        self.0.insert(0, fact);
    }
}

fn are_alike(known: ValueRef<'_>, value: ValueRef<'_>) -> bool {
    match (known, value) {
        (ValueRef::Entity { type_name, .. }, ValueRef::Entity { type_name: other, .. }) => type_name == other,
        (ValueRef::Integer(_), ValueRef::Integer(_)) => true,
        (known, value) => known == value,
    }
}
