//! Arctos beside other authorization engines: the same data, the same questions, the same answers, and what each costs.
//!
//! A [`Workload`] makes its data from a fixed seed and gives it to each engine in the form that the engine's own
//! documentation recommends. Before anything is timed, every engine has answered every question as the hand-written
//! Rust does. The method is told in `docs/performance.md`.

pub mod allocations;
pub mod codehost;
pub mod contender;
pub mod deep;
pub mod load;
pub mod many;
pub mod measure;
pub mod published;
mod questions;
#[cfg(feature = "peers")]
mod rego;
pub mod report;
pub mod roles;
pub mod scale;
pub mod threads;
mod workload;

pub use contender::{Contender, Scenario};
pub use measure::Effort;
pub use workload::{ALL, Ours, Workload};
