//! Text of the Polar policy language: tokens, tree, diagnostics and their renderings, and the formatter.
//!
//! [`parse`] never fails: it returns a tree and a list of diagnostics. Nothing here knows what a rule means.
//! This crate touches no file, clock, environment, thread or network.

pub mod codes;
pub mod diagnostic;
pub mod source;
pub mod suggest;
pub mod tree;

pub use codes::{Code, Family};
pub use diagnostic::{Diagnostic, Severity};
pub use source::{Position, Source, SourceId, Sources, Span};

/// What [`parse`] returns: a tree, however broken the text, and what is wrong with it, in source order.
#[derive(Clone, Debug, Default)]
pub struct Parsed<T> {
    /// The tree.
    pub tree: T,
    /// What is wrong; empty for a well-formed text.
    pub diagnostics: Vec<Diagnostic>,
}

/// Parses a policy file.
pub fn parse(_source: SourceId, _text: &str) -> Parsed<tree::File> {
    unimplemented!("written by the parser's author")
}

/// Parses one query, such as `allow(actor, "read", resource)`; a trailing `;` is allowed.
pub fn parse_query(_source: SourceId, _text: &str) -> Parsed<Option<tree::Expr>> {
    unimplemented!("written by the parser's author")
}
