//! What a request brings.

use crate::facts::Fact;

/// What one request brings besides its question.
#[derive(Clone, Copy, Debug, Default)]
pub struct Request<'r> {
    /// Facts that hold for this request only.
    pub facts: &'r [Fact],
    /// `@current_unix_time`, in seconds. A policy that asks for it and does not get it ends with
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported).
    pub unix_time: Option<i64>,
}
