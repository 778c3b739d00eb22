//! How texts and rows are hashed.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::RandomState;

use super::atoms::{Atom, TypeId};
use super::value::MAX_ARGUMENTS;

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

    /// The hash of a row, or of a key that has atom 0 where it is not bound.
    #[inline]
    pub(super) fn row(&self, atoms: &[Atom]) -> u64 {
        // PERF: four atoms are one multiplication, and a row has most often two or three.
        match *atoms {
            [a] => self.blocks(&[[a.0, 0, 0, 0]]),
            [a, b] => self.blocks(&[[a.0, b.0, 0, 0]]),
            [a, b, c] => self.blocks(&[[a.0, b.0, c.0, 0]]),
            [a, b, c, d] => self.blocks(&[[a.0, b.0, c.0, d.0]]),
            _ => self.long_row(atoms),
        }
    }

    fn long_row(&self, atoms: &[Atom]) -> u64 {
        let mut words = [[0; 4]; MAX_ARGUMENTS / 4];
        for (slot, atom) in words.as_flattened_mut().iter_mut().zip(atoms) {
            *slot = atom.0;
        }
        self.blocks(&words)
    }

    /// The hash of three words.
    #[inline]
    pub(super) fn words(&self, [a, b, c]: [u32; 3]) -> u64 {
        self.blocks(&[[a, b, c, 0]])
    }

    #[inline]
    fn blocks(&self, blocks: &[[u32; 4]]) -> u64 {
        let mut hasher = self.0.build_hasher();
        for block in blocks {
            let [a, b, c, d] = block.map(u64::from);
            hasher.write_u128(u128::from(a << 32 | b) << 64 | u128::from(c << 32 | d));
        }
        hasher.finish()
    }
}
