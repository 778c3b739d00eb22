//! The facts of one relation.
//!
//! A relation is a few layers of falling size, each immutable and shared between snapshots, with the set of rows that
//! have been deleted from it since. This is the logarithmic method of Bentley and Saxe (*Decomposable Searching Problems
//! I*, 1980), known from storage as the log-structured merge tree (O'Neil et al. 1996): a batch makes a layer of its
//! own, and layers of like size are merged, so that a fact is moved a logarithmic number of times and a probe asks a
//! logarithmic number of layers. After a load there is one.
//!
//! DIVERGENCE: a deletion marks a row instead of adding a tombstone that hides it, so layers are independent of each other:
//! a fact is in one of them at most, and no probe has to know which came later.

use std::sync::Arc;

use super::atoms::{Atom, TypeId, are_alike};
use super::cursor::Cursor;
use super::dead::Dead;
use super::hash::Seed;
use super::layer::{Layer, MOST_ROWS, Place, Rows};
use super::mask::Mask;
use super::shapes::{Candidate, Shapes};

/// A layer and what has been deleted from it.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    layer: Arc<Layer>,
    dead: Option<Arc<Dead>>,
}

impl Stored {
    #[inline]
    fn is_dead(&self, row: u32) -> bool {
        self.dead.as_ref().is_some_and(|dead| dead.contains(row))
    }

    fn len(&self) -> usize {
        self.layer.rows().len() - self.dead.as_ref().map_or(0, |dead| dead.len())
    }

    fn live(&self) -> impl Iterator<Item = &[Atom]> {
        let rows = self.layer.rows().iter().enumerate();
        rows.filter(|(number, _)| !self.is_dead(*number as u32)).map(|(_, row)| row)
    }
}

/// The facts of one predicate with one number of arguments.
#[derive(Clone, Debug)]
pub(super) struct Relation {
    arity: usize,
    layers: Vec<Stored>,
    shapes: Shapes,
    /// Masks whose indexes every layer gets when it is made.
    prepared: Vec<Mask>,
}

impl Relation {
    pub(super) fn new(arity: usize) -> Self {
        Relation { arity, layers: Vec::new(), shapes: Shapes::default(), prepared: Vec::new() }
    }

    pub(super) fn arity(&self) -> usize {
        self.arity
    }

    pub(super) fn len(&self) -> usize {
        self.layers.iter().map(Stored::len).sum()
    }

    /// The rows that are not deleted.
    pub(super) fn live(&self) -> impl Iterator<Item = &[Atom]> {
        self.layers.iter().flat_map(Stored::live)
    }

    /// How many live rows each layer has.
    #[cfg(test)]
    pub(super) fn layer_lens(&self) -> Vec<usize> {
        self.layers.iter().map(Stored::len).collect()
    }

    /// How many shapes of wildcards there are.
    #[cfg(test)]
    pub(super) fn shape_count(&self) -> usize {
        self.shapes.iter().count()
    }

    /// True when this very row is stored.
    #[inline]
    pub(super) fn stores(&self, row: &[Atom], seed: &Seed) -> bool {
        self.layers
            .iter()
            .any(|stored| stored.layer.find(row, seed).is_some_and(|number| !stored.is_dead(number)))
    }

    /// True when the row is stored, or one with wildcards that it is an instance of.
    #[inline]
    pub(super) fn holds(&self, row: &[Atom], seed: &Seed, kind_of: impl Fn(Atom) -> Option<TypeId>) -> bool {
        self.stores(row, seed) || (!self.shapes.is_empty() && self.holds_by_wildcard(row, seed, kind_of))
    }

    #[inline(never)]
    fn holds_by_wildcard(&self, row: &[Atom], seed: &Seed, kind_of: impl Fn(Atom) -> Option<TypeId>) -> bool {
        let all = Mask::first(self.arity);
        self.shapes
            .iter()
            .filter_map(|shape| shape.generalize(row, all, &kind_of))
            .any(|general| self.stores(general.get(..self.arity).unwrap_or_default(), seed))
    }

    /// The next row that a cursor asks for, wildcards included.
    #[inline]
    pub(super) fn next(
        &self,
        cursor: &mut Cursor,
        seed: &Seed,
        kind_of: impl Fn(Atom) -> Option<TypeId>,
    ) -> Option<&[Atom]> {
        if cursor.variant == 0 {
            let key = cursor.key;
            if let Some(row) = self.next_of_key(&key, cursor, seed, &kind_of) {
                return Some(row);
            }
            cursor.enter_variant(1);
        }
        if self.shapes.is_empty() { None } else { self.next_by_wildcard(cursor, seed, kind_of) }
    }

    /// The only layer of a relation that has had neither deletions nor wildcards: most are so, and asking them is simple.
    #[inline]
    pub(super) fn plain(&self) -> Option<&Layer> {
        match &*self.layers {
            [Stored { layer, dead: None }] if self.shapes.is_empty() => Some(layer),
            _ => None,
        }
    }

