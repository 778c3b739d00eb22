//! `not`, and with it `forall`.
//!
//! The negated goals run in the same machine behind a choice that stands for "they have no answer". If they have one,
//! that choice is taken away and the negation fails; if it is in [doubt](super::doubt), the choice remembers that and they are asked
//! for another one. Nothing they bind escapes; errors do.
//!
//! A negation whose variables are not all known waits, like any other condition, if such a variable is shared with
//! another clause or has conditions of its own: only then can a later goal still bind it in a way that matters. A
//! plain unbound variable is taken as it is: the negation asks whether *any* value would do. Where facts are kept, such a
//! variable is taken so only when all other goals are done, since they may still bind it ([`settle`](super::settle)).

use super::{ChoiceKind, Condition, Evaluation, FrameKind, Outcome};
use crate::heap::{Cell, Variable};
use crate::host::Host;
use crate::ir::{Block, Code, Goal, Slot};
use crate::observe::Observer;

impl<H: Host, O: Observer> Evaluation<'_, H, O> {
    /// Goal `pc`: `not block`.
    pub(super) fn negate(&mut self, code: &Code, block: u32, pc: u32) -> Outcome {
        let Some(block) = code.blocks.get(block as usize) else { return Ok(false) };
        // Each open variable may look through all conditions that wait: that is work, and counts as steps.
        self.m.steps += self.m.delays.len() as u64;
        let mut open = None;
        for slot in &block.slots {
            let own = Cell::Variable(Variable(self.m.regs.env + slot.0));
            if let Cell::Variable(variable) = self.heap.resolve(own) {
                if Cell::Variable(variable) != own || self.is_constrained(variable) {
                    return Ok(self.delay(variable, Condition::Goal(pc)));
                }
                if !block.local.contains(slot) {
                    open = open.or(Some(variable));
                }
            }
        }
        match open {
            Some(variable) if self.cx.program.schema.has_facts() => Ok(self.postpone(variable, pc)),
            _ => self.begin_negation(block, pc),
        }
    }

    /// Runs the negated goals, whatever is open.
    pub(super) fn begin_negation(&mut self, block: &Block, pc: u32) -> Outcome {
        let barrier = self.m.choices.len() as u32;
        let choice = self.choice(ChoiceKind::Negation { is_doubtful: false });
        self.m.choices.push(choice);
        self.enter_goals(block.goals, pc, FrameKind::Negation { barrier, pc });
        self.m.regs.cut = barrier + 1;
        self.m.regs.negations += 1;
        Ok(true)
    }

    /// The negated goals have an answer: the negation fails. After an answer that is in doubt, another one is looked for.
    pub(super) fn negation_answered(&mut self, barrier: u32, pc: u32, env: u32) -> Outcome {
        let Some(choice) = self.m.choices.get(barrier as usize).copied() else { return Ok(false) };
        let (since, oldest) = (choice.delays, choice.mark.vars);
        if let Some(on) = self.settle(since)? {
            return Ok(on);
        }
        let locals = self.locals_of(pc);
        let is_outer = |variable: &Variable| {
            variable.0 < oldest && !locals.iter().any(|slot| env + slot.0 == variable.0)
        };
        // Twice negated, a condition on a variable that is taken as it is would be neither true nor false; and a table does not know who will
        // ask for its answers.
        let is_plain = self.m.regs.negations == 1 && self.m.tables.is_idle();
        let matters = |variable: &Variable| is_plain && is_outer(variable);
        if self.are_about(since, matters) {
            self.m.choices.truncate(barrier as usize);
        } else if let Some(choice) = self.m.choices.get_mut(barrier as usize) {
            choice.kind = ChoiceKind::Negation { is_doubtful: true };
        }
        Ok(false)
    }

    /// True when a waiting condition is about an unbound variable, whichever variable it waits for; negations that are only
    /// postponed apart.
    pub(super) fn is_constrained(&self, variable: Variable) -> bool {
        match self.heap.own(variable) {
            Cell::Awaited(_) if self.delays_of(variable).all(|delay| delay.is_postponed) => {}
            Cell::Awaited(_) => return true,
            _ => {}
        }
        self.pending_delays().any(|(index, _)| {
            self.m
                .delays
                .get(index as usize)
                .is_some_and(|delay| !delay.is_postponed && self.operands_of(delay).contains(&variable))
        })
    }

    /// Variables that stand only in the negation of goal `pc`.
    fn locals_of(&self, pc: u32) -> &[Slot] {
        let (code, index) = self.cx.code_at(pc);
        match code.goals.get(index) {
            Some(Goal::Not(block)) => code.blocks.get(*block as usize).map_or(&[], |block| &block.local),
            _ => &[],
        }
    }
}
