//! Where the stored facts of a relation have wildcards.
//!
//! A stored `_: User` is an atom like any other, so facts with wildcards stand among the rest. What they have in common
//! is their *shape*: which positions are wildcards, and of which types. A probe asks once as it is, and once for each
//! shape with the shape's wildcards in the place of its own atoms: relations without wildcards pay nothing, and a
//! million facts of one shape cost one probe more.

use super::atoms::{Atom, TypeId};
use super::mask::Mask;
use super::value::MAX_ARGUMENTS;

/// Positions with wildcards, and the wildcards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    mask: Mask,
    /// Atom 0 elsewhere.
    wildcards: [Atom; MAX_ARGUMENTS],
}

impl Shape {
    /// The shape of a row; `None` for one without wildcards.
    pub(super) fn of(row: &[Atom]) -> Option<Self> {
        let mut shape = Shape { mask: Mask::default(), wildcards: [Atom(0); MAX_ARGUMENTS] };
        for (position, (slot, atom)) in shape.wildcards.iter_mut().zip(row).enumerate() {
            if atom.any_type().is_some() {
                *slot = *atom;
                shape.mask.insert(position);
            }
        }
        (!shape.mask.is_empty()).then_some(shape)
    }

    /// What of it lies in the bound positions.
    fn within(self, bound: Mask) -> Self {
        let mask = self.mask.and(bound);
        let mut wildcards = [Atom(0); MAX_ARGUMENTS];
        for position in mask.positions() {
            if let (Some(slot), Some(atom)) = (wildcards.get_mut(position), self.wildcards.get(position)) {
                *slot = *atom;
            }
        }
        Shape { mask, wildcards }
    }

    /// The key with this shape's wildcards in the place of its atoms, where they are of the wildcards' types.
    pub(super) fn generalize(
        self,
        key: &[Atom],
        bound: Mask,
        kind_of: impl Fn(Atom) -> Option<TypeId>,
    ) -> Option<[Atom; MAX_ARGUMENTS]> {
        let mut general = [Atom(0); MAX_ARGUMENTS];
        for (slot, atom) in general.iter_mut().zip(key) {
            *slot = *atom;
        }
        let mask = self.mask.and(bound);
        for position in mask.positions() {
            let wildcard = *self.wildcards.get(position)?;
            let slot = general.get_mut(position)?;
            if kind_of(*slot) != wildcard.any_type() {
                return None;
            }
            *slot = wildcard;
        }
        Some(general)
    }
}

/// The shapes of a relation, with how many facts have each.
#[derive(Clone, Debug, Default)]
pub(super) struct Shapes(Vec<(Shape, usize)>);

impl Shapes {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn add(&mut self, row: &[Atom]) {
        let Some(shape) = Shape::of(row) else { return };
        match self.0.iter_mut().find(|(known, _)| *known == shape) {
            Some((_, count)) => *count += 1,
            None => self.0.push((shape, 1)),
        }
    }

    pub(super) fn remove(&mut self, row: &[Atom]) {
        let Some(shape) = Shape::of(row) else { return };
        if let Some((_, count)) = self.0.iter_mut().find(|(known, _)| *known == shape) {
            *count = count.saturating_sub(1);
        }
        self.0.retain(|(_, count)| *count > 0);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Shape> {
        self.0.iter().map(|(shape, _)| *shape)
    }

    /// The shape at a place, unless it asks for the same rows as the plain key or as a shape before it.
    pub(super) fn get(&self, at: usize, bound: Mask) -> Option<Candidate> {
        let (shape, _) = self.0.get(at)?;
        let within = shape.within(bound);
        let mut before = self.0.iter().take(at);
        let is_new = !within.mask.is_empty() && !before.any(|(other, _)| other.within(bound) == within);
        Some(if is_new { Candidate::New(within) } else { Candidate::Covered })
    }

    pub(super) fn bytes(&self) -> usize {
        self.0.capacity() * size_of::<(Shape, usize)>()
    }
}

/// A shape, seen from the bound positions.
pub(super) enum Candidate {
    /// It leads to rows of its own.
    New(Shape),
    /// Its rows have been found already.
    Covered,
}
