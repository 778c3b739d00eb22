//! The entities that facts name, by type: what a variable of which only the type is known may be.
//!
//! They are collected when they are first needed, and kept with the snapshot. Deleted facts name nothing.

use super::atoms::{Atom, TypeId};

/// Entities by type, each once.
#[derive(Clone, Debug, Default)]
pub(super) struct Domain {
    by_type: Vec<Vec<Atom>>,
}

impl Domain {
    /// The entities in some rows. `is_new` is true of an atom that is to be taken, the first time it is asked.
    pub(super) fn of<'r>(
        rows: impl Iterator<Item = &'r [Atom]>,
        kind_of: impl Fn(Atom) -> Option<TypeId>,
        mut is_new: impl FnMut(TypeId, Atom) -> bool,
    ) -> Self {
        let mut domain = Domain::default();
        for atom in rows.flatten().copied().filter(|atom| atom.any_type().is_none()) {
            let Some(kind) = kind_of(atom).filter(|kind| kind.is_of_entities()) else { continue };
            if !is_new(kind, atom) {
                continue;
            }
            if domain.by_type.len() <= kind.index() {
                domain.by_type.resize_with(kind.index() + 1, Vec::new);
            }
            if let Some(entities) = domain.by_type.get_mut(kind.index()) {
                entities.push(atom);
            }
        }
        for entities in &mut domain.by_type {
            entities.sort_unstable();
            entities.shrink_to_fit();
        }
        domain
    }

    /// The entities of a type, in ascending order of their atoms.
    pub(super) fn entities(&self, kind: TypeId) -> &[Atom] {
        self.by_type.get(kind.index()).map_or(&[], Vec::as_slice)
    }

    pub(super) fn contains(&self, kind: TypeId, atom: Atom) -> bool {
        self.entities(kind).binary_search(&atom).is_ok()
    }

    pub(super) fn bytes(&self) -> usize {
        let lists = self.by_type.iter().map(|entities| entities.capacity() * size_of::<Atom>());
        self.by_type.capacity() * size_of::<Vec<Atom>>() + lists.sum::<usize>()
    }
}
