//! How texts and rows are hashed.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::RandomState;

use super::atoms::{Atom, TypeId};

/// The seed of one line of snapshots: random, so that nobody can choose ids that collide. Nothing that can be seen
/// depends on it.
#[derive(Clone, Debug, Default)]
pub(super) struct Seed(RandomState);

impl Seed {
    /// The hash of an argument.
    pub(super) fn text(&self, kind: TypeId, bytes: &[u8]) -> u64 {
        let mut hasher = self.0.build_hasher();
        hasher.write(bytes);
        hasher.write_u16(kind.0);
        hasher.finish()
    }

    /// The hash of a row, or of its bound arguments in their order.
    #[inline]
    pub(super) fn row(&self, atoms: &[Atom]) -> u64 {
        let mut hasher = self.0.build_hasher();
        // PERF: four atoms are one multiplication.
        for four in atoms.chunks(4) {
            let word = four.iter().fold(0, |word: u128, atom| word << 32 | u128::from(atom.0));
            hasher.write_u128(word);
        }
        hasher.finish()
    }
}
