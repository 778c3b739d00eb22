//! How much a query may use, and what it means to reach that.

use std::fmt;
use std::time::Duration;

/// What one query may use. Reaching a limit is an error of its own kind: the decision is unknown, not "deny".
///
/// ```
/// use arctos::Limits;
/// let limits = Limits { steps: 100_000, ..Limits::default() };
/// assert!(limits.depth > 0);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// Goals tried; inside a goal each pair of values compared, each list item passed over and each value that a table
    /// copies. Default 100 million.
    pub steps: u64,
    /// Rule calls inside one another, those included that a recursion in last place goes on with. Default 100,000. What is too deep in other ways (an argument of a recursive rule, Rust
    /// questions inside one another) is this limit too, with a bound of its own.
    pub depth: u32,
    /// Wall-clock time by the host's clock ([`Host::now`](crate::Host::now)), negations included. Default 30 seconds;
    /// `None` for none.
    pub time: Option<Duration>,
    /// Answers of one query. Default: as many as there are.
    pub answers: u64,
    /// Bytes of working memory, about, of which at most 4 GiB may be text. Default 1 GiB.
    pub memory: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            steps: 100_000_000,
            depth: 100_000,
            time: Some(Duration::from_secs(30)),
            answers: u64::MAX,
            memory: 1 << 30,
        }
    }
}

/// Which limit was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limit {
    /// [`Limits::steps`]
    Steps,
    /// [`Limits::depth`]
    Depth,
    /// [`Limits::time`]
    Time,
    /// [`Limits::answers`]
    Answers,
    /// [`Limits::memory`]
    Memory,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Limit::Steps => "steps",
            Limit::Depth => "depth",
            Limit::Time => "time",
            Limit::Answers => "answers",
            Limit::Memory => "memory",
        })
    }
}
