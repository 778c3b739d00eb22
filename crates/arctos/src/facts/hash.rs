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
        let mut rest = atoms;
        // PERF: four atoms are one multiplication, and a row has most often two or three.
        loop {
            let word = match rest {
                [] => return hasher.finish(),
                [a] => [a.0, 0, 0, 0],
                [a, b] => [a.0, b.0, 0, 0],
                [a, b, c] => [a.0, b.0, c.0, 0],
                [a, b, c, d, ..] => [a.0, b.0, c.0, d.0],
            };
            let [a, b, c, d] = word.map(u64::from);
            hasher.write_u128(u128::from(a << 32 | b) << 64 | u128::from(c << 32 | d));
            rest = rest.get(4..).unwrap_or_default();
        }
    }
}
