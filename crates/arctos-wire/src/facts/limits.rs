//! What a reader takes.

/// Bounds of what an import reads and keeps. A file beyond them is refused, never cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadLimits {
    /// Bytes of one record: a line of JSON, a row, a fact of the notation with the comments before it.
    pub record: usize,
    /// Bytes of one id or string.
    pub id: usize,
    /// Problems that are kept; further ones are counted.
    pub problems: usize,
}

impl Default for ReadLimits {
    /// A record of 1 MiB, ids of 4 KiB, 100 problems.
    fn default() -> Self {
        ReadLimits { record: 1 << 20, id: 4 << 10, problems: 100 }
    }
}
