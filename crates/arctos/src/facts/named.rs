//! The values that facts name, and values given with a question as facts of its own.

use rustc_hash::FxHashSet;

use super::atoms::{Atom, TypeId};
use super::error::FactError;
use super::names::RelationId;
use super::value::MAX_ARGUMENTS;
use super::view::FactView;

impl FactView {
    /// The values of a type that facts name, those of the context too, in no order; `None` where more than `most` facts had to be
    /// looked at.
    pub(crate) fn values_named(&self, type_id: TypeId, most: u64) -> Option<FxHashSet<Atom>> {
        if type_id.is_of_entities() {
            let named: FxHashSet<Atom> = (0..).map_while(|place| self.named(type_id, place)).collect();
            return (named.len() as u64 <= most).then_some(named);
        }
        let mut named = FxHashSet::default();
        let mut left = most;
        for relation in self.relations() {
            let arity = self.signature(relation).map_or(0, |(_, arity)| arity);
            for row in self.scan(relation, [None; MAX_ARGUMENTS].get(..arity).unwrap_or_default()) {
                left = left.checked_sub(1)?;
                let atoms = row.atoms().iter().copied().filter(|atom| atom.any_type().is_none());
                named.extend(atoms.filter(|atom| self.type_of(*atom) == Some(type_id)));
            }
        }
        Some(named)
    }

    /// Adds facts of a predicate that no other fact has, one for each value. They name nothing.
    ///
    /// # Errors
    /// When there is no room.
    pub(crate) fn add_given(
        &mut self,
        values: impl IntoIterator<Item = Atom>,
    ) -> Result<RelationId, FactError> {
        let mut number = 0;
        let free = loop {
            // Such a predicate has no name that a policy can write.
            let name = format!("given {number}");
            if self.relation(&name, 1).is_none() {
                break name;
            }
            number += 1;
        };
        let relation = self.add_relation(&free, 1)?;
        self.first_given.get_or_insert(relation);
        for value in values {
            self.insert_row(relation, 1, &[value]);
        }
        Ok(relation)
    }
}
