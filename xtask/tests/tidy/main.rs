//! The rules of the house, as tests.
//!
//! Each rule has a list of exceptions beside it that may only shrink: an exception that is no longer needed fails the
//! test too.

#![expect(clippy::expect_used, reason = "a rule that cannot be checked fails the test")]

mod documents;
mod edges;
mod exceptions;
mod names;
mod rust_sources;
mod tree;
