//! Recursion in last place ([`crate::ir::Steps`]) without calls: whether a goal that holds can be reached from another by steps.
//!
//! `p(x, z) if … and p(y, z)` asks the same of `y` with nothing left to do, so such a goal runs in the window of the one before it, which
//! keeps only what it needs to go on when `y` does not do. A goal is looked at once: one that has failed, or is open, adds nothing where
//! it is met again, since whatever it can reach is looked at from where it stands. So there are no provisional answers and no rounds;
//! linear in goals and steps, as a search in depth is. Which goals are complete when one that holds is found tells the search for
//! strongly connected components of R. Tarjan, "Depth-first search and linear graph algorithms", SIAM J. Comput. 1972: those
//! that have led back to an open goal hold as it does, all others have failed for good. Both are remembered.
//!
//! INVARIANT: nothing else inside such a goal leads back to it (`ir::recursion` sees to that), so that none of them waits
//! for what a remembered goal elsewhere finds out.

use super::PlanId;
use super::keys::{Keys, OBJECT, UNMARKED, Word};
use super::memo::NONE;
use crate::facts::Cursor;
use crate::heap::Cell;
use crate::schema::ClassId;

/// The mark of a goal that holds. Others that have been met are marked with their place in [`Reach::met`].
const HOLDS: u32 = UNMARKED - 1;

/// What is known of a goal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Met {
    Holds,
    /// It has failed or is open: there is nothing more to find by way of it.
    Seen,
    New,
}

/// Goals that are open, and what they go on with when the goal after them fails.
#[derive(Debug, Default)]
pub(super) struct Reach {
    /// Goals that are open or have led back to an open one, in the order in which they were met.
    met: Vec<u32>,
    path: Vec<Step>,
    /// Every step that is open, by what led to it: for traces, and for the limit of depth.
    trail: Vec<(PlanId, u32)>,
    /// What steps keep of their windows.
    pub(super) cells: Vec<Cell>,
    pub(super) cursors: Vec<Option<Cursor>>,
    /// The host could not tell what can be reached; that is found out step by step in the rest of this search.
    pub(super) untold: bool,
}

/// An open goal, or several of which each has nothing left to do but the next.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    /// The key of what its goals have in common.
    alike: u32,
    /// Its place among those met, and the lowest place that it has led back to.
    place: u32,
    low: u32,
    /// Where the trail was before it.
    trail: u32,
    pub(super) from: Whence,
    /// What the step has kept begins there.
    pub(super) cells: u32,
    pub(super) cursors: u32,
}

/// Who has led to a goal by which of its steps, and where it goes on when the goal fails; [`NONE`] for a goal that was called.
#[derive(Clone, Copy, Debug)]
pub(super) struct Whence {
    pub(super) plan: PlanId,
    pub(super) again: u32,
    pub(super) fails: u32,
}

impl Reach {
    pub(super) fn clear(&mut self) {
        self.met.clear();
        self.path.clear();
        self.trail.clear();
        self.cells.clear();
        self.cursors.clear();
    }

    /// True when a decision has left goals open, as one does that did not come to its end.
    pub(super) fn is_open(&self) -> bool {
        !self.path.is_empty()
    }

    pub(super) fn bytes(&self) -> usize {
        self.path.len() * size_of::<Step>()
            + self.trail.len() * size_of::<(PlanId, u32)>()
            + self.met.len() * size_of::<u32>()
            + self.cells.len() * size_of::<Cell>()
            + self.cursors.len() * size_of::<Option<Cursor>>()
    }

    /// Places that are there for what steps keep.
    #[inline]
    pub(super) fn places(&self) -> usize {
        self.trail.capacity().max(self.cells.capacity()).max(self.cursors.capacity())
    }

    /// How many steps are open.
    #[inline]
    pub(super) fn depth(&self) -> usize {
        self.trail.len()
    }

    /// The steps that are open from one goal of the path on.
    pub(super) fn steps(&self, from: u32) -> &[(PlanId, u32)] {
        let start = self.path.get(from as usize).map_or(0, |step| step.trail as usize);
        self.trail.get(start..).unwrap_or(&[])
    }

    /// What is known of a goal. The innermost open goal has led to it.
    #[inline]
    pub(super) fn meet(&mut self, keys: &Keys, goal: u32) -> Met {
        match keys.mark(goal) {
            UNMARKED => Met::New,
            HOLDS => Met::Holds,
            place => {
                if self.met.get(place as usize) == Some(&goal)
                    && let Some(step) = self.path.last_mut()
                {
                    step.low = step.low.min(place);
                }
                Met::Seen
            }
        }
    }

    /// True where a goal is open, or has led back to one.
    pub(super) fn is_waiting(&self, keys: &Keys, goal: u32) -> bool {
        self.met.get(keys.mark(goal) as usize) == Some(&goal)
    }

    /// Opens a new goal that nothing of this kind has led to; returns its place on the path. `alike` is its key but for what steps change.
    pub(super) fn begin(&mut self, keys: &mut Keys, alike: u32, goal: u32) -> u32 {
        let place = self.path.len() as u32;
        self.untold = false;
        self.push(keys, alike, goal, Whence { plan: PlanId(NONE), again: NONE, fails: NONE });
        place
    }

    /// The key of what all goals of the innermost search have in common.
    #[inline]
    pub(super) fn alike(&self) -> u32 {
        self.path.last().map_or(NONE, |step| step.alike)
    }

