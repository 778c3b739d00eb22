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
    /// The atoms of the bound positions; atom 0 elsewhere.
    pub(super) key: [Atom; MAX_ARGUMENTS],
    pub(super) bound: Bound,
    /// Positions that must have an atom of some type, and the types.
    pub(super) typed: Mask,
    pub(super) types: [TypeId; MAX_ARGUMENTS],
    /// The snapshot, the context, nothing.
    pub(super) stage: u8,
    /// 0 for the key as it is, then one for each shape of the relation's wildcards.
    pub(super) variant: u32,
    pub(super) layer: u32,
    pub(super) place: Place,
}

/// Positions that must have the key's atom, and how many those are: counted once.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bound {
    pub(super) mask: Mask,
    pub(super) len: u8,
}

impl Bound {
    #[inline]
    fn insert(&mut self, position: usize) {
        self.mask.insert(position);
        self.len += 1;
    }
}

impl Cursor {
    /// A cursor over what holds: an atom is matched by itself and by wildcards of its type.
    #[inline]
    pub(super) fn over(relation: RelationId, pattern: &[Option<Atom>]) -> Self {
        let mut cursor = Cursor::all(relation);
        for (position, atom) in pattern.iter().enumerate() {
            if let Some(atom) = atom {
                cursor.restrict(position, *atom);
            }
        }
        cursor
    }

    /// A cursor over what agrees with the key in the positions of a mask, none of which is a type. The key is atom 0 elsewhere.
    #[inline]
    pub(super) fn at(relation: RelationId, key: &[Atom; MAX_ARGUMENTS], mask: Mask) -> Self {
        Cursor { key: *key, bound: Bound { mask, len: mask.len() as u8 }, ..Cursor::all(relation) }
    }

    #[inline]
    fn restrict(&mut self, position: usize, atom: Atom) {
        match atom.any_type() {
            Some(kind) => self.require_type(position, kind),
            None => self.require(position, atom),
        }
    }

    /// The atom at a position must be this one, as it is.
    #[inline]
    pub(super) fn require(&mut self, position: usize, atom: Atom) {
        if let Some(slot) = self.key.get_mut(position) {
            *slot = atom;
            self.bound.insert(position);
        }
    }

    /// The atom at a position must be of this type.
    pub(super) fn require_type(&mut self, position: usize, kind: TypeId) {
        if let Some(slot) = self.types.get_mut(position) {
            *slot = kind;
            self.typed.insert(position);
        }
    }

    /// A cursor over all facts.
    #[inline]
    pub(super) fn all(relation: RelationId) -> Self {
        Cursor {
            relation,
            key: [Atom(0); MAX_ARGUMENTS],
            bound: Bound::default(),
            typed: Mask::default(),
            types: [TypeId::STRING; MAX_ARGUMENTS],
            stage: 0,
            variant: 0,
            layer: 0,
            place: Place::BEGIN,
        }
    }

    /// The same with another atom at a position that has one, from the beginning. Not for one that has nothing from the start, nor for
    /// wildcards.
    #[inline]
    pub(crate) fn of(mut self, position: usize, atom: Atom) -> Self {
        if let Some(slot) = self.key.get_mut(position) {
            *slot = atom;
        }
        self
    }

    /// True when it is known that there is nothing any more: an engine need not come back. Where it is false there may still be
    /// nothing.
    #[inline]
    pub fn is_done(&self) -> bool {
        self.stage > 1
    }

    /// The relation it goes over.
    pub fn relation(&self) -> RelationId {
        self.relation
    }

    /// Goes on with another key, from the beginning.
    pub(super) fn enter_variant(&mut self, variant: u32) {
        self.variant = variant;
        self.layer = 0;
        self.place = Place::BEGIN;
    }

    /// Goes on with a stage, from its beginning.
    pub(super) fn enter_stage(&mut self, stage: u8) {
        self.stage = stage;
        self.enter_variant(0);
    }

    /// True when the row has atoms of the right types.
    #[inline]
    pub(super) fn types_agree(&self, row: &[Atom], kind_of: impl Fn(Atom) -> Option<TypeId>) -> bool {
        self.typed.is_empty()
            || self.typed.positions().all(|position| {
                let found = row.get(position).and_then(|atom| kind_of(*atom));
                found.as_ref() == self.types.get(position)
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
