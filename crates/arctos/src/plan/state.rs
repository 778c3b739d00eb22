//! What a plan works on while it runs; kept from one decision to the next so that nothing is allocated anew.

use std::time::Duration;

use super::PlanId;
use super::facts::Prepared;
use super::keys::Keys;
use super::memo::Memo;
use super::reach::Reach;
use crate::facts::{Atom, Cursor};
use crate::heap::{Cell, ROOMY, Term};

/// Registers, open calls and remembered goals.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// The windows of all open calls, one after the other. A register is always written before it is read, so windows
    /// are not cleared.
    pub(super) registers: Vec<Cell>,
    pub(super) calls: Vec<Open>,
    /// What remembered goals are known by.
    pub(super) keys: Keys,
    pub(super) memo: Memo,
    pub(super) reach: Reach,
    /// Entities that are still to be looked at; `None` where all has been looked at that one leads to.
    pub(super) pending: Vec<Option<Atom>>,
    /// When the decision began, by the host's clock.
    pub(crate) started: Option<Duration>,
    /// The cursors over facts of all open calls.
    pub(super) cursors: Vec<Option<Cursor>>,
    /// By number: what facts are asked, as far as it is the same for all questions of a snapshot.
    pub(super) asks: Vec<Prepared>,
    /// Arguments of the host call at hand.
    pub(super) arguments: Vec<Term>,
}

/// A call that is open: where to go on when it is done.
#[derive(Clone, Copy, Debug)]
pub(super) struct Open {
    pub(super) plan: PlanId,
    /// Where the caller's window begins.
    pub(super) base: u32,
    /// Where the caller's cursors begin.
    pub(super) cursors: u32,
    /// Where the caller goes on if the call holds, and if not.
    pub(super) holds: u32,
    pub(super) fails: u32,
    /// Negations around the caller.
    pub(super) negations: u32,
    pub(super) goal: Remembered,
}

/// How a call is remembered.
#[derive(Clone, Copy, Debug)]
pub(super) enum Remembered {
    /// It cannot lead to itself.
    Not,
    /// As the innermost open goal of the memo.
    Open,
    /// As the beginning of a search, at that place of its path.
    Begins(u32),
}

impl State {
    /// True when some megabytes are reserved for decisions to come.
    #[inline]
    pub(crate) fn is_roomy(&self) -> bool {
        let has_goals = !self.keys.is_empty();
        self.registers.len().max(self.cursors.len()) > ROOMY || (has_goals && self.places() > ROOMY)
    }

    /// Places that are there for goals.
    #[inline(never)]
    fn places(&self) -> usize {
        self.keys.places().max(self.reach.places()).max(self.pending.capacity())
    }

    /// Forgets what goals were found to hold or not.
    #[inline]
    pub(crate) fn forget(&mut self) {
        // PERF: most decisions have no goal to remember. Every goal has a key.
        if !self.keys.is_empty() {
            self.keys.clear();
            self.memo.clear();
            self.reach.clear();
        }
    }

    /// Forgets all if goals are still open, as a decision leaves them that did not come to its end.
    pub(super) fn settle(&mut self) {
        if self.memo.is_open() || self.reach.is_open() {
            self.forget();
        }
    }

    /// Bytes of what is remembered.
    pub(super) fn remembered(&self) -> usize {
        let pending = self.pending.len() * size_of::<Option<Atom>>();
        self.keys.bytes() + self.memo.bytes() + self.reach.bytes() + pending
    }
}
