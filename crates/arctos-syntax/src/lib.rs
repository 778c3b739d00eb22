//! Text of the Polar policy language: tokens, tree, diagnostics and their renderings, and the printer.
//!
//! [`parse`] never fails: it returns a tree and a list of diagnostics. Nothing here knows what a rule means.
//! This crate touches no file, clock, environment, thread or network.
//!
//! | from | to | module |
//! |---|---|---|
//! | text | tokens | `lexer` |
//! | tokens | [`tree`] and diagnostics | `parser` |
//! | tree | text again | [`mod@format`] |
//! | [`diagnostic`]s | text for people and programs | [`render`] |
//! | a misspelt name | the nearest known one | [`suggest`] |
//!
//! ```
//! use arctos_syntax::{Sources, parse, render};
//! let mut sources = Sources::default();
//! let text = "allow(actor, action, resource) if actor.name = 'ann';";
//! let id = sources.add(Some("policy.polar"), text);
//! let parsed = parse(id, text);
//! let shown = render::human(&parsed.diagnostics, &sources, false);
//! assert!(shown.starts_with("error[P0102]: strings are not quoted with `'`"));
//! ```

pub mod codes;
pub mod diagnostic;
mod dump;
pub mod format;
mod lexer;
mod parser;
pub mod render;
pub mod source;
pub mod suggest;
pub mod tree;

pub use codes::{Code, Family};
pub use diagnostic::{Diagnostic, Severity};
pub use dump::{dump_tokens, dump_tree};
pub use source::{Before, Position, Source, SourceId, Sources, Span};

/// What [`parse`] returns: a tree, however broken the text, and what is wrong with it, in source order.
#[derive(Clone, Debug, Default)]
pub struct Parsed<T> {
    /// The tree.
    pub tree: T,
    /// What is wrong; empty for a well-formed text.
    pub diagnostics: Vec<Diagnostic>,
}

/// Parses a policy file.
///
/// ```
/// use arctos_syntax::{SourceId, parse};
/// let parsed = parse(SourceId(0), "allow(_, \"read\", repo: Repo) if repo.is_public;");
/// assert!(parsed.diagnostics.is_empty());
/// assert_eq!(parsed.tree.items.len(), 1);
/// ```
pub fn parse(source: SourceId, text: &str) -> Parsed<tree::File> {
    parser::file(source, text)
}

/// Parses facts, such as `has_role(User{"ann"}, "admin", Org{"acme"});`, one after the other. A wildcard is `_: User`.
///
/// ```
/// use arctos_syntax::{SourceId, parse_facts};
/// let parsed = parse_facts(SourceId(0), r#"has_role(_: User, "reader", Doc{"plan"}); # whoever it is"#);
/// assert!(parsed.diagnostics.is_empty());
/// assert_eq!(parsed.tree[0].name.text, "has_role");
/// ```
pub fn parse_facts(source: SourceId, text: &str) -> Parsed<Vec<tree::Head>> {
    parser::facts(source, text)
}

/// Parses one query, such as `allow(actor, "read", resource)`; a trailing `;` is allowed. There is no tree where the text
/// makes no sense.
pub fn parse_query(source: SourceId, text: &str) -> Parsed<Option<tree::Expr>> {
    parser::query(source, text)
}

/// True for a text that can name something: no reserved word, and not `_`, which names nothing.
///
/// ```
/// use arctos_syntax::is_name;
/// assert!(is_name("has_role") && is_name("Größe") && is_name("tracker::Issue"));
/// assert!(!is_name("has role") && !is_name("in") && !is_name("7up") && !is_name(""));
/// ```
pub fn is_name(text: &str) -> bool {
    text != "_" && lexer::is_plain_name(text)
}
