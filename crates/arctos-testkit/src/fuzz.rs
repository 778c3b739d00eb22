//! What the fuzzer does with bytes: a function a target, shared by `fuzz/` and by the test that replays the corpora.
//!
//! A target that returns has found nothing; a panic is a finding. [`lexer`] and [`parser`] take any text, [`load`] a
//! policy or a whole corpus file, [`machine`], [`facts`] and [`plans`] the choices of a generator.
//!
//! INVARIANT: a target's outcome depends on its bytes alone.

mod cases;
pub mod corpus;
mod load;
mod text;

pub use cases::{facts, machine, plans};
pub use load::load;
pub use text::{lexer, parser};

/// A target: what it does with bytes.
pub type Target = fn(&[u8]);

/// Every target by its name, which is also the name of its files in `fuzz/corpus` and in `fuzz/fuzz_targets`.
pub const TARGETS: &[(&str, Target)] = &[
    ("lexer", lexer),
    ("parser", parser),
    ("load", load),
    ("machine", machine),
    ("facts", facts),
    ("plans", plans),
];
