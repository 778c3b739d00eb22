//! Iterations over the facts of a relation that borrow nothing.

use super::atoms::{Atom, TypeId};
use super::layer::Place;
use super::mask::Mask;
use super::names::RelationId;
use super::value::MAX_ARGUMENTS;

/// A place in an iteration: give it to [`FactView::next`](super::FactView::next) with the view it was made by, as often as there are
/// rows. It is plain data, so that a machine may keep it in a register and copy it to come back to this place.
#[derive(Clone, Copy, Debug)]
pub struct Cursor {
    pub(super) relation: RelationId,
    /// The atoms of the bound and typed positions; atom 0 elsewhere.
    pub(super) key: [Atom; MAX_ARGUMENTS],
    /// Positions that must have the key's atom.
    pub(super) bound: Mask,
    /// Positions that must have an atom of the key's type.
    pub(super) typed: Mask,
    /// The snapshot, then the context.
    pub(super) stage: u8,
    /// 0 for the key as it is, then one for each shape of the relation's wildcards.
    pub(super) variant: u32,
    pub(super) layer: u32,
    pub(super) place: Place,
}

impl Cursor {
    /// A cursor over what holds: an atom is matched by itself and by wildcards of its type.
    pub(super) fn over(relation: RelationId, pattern: &[Option<Atom>]) -> Self {
        let mut cursor = Cursor::all(relation);
        for (position, (slot, atom)) in cursor.key.iter_mut().zip(pattern).enumerate() {
            let Some(atom) = *atom else { continue };
            *slot = atom;
            match atom.any_type() {
                Some(_) => cursor.typed.insert(position),
                None => cursor.bound.insert(position),
            }
        }
        cursor
    }

    /// A cursor over all facts.
    pub(super) fn all(relation: RelationId) -> Self {
        Cursor {
            relation,
            key: [Atom(0); MAX_ARGUMENTS],
            bound: Mask::default(),
            typed: Mask::default(),
            stage: 0,
            variant: 0,
            layer: 0,
            place: Place::BEGIN,
        }
    }

    /// The relation it goes over.
    pub fn relation(&self) -> RelationId {
        self.relation
    }

    /// Goes on with the next stage, from its beginning.
    pub(super) fn enter_next_stage(&mut self) {
        self.stage = self.stage.saturating_add(1);
        self.variant = 0;
        self.layer = 0;
        self.place = Place::BEGIN;
    }

    /// True when the row has atoms of the right types.
    #[inline]
    pub(super) fn types_agree(&self, row: &[Atom], kind_of: impl Fn(Atom) -> Option<TypeId>) -> bool {
        self.typed.positions().all(|position| {
            let wanted = self.key.get(position).and_then(|atom| atom.any_type());
            row.get(position).and_then(|atom| kind_of(*atom)) == wanted
        })
    }
}

/// One fact of a relation: its arguments as atoms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row<'a>(pub(super) &'a [Atom]);

impl<'a> Row<'a> {
    /// All arguments.
    #[inline]
    pub fn atoms(self) -> &'a [Atom] {
        self.0
    }

    /// The argument at a position, counted from 0.
    #[inline]
    pub fn atom(self, position: usize) -> Option<Atom> {
        self.0.get(position).copied()
    }
}
