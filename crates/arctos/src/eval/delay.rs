//! Conditions that wait for a variable.
//!
//! An unbound variable's own cell may hold the head of a list of conditions. Binding the variable wakes them: they are
//! checked before the next goal, in the order in which they came.

use super::{Condition, Delay, Evaluation, FrameKind, NONE, Outcome, Registers};
use crate::heap::{Cell, Variable};
use crate::host::Host;
use crate::observe::Observer;

impl<H: Host, O: Observer> Evaluation<'_, H, O> {
    /// Lets a condition wait for a variable. Always succeeds, for now.
    pub(super) fn delay(&mut self, variable: Variable, condition: Condition) -> bool {
        self.add_delay(variable, self.delay_of(condition, false));
        true
    }

    /// Lets a negation wait for what else is said of its variables.
    pub(super) fn postpone(&mut self, variable: Variable, pc: u32) -> bool {
        self.add_delay(variable, self.delay_of(Condition::Goal(pc), true));
        true
    }

    fn delay_of(&self, condition: Condition, is_postponed: bool) -> Delay {
        Delay { condition, env: self.m.regs.env, rule: self.m.regs.rule, next: NONE, is_postponed }
    }

    /// A condition does not wait for its variable any more.
    pub(super) fn release(&mut self, variable: Variable, index: u32) {
        let Cell::Awaited(head) = self.heap.own(variable) else { return };
        let others: Vec<Delay> =
            self.delay_list(head).filter(|(listed, _)| *listed != index).map(|(_, delay)| delay).collect();
        self.heap.release(variable);
        others.into_iter().for_each(|delay| self.add_delay(variable, delay));
    }

    /// Appends to the variable's list. Lists are short; their nodes are never changed, so the list is made anew.
    fn add_delay(&mut self, variable: Variable, delay: Delay) {
        let mut all: Vec<Delay> = self.delays_of(variable).collect();
        all.push(delay);
        let first = self.m.delays.len() as u32;
        let last = first + all.len() as u32 - 1;
        for (index, mut delay) in (first..).zip(all) {
            delay.next = if index == last { NONE } else { index + 1 };
            self.m.delays.push(delay);
        }
        self.heap.set(variable, Cell::Awaited(first));
    }

    pub(super) fn delays_of(&self, variable: Variable) -> impl Iterator<Item = Delay> + '_ {
        let head = match self.heap.own(variable) {
            Cell::Awaited(head) => head,
            _ => NONE,
        };
        self.delay_list(head).map(|(_, delay)| delay)
    }

    fn delay_list(&self, head: u32) -> impl Iterator<Item = (u32, Delay)> + '_ {
        let mut at = head;
        std::iter::from_fn(move || {
            let delay = self.m.delays.get(at as usize).copied()?;
            let index = at;
            at = delay.next;
            Some((index, delay))
        })
    }

    /// The conditions that wait for a variable.
    pub(super) fn waiting(&self, variable: Variable) -> impl Iterator<Item = Condition> + '_ {
        self.delays_of(variable).map(|delay| delay.condition)
    }

    /// A variable with the list `head` has become an alias of `to`: its conditions wait there now. False where what is known
    /// of both types excludes each other.
    pub(super) fn move_delays(&mut self, head: u32, to: Variable) -> bool {
        let moved: Vec<Delay> = self.delay_list(head).map(|(_, delay)| delay).collect();
        for delay in moved {
            self.add_delay(to, delay);
        }
        let Some(type_id) = self.type_of_open(to) else { return true };
        self.waiting(to).all(|condition| match condition {
            Condition::OfType { type_id: other, .. } => other == type_id,
            condition => self.tag_of(condition).is_none_or(|tag| self.type_has(type_id, tag)),
        })
    }

    /// Arranges that woken conditions are checked before what comes next.
    pub(super) fn wake(&mut self) {
        let heads = std::mem::take(&mut self.heap.store.woken);
        let mut woken: Vec<u32> = Vec::new();
        for head in heads {
            woken.extend(self.delay_list(head).map(|(index, _)| index));
        }
        if woken.is_empty() {
            return;
        }
        let mut frame = self.push_frame(FrameKind::Resume);
        for delay in woken.into_iter().rev() {
            self.m.regs = self.between(frame);
            frame = self.push_frame(FrameKind::Wake { delay });
        }
        self.m.regs = self.between(frame);
    }

    /// Checks a woken condition; then goes on with `after`, the frames below it.
    pub(super) fn check_delay(&mut self, delay: u32, after: Registers) -> Outcome {
        let Some(delay) = self.m.delays.get(delay as usize).copied() else { return Ok(true) };
        self.m.regs = Registers { env: delay.env, rule: delay.rule, ..after };
        match delay.condition {
            Condition::Goal(pc) => {
                self.m.regs.pc = pc;
                self.m.regs.end = pc + 1;
                Ok(true)
            }
            Condition::Match { value, pattern, at } => {
                let (code, _) = self.cx.code_at(at);
                self.matches(value, pattern, code, at)
            }
            Condition::OfType { value, type_id } => {
                let value = self.heap.resolve(value);
                self.is_of_type(value, type_id)
            }
            Condition::Member { element, collection } => {
                let collection = self.heap.resolve(collection);
                self.member(element, collection)
            }
            Condition::Doubt { .. } => Err(self.undecided().into()),
        }
    }

    /// The variables that conditions made since then still wait for, and that they leave open.
    pub(super) fn pending_since(&self, since: u32) -> impl Iterator<Item = Variable> + '_ {
        self.open_delays().filter(move |(index, _)| *index >= since).map(|(_, variable)| variable)
    }

    /// Conditions that still wait and may turn out either way. One that is met by whatever value of a type is none of them.
    pub(super) fn open_delays(&self) -> impl Iterator<Item = (u32, Variable)> + '_ {
        self.pending_delays().filter(|(index, variable)| {
            let delay = self.m.delays.get(*index as usize);
            delay.is_some_and(|delay| !self.is_met_by_type(delay.condition, *variable))
        })
    }

    /// Conditions that still wait, each with its variable.
    pub(super) fn pending_delays(&self) -> impl Iterator<Item = (u32, Variable)> + '_ {
        (0..self.m.delays.len() as u32).filter_map(|index| {
            let variable = self.variable_of(index)?;
            Some((index, variable))
        })
    }

    /// The unbound variable a condition waits for; `None` where it has been checked or moved.
    fn variable_of(&self, index: u32) -> Option<Variable> {
        // The variable is found through the condition: it is an operand that is unbound and lists this condition.
        let delay = self.m.delays.get(index as usize)?;
        self.operands_of(delay).into_iter().find(|variable| {
            matches!(self.heap.own(*variable), Cell::Awaited(head)
                if self.delay_list(head).any(|(listed, _)| listed == index))
        })
    }

    /// The unbound variables among a condition's operands.
    pub(super) fn operands_of(&self, delay: &Delay) -> Vec<Variable> {
        let mut found = Vec::new();
        let mut add = |cell: Cell| {
            if let Cell::Variable(variable) = self.heap.resolve(cell) {
                found.push(variable);
            }
        };
        match delay.condition {
            Condition::Match { value, pattern, at } => {
                add(value);
                let (code, _) = self.cx.code_at(at);
                for slot in crate::ir::slots_of_pattern(code, pattern) {
                    add(Cell::Variable(Variable(delay.env + slot.0)));
                }
            }
            Condition::OfType { value, .. } => add(value),
            Condition::Doubt { variable, .. } => add(Cell::Variable(variable)),
            Condition::Member { element, collection } => {
                add(element);
                add(collection);
            }
            Condition::Goal(pc) => {
                let (code, index) = self.cx.code_at(pc);
                if let Some(goal) = code.goals.get(index) {
                    for slot in crate::ir::slots_of_goal(code, goal) {
                        add(Cell::Variable(Variable(delay.env + slot.0)));
                    }
                }
            }
        }
        found
    }
}
