//! What Arctos writes for other programs and reads from them.
//!
//! The types here are the only ones of the project whose JSON is a promise. Within a version fields are added, never
//! taken away or given another meaning; a document that stands by itself says [`VERSION`].

mod value;

pub use value::{Fact, NotAValue, Value};

/// The version of all shapes in this crate.
pub const VERSION: u32 = 1;
