//! Which arguments of a relation are known.

use super::atoms::Atom;
use super::value::MAX_ARGUMENTS;

/// Which arguments are known where a relation is asked: the first, the first and the third, ….
///
/// ```
/// use arctos::facts::Mask;
///
/// assert_eq!(Mask::of([0, 2]).positions().collect::<Vec<_>>(), [0, 2]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mask(u8);

impl Mask {
    /// These positions, counted from 0. Those beyond [`MAX_ARGUMENTS`] are left out.
    pub fn of(positions: impl IntoIterator<Item = usize>) -> Self {
        let mut mask = Mask::default();
        for position in positions {
            mask.insert(position);
        }
        mask
    }

    /// The first `count` positions.
    pub fn first(count: usize) -> Self {
        Mask::of(0..count.min(MAX_ARGUMENTS))
    }

    /// Its positions, ascending.
    #[inline]
    pub fn positions(self) -> impl Iterator<Item = usize> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let position = rest.trailing_zeros() as usize;
            rest &= rest.checked_sub(1)?;
            Some(position)
        })
    }

    /// True for no position.
    #[inline]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// True when the position is in it.
    pub fn contains(self, position: usize) -> bool {
        position < MAX_ARGUMENTS && self.0 >> position & 1 == 1
    }

    #[inline]
    pub(super) fn insert(&mut self, position: usize) {
        if position < MAX_ARGUMENTS {
            self.0 |= 1 << position;
        }
    }

    pub(super) fn and(self, other: Mask) -> Mask {
        Mask(self.0 & other.0)
    }

    /// True for the first, the first two, …: rows are sorted by these.
    pub(super) fn is_prefix(self) -> bool {
        self.0 & self.0.wrapping_add(1) == 0
    }

    pub(super) fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// True when the row has the atoms of the key at these positions.
    #[inline]
    pub(super) fn agree(self, row: &[Atom], key: &[Atom]) -> bool {
        let mut bits = self.0;
        row.iter().zip(key).all(|(atom, wanted)| {
            let agrees = bits & 1 == 0 || atom == wanted;
            bits >>= 1;
            agrees
        })
    }

    /// The row with atom 0 in the other positions: as a cursor's key is.
    pub(super) fn apply(self, row: &[Atom]) -> [Atom; MAX_ARGUMENTS] {
        let mut applied = [Atom(0); MAX_ARGUMENTS];
        for (position, (slot, atom)) in applied.iter_mut().zip(row).enumerate() {
            if self.contains(position) {
                *slot = *atom;
            }
        }
        applied
    }
}
