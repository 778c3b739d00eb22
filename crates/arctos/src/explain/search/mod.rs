//! What it would take to make a no a yes.
//!
//! An abductive search over the program, after A. C. Kakas, R. A. Kowalski and F. Toni, "Abductive Logic Programming", Journal
//! of Logic and Computation 2(6), 1992: goals are resolved with rules as in a proof, and a goal that facts may answer may
//! also be taken for granted. What holds is asked of the machine and costs nothing; what is taken for granted costs one. The search
//! goes level by level of that cost, so that what it finds first is nearest.
//!
//! Where facts are removed because of a negation, which ones is a hitting set of the proofs of what is negated, found as in R. Reiter, "A
//! Theory of Diagnosis from First Principles", Artificial Intelligence 32(1), 1987: each proof found is broken in each way, until
//! none is left.
//!
//! INVARIANT: over facts, a miss is told only after the machine has decided yes with its changes and no without any
//! one of them. So the search may take short cuts; it cannot be wrong in what it says.

mod call;
mod finish;
mod goal;
mod negation;
mod state;
mod verify;

use rustc_hash::FxHashMap;

use crate::error::Error;
use crate::explain::answer::{Goal, NearMiss};
use crate::explain::ask::{Asker, Called};
use crate::explain::extent::Extent;
use crate::explain::world::World;
use crate::heap::Cell;
use crate::host::Host;
use state::{State, Sym};

/// A search for near misses.
pub(super) struct Search<'s, 'e, H: Host> {
    asker: &'s mut Asker<'e, H>,
    extent: &'s Extent,
    /// The question over facts alone, where it is one.
    world: Option<Question<'s>>,
    /// By cost: derivations to go on with, the next last.
    levels: Vec<Vec<State>>,
    /// Those of the derivation at hand, in the order of the policy.
    children: Vec<State>,
    /// Decisions of goals without objects.
    decided: FxHashMap<Goal, bool>,
    /// Objects that have been met, each once, by the host's number for it.
    objects: FxHashMap<u64, Cell>,
    /// A way would have needed more changes than are told.
    is_cut: bool,
    found: Vec<Found>,
    pub(super) omitted: Vec<String>,
}

/// A question over facts alone.
#[derive(Clone, Copy)]
pub(super) struct Question<'s> {
    pub(super) world: World<'s>,
    pub(super) goal: &'s Goal,
}

/// A miss, with what it is ranked by.
struct Found {
    miss: NearMiss,
    /// Its changes as they are shown, by which misses are told apart.
    lines: Vec<String>,
    length: usize,
}

impl<'s, 'e, H: Host> Search<'s, 'e, H> {
    pub(super) fn new(asker: &'s mut Asker<'e, H>, extent: &'s Extent, world: Option<Question<'s>>) -> Self {
        Search {
            asker,
            extent,
            world,
            levels: vec![Vec::new(); extent.changes + 1],
            children: Vec::new(),
            decided: FxHashMap::default(),
            objects: FxHashMap::default(),
            is_cut: false,
            found: Vec::new(),
            omitted: Vec::new(),
        }
    }

    /// The misses of a goal that does not hold, nearest first.
    pub(super) fn misses(&mut self, called: &Called) -> Result<Vec<NearMiss>, Error> {
        let mut state = State::default();
        let args: Vec<Sym> = called.args.iter().map(|arg| state::Sym::given(*arg, &mut state)).collect();
        self.call(state, called.predicate, &args, None)?;
        self.settle();
        let mut goals = 0;
        for level in 0..=self.extent.changes {
            // What came first is to be tried first.
            if let Some(states) = self.levels.get_mut(level) {
                states.reverse();
            }
            while let Some(state) = self.levels.get_mut(level).and_then(Vec::pop) {
                goals += 1 + self.children_of(state)?;
                if goals > self.extent.goals {
                    self.omit(format!(
                        "the search for what is missing ended after {} goals",
                        self.extent.goals
                    ));
                    return Ok(self.ranked());
                }
            }
            if self.found.len() >= self.extent.misses {
                break;
            }
        }
        if self.found.is_empty() && self.is_cut {
            self.omit(format!("ways with more than {} changes were not looked for", self.extent.changes));
        } else if self.found.len() == self.extent.misses && self.levels.iter().any(|level| !level.is_empty())
        {
            self.omit("ways with more changes were not looked for".to_owned());
        }
        Ok(self.ranked())
    }

    /// Goes on with a derivation by one goal; how many come of it.
    fn children_of(&mut self, state: State) -> Result<usize, Error> {
        self.step(state)?;
        let count = self.children.len();
        self.settle();
        Ok(count)
    }

    /// Puts the children of the derivation at hand where they belong.
    fn settle(&mut self) {
        for state in self.children.drain(..).rev() {
            if let Some(level) = self.levels.get_mut(state.needed.len()) {
                level.push(state);
            }
        }
    }

    fn ranked(&mut self) -> Vec<NearMiss> {
        let mut found = std::mem::take(&mut self.found);
        found.sort_by_key(|found| (found.miss.needed.len(), found.length));
        let most = self.extent.misses;
        if found.len() > most {
            self.omit(format!("there are more than {most} ways"));
        }
        found.into_iter().take(most).map(|found| found.miss).collect()
    }

    /// One cell for each object, so that goals that meet themselves are recognised.
    fn same(&mut self, cell: Cell) -> Cell {
        let Cell::Object(index) = cell else { return cell };
        match self.asker.heap.host_object(index).map(|object| self.asker.host.identity(object)) {
            Some(identity) => *self.objects.entry(identity).or_insert(cell),
            None => cell,
        }
    }

    fn omit(&mut self, reason: String) {
        if !self.omitted.contains(&reason) {
            self.omitted.push(reason);
        }
    }

    /// Notes an error on the way, which is no reason to stop: the decision was made without meeting it.
    fn met(&mut self, error: Error) -> Result<(), Error> {
        if super::ask::is_exhausted(&error) {
            return Err(error);
        }
        self.omit(format!("a way was not followed: {}", error.message()));
        Ok(())
    }
}
