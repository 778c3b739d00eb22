//! What Arctos writes for other programs and reads from them.
//!
//! The types here are the only ones of the project whose JSON is a promise. Within a version fields are added, never
//! taken away or given another meaning; a document that stands by itself says [`VERSION`].

mod answer;
mod entity;
pub mod explanation;
pub mod facts;
mod request;
mod strict;
mod value;

pub use answer::{Decision, FactCount, Ids, ImportReport};
pub use entity::{NotWritten, parse_value};
pub use explanation::Explanation;
pub use request::{Named, NotARequest, RequestValues};
pub use value::{Fact, NotAValue, Value};

/// The version of all shapes in this crate.
pub const VERSION: u32 = 1;
