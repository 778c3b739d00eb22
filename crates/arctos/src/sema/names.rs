//! What a bare name stands for.

use arctos_syntax::{Diagnostic, suggest};

use crate::schema::Schema;

/// The built-in unions of classes with a block.
pub(super) const UNIONS: [&str; 2] = ["Actor", "Resource"];

/// After so many diagnostics no more suggestions are sought.
const SUGGESTIONS: usize = 50;

/// The candidate nearest to `name`, if one is near enough.
///
/// PERF: that costs a look at every candidate, and both they and the mistakes may be many; so only the first few get one.
pub(super) fn near<'c>(
    name: &str,
    candidates: impl IntoIterator<Item = &'c str>,
    found: &[Diagnostic],
) -> Option<&'c str> {
    if found.len() < SUGGESTIONS { suggest::near(name, candidates) } else { None }
}

/// True for a built-in union.
pub(super) fn is_union(name: &str) -> bool {
    UNIONS.contains(&name)
}

/// True for a name that the application has registered, as a class or as a constant.
pub(super) fn is_registered(name: &str, schema: &Schema) -> bool {
    schema.class(name).is_some() || schema.constant(name).is_some()
}

/// True for a name that is not a variable: registered, or a built-in union.
pub(super) fn is_fixed(name: &str, schema: &Schema) -> bool {
    is_union(name) || is_registered(name, schema)
}

/// The class names a policy may use, for suggestions.
pub(super) fn classes(schema: &Schema) -> impl Iterator<Item = &str> {
    schema.classes().map(|(_, class)| &*class.name)
}
