//! Keys: sequences of words, each known by one number.
//!
//! A key is the key before its last word, and that word; so keys that begin alike share what they have in common, and one more word
//! costs one probe. After the hash-consing of A. P. Ershov, "On programming of arithmetic operations", CACM 1958.

/// One word of a key: what kind of value, and which.
pub(super) type Word = (u8, u64);

/// The kinds of words that are objects, and entities.
pub(super) const OBJECT: u8 = 5;
pub(super) const ENTITY: u8 = 6;

/// The empty key.
pub(super) const EMPTY: u32 = u32::MAX;
/// The mark of a new key.
pub(super) const UNMARKED: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct Key {
    word: u64,
    before: u32,
    /// What its owner notes of it.
    mark: u32,
    kind: u8,
}

/// All keys of a decision.
#[derive(Debug, Default)]
pub(super) struct Keys {
    all: Vec<Key>,
    /// An open-addressed table of places in `all`, each with the decision it belongs to.
    table: Vec<(u32, u32)>,
    decision: u32,
}

impl Keys {
    /// True when there are none.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.all.clear();
        self.decision = self.decision.wrapping_add(1);
        if self.decision == 0 {
            self.table.clear();
        }
    }

    /// Places that are there for keys.
    #[inline]
    pub(super) fn places(&self) -> usize {
        self.table.len()
    }

    /// How many keys there are.
    #[inline]
    pub(super) fn count(&self) -> usize {
        self.all.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.all.len() * size_of::<Key>() + self.table.len() * 8
    }

    /// The key `before` with one more word, made if it is new.
    #[inline]
    pub(super) fn find(&mut self, before: u32, (kind, word): Word) -> u32 {
        if self.all.len() * 2 >= self.table.len() {
            self.grow();
        }
        let mask = self.table.len() - 1;
        let mut place = slot(before, kind, word) & mask;
        loop {
            match self.table.get(place).copied() {
                Some((decision, key)) if decision == self.decision => {
                    let known = self.all.get(key as usize);
                    if known.is_some_and(|key| (key.word, key.before, key.kind) == (word, before, kind)) {
                        return key;
                    }
                }
                _ => break,
            }
            place = (place + 1) & mask;
        }
        let key = self.all.len() as u32;
        if let Some(slot) = self.table.get_mut(place) {
            *slot = (self.decision, key);
        }
        self.all.push(Key { word, before, mark: UNMARKED, kind });
        key
    }

    /// What has been noted of a key.
    #[inline]
    pub(super) fn mark(&self, key: u32) -> u32 {
        self.all.get(key as usize).map_or(UNMARKED, |key| key.mark)
    }

    #[inline]
    pub(super) fn set_mark(&mut self, key: u32, mark: u32) {
        if let Some(key) = self.all.get_mut(key as usize) {
            key.mark = mark;
        }
    }

    #[cold]
    fn grow(&mut self) {
        let size = (self.table.len() * 2).max(64);
        // Places of earlier decisions are told by their number, so the number begins anew with the table.
        self.table.clear();
        self.table.resize(size, (0, EMPTY));
        self.decision = 1;
        let mask = size - 1;
        for (index, key) in (0..).zip(&self.all) {
            let mut place = slot(key.before, key.kind, key.word) & mask;
            while self.table.get(place).is_some_and(|(decision, _)| *decision == 1) {
                place = (place + 1) & mask;
            }
            if let Some(slot) = self.table.get_mut(place) {
                *slot = (1, index);
            }
        }
    }
}

/// Where a key may be in a table: products have their best bits in the upper half.
#[inline]
fn slot(before: u32, kind: u8, word: u64) -> usize {
    let odd = 0x9e37_79b9_7f4a_7c15;
    let mixed = (word ^ u64::from(kind) << 56).wrapping_mul(odd)
        ^ u64::from(before).wrapping_mul(0x00c2_b2ae_3d27_d4eb);
    (mixed.wrapping_mul(odd) >> 32) as usize
}

#[cfg(test)]
mod tests {
    use super::{EMPTY, Keys, UNMARKED};

    #[test]
    fn equal_keys_have_one_number() {
        let mut keys = Keys::default();
        let of =
            |keys: &mut Keys, words: &[u64]| words.iter().fold(EMPTY, |key, word| keys.find(key, (2, *word)));
        let long: Vec<u32> = (0..1_000).map(|n| of(&mut keys, &[n, 7, n])).collect();
        for (n, key) in (0..).zip(&long) {
            assert_eq!(of(&mut keys, &[n, 7, n]), *key);
            assert_eq!(of(&mut keys, &[n, n, 7]) == *key, n == 7);
        }
        let text = keys.find(EMPTY, (4, 1));
        assert_ne!(keys.find(EMPTY, (2, 1)), text);
    }

    #[test]
    fn nothing_is_known_after_clearing() {
        let mut keys = Keys::default();
        let key = keys.find(EMPTY, (2, 1));
        keys.set_mark(key, 5);
        assert_eq!(keys.mark(key), 5);
        keys.clear();
        let key = keys.find(EMPTY, (2, 1));
        assert_eq!(keys.mark(key), UNMARKED);
    }
}
