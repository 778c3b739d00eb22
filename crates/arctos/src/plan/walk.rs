//! What can be reached through facts, without an operation for each: [`FactWalk`].
//!
//! A search in depth over atoms: what an entity leads to is put on a stack at once, and looked at from there. No order can be noticed
//! from outside, since facts have neither errors nor code of the application.

use super::facts::{Key, MOST_ALSO, NONE, parts};
use super::keys::ENTITY;
use super::op::{FactAsk, FactWalk, Plan};
use super::reach::{Met, Moment};
use super::run::{Run, Stop, get};
use crate::facts::{Atom, Cursor, FactView, RelationId};
use crate::heap::Cell;
use crate::host::Host;

/// Facts that a plan may look for at each entity that it reaches.
pub(super) const MOST_TESTS: usize = 4;

/// What is next to be looked at.
enum Next {
    /// An entity that is new.
    Enters(Atom),
    /// One from which it is known to hold.
    Holds,
    /// There is nothing any more.
    Ends,
    /// One that is too deep.
    TooDeep,
}

/// Facts of which one argument is the entity.
#[derive(Clone, Copy)]
struct Test {
    relation: RelationId,
    row: Key,
    len: usize,
    changes: usize,
    /// What may stand as well in the place that differs: so many of these.
    also: [Atom; MOST_ALSO],
    count: usize,
    differs: usize,
}

impl Test {
    /// Whether there is such a fact about an entity.
    #[inline]
    fn holds(&self, view: &FactView, entity: Atom) -> bool {
        let mut row = self.row;
        if let Some(slot) = row.get_mut(self.changes) {
            *slot = entity;
        }
        let row = row.get_mut(..self.len).unwrap_or_default();
        match self.count {
            0 => view.contains(self.relation, row),
            count => {
                let also = self.also.get(..count).unwrap_or_default();
                view.contains_any(self.relation, row, self.differs, also)
            }
        }
    }
}

impl<H: Host> Run<'_, H> {
    /// Whether one of the facts that the plan looks for is there for an entity that can be reached; `None` where that takes more.
    #[inline(never)]
    pub(super) fn any_by_facts(&mut self, plan: &Plan, window: &[Cell]) -> Result<Option<bool>, Stop> {
        let (Some(walk), false) = (&plan.walk, self.state.reach.untold) else { return Ok(None) };
        let Cell::Entity(from) = get(window, walk.goal) else { return Ok(None) };
        let mut tests = [None; MOST_TESTS];
        for (slot, (ask, changes)) in tests.iter_mut().zip(&walk.tests) {
            *slot = self.test(plan, window, (*ask, *changes))?;
        }
        let (ask, args) = parts(plan, walk.step)?;
        let mut key = NONE.key;
        let step = match self.asked(plan, (ask, args), window, &mut key)? {
            Some(relation) => {
                let view = &self.heap.link().ok_or(Stop::Undecided)?.view;
                Some(view.cursor_at(relation, &key, ask.known, args.len()))
            }
            None => None,
        };
        let start = self.state.reach.mark();
        let found = self.go(walk, (from, start), &tests, step);
        self.state.pending.clear();
        let told = found.as_ref().ok().copied().flatten();
        self.state.reach.end(&mut self.state.keys, start, told);
        self.state.reach.untold = told.is_none();
        found
    }

    /// What is looked for by a question, one argument of which changes; `None` where there can be no such fact.
    fn test(
        &mut self,
        plan: &Plan,
        window: &[Cell],
        (ask, changes): (u32, u32),
    ) -> Result<Option<Test>, Stop> {
        let (ask, args) = parts(plan, ask)?;
        let mut row = NONE.key;
        let Some(relation) = self.asked(plan, (ask, args), window, &mut row)? else { return Ok(None) };
        let FactAsk { also, differs, number, .. } = *ask;
        let prepared = self.state.asks.get(number as usize).ok_or(Stop::Undecided)?;
        Ok(Some(Test {
            relation,
            row,
            len: args.len(),
            changes: changes as usize,
            also: prepared.also,
            count: also.len as usize,
            differs: differs as usize,
        }))
    }

    fn go(
        &mut self,
        walk: &FactWalk,
        (from, start): (Atom, Moment),
        tests: &[Option<Test>],
        step: Option<Cursor>,
    ) -> Result<Option<bool>, Stop> {
        let mut entity = from;
        loop {
            for test in tests.iter().flatten() {
                self.spend()?;
                let view = &self.heap.link().ok_or(Stop::Undecided)?.view;
                if test.holds(view, entity) {
                    return Ok(Some(true));
                }
            }
            self.state.pending.push(None);
            if let Some(step) = step
                && !self.leads_to(walk, step.of(walk.from as usize, entity))?
            {
                return Ok(None);
            }
            match self.enter_next(start)? {
                Next::Enters(next) => entity = next,
                Next::Holds => return Ok(Some(true)),
                Next::Ends => return Ok(Some(false)),
                Next::TooDeep => return Ok(None),
            }
        }
    }

    /// Puts on the stack what an entity leads to; false where that is not for this walk.
    fn leads_to(&mut self, walk: &FactWalk, mut cursor: Cursor) -> Result<bool, Stop> {
        loop {
            self.spend()?;
            let link = self.heap.link().ok_or(Stop::Undecided)?;
            let Some(row) = link.view.next(&mut cursor) else { return Ok(true) };
            let next = row.atom(walk.to as usize).ok_or(Stop::Undecided)?;
            // A wildcard that meets an open argument is the machine's.
            let class = if next.any_type().is_some() { None } else { link.class_of(next) };
            if class == Some(walk.class) {
                self.state.pending.push(Some(next));
            } else if class.is_none() || !walk.skips {
                return Ok(false);
            }
        }
    }

    /// Leaves entities that have nothing left, up to the next new one.
    fn enter_next(&mut self, start: Moment) -> Result<Next, Stop> {
        while let Some(next) = self.state.pending.pop() {
            let Some(next) = next else {
                // The first one was entered by its call.
                if !self.state.pending.is_empty() {
                    self.state.reach.fails().ok_or(Stop::Undecided)?;
                }
                continue;
            };
            match self.state.reach.enter(&mut self.state.keys, (ENTITY, next.index() as u64)) {
                Met::Holds => return Ok(Next::Holds),
                Met::Seen => {}
                Met::New if self.depth() + self.state.reach.entered(start) >= self.limits.depth as usize => {
                    return Ok(Next::TooDeep);
                }
                Met::New => return Ok(Next::Enters(next)),
            }
        }
        Ok(Next::Ends)
    }
}
