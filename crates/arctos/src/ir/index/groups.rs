//! The clauses of a node, grouped by what one of their parameters accepts.

use std::ops::Range;

use super::{Accepts, Classes, Key};
use crate::ir::{Membership, Tag};
use crate::schema::ClassId;

/// Clauses grouped by what they accept at one position.
#[derive(Debug)]
pub(super) struct Groups {
    pub(super) position: u32,
    /// By what they accept, in its order: first those that take anything, then constants, then classes.
    pub(super) runs: Vec<Run>,
    /// The clauses, run by run; within a run in source order.
    pub(super) members: Vec<u32>,
}

/// The clauses that accept the same.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) accepts: Accepts,
    pub(super) members: Range<usize>,
}

/// What branching at a position would come to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Estimate {
    /// The clauses of all keys together, those of the general keys aside.
    pub(super) entries: usize,
    /// How many keys.
    pub(super) keys: usize,
}

impl Estimate {
    /// True when its keys have fewer clauses each, as far as one can tell.
    pub(super) fn is_better_than(self, other: Estimate) -> bool {
        self.entries.saturating_mul(other.keys) < other.entries.saturating_mul(self.keys)
    }
}

impl Groups {
    /// Groups clauses by what they accept, given as places in `kinds`, each with its clause: in the upper and the lower half.
    ///
    /// PERF: sorting numbers rather than hashing, since most nodes have a handful of clauses.
    pub(super) fn new(position: u32, mut accepted: Vec<u64>, kinds: &[Accepts]) -> Groups {
        accepted.sort_unstable();
        let mut runs: Vec<Run> = Vec::new();
        let mut last = None;
        for (place, accepted) in accepted.iter().enumerate() {
            let kind = accepted >> 32;
            match runs.last_mut() {
                Some(run) if last == Some(kind) => run.members.end = place + 1,
                _ => {
                    let accepts = kinds.get(kind as usize).copied().unwrap_or(Accepts::Anything);
                    runs.push(Run { accepts, members: place..place + 1 });
                    last = Some(kind);
                }
            }
        }
        Groups { position, runs, members: accepted.into_iter().map(|accepted| accepted as u32).collect() }
    }

    /// The clauses of a run.
    pub(super) fn of(&self, run: &Run) -> &[u32] {
        self.members.get(run.members.clone()).unwrap_or(&[])
    }

    /// The runs of constants, which stand together.
    pub(super) fn constants(&self) -> &[Run] {
        let from = self.runs.partition_point(|run| run.accepts == Accepts::Anything);
        let to = self.runs.partition_point(|run| !matches!(run.accepts, Accepts::Class(_)));
        self.runs.get(from..to).unwrap_or(&[])
    }

    /// True when some clauses ask for a class or a union.
    pub(super) fn has_classes(&self) -> bool {
        self.runs.last().is_some_and(|run| matches!(run.accepts, Accepts::Class(_)))
    }

    /// The run that accepts exactly that.
    pub(super) fn run(&self, accepts: Accepts) -> Option<&Run> {
        let place = self.runs.binary_search_by(|run| run.accepts.cmp(&accepts)).ok()?;
        self.runs.get(place)
    }

    /// The runs whose class has that class's instances, or whose union has those of such membership.
    pub(super) fn runs_of_class<'g, 'c>(
        &'g self,
        class: ClassId,
        membership: Membership,
        classes: &'c Classes,
    ) -> impl Iterator<Item = &'g Run> + use<'g, 'c> {
        let named = classes.lineage(class).iter().map(|ancestor| Tag::Class(*ancestor));
        let named = named.filter_map(|tag| self.run(Accepts::Class(tag)));
        named.chain(self.runs_of_unions(membership))
    }

    /// The runs whose union has instances of such membership.
    pub(super) fn runs_of_unions(&self, membership: Membership) -> impl Iterator<Item = &Run> + use<'_> {
        let actor = membership.actor.then_some(Tag::Actor);
        let resource = membership.resource.then_some(Tag::Resource);
        actor.into_iter().chain(resource).filter_map(|tag| self.run(Accepts::Class(tag)))
    }

    /// What branching here would come to.
    pub(super) fn estimate(&self, classes: &Classes) -> Estimate {
        let anything = self.run(Accepts::Anything).map_or(0, Run::len);
        let of_class = |class| {
            self.runs_of_class(class, classes.membership(class), classes).map(Run::len).sum::<usize>()
        };
        let (text, integer) = (of_class(ClassId::STRING), of_class(ClassId::INTEGER));
        let constants = self.constants().iter().map(Run::len).sum::<usize>();
        let mut estimate = Estimate { entries: 0, keys: 0 };
        for run in &self.runs {
            estimate.entries += anything
                + match run.accepts {
                    Accepts::Anything => continue,
                    Accepts::Constant(Key::Text(_)) => run.len() + text,
                    Accepts::Constant(Key::Integer(_)) => run.len() + integer,
                    Accepts::Constant(_) => run.len(),
                    Accepts::Class(Tag::Class(class)) if class.index() > ClassId::DICTIONARY.index() => {
                        constants + of_class(class)
                    }
                    Accepts::Class(Tag::Class(class)) => of_class(class),
                    Accepts::Class(_) => constants + run.len(),
                };
            estimate.keys += 1;
        }
        estimate
    }
}

impl Run {
    /// How many clauses.
    pub(super) fn len(&self) -> usize {
        self.members.len()
    }
}
