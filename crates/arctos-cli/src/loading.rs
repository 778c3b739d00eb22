//! From files to a policy.

use std::path::Path;

use arctos::{Error, Policy, Schema};
use arctos_syntax::{SourceId, parse, tree};

use crate::input::{self, PolicyText, sources};
use crate::output::Failure;
use crate::schema::Declared;
use crate::uses::{self, TypeUse};

/// The schema for these texts: what the user listed, or else the types that the texts (and a query) use.
pub(crate) fn schema(declared: &Declared, texts: &[PolicyText], more: &[TypeUse]) -> Schema {
    if declared.is_closed {
        return declared.schema(&[]);
    }
    let mut used = uses::of_files(&trees(texts));
    used.extend_from_slice(more);
    declared.schema(&used)
}

/// Loads the texts as one policy; `more` are types that a query uses.
///
/// # Errors
/// As [`Policy::load`].
pub(crate) fn load(declared: &Declared, texts: &[PolicyText], more: &[TypeUse]) -> Result<Policy, Error> {
    Policy::load(&schema(declared, texts, more), sources(texts))
}

/// Loads a file, a folder of policies or stdin as a policy over facts alone.
///
/// # Errors
/// [`Failure::Usage`] for files that cannot be read; inside, as [`Policy::load`].
pub(crate) fn load_over_facts(path: &Path) -> Result<Result<Policy, Error>, Failure> {
    let texts = input::read_policies(&[path.to_owned()])?;
    let declared = Declared { has_facts: true, ..Declared::default() };
    Ok(load(&declared, &texts, &[]))
}

/// Loads the texts as one policy about rows of these classes, which it need not name.
///
/// # Errors
/// As [`Policy::load`].
pub(crate) fn load_about_rows(
    mut declared: Declared,
    texts: &[PolicyText],
    classes: &[&str],
) -> (Declared, Result<Policy, Error>) {
    let used = uses::of_files(&trees(texts));
    for name in classes {
        let is_known = used.iter().any(|one| one.name == *name)
            || declared.classes.iter().any(|class| class.name == *name);
        if declared.is_closed || !is_known {
            declared.add_class(name);
        }
    }
    let loaded = load(&declared, texts, &[]);
    (declared, loaded)
}

fn trees(texts: &[PolicyText]) -> Vec<tree::File> {
    // What does not parse is reported by the load; here only the parts that make sense count.
    texts.iter().map(|text| parse(SourceId(0), &text.text).tree).collect()
}

/// The types that a query's text uses.
pub(crate) fn query_uses(text: &str) -> Vec<TypeUse> {
    parse_query_tree(text).map_or_else(Vec::new, |query| uses::of_query(&query))
}

fn parse_query_tree(text: &str) -> Option<tree::Expr> {
    arctos_syntax::parse_query(SourceId(0), text).tree
}
