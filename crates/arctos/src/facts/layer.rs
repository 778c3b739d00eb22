//! A layer: rows of one relation that never change, with the tables that find them.

use super::atoms::Atom;
use super::cursor::Bound;
use super::hash::Seed;
use super::index::{Index, Indexes};
use super::mask::Mask;
use super::table::IdTable;

/// So few rows are looked at one by one: they are in a few cache lines.
const FEW: usize = 8;

/// So many rows fit in a layer, so that their numbers and the tables over them do.
pub(super) const MOST_ROWS: usize = (1 << 31) - 2;

/// Rows of `arity` atoms, one after the other: a probe that must look at a row then misses the cache once, whatever the arity.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    arity: usize,
    /// How many rows: asked so often that a division is noticed.
    len: usize,
    atoms: Vec<Atom>,
}

impl Rows {
    pub(super) fn new(arity: usize) -> Self {
        Rows { arity, len: 0, atoms: Vec::new() }
    }

    pub(super) fn with_room(arity: usize, count: usize) -> Self {
        Rows { arity, len: 0, atoms: Vec::with_capacity(arity * count) }
    }

    #[inline]
    pub(super) fn arity(&self) -> usize {
        self.arity
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// A row; empty when there is none of that number.
    #[inline]
    pub(super) fn get(&self, row: u32) -> &[Atom] {
        let begin = (row as usize).wrapping_mul(self.arity);
        self.atoms.get(begin..begin.wrapping_add(self.arity)).unwrap_or_default()
    }

    pub(super) fn push(&mut self, row: &[Atom]) {
        self.len += 1;
        self.atoms.extend_from_slice(row);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &[Atom]> {
        self.atoms.chunks_exact(self.arity.max(1))
    }

    pub(super) fn sort(&mut self) {
        match self.arity {
            1 => self.sort_by_arity::<1>(),
            2 => self.sort_by_arity::<2>(),
            3 => self.sort_by_arity::<3>(),
            4 => self.sort_by_arity::<4>(),
            5 => self.sort_by_arity::<5>(),
            6 => self.sort_by_arity::<6>(),
            7 => self.sort_by_arity::<7>(),
            _ => self.sort_by_arity::<8>(),
        }
    }

    fn sort_by_arity<const N: usize>(&mut self) {
        // PERF: the stable sort finds runs, and rows of merged layers are two runs.
        self.atoms.as_chunks_mut::<N>().0.sort();
    }

    pub(super) fn bytes(&self) -> usize {
        self.atoms.capacity() * size_of::<Atom>()
    }
}

/// Sorted, distinct rows.
#[derive(Debug)]
pub(super) struct Layer {
    rows: Rows,
    /// Row numbers by row; empty for few rows.
    members: IdTable,
    indexes: Indexes,
}

impl Layer {
    /// Makes a layer of distinct rows.
    pub(super) fn new(mut rows: Rows, seed: &Seed) -> Self {
        rows.sort();
        rows.atoms.shrink_to_fit();
        let mut members = IdTable::EMPTY;
        if rows.len() > FEW {
            members = IdTable::with_room(rows.len(), rows.len());
            for (number, row) in rows.iter().enumerate() {
                members.add(seed.row(row), number as u32);
            }
        }
        Layer { rows, members, indexes: Indexes::default() }
    }

    pub(super) fn rows(&self) -> &Rows {
        &self.rows
    }

    /// The number of a row. `hash` is the row's.
    #[inline]
    pub(super) fn find(&self, row: &[Atom], hash: u64) -> Option<u32> {
        if self.rows.len() <= FEW {
            return (0..self.rows.len() as u32).find(|number| self.rows.get(*number) == row);
        }
        self.members.find(hash, |number| self.rows.get(number) == row)
    }

    /// Builds the index of a mask, if one is of use.
    pub(super) fn prepare(&self, mask: Mask, seed: &Seed) {
        if self.rows.len() > FEW && !mask.is_empty() && mask.len() < self.rows.arity {
            self.index(mask, seed);
        }
    }

    /// The masks with an index.
    pub(super) fn masks(&self) -> impl Iterator<Item = Mask> {
        self.indexes.masks()
    }

    #[inline]
    fn index(&self, mask: Mask, seed: &Seed) -> &Index {
        self.indexes.get(mask).unwrap_or_else(|| self.build_index(mask, seed))
    }

    #[cold]
    fn build_index(&self, mask: Mask, seed: &Seed) -> &Index {
        self.indexes.get_or_build(mask, || Index::build(&self.rows, mask, seed))
    }

    /// The next row that has the key's atoms in the bound positions; moves the place beyond it.
    #[inline]
    pub(super) fn next(&self, key: &[Atom], bound: Bound, place: &mut Place, seed: &Seed) -> Option<u32> {
        if *place == Place::END {
            return None;
        }
        let len = usize::from(bound.len);
        if len == 0 || len == self.rows.arity || self.rows.len() <= FEW {
            return self.next_without_index(key, bound, place, seed);
        }
        let index = self.index(bound.mask, seed);
        let now = match *place {
            Place::BEGIN => index.begin(&self.rows, bound.mask, key, seed),
            Place(now) => Some(now),
        };
        *place = match now {
            Some(now) if !index.is_end(now + 1, &self.rows) => Place(now + 1),
            _ => Place::END,
        };
        now.map(|now| index.row(now))
    }

    #[inline(never)]
    fn next_without_index(&self, key: &[Atom], bound: Bound, place: &mut Place, seed: &Seed) -> Option<u32> {
        if usize::from(bound.len) == self.rows.arity {
            *place = Place::END;
            let row = key.get(..self.rows.arity)?;
            return self.find(row, seed.row(row));
        }
        let begin = if *place == Place::BEGIN { 0 } else { place.0 };
        let end = self.rows.len() as u32;
        let found = (begin..end).find(|number| bound.mask.agree(self.rows.get(*number), key));
        *place = match found {
            Some(number) if number + 1 < end => Place(number + 1),
            _ => Place::END,
        };
        found
    }

    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>() + self.rows.bytes() + self.members.bytes() + self.indexes.bytes()
    }
}

/// Where an iteration over a layer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place(u32);

impl Place {
    pub(super) const BEGIN: Place = Place(u32::MAX);
    pub(super) const END: Place = Place(u32::MAX - 1);
}
