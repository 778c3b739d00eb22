//! A layer: rows of one relation that never change, with the tables that find them.

use std::ops::Range;

use super::atoms::Atom;
use super::cursor::Bound;
use super::hash::Seed;
use super::index::{Index, Indexes};
use super::mask::Mask;
use super::starts::Starts;
use super::table::IdTable;

/// So few rows are looked at one by one: they are in a few cache lines.
const FEW: usize = 8;

/// So many rows with one first atom are looked at one by one.
const CLOSE: usize = 16;

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

    /// The first atom of each row.
    pub(super) fn firsts(&self) -> impl Iterator<Item = Atom> {
        self.atoms.iter().step_by(self.arity.max(1)).copied()
    }

    /// Of rows that are sorted, those that begin with an atom; none of them stands before `begin`, and none that begins with a
    /// lower one stands behind.
    pub(super) fn group_from(&self, begin: u32, first: Atom) -> Range<u32> {
        let begin = self.boundary(begin..self.len as u32, |row| row.first() < Some(&first));
        begin..self.boundary(begin..self.len as u32, |row| row.first() == Some(&first))
    }

    /// Of rows that are sorted, those that begin alike.
    fn groups(&self) -> impl Iterator<Item = Range<u32>> {
        let mut begin = 0;
        std::iter::from_fn(move || {
            let group = self.group_from(begin, *self.get(begin).first()?);
            begin = group.end;
            Some(group)
        })
    }

    /// The first of these rows for which it is no longer so.
    fn boundary(&self, among: Range<u32>, is_before: impl Fn(&[Atom]) -> bool) -> u32 {
        // PERF: most often it is near; twice as far each time else (Bentley and Yao, *An almost optimal algorithm for unbounded
        // searching*, 1976).
        let (mut low, mut high, mut step) = (among.start, among.start, 1);
        while high < among.end && is_before(self.get(high)) {
            low = high + 1;
            high = high.saturating_add(step).min(among.end);
            step *= 2;
        }
        while low < high {
            let middle = low + (high - low) / 2;
            if is_before(self.get(middle)) { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// Which of these rows is that one.
    #[inline]
    fn position(&self, among: Range<u32>, row: &[Atom]) -> Option<u32> {
        // PERF: comparing rows of a known length is one or two instructions.
        match row.len() {
            2 => self.position_by_arity::<2>(among, row),
            3 => self.position_by_arity::<3>(among, row),
            _ => among.into_iter().find(|number| self.get(*number) == row),
        }
    }

    #[inline]
    fn position_by_arity<const N: usize>(&self, among: Range<u32>, row: &[Atom]) -> Option<u32> {
        let row: &[Atom; N] = row.first_chunk()?;
        let rows = self.atoms.as_chunks::<N>().0.get(among.start as usize..among.end as usize)?;
        rows.iter().position(|other| other == row).map(|at| among.start + at as u32)
    }

    /// Whether one of these rows is that one, or has another of these atoms at a place.
    #[inline]
    fn finds_any_by_arity<const N: usize>(
        &self,
        among: Range<u32>,
        row: &[Atom],
        place: usize,
        also: &[Atom],
    ) -> bool {
        let rows = self.atoms.as_chunks::<N>().0.get(among.start as usize..among.end as usize);
        let row: Option<&[Atom; N]> = row.first_chunk();
        rows.zip(row).is_some_and(|(rows, row)| rows.iter().any(|other| is_any(other, row, place, also)))
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
    /// Nothing for few rows.
    starts: Starts,
    /// Row numbers by row, where many rows begin alike.
    members: IdTable,
    indexes: Indexes,
}

impl Layer {
    /// Makes a layer of distinct rows.
    pub(super) fn new(mut rows: Rows, seed: &Seed) -> Self {
        rows.sort();
        rows.atoms.shrink_to_fit();
        let few = rows.len() <= FEW;
        let starts = if few { Starts::NONE } else { Starts::of(&rows, seed) };
        let members = if few { IdTable::EMPTY } else { members(&rows, seed) };
        Layer { rows, starts, members, indexes: Indexes::default() }
    }

    pub(super) fn rows(&self) -> &Rows {
        &self.rows
    }

    /// The number of a row.
    #[inline]
    pub(super) fn find(&self, row: &[Atom], seed: &Seed) -> Option<u32> {
        if row.len() != self.rows.arity {
            return None;
        }
        if self.rows.len() <= FEW {
            return self.rows.position(0..self.rows.len() as u32, row);
        }
        let group = self.starts.group(&self.rows, *row.first()?, seed);
        if group.len() <= CLOSE {
            return self.rows.position(group, row);
        }
        self.members.find(seed.row(row), |number| self.rows.get(number) == row)
    }

    /// Whether there is that row, or one with another of these atoms at a place; `None` where the rows that begin like it are too
    /// many to look at.
    #[inline]
    pub(super) fn finds_any(&self, row: &[Atom], place: usize, also: &[Atom], seed: &Seed) -> Option<bool> {
        if row.len() != self.rows.arity || self.rows.len() <= FEW {
            return None;
        }
        let group = self.starts.group(&self.rows, *row.first()?, seed);
        if group.len() > CLOSE {
            return None;
        }
        Some(match self.rows.arity {
            3 => self.rows.finds_any_by_arity::<3>(group, row, place, also),
            _ => group.into_iter().any(|number| is_any(self.rows.get(number), row, place, also)),
        })
    }

    /// Builds the index of a mask, if one is of use.
    pub(super) fn prepare(&self, mask: Mask, seed: &Seed) {
        if self.rows.len() > FEW && !mask.is_prefix() && mask.len() < self.rows.arity {
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
        if bound.mask.is_prefix() {
            return self.next_of_group(key.get(..len)?, place, seed);
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

    /// The next row that begins with these atoms.
    #[inline]
    fn next_of_group(&self, key: &[Atom], place: &mut Place, seed: &Seed) -> Option<u32> {
        let agrees = |number: u32| begins_with(self.rows.get(number), key);
        let now = match *place {
            Place::BEGIN => self.begin_of(key, seed).filter(|now| agrees(*now)),
            Place(now) => Some(now),
        };
        *place = now.filter(|now| agrees(*now + 1)).map_or(Place::END, |now| Place(now + 1));
        now
    }

    /// The first row that begins with these atoms, or where it would stand.
    #[inline]
    fn begin_of(&self, key: &[Atom], seed: &Seed) -> Option<u32> {
        let (first, rest) = key.split_first()?;
        let group = self.starts.group(&self.rows, *first, seed);
        if rest.is_empty() {
            return (!group.is_empty()).then_some(group.start);
        }
        Some(self.rows.boundary(group, |row| row.get(1..key.len()).is_some_and(|atoms| atoms < rest)))
    }

    #[inline(never)]
    fn next_without_index(&self, key: &[Atom], bound: Bound, place: &mut Place, seed: &Seed) -> Option<u32> {
        if usize::from(bound.len) == self.rows.arity {
            *place = Place::END;
            return self.find(key.get(..self.rows.arity)?, seed);
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
        size_of::<Self>()
            + self.rows.bytes()
            + self.starts.bytes()
            + self.members.bytes()
            + self.indexes.bytes()
    }
}

/// True for the same row, and one that has another of these atoms at a place.
#[inline(always)]
fn is_any(other: &[Atom], row: &[Atom], place: usize, also: &[Atom]) -> bool {
    // PERF: from the last argument on, in which rows that begin alike differ most often.
    other
        .iter()
        .zip(row)
        .enumerate()
        .rev()
        .all(|(at, (atom, wanted))| atom == wanted || (at == place && also.contains(atom)))
}

#[inline]
fn begins_with(row: &[Atom], key: &[Atom]) -> bool {
    row.len() >= key.len() && row.iter().zip(key).all(|(atom, wanted)| atom == wanted)
}

/// The numbers of the rows whose first atom leads to more than [`CLOSE`] rows, by row.
fn members(rows: &Rows, seed: &Seed) -> IdTable {
    let far = || rows.groups().filter(|group| group.len() > CLOSE);
    let count: usize = far().map(|group| group.len()).sum();
    if count == 0 {
        return IdTable::EMPTY;
    }
    let mut members = IdTable::with_room(count, rows.len());
    for number in far().flatten() {
        members.add(seed.row(rows.get(number)), number);
    }
    members
}

/// Where an iteration over a layer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place(u32);

impl Place {
    pub(super) const BEGIN: Place = Place(u32::MAX);
    pub(super) const END: Place = Place(u32::MAX - 1);
}
