//! The lowered program.

#[derive(Debug)]
pub(crate) struct Program {}
