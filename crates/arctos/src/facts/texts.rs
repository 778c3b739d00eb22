//! A hash table from arguments, which are a type and bytes, to dense numbers.
//!
//! A slot holds a short text itself, so that finding the number of an id is one cache miss; of a longer one it holds a piece
//! of the hash and where the text begins (after the strings of T. Neumann and M. J. Freitag, *Umbra: A Disk-Based System
//! with In-Memory Performance*, CIDR 2020). Open addressing as in [`IdTable`](super::table::IdTable), two thirds
//! full: what is asked about is most often there, so that two slots are looked at, and a cache line has four.
//!
//! INVARIANT: one slot at least is empty, so that every search ends.

use super::atoms::TypeId;
use super::hash::Seed;

/// Texts up to this length stand in their slots.
const SHORT: usize = 9;
/// The length of a text that has this many bytes or more is kept elsewhere.
const LONG: usize = 255;

/// No number is all ones.
const NONE: u32 = u32::MAX;

/// Type, length, and the text itself or a piece of its hash and where it begins.
type Words = [u32; 3];

/// What a text is found by.
#[derive(Clone, Copy)]
pub(super) struct Probe {
    hash: u64,
    /// Of a longer text, without where it begins.
    words: Words,
    is_short: bool,
}

impl Probe {
    #[inline]
    pub(super) fn new(kind: TypeId, bytes: &[u8], seed: &Seed) -> Probe {
        let mut packed = [0; 12];
        let [low, high] = kind.0.to_le_bytes();
        packed[0] = low;
        packed[1] = high;
        packed[2] = bytes.len().min(LONG) as u8;
        if let Some(slot) = packed.get_mut(3..3 + bytes.len())
            && bytes.len() <= SHORT
        {
            slot.copy_from_slice(bytes);
            let words = words_of(packed);
            return Probe { hash: seed.words(words), words, is_short: true };
        }
        let hash = seed.text(kind, bytes);
        let [.., a, b, c, d, e] = hash.to_be_bytes();
        packed[3..8].copy_from_slice(&[a, b, c, d, e]);
        Probe { hash, words: words_of(packed), is_short: false }
    }
}

fn words_of(packed: [u8; 12]) -> Words {
    let [a, b, c, d, e, f, g, h, i, j, k, l] = packed;
    [[a, b, c, d], [e, f, g, h], [i, j, k, l]].map(u32::from_le_bytes)
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    number: u32,
    words: Words,
}

const EMPTY: Slot = Slot { number: NONE, words: [0; 3] };

/// Numbers of texts that stand in one buffer.
#[derive(Clone, Debug)]
pub(super) struct TextTable {
    slots: Vec<Slot>,
    len: usize,
}

impl TextTable {
    pub(super) const EMPTY: TextTable = TextTable { slots: Vec::new(), len: 0 };

    pub(super) fn with_room(count: usize) -> Self {
        TextTable { slots: vec![EMPTY; count + count / 2 + 2], len: 0 }
    }

    /// The number of a text. Of a longer one `is_it` says whether this one, which begins there, is it.
    #[inline]
    pub(super) fn find(&self, probe: &Probe, is_it: impl Fn(u32, u32) -> bool) -> Option<u32> {
        let mut at = self.home(probe.hash);
        let Probe { words: [a, b, c], is_short, .. } = *probe;
        loop {
            let Slot { number, words: [x, y, z] } = *self.slots.get(at)?;
            if number == NONE {
                return None;
            }
            if (x, y) == (a, b) && if is_short { z == c } else { is_it(number, z) } {
                return Some(number);
            }
            at = self.after(at);
        }
    }

    /// Where the text of a probe may begin; 0 for a short one. For reading ahead.
    #[inline]
    pub(super) fn candidate(&self, probe: &Probe) -> u32 {
        let slot = self.slots.get(self.home(probe.hash));
        slot.map_or(0, |slot| if probe.is_short { slot.words[0] & 1 } else { slot.words[2] })
    }

    /// Adds the next text of a table that holds the texts 0, 1, 2, …, and makes room as needed. It is not there; `begin` is where its
    /// bytes begin.
    pub(super) fn add_next(&mut self, probe: &Probe, begin: u32, of: impl Fn(u32) -> (Probe, u32)) {
        if (self.len + 1) * 3 > self.slots.len() * 2 {
            self.resize((self.len + 4) * 2, of);
        }
        self.add(probe, begin);
    }

    /// Adds the next text, for which there is room.
    pub(super) fn add(&mut self, probe: &Probe, begin: u32) {
        let [a, b, c] = probe.words;
        let words = [a, b, if probe.is_short { c } else { begin }];
        let mut at = self.home(probe.hash);
        while let Some(slot) = self.slots.get_mut(at) {
            if slot.number == NONE {
                *slot = Slot { number: self.len as u32, words };
                self.len += 1;
                return;
            }
            at = self.after(at);
        }
    }

    /// Gives back room that [`TextTable::add_next`] made and did not need.
    pub(super) fn fit(&mut self, of: impl Fn(u32) -> (Probe, u32)) {
        if self.slots.len() > self.len / 4 * 7 + 8 {
            self.resize(self.len, of);
        }
    }

    /// Forgets the texts and keeps the room.
    pub(super) fn clear(&mut self) {
        self.slots.fill(EMPTY);
        self.len = 0;
    }

    /// Bytes on the heap.
    pub(super) fn bytes(&self) -> usize {
        self.slots.capacity() * size_of::<Slot>()
    }

    fn resize(&mut self, count: usize, of: impl Fn(u32) -> (Probe, u32)) {
        let mut table = TextTable::with_room(count);
        for number in 0..self.len as u32 {
            let (probe, begin) = of(number);
            table.add(&probe, begin);
        }
        *self = table;
    }

    #[inline]
    fn home(&self, hash: u64) -> usize {
        (((hash >> 32) * self.slots.len() as u64) >> 32) as usize
    }

    #[inline]
    fn after(&self, at: usize) -> usize {
        if at + 1 < self.slots.len() { at + 1 } else { 0 }
    }
}
