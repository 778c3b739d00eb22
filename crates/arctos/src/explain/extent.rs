//! How much an explanation tells.

/// How much an explanation tells. What is left out is said ([`Explanation::omitted`](super::Explanation::omitted)).
///
/// What it takes to make one is bounded by [`Limits`](crate::Limits) too, as any question is; that limit is an error.
///
/// ```
/// use arctos::explain::Extent;
/// let extent = Extent { misses: 1, ..Extent::default() };
/// assert!(extent.changes > 1);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Goals of a proof. Default 500.
    pub nodes: usize,
    /// Goals inside one another, of a proof or on the way to a miss. Default 100.
    pub depth: usize,
    /// Misses that are told. Default 5.
    pub misses: usize,
    /// Changes of a miss. Default 3.
    pub changes: usize,
    /// Answers of one goal with open arguments that are gone into: facts that exist already. Default 50.
    pub answers: usize,
    /// Goals that are tried while misses are looked for, and ways to go on from them. Default 10,000.
    pub goals: usize,
}

impl Default for Extent {
    fn default() -> Self {
        Extent { nodes: 500, depth: 100, misses: 5, changes: 3, answers: 50, goals: 10_000 }
    }
}
