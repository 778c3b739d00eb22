//! Steps of a goal to itself in last place, and calls of remembered goals.

use super::build::Leads;
use super::item::ItemTests;
use super::keys::EMPTY;
use super::kind::Kind;
use super::memo::{NONE, Recall};
use super::op::{Again, Closure, Plan, Reg, Scan, Target};
use super::reach::{Met, Reached, Whence};
use super::run::{Called, Run, Stop, get, place, set};
use super::state::Remembered;
use super::{PlanId, PlanKey, Plans};
use crate::heap::Cell;
use crate::host::{Host, Lineage, Name};
use crate::limits::Limit;

/// The first words of keys: what a goal's other words are arguments of. No value has a word of these kinds.
const PLAN: u8 = 254;
const PREDICATE: u8 = 255;

/// Where a step leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// The goal that it asks for is open now, in the same window.
    Opens,
    Holds,
    Fails,
    /// That goal is for another plan.
    Elsewhere,
}

impl<H: Host> Run<'_, H> {
    /// Calls a goal that may lead to itself: what is known of it, and how it is remembered if it is open now.
    pub(super) fn recall(
        &mut self,
        id: PlanId,
        plan: &Plan,
        base: u32,
        negations: u32,
    ) -> Result<(Recall, Remembered), Stop> {
        match plan.leads {
            Leads::Nowhere => Ok((Recall::Open, Remembered::Not)),
            Leads::Anyhow => {
                let key = self.state.keys.find(EMPTY, (PLAN, u64::from(id.0)));
                let key = self.key(key, base, plan.varying.iter().copied())?;
                let goal = self.state.memo.goal(&mut self.state.keys, key);
                Ok((self.state.memo.call(goal, negations), Remembered::Open))
            }
            Leads::ByStep(position) => self.begin(plan, base, position),
        }
    }

    /// Begins a search for a goal that holds.
    fn begin(&mut self, plan: &Plan, base: u32, position: u32) -> Result<(Recall, Remembered), Stop> {
        let PlanKey { predicate, .. } = plan.key;
        let key = self.state.keys.find(EMPTY, (PREDICATE, u64::from(predicate.0) << 8 | u64::from(position)));
        let alike = self.key(key, base, (0..plan.arity).filter(|place| *place != position))?;
        let goal = self.key(alike, base, std::iter::once(position))?;
        let (keys, reach) = (&mut self.state.keys, &mut self.state.reach);
        if reach.is_waiting(keys, goal) {
            return Err(Stop::Undecided);
        }
        Ok(match reach.meet(keys, goal) {
            Met::Holds => (Recall::Holds, Remembered::Not),
            Met::Seen => (Recall::Fails, Remembered::Not),
            Met::New => (Recall::Open, Remembered::Begins(reach.begin(keys, alike, goal))),
        })
    }

    /// A key with the values of some arguments added.
    fn key(&mut self, key: u32, base: u32, places: impl Iterator<Item = u32>) -> Result<u32, Stop> {
        let mut key = key;
        for place in places {
            let cell = self.state.registers.get((base + place) as usize).copied().unwrap_or(Cell::Nil);
            let word = self.word(cell)?;
            key = self.state.keys.find(key, word);
        }
        Ok(key)
    }

    // ---- steps ----

    /// Goes on to the goal that one of the plan's steps asks for, by the operation before `pc`.
    #[inline]
    pub(super) fn again(
        &mut self,
        plan: &Plan,
        window: &mut [Cell],
        (again, fail): (u32, Target),
        pc: u32,
    ) -> Result<Next, Stop> {
        let Some(step) = plan.agains.get(again as usize) else { return Err(Stop::Undecided) };
        let next = get(window, step.next);
        if !step.alike && !self.is_alike(plan, next) {
            return Ok(Next::Elsewhere);
        }
        let fails = place(window, fail);
        self.lead(plan, window, (step, next), pc, Whence { plan: plan.id, again, fails })
    }

    /// Whether an object is of the plan's own kind.
    fn is_alike(&mut self, plan: &Plan, value: Cell) -> bool {
        let Leads::ByStep(position) = plan.leads else { return false };
        let kind = match value {
            Cell::Object(index) => match self.heap.host_object(index).map(|object| self.host.lineage(object))
            {
                Some(Lineage::Class(class)) => Kind::object(class),
                _ => return false,
            },
            Cell::Entity(atom) => match self.heap.link().and_then(|link| link.class_of(atom)) {
                Some(class) => Kind::entity(class),
                None => return false,
            },
            _ => return false,
        };
        plan.key.kinds.get(position as usize) == Some(&kind)
    }

    /// Opens the goal that a step asks for, unless something is known of it.
    #[inline]
    fn lead(
        &mut self,
        plan: &Plan,
        window: &mut [Cell],
        (step, next): (&Again, Cell),
        pc: u32,
        from: Whence,
    ) -> Result<Next, Stop> {
        let Leads::ByStep(position) = plan.leads else { return Err(Stop::Undecided) };
        let word = self.word(next)?;
        let alike = self.state.reach.alike();
        let goal = self.state.keys.find(alike, word);
        match self.state.reach.meet(&self.state.keys, goal) {
            Met::Holds => return Ok(Next::Holds),
            Met::Seen => return Ok(Next::Fails),
            Met::New => {}
        }
        if self.depth() >= self.limits.depth as usize {
            return Err(self.exhausted(Limit::Depth));
        }
        if step.last {
            self.state.reach.replace(&mut self.state.keys, goal, (from.plan, pc));
        } else {
            self.state.reach.step(&mut self.state.keys, goal, from, pc);
            self.state.reach.cells.extend(step.registers.iter().map(|register| get(window, *register)));
            for cursor in &step.cursors {
                let cursor = self.state.cursors.get((self.cursors + cursor) as usize).copied().flatten();
                self.state.reach.cursors.push(cursor);
            }
        }
        set(window, Reg(position), next);
        Ok(Next::Opens)
    }

    /// Rule calls inside one another.
    pub(super) fn depth(&self) -> usize {
        self.state.calls.len() + self.state.reach.depth()
    }

    /// What the host says of all that can be reached from the plan's goal.
    #[inline(never)]
    pub(super) fn any_reachable(&mut self, plan: &Plan, window: &[Cell]) -> Option<bool> {
        let Closure { scan, items } = plan.closure?;
        let Scan { object, name, tests } = plan.scans.get(scan as usize)?;
        let (Cell::Object(object), Some(class), false) =
            (get(window, *object), items, self.state.reach.untold)
        else {
            return None;
        };
        let object = self.heap.host_object(object)?;
        let symbols = &self.program.symbols;
        let name = Name { text: symbols.text(*name), symbol: Some(*name) };
        let tests = ItemTests { tests, window, symbols, number: plan.first_scan + u64::from(scan) };
        let depth = (self.limits.depth as usize).saturating_sub(self.depth());
        let known = self.state.keys.count();
        let mut reached = Reached::new(&mut self.state.keys, &mut self.state.reach, class, depth);
        let found = self.host.any_reachable(self.heap, object, name, tests, &mut reached);
        reached.end(found);
        self.state.reach.untold = found.is_none();
        let entered = self.state.keys.count() - known;
        self.spend_many(entered as u64);
        found
    }

    /// Goes on to a goal for another plan.
    pub(super) fn again_elsewhere(
        &mut self,
        plans: &mut Plans,
        id: PlanId,
        again: u32,
        pc: u32,
        fails: u32,
    ) -> Result<Called, Stop> {
        let plan = plans.get(id).ok_or(Stop::Undecided)?;
        let (Leads::ByStep(position), Some(step)) = (plan.leads, plan.agains.get(again as usize)) else {
            return Err(Stop::Undecided);
        };
        let mut registers = std::mem::take(&mut self.state.registers);
        let window = registers.get_mut(self.base as usize..).unwrap_or(&mut []);
        let next = get(window, step.next);
        let lead = self.lead(plan, window, (step, next), pc, Whence { plan: id, again, fails });
        self.state.registers = registers;
        match lead? {
            Next::Holds => return Ok(Called::Goes(pc)),
            Next::Fails => return Ok(Called::Goes(fails)),
            Next::Opens | Next::Elsewhere => {}
        }
        let kind = Kind::of(next, self.heap, self.host, &plans.integers).ok_or(Stop::Undecided)?;
        let callee = match step.called {
            Some((known, callee)) if known == kind => callee,
            _ => self.find_for_step(plans, (id, again), position, kind)?,
        };
        self.window(plans, callee)?;
        Ok(Called::Opens(callee))
    }

    fn find_for_step(
        &mut self,
        plans: &mut Plans,
        (id, again): (PlanId, u32),
        position: u32,
        kind: Kind,
    ) -> Result<PlanId, Stop> {
        let mut key = plans.get(id).ok_or(Stop::Undecided)?.key;
        *key.kinds.get_mut(position as usize).ok_or(Stop::Undecided)? = kind;
        let known = plans.count();
        let callee = plans.find(self.program, key).ok_or(Stop::Undecided)?;
        if plans.count() > known {
            self.check_soon();
        }
        // Its other ways to itself would wait for goals that are open here.
        match plans.get(callee).map(|plan| plan.leads) {
            Some(Leads::Nowhere) => {}
            Some(Leads::ByStep(other)) if other == position => {}
            _ => return Err(Stop::Undecided),
        }
        plans.note_step(id, again, kind, callee);
        Ok(callee)
    }

    /// The innermost open goal of a search fails: who goes on, and where. `None` if that was the goal it began with.
    pub(super) fn step_back(&mut self, plans: &Plans, id: PlanId) -> Result<Option<(PlanId, u32)>, Stop> {
        let step = self.state.reach.fails().ok_or(Stop::Undecided)?;
        let Whence { plan, again, fails } = step.from;
        if again == NONE {
            return Ok(None);
        }
        let back =
            if plan == id { plans.get(plan).ok_or(Stop::Undecided)? } else { self.window(plans, plan)? };
        let again = back.agains.get(again as usize).ok_or(Stop::Undecided)?;
        let window = self.state.registers.get_mut(self.base as usize..).unwrap_or(&mut []);
        for (register, cell) in
            again.registers.iter().zip(self.state.reach.cells.drain(step.cells as usize..))
        {
            set(window, *register, cell);
        }
        for (cursor, kept) in
            again.cursors.iter().zip(self.state.reach.cursors.drain(step.cursors as usize..))
        {
            if let Some(slot) = self.state.cursors.get_mut((self.cursors + cursor) as usize) {
                *slot = kept;
            }
        }
        Ok(Some((plan, fails)))
    }
}