    /// Opens a new goal to which a step has led, by the operation before `pc`.
    #[inline]
    pub(super) fn step(&mut self, keys: &mut Keys, goal: u32, from: Whence, pc: u32) {
        self.push(keys, self.alike(), goal, from);
        self.trail.push((from.plan, pc));
    }

    /// Comes to a goal that is known by one word, and opens it if it is new; nobody goes on when it fails but who has come to it.
    #[inline]
    pub(super) fn enter(&mut self, keys: &mut Keys, word: Word) -> Met {
        let alike = self.alike();
        let goal = keys.find(alike, word);
        let met = self.meet(keys, goal);
        if met == Met::New {
            self.push(keys, alike, goal, Whence { plan: PlanId(NONE), again: NONE, fails: NONE });
        }
        met
    }

    /// How many goals are open that have been entered since a moment.
    pub(super) fn entered(&self, since: Moment) -> usize {
        self.path.len().saturating_sub(since.path)
    }

    /// A moment to go back to.
    pub(super) fn mark(&self) -> Moment {
        Moment { path: self.path.len(), met: self.met.len() }
    }

    /// Goals that have been entered since then are left, or forgotten where nothing has been found out; those that lead to one that
    /// holds stay open until it is said of all.
    pub(super) fn end(&mut self, keys: &mut Keys, since: Moment, found: Option<bool>) {
        if found.is_none() {
            self.path.truncate(since.path);
            for goal in self.met.drain(since.met..) {
                keys.set_mark(goal, UNMARKED);
            }
        }
        while found == Some(false) && self.path.len() > since.path {
            self.fails();
        }
    }

    fn push(&mut self, keys: &mut Keys, alike: u32, goal: u32, from: Whence) {
        let place = self.note(keys, goal);
        self.path.push(Step {
            alike,
            place,
            low: place,
            trail: self.trail.len() as u32,
            from,
            cells: self.cells.len() as u32,
            cursors: self.cursors.len() as u32,
        });
    }

    /// The innermost open goal has nothing left to do but a new one, which takes its place.
    #[inline]
    pub(super) fn replace(&mut self, keys: &mut Keys, goal: u32, from: (PlanId, u32)) {
        self.note(keys, goal);
        self.trail.push(from);
    }

    #[inline]
    fn note(&mut self, keys: &mut Keys, goal: u32) -> u32 {
        let place = self.met.len() as u32;
        self.met.push(goal);
        keys.set_mark(goal, place);
        place
    }

    /// The innermost open goal fails. Whoever led to it goes on.
    #[inline]
    pub(super) fn fails(&mut self) -> Option<Step> {
        let step = self.path.pop()?;
        self.trail.truncate(step.trail as usize);
        if step.low >= step.place {
            // All that has led back to it has failed with it, and is on no list any more: that is how it is known.
            self.met.truncate(step.place as usize);
        } else if let Some(outer) = self.path.last_mut() {
            outer.low = outer.low.min(step.low);
        }
        Some(step)
    }

    /// The innermost open goal holds, and so do all that have led to it, from that place of the path on.
    pub(super) fn holds(&mut self, keys: &mut Keys, first: u32) {
        let Some(step) = self.path.get(first as usize).copied() else { return };
        for goal in self.met.drain(step.place as usize..) {
            keys.set_mark(goal, HOLDS);
        }
        self.path.truncate(first as usize);
        self.trail.truncate(step.trail as usize);
        self.cells.truncate(step.cells as usize);
        self.cursors.truncate(step.cursors as usize);
    }
}

/// How much was open and met.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    path: usize,
    met: usize,
}

/// Objects that [`Host::any_reachable`](crate::Host::any_reachable) has come to.
#[derive(Debug)]
pub struct Reached<'a> {
    keys: &'a mut Keys,
    reach: &'a mut Reach,
    class: ClassId,
    /// How many more may be open inside one another.
    depth: usize,
    since: Moment,
}

/// What is known of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entered {
    /// Nothing: its items are to be looked at, up to [`Reached::leave`].
    New,
    /// It has been entered before: there is nothing more to find by way of it.
    Seen,
    /// An item that passes is known to be reachable from it: the answer is yes.
    Found,
}

impl<'a> Reached<'a> {
    pub(super) fn new(keys: &'a mut Keys, reach: &'a mut Reach, class: ClassId, depth: usize) -> Self {
        let since = reach.mark();
        Reached { keys, reach, class, depth, since }
    }

    /// The class of all objects that may be entered. Items of any other class, and of classes that inherit from it, are not for the host: they
    /// make the answer `None`.
    pub fn class(&self) -> ClassId {
        self.class
    }

    /// Comes to an object, told from others by its [`Host::identity`](crate::Host::identity). `None` where that leads too deep for the
    /// question's limits, which makes the answer `None`.
    #[inline]
    pub fn enter(&mut self, identity: u64) -> Option<Entered> {
        Some(match self.reach.enter(self.keys, (OBJECT, identity)) {
            Met::Holds => Entered::Found,
            Met::Seen => Entered::Seen,
            Met::New => {
                self.depth = self.depth.checked_sub(1)?;
                Entered::New
            }
        })
    }

    /// No item of the object entered last passes, nor any that can be reached from there.
    #[inline]
    pub fn leave(&mut self) {
        if self.reach.path.len() > self.since.path {
            self.reach.fails();
            self.depth += 1;
        }
    }

    /// What has come of it.
    pub(super) fn end(self, found: Option<bool>) {
        self.reach.end(self.keys, self.since, found);
    }
}
