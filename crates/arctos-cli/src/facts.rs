//! Facts from files, for questions on the command line.

use std::path::PathBuf;

use arctos::{Error, Fact, Facts, Policy};
use arctos_syntax::suggest::near;

use crate::input;
use crate::output::Failure;

/// Why there are no facts.
pub(crate) enum Unread {
    /// A text that is not well-formed, with its places.
    Text(Error),
    /// Anything else.
    Failure(Failure),
}

/// Reads the facts in these files. Each must be one that the policy asks for.
pub(crate) fn read(files: &[PathBuf], policy: &Policy) -> Result<Facts, Unread> {
    let mut change = Facts::new().change();
    for path in files {
        let name = path.display().to_string();
        let text = input::read_text(path).map_err(Unread::Failure)?;
        for fact in arctos::facts::parse(Some(&name), &text).map_err(Unread::Text)? {
            if let Some(problem) = problem(&fact, policy) {
                return Err(Unread::Failure(Failure::usage(format!("in `{name}`: {problem}"))));
            }
            let inserted = change.insert(&fact);
            inserted
                .map_err(|error| Unread::Failure(Failure::usage(format!("in `{name}`: {fact}: {error}"))))?;
        }
    }
    Ok(change.commit().0)
}

/// Why the policy would never ask for a fact.
fn problem(fact: &Fact, policy: &Policy) -> Option<String> {
    let (name, count) = (&*fact.predicate, fact.arguments.len());
    let forms = || policy.fact_predicates();
    if forms().any(|form| form == (name, count)) {
        return None;
    }
    if let Some((_, arity)) = forms().find(|(other, _)| *other == name) {
        return Some(format!(
            "`{fact}` has {count} arguments, and the policy asks for `{name}` with {arity}"
        ));
    }
    let hint = near(name, forms().map(|(name, _)| name))
        .map_or(String::new(), |near| format!("; did you mean `{near}`?"));
    Some(format!("the policy asks for no fact `{name}`{hint}"))
}
