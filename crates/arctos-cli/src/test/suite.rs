//! What is tested: each file is a policy of its own, together with those that `--policy` names.

use std::path::PathBuf;

use arctos::{Error, Policy};
use arctos_syntax::tree::Item;
use arctos_syntax::{SourceId, codes, parse};

use crate::input::{self, PolicyText};
use crate::loading;
use crate::output::Failure;
use crate::schema::Declared;

/// Texts that are loaded as one policy, and which of them have tests to run.
pub(crate) struct Suite {
    /// The file whose tests are run.
    pub(crate) name: String,
    texts: Vec<PolicyText>,
    /// The texts whose tests are run.
    pub(crate) own: Vec<SourceId>,
    /// A text has a `test`.
    has_tests: bool,
}

/// The suites of these files; of the policy itself where there are no other files.
///
/// # Errors
/// [`Failure::Usage`] for files that cannot be read.
pub(crate) fn find(files: &[PathBuf], policy: &[PathBuf]) -> Result<Vec<Suite>, Failure> {
    let common = input::read_policies(policy)?;
    if files.is_empty() {
        let name = common.first().map_or_else(String::new, |text| text.name.clone());
        let own = (0..).map(SourceId).take(common.len()).collect();
        return Ok(Suite::new(name, common, own).into_iter().collect());
    }
    let texts = input::read_policies(files)?.into_iter();
    Ok(texts.filter_map(|text| Suite::with_common(text, &common)).collect())
}

impl Suite {
    fn with_common(text: PolicyText, common: &[PolicyText]) -> Option<Suite> {
        let name = text.name.clone();
        let mut texts = common.to_vec();
        let place = texts.iter().position(|other| *other == text).unwrap_or_else(|| {
            texts.push(text);
            texts.len() - 1
        });
        Suite::new(name, texts, vec![SourceId(place as u32)])
    }

    /// `None` where there is nothing to run.
    fn new(name: String, texts: Vec<PolicyText>, own: Vec<SourceId>) -> Option<Suite> {
        let mut has_tests = false;
        let mut has_work = false;
        for (id, text) in (0..).map(SourceId).zip(&texts) {
            let parsed = parse(id, &text.text);
            let is_own = own.contains(&id);
            // What a broken text holds is not known: loading it says what is wrong.
            has_work |= is_own && parsed.diagnostics.iter().any(arctos::Diagnostic::is_error);
            for item in &parsed.tree.items {
                has_tests |= matches!(item, Item::Test(_) | Item::Fixture(_));
                has_work |= is_own && matches!(item, Item::Test(_) | Item::InlineQuery(_));
            }
        }
        has_work.then_some(Suite { name, texts, own, has_tests })
    }

    /// Loads the texts: over facts where they have tests, or else where they have other forms of that dialect.
    ///
    /// # Errors
    /// As [`Policy::load`].
    pub(crate) fn load(&self, declared: &Declared) -> Result<Policy, Error> {
        let over = |has_facts: bool| {
            let declared = Declared { has_facts, ..declared.clone() };
            loading::load(&declared, &self.texts, &[])
        };
        if self.has_tests {
            return over(true);
        }
        over(false).or_else(|error| {
            let needs_facts = error.diagnostics().iter().any(|found| found.code == codes::FACTS_DIALECT);
            if needs_facts { over(true) } else { Err(error) }
        })
    }
}
