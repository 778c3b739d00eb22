//! Secondary indexes of a layer.
//!
//! An index groups the rows that agree in the positions of a mask. A hash table leads to the place where a group begins; a
//! bit says where the next one does; an order of the rows is stored, by group and then by row. The first positions need no
//! index: rows are sorted by them.

use std::sync::OnceLock;

use super::atoms::Atom;
use super::hash::Seed;
use super::layer::Rows;
use super::mask::Mask;
use super::table::IdTable;

/// Rows by their atoms in the positions of a mask.
#[derive(Debug)]
pub(super) struct Index {
    /// The row at each place.
    order: Box<[u32]>,
    /// A bit for each place: a group begins there.
    begins: Box<[u64]>,
    /// The place where each group begins.
    groups: IdTable,
}

impl Index {
    pub(super) fn build(rows: &Rows, mask: Mask, seed: &Seed) -> Self {
        let order = ordered(rows, mask);
        let count = rows.len();
        let row_at = |place: usize| rows.get(at(&order, place));
        let mut begins = vec![0_u64; count.div_ceil(64)].into_boxed_slice();
        let mut group_count = 0;
        let mut before: &[Atom] = &[];
        for place in 0..count {
            let row = row_at(place);
            if place == 0 || !mask.agree(row, before) {
                group_count += 1;
                if let Some(word) = begins.get_mut(place / 64) {
                    *word |= 1 << (place % 64);
                }
            }
            before = row;
        }
        let mut groups = IdTable::with_room(group_count, count);
        for place in (0..count).filter(|place| bit(&begins, *place)) {
            let row = row_at(place);
            let key = mask.apply(row);
            groups.add(seed.row(key.get(..row.len()).unwrap_or_default()), place as u32);
        }
        Index { order, begins, groups }
    }

    /// The place where the group of that key begins. Elsewhere than in the positions of the mask, the key is atom 0.
    #[inline]
    pub(super) fn begin(&self, rows: &Rows, mask: Mask, key: &[Atom], seed: &Seed) -> Option<u32> {
        let hash = seed.row(key.get(..rows.arity())?);
        self.groups.find(hash, |place| mask.agree(rows.get(self.row(place)), key))
    }

    /// The row at a place.
    #[inline]
    pub(super) fn row(&self, place: u32) -> u32 {
        at(&self.order, place as usize)
    }

    /// True when another group begins there, or there is nothing any more.
    #[inline]
    pub(super) fn is_end(&self, place: u32, rows: &Rows) -> bool {
        place as usize >= rows.len() || bit(&self.begins, place as usize)
    }

    fn bytes(&self) -> usize {
        self.order.len() * size_of::<u32>() + self.begins.len() * size_of::<u64>() + self.groups.bytes()
    }
}

#[inline]
fn bit(words: &[u64], at: usize) -> bool {
    words.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1)
}

#[inline]
fn at(order: &[u32], place: usize) -> u32 {
    order.get(place).copied().unwrap_or(u32::MAX)
}

/// The numbers of the rows, sorted by what they have in the positions of the mask.
fn ordered(rows: &Rows, mask: Mask) -> Box<[u32]> {
    // PERF: the keys are sorted beside the row numbers, since looking each of them up is a cache miss.
    match mask.len() {
        0 | 1 => sorted::<2>(rows, mask),
        2 => sorted::<3>(rows, mask),
        3 => sorted::<4>(rows, mask),
        4 => sorted::<5>(rows, mask),
        5 => sorted::<6>(rows, mask),
        6 => sorted::<7>(rows, mask),
        _ => sorted::<8>(rows, mask),
    }
}

fn sorted<const N: usize>(rows: &Rows, mask: Mask) -> Box<[u32]> {
    let entry = |number: usize| {
        let row = rows.get(number as u32);
        let mut entry = [number as u32; N];
        for (slot, position) in entry.iter_mut().zip(mask.positions()) {
            *slot = row.get(position).map_or(0, |atom| atom.0);
        }
        entry
    };
    let mut entries: Vec<[u32; N]> = (0..rows.len()).map(entry).collect();
    entries.sort_unstable();
    entries.iter().map(|entry| entry.last().copied().unwrap_or_default()).collect()
}

/// The indexes that have been needed so far: a list that only grows, so that a shared layer can be asked in a new way
/// without a lock for those who ask in an old one.
#[derive(Debug, Default)]
pub(super) struct Indexes(OnceLock<Box<Node>>);

#[derive(Debug)]
struct Node {
    mask: Mask,
    index: Index,
    next: Indexes,
}

impl Indexes {
    #[inline]
    pub(super) fn get(&self, mask: Mask) -> Option<&Index> {
        let mut list = self;
        loop {
            let node = list.0.get()?;
            if node.mask == mask {
                return Some(&node.index);
            }
            list = &node.next;
        }
    }

    pub(super) fn get_or_build(&self, mask: Mask, build: impl Fn() -> Index) -> &Index {
        let mut list = self;
        loop {
            let make = || Box::new(Node { mask, index: build(), next: Indexes::default() });
            // Another thread may get in first, with another mask.
            let node = list.0.get_or_init(make);
            if node.mask == mask {
                return &node.index;
            }
            list = &node.next;
        }
    }

    pub(super) fn masks(&self) -> impl Iterator<Item = Mask> {
        self.nodes().map(|node| node.mask)
    }

    pub(super) fn bytes(&self) -> usize {
        self.nodes().map(|node| size_of::<Node>() + node.index.bytes()).sum()
    }

    fn nodes(&self) -> impl Iterator<Item = &Node> {
        std::iter::successors(self.0.get(), |node| node.next.0.get()).map(|node| &**node)
    }
}
