//! Which rows of a layer have been deleted.

use std::sync::Arc;

/// 4,096 rows.
type Chunk = [u64; 64];
const CHUNK_ROWS: u32 = 4096;

/// A set of rows. A copy shares the chunks until they are written to, so that a batch pays for the chunks it touches and a
/// pointer for each 4,096 rows.
#[derive(Clone, Debug, Default)]
pub(super) struct Dead {
    chunks: Vec<Option<Arc<Chunk>>>,
    len: usize,
}

impl Dead {
    /// How many rows are dead.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub(super) fn contains(&self, row: u32) -> bool {
        let chunk = self.chunks.get((row / CHUNK_ROWS) as usize).and_then(Option::as_ref);
        let word = chunk.and_then(|chunk| chunk.get((row % CHUNK_ROWS / 64) as usize));
        word.is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    /// Adds a row; false when it was there.
    pub(super) fn insert(&mut self, row: u32) -> bool {
        let has_changed = self.write(row, true);
        self.len += usize::from(has_changed);
        has_changed
    }

    /// Takes a row out; false when it was not there.
    pub(super) fn remove(&mut self, row: u32) -> bool {
        let has_changed = self.write(row, false);
        self.len -= usize::from(has_changed);
        has_changed
    }

    /// Sets or clears the bit of a row; false when it was so.
    fn write(&mut self, row: u32, is_dead: bool) -> bool {
        let at = (row / CHUNK_ROWS) as usize;
        if at >= self.chunks.len() {
            self.chunks.resize(at + 1, None);
        }
        let Some(chunk) = self.chunks.get_mut(at) else { return false };
        let chunk = Arc::make_mut(chunk.get_or_insert_with(|| Arc::new([0; 64])));
        let Some(word) = chunk.get_mut((row % CHUNK_ROWS / 64) as usize) else { return false };
        let bit = 1_u64 << (row % 64);
        let has_changed = (*word & bit != 0) != is_dead;
        *word ^= if has_changed { bit } else { 0 };
        has_changed
    }

    pub(super) fn bytes(&self) -> usize {
        let chunks = self.chunks.iter().flatten().count() * (size_of::<Chunk>() + 16);
        self.chunks.capacity() * size_of::<Option<Arc<Chunk>>>() + chunks
    }
}
