//! A hash table of dense numbers and nothing else.
//!
//! Open addressing with linear probing (Knuth, *The Art of Computer Programming* 3, §6.4, algorithm L), at most three
//! fifths full: a search in vain, of which a denial has several, then looks at 3.6 slots, and at 8.5 were it three quarters.
//! What a number stands for is kept elsewhere; a slot of 32 bits holds the number and, in the bits that the numbers do not
//! need, a piece of the hash, so that few rows are looked at in vain. The first slot is found by multiplication instead of division (Lemire, *Fast Random Integer Generation in an Interval*, 2019), so a table can have
//! the length it needs: 6.7 bytes a number, where tables that double take 6.7 to 13.3.
//!
//! INVARIANT: one slot at least is empty, so that every search ends.

/// No number is all ones; see [`IdTable::with_room`].
const EMPTY: u32 = u32::MAX;

/// Numbers below a bound, found by hash.
#[derive(Clone, Debug)]
pub(super) struct IdTable {
    slots: Vec<u32>,
    len: usize,
    /// How many low bits of a slot are the number.
    id_bits: u32,
}

impl IdTable {
    /// No numbers and no room.
    pub(super) const EMPTY: IdTable = IdTable { slots: Vec::new(), len: 0, id_bits: 0 };

    /// Room for `count` numbers, each below `bound`. `bound` is less than 2³² − 1.
    pub(super) fn with_room(count: usize, bound: usize) -> Self {
        let slots = count + count / 3 * 2 + 2;
        // All ones must not be a number, hence one more than the bound.
        let id_bits = usize::BITS - (bound + 1).leading_zeros();
        IdTable { slots: vec![EMPTY; slots], len: 0, id_bits: id_bits.min(32) }
    }

    /// The number with that hash for which `is_it` says so.
    #[inline]
    pub(super) fn find(&self, hash: u64, mut is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        let ids = self.ids();
        let tag = self.tag(hash);
        let mut at = self.home(hash);
        loop {
            let slot = *self.slots.get(at)?;
            if slot == EMPTY {
                return None;
            }
            if slot & !ids == tag && is_it(slot & ids) {
                return Some(slot & ids);
            }
            at = self.after(at);
        }
    }

    /// Adds a number that is not in the table and for which there is room.
    pub(super) fn add(&mut self, hash: u64, id: u32) {
        let entry = self.tag(hash) | id;
        let mut at = self.home(hash);
        while let Some(slot) = self.slots.get_mut(at) {
            if *slot == EMPTY {
                *slot = entry;
                self.len += 1;
                return;
            }
            at = self.after(at);
        }
    }

    /// Adds the next number of a table that holds 0, 1, 2, … and makes room as needed.
    pub(super) fn add_next(&mut self, hash: u64, hash_of: impl Fn(u32) -> u64) {
        if (self.len + 1) * 5 > self.slots.len() * 3 {
            *self = self.resized((self.len + 4) * 2, hash_of);
        }
        self.add(hash, self.len as u32);
    }

    /// Bytes on the heap.
    pub(super) fn bytes(&self) -> usize {
        self.slots.capacity() * size_of::<u32>()
    }

    fn resized(&self, count: usize, hash_of: impl Fn(u32) -> u64) -> IdTable {
        let mut table = IdTable::with_room(count, count);
        for id in 0..self.len as u32 {
            table.add(hash_of(id), id);
        }
        table
    }

    #[inline]
    fn ids(&self) -> u32 {
        ((1_u64 << self.id_bits) - 1) as u32
    }

    #[inline]
    fn tag(&self, hash: u64) -> u32 {
        (hash << self.id_bits) as u32
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