    /// The next row whose wildcards stand for atoms of the key.
    #[inline(never)]
    fn next_by_wildcard(
        &self,
        cursor: &mut Cursor,
        seed: &Seed,
        kind_of: impl Fn(Atom) -> Option<TypeId>,
    ) -> Option<&[Atom]> {
        loop {
            let at = cursor.variant.checked_sub(1)?;
            if let Candidate::New(shape) = self.shapes.get(at as usize, cursor.bound.mask)?
                && let Some(key) = shape.generalize(&cursor.key, cursor.bound.mask, &kind_of)
                && let Some(row) = self.next_of_key(&key, cursor, seed, &kind_of)
            {
                return Some(row);
            }
            cursor.enter_variant(cursor.variant + 1);
        }
    }

    /// The next stored row that agrees with a key.
    #[inline]
    fn next_of_key(
        &self,
        key: &[Atom],
        cursor: &mut Cursor,
        seed: &Seed,
        kind_of: impl Fn(Atom) -> Option<TypeId>,
    ) -> Option<&[Atom]> {
        while let Some(stored) = self.layers.get(cursor.layer as usize) {
            while let Some(number) = stored.layer.next(key, cursor.bound, &mut cursor.place, seed) {
                let row = stored.layer.rows().get(number);
                if !stored.is_dead(number) && cursor.types_agree(row, &kind_of) {
                    return Some(row);
                }
            }
            cursor.layer += 1;
            cursor.place = Place::BEGIN;
        }
        None
    }

    /// The next row that a cursor selects as it stands; a wildcard is an argument like any other.
    pub(super) fn next_literal(
        &self,
        cursor: &mut Cursor,
        seed: &Seed,
        kind_of: impl Fn(Atom) -> Option<TypeId>,
    ) -> Option<&[Atom]> {
        let key = cursor.key;
        self.next_of_key(&key, cursor, seed, kind_of)
    }

    /// Builds the index of a mask now, in every layer.
    pub(super) fn prepare(&self, mask: Mask, seed: &Seed) {
        for stored in &self.layers {
            stored.layer.prepare(mask, seed);
        }
    }

    /// Every layer has the index of that mask from now on.
    pub(super) fn keep_prepared(&mut self, mask: Mask, seed: &Seed) {
        if !self.prepared.contains(&mask) {
            self.prepared.push(mask);
        }
        self.prepare(mask, seed);
    }

    /// The masks whose indexes every layer gets.
    pub(super) fn prepared(&self) -> &[Mask] {
        &self.prepared
    }

    /// Deletes a row; false when it is not there.
    pub(super) fn delete(&mut self, row: &[Atom], seed: &Seed) -> bool {
        for stored in &mut self.layers {
            let Some(number) = stored.layer.find(row, seed).filter(|number| !stored.is_dead(*number)) else {
                continue;
            };
            self.shapes.remove(row);
            return Arc::make_mut(stored.dead.get_or_insert_default()).insert(number);
        }
        false
    }

    /// Adds one row at once; false when it is there.
    pub(super) fn insert(&mut self, row: &[Atom], seed: &Seed) -> bool {
        if self.stores(row, seed) {
            return false;
        }
        let mut rows = Rows::new(self.arity);
        rows.push(row);
        self.add(rows, seed);
        self.tidy(seed);
        true
    }

    /// Adds rows, none of which is there.
    pub(super) fn add(&mut self, rows: Rows, seed: &Seed) {
        if rows.len() == 0 {
            return;
        }
        for row in rows.iter() {
            self.shapes.add(row);
        }
        self.layers.push(Stored { layer: Arc::new(Layer::new(rows, seed)), dead: None });
    }

    /// Brings the layers in order after additions and deletions: none empty, each more than half alive and more than four times
    /// the next.
    pub(super) fn tidy(&mut self, seed: &Seed) {
        let mut masks = self.prepared.clone();
        for mask in self.layers.iter().flat_map(|stored| stored.layer.masks()) {
            if !masks.contains(&mask) {
                masks.push(mask);
            }
        }
        for stored in &mut self.layers {
            if stored.len() * 2 <= stored.layer.rows().len() {
                let layer = merged(self.arity, &[stored], seed);
                *stored = Stored { layer: Arc::new(layer), dead: None };
            }
        }
        self.layers.retain(|stored| stored.len() > 0);
        let mut kept: Vec<Stored> = Vec::with_capacity(self.layers.len());
        for mut stored in self.layers.drain(..) {
            while let Some(last) = kept.pop() {
                if !are_alike(last.len(), stored.len()) || last.len() + stored.len() > MOST_ROWS {
                    kept.push(last);
                    break;
                }
                let layer = merged(self.arity, &[&last, &stored], seed);
                stored = Stored { layer: Arc::new(layer), dead: None };
            }
            kept.push(stored);
        }
        self.layers = kept;
        // Readers should not have to build again what they have had.
        for mask in masks {
            self.prepare(mask, seed);
        }
    }

    pub(super) fn bytes(&self) -> usize {
        let layers = self.layers.iter().map(|stored| {
            stored.layer.bytes() + stored.dead.as_ref().map_or(0, |dead| dead.bytes()) + size_of::<Stored>()
        });
        size_of::<Self>() + self.shapes.bytes() + layers.sum::<usize>()
    }
}

/// One layer of the live rows of several.
fn merged(arity: usize, layers: &[&Stored], seed: &Seed) -> Layer {
    let mut rows = Rows::with_room(arity, layers.iter().map(|stored| stored.len()).sum());
    for row in layers.iter().flat_map(|stored| stored.live()) {
        rows.push(row);
    }
    Layer::new(rows, seed)
}
