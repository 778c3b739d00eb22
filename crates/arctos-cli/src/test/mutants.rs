//! `arctos test --mutants`: changes of the policies that the tests should notice.

use std::collections::BTreeMap;

use arctos::testing::{Fate, Mutant, Runner};
use arctos::{Diagnostic, Error, Sources};

use super::Settings;
use super::running::{Ran, Results};

/// As many changes as are tried.
const MOST: usize = 10_000;

/// What came of the changes.
#[derive(Default)]
pub(crate) struct MutantResults {
    /// How many were tried.
    pub(crate) tried: usize,
    /// How many more there are.
    pub(crate) left: usize,
    /// One diagnostic for each that no test notices.
    pub(crate) survivors: Vec<Survivor>,
}

/// A change that no test notices, in the texts of a suite.
pub(crate) struct Survivor {
    pub(crate) diagnostic: Diagnostic,
    pub(crate) sources: Sources,
}

/// A change as all suites know it: file, place, and which of those at that place.
type Key = (String, u32, u32, String);

/// Tries the changes of every policy; what one suite notices is noticed. Tests that fail notice nothing, so that nothing is tried then.
///
/// # Errors
/// As [`Runner::mutants`].
pub(super) fn run(results: &Results, settings: &Settings<'_>) -> Result<Option<MutantResults>, Error> {
    if results.failed() + results.broken() > 0 {
        return Ok(None);
    }
    let mut all = MutantResults::default();
    let mut known: BTreeMap<Key, (Fate, Survivor)> = BTreeMap::new();
    for ran in results.suites.iter().filter_map(|suite| suite.outcome.as_ref().ok()) {
        let runner = Runner::new(&ran.policy).with_unix_time(settings.unix_time);
        let mutants = runner.mutants(ran.tests(settings.filter), MOST)?;
        all.left += mutants.left;
        for mutant in &mutants.tried {
            let survivor = Survivor { diagnostic: mutant.diagnostic(), sources: ran.sources().clone() };
            let (fate, kept) = known.entry(key(mutant, ran)).or_insert((mutant.fate, survivor));
            if mutant.fate > *fate {
                *fate = mutant.fate;
                *kept = Survivor { diagnostic: mutant.diagnostic(), sources: ran.sources().clone() };
            }
        }
    }
    all.tried = known.len();
    let survivors = known.into_values().filter(|(fate, _)| *fate != Fate::Noticed);
    all.survivors.extend(survivors.map(|(_, survivor)| survivor));
    Ok(Some(all))
}

fn key(mutant: &Mutant, ran: &Ran) -> Key {
    let file = ran.sources().get(mutant.span.source).and_then(|source| source.name());
    let change = format!("{:?}", mutant.change);
    (file.unwrap_or_default().to_owned(), mutant.span.start, mutant.span.end, change)
}
