//! Closed goals that may lead to themselves, remembered for one decision.
//!
//! The machine's tables for goals without variables, in a form that costs a few hash probes: a goal that meets itself while
//! it is open fails there; that failure, and all that rests on it, is provisional until the goal is done. See
//! [`crate::eval`]'s tables for the source and the reasons.
//!
//! INVARIANT: a provisional failure is never negated.

use super::keys::{Keys, UNMARKED};

pub(super) const NONE: u32 = u32::MAX;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    Fresh,
    /// Open, at that place of the stack.
    Open(u32),
    /// Failed at that moment, but that rests on the open goal at `leader`.
    Provisional {
        at: Moment,
        leader: u32,
    },
    Holds,
    Fails,
}

/// How far a decision has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Moment {
    round: u64,
    /// Goals that have held.
    held: u64,
}

#[derive(Clone, Copy, Debug)]
struct Goal {
    status: Status,
    /// The lowest open goal that its failure may rest on.
    depends_on: u32,
    /// Negations around it when it was opened.
    negations: u32,
    /// How many goals had held when this round began.
    held_before: u64,
}

/// What to do about a goal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Recall {
    Holds,
    Fails,
    /// It meets its own negation: the machine says how.
    Undecided,
    /// It is open now, and its plan is to be run.
    Open,
}

/// What to do when the plan of an open goal has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// Something has been found meanwhile that may change that: run it again.
    Again,
    Fails,
}

#[derive(Debug, Default)]
pub(super) struct Memo {
    goals: Vec<Goal>,
    /// Open goals, outermost first.
    open: Vec<u32>,
    /// Goals that have failed provisionally.
    ///
    /// INVARIANT: each rests on a goal that is still open.
    provisional: Vec<u32>,
    /// None of them rests on an open goal beyond this place.
    highest: u32,
    now: Moment,
    /// Provisional goals looked at and not yet counted as work.
    pub(super) looked_at: u64,
}

impl Memo {
    pub(super) fn clear(&mut self) {
        self.goals.clear();
        self.open.clear();
        self.provisional.clear();
        self.highest = 0;
        self.looked_at = 0;
    }

    /// True when a decision has left goals open, as one does that did not come to its end.
    pub(super) fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    pub(super) fn bytes(&self) -> usize {
        self.goals.len() * size_of::<Goal>()
    }

    /// The place of the goal with that key, made if it is new.
    pub(super) fn goal(&mut self, keys: &mut Keys, key: u32) -> u32 {
        let known = keys.mark(key);
        if known != UNMARKED {
            return known;
        }
        let goal = self.goals.len() as u32;
        keys.set_mark(key, goal);
        self.goals.push(Goal { status: Status::Fresh, depends_on: NONE, negations: 0, held_before: 0 });
        goal
    }

    /// Calls a goal, with so many negations around the call.
    pub(super) fn call(&mut self, goal: u32, negations: u32) -> Recall {
        let Some(entry) = self.goals.get(goal as usize).copied() else { return Recall::Undecided };
        let rests_on = match entry.status {
            Status::Holds => return Recall::Holds,
            Status::Fails => return Recall::Fails,
            Status::Open(place) => Some((place, entry.negations)),
            Status::Provisional { at, leader } if at.round == self.now.round => {
                let leading = self.open.get(leader as usize).and_then(|goal| self.goals.get(*goal as usize));
                Some((leader, leading.map_or(0, |goal| goal.negations)))
            }
            Status::Fresh | Status::Provisional { .. } => None,
        };
        if let Some((place, since)) = rests_on {
            if negations > since {
                return Recall::Undecided;
            }
            self.depend(place);
            return Recall::Fails;
        }
        let place = self.open.len() as u32;
        self.open.push(goal);
        if matches!(entry.status, Status::Provisional { .. }) {
            self.looked_at += self.provisional.len() as u64;
            self.provisional.retain(|other| *other != goal);
        }
        let held_before = self.now.held;
        if let Some(entry) = self.goals.get_mut(goal as usize) {
            entry.status = Status::Open(place);
            entry.depends_on = NONE;
            entry.negations = negations;
            entry.held_before = held_before;
        }
        Recall::Open
    }

    /// The innermost open goal depends on the open goal at `place`.
    fn depend(&mut self, place: u32) {
        if let Some(goal) = self.open.last()
            && let Some(goal) = self.goals.get_mut(*goal as usize)
        {
            goal.depends_on = goal.depends_on.min(place);
        }
    }

    /// The innermost open goal holds.
    pub(super) fn holds(&mut self) {
        let Some(goal) = self.open.pop() else { return };
        self.now.held += 1;
        let place = self.open.len() as u32;
        // What failed because of this goal may hold now.
        self.settle(place, |_| Status::Fresh);
        if let Some(goal) = self.goals.get_mut(goal as usize) {
            goal.status = Status::Holds;
        }
    }

    /// The plan of the innermost open goal has failed.
    pub(super) fn fails(&mut self) -> Failure {
        let Some(goal) = self.open.last().copied() else { return Failure::Fails };
        let place = self.open.len() as u32 - 1;
        let now = self.now;
        let Some(entry) = self.goals.get_mut(goal as usize) else { return Failure::Fails };
        let depends_on = entry.depends_on;
        if depends_on < place {
            entry.status = Status::Provisional { at: now, leader: depends_on };
            self.open.pop();
            // What has failed because of this goal rests on what this one rests on.
            if self.highest >= place {
                self.settle(place, |at| Status::Provisional { at, leader: depends_on });
            }
            self.provisional.push(goal);
            self.highest = self.highest.max(depends_on);
            self.depend(depends_on);
            return Failure::Fails;
        }
        if depends_on == place && now.held > entry.held_before {
            entry.held_before = now.held;
            self.now.round += 1;
            return Failure::Again;
        }
        entry.status = Status::Fails;
        self.open.pop();
        // What has held since may be what a goal has missed: one on the way that holds keeps that to itself.
        self.settle(place, |at| if at == now { Status::Fails } else { Status::Fresh });
        Failure::Fails
    }

    /// Gives goals whose failure rests on the open goals from `place` on the status that `status` makes of their moment.
    fn settle(&mut self, place: u32, status: impl Fn(Moment) -> Status) {
        if self.provisional.is_empty() {
            return;
        }
        self.looked_at += self.provisional.len() as u64;
        let goals = &mut self.goals;
        let mut highest = 0;
        self.provisional.retain(|goal| {
            let Some(goal) = goals.get_mut(*goal as usize) else { return false };
            if let Status::Provisional { leader, at } = goal.status
                && leader >= place
            {
                goal.status = status(at);
            }
            let Status::Provisional { leader, .. } = goal.status else { return false };
            highest = highest.max(leader);
            true
        });
        self.highest = highest;
    }
}
