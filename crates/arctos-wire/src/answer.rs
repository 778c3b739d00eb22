//! Answers.

use arctos::Page;
use serde::Serialize;

use crate::VERSION;
use crate::facts::Imported;

/// Whether something is allowed: `{"version":1,"allowed":true}`. An error is no decision, and never written as one.
///
/// ```
/// use arctos_wire::Decision;
/// assert_eq!(serde_json::to_string(&Decision::new(true))?, r#"{"version":1,"allowed":true}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    version: u32,
    allowed: bool,
}

impl Decision {
    /// The decision.
    pub fn new(allowed: bool) -> Self {
        Decision { version: VERSION, allowed }
    }
}

/// A page of ids, or of names of actions or roles: `{"version":1,"every":false,"ids":["memo","plan"],"next":null}`.
///
/// ```
/// # use arctos::{Error, List};
/// use arctos_wire::Ids;
/// fn answer(list: &List) -> Result<String, Box<dyn std::error::Error>> {
///     Ok(serde_json::to_string(&Ids::of(&list.page(None, 100)?))?)
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ids<'a> {
    version: u32,
    /// Whatever id of the type; then none are listed.
    every: bool,
    ids: Vec<&'a str>,
    /// What to ask with for the page that follows; null at the end.
    next: Option<String>,
}

impl<'a> Ids<'a> {
    /// A page of a list.
    pub fn of(page: &Page<'a>) -> Self {
        let next = page.next().map(ToString::to_string);
        Ids { version: VERSION, every: page.is_every(), ids: page.ids().collect(), next }
    }
}

/// What files of facts have:
/// `{"version":1,"facts":3,"repeated":1,"deleted":0,"absent":0,"predicates":[{"predicate":"is_public","arguments":1,"facts":3}]}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImportReport<'a> {
    version: u32,
    /// How many facts are in the files.
    facts: u64,
    /// How many of them are there more than once.
    repeated: u64,
    /// How many facts they delete.
    deleted: u64,
    /// How many they delete that are not there.
    absent: u64,
    predicates: Vec<FactCount<'a>>,
}

/// How many facts of one predicate and number of arguments there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FactCount<'a> {
    /// The predicate.
    pub predicate: &'a str,
    /// How many arguments they have.
    pub arguments: usize,
    /// How many they are.
    pub facts: u64,
}

impl<'a> ImportReport<'a> {
    /// The report on an import.
    pub fn of(imported: &'a Imported) -> Self {
        let predicates = imported.by_predicate.iter().flat_map(|(predicate, by_arity)| {
            by_arity.iter().map(|(arguments, facts)| FactCount {
                predicate,
                arguments: *arguments,
                facts: *facts,
            })
        });
        ImportReport {
            version: VERSION,
            facts: imported.records,
            repeated: imported.repeated,
            deleted: imported.deleted,
            absent: imported.absent,
            predicates: predicates.collect(),
        }
    }

    /// The counts, by predicate.
    pub fn predicates(&self) -> &[FactCount<'a>] {
        &self.predicates
    }
}
