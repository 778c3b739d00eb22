//! The facts as they would be with changes, and whether the changes do what is said of them.

use super::Search;
use super::state::{Need, State};
use crate::authorizer::Request;
use crate::error::Error;
use crate::explain::ask::Called;
use crate::explain::world::World;
use crate::facts::{Fact, Facts};
use crate::host::Host;

/// How many changes a miss may have for all parts of it to be tried; of a larger one those with one change less are.
const TRIED: usize = 5;

/// One change of facts.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Change {
    Add(Fact),
    Remove(Fact),
}

/// A question's facts with changes.
pub(super) struct Changed<'w> {
    world: World<'w>,
    facts: Option<Facts>,
    context: Vec<Fact>,
    is_changed: bool,
}

impl<'w> Changed<'w> {
    pub(super) fn of(world: World<'w>, changes: &[Change]) -> Self {
        let mut context = world.request.facts.to_vec();
        let mut facts = None;
        for change in changes {
            match change {
                Change::Add(fact) => context.push(fact.clone()),
                Change::Remove(fact) => {
                    context.retain(|known| known != fact);
                    let mut batch = facts.as_ref().unwrap_or(world.facts).change();
                    batch.delete(fact);
                    facts = Some(batch.commit().0);
                }
            }
        }
        Changed { world, facts, context, is_changed: !changes.is_empty() }
    }

    pub(super) fn is_changed(&self) -> bool {
        self.is_changed
    }

    /// Does something with the changed facts.
    pub(super) fn with<R>(&self, f: impl FnOnce(World<'_>) -> R) -> R {
        let request = Request { facts: &self.context, ..*self.world.request };
        let facts = self.facts.as_ref().unwrap_or(self.world.facts);
        f(World { facts, request: &request, ..self.world })
    }
}

impl<H: Host> Search<'_, '_, H> {
    /// The changes that a derivation takes for granted, as far as they are known.
    pub(super) fn changes(&self, state: &State) -> Vec<Change> {
        let change = |need: &Need| match need {
            Need::Fact(predicate, args) => {
                let args = args.iter().map(|arg| state.resolve(*arg).cell()).collect();
                let goal = self.asker.goal(&Called { predicate: *predicate, args });
                goal.to_fact().map(Change::Add)
            }
            Need::NoFact(fact) => Some(Change::Remove(fact.clone())),
            Need::Condition { .. } => None,
        };
        state.needed.iter().filter_map(|(need, _)| change(need)).collect()
    }

    /// True when the question is answered yes with these changes, and no without any of them.
    pub(super) fn is_verified(&self, changes: &[Change]) -> Result<bool, Error> {
        let Some(question) = self.world else { return Ok(true) };
        let may_be = |change: &Change| match change {
            Change::Add(fact) => self.asker.policy.check_fact(fact).is_ok(),
            Change::Remove(_) => true,
        };
        if !changes.iter().all(may_be) {
            return Ok(false);
        }
        let allows = |changes: &[Change]| {
            Changed::of(question.world, changes).with(|world| world.holds(question.goal))
        };
        if !allows(changes)? {
            return Ok(false);
        }
        let count = changes.len();
        let all = if count <= TRIED { (1_usize << count) - 1 } else { 0 };
        let single = (0..count).map(|left_out| ((1_usize << count) - 1) & !(1 << left_out));
        let parts: Vec<usize> = if count <= TRIED { (0..all).collect() } else { single.collect() };
        for part in parts {
            let chosen = changes.iter().enumerate().filter(|(at, _)| part & (1 << at) != 0);
            let chosen: Vec<Change> = chosen.map(|(_, change)| change.clone()).collect();
            if allows(&chosen)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
