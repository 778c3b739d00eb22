//! Goals that have no meaning for their operands: `nil < 3`, `nil.name`, arithmetic without a result.
//!
//! Such a goal is neither true nor false. Where other ways may still settle the matter, in a decision or a negation, it is in
//! [doubt](super::doubt), and its error is kept: what is in doubt at the end ends with the error of the first such goal. Elsewhere the error ends the
//! query at once.
//!
//! A goal that would have bound a variable leaves no value to go on with. So the goals that need one are left out, and the proof
//! goes on, in doubt, at the end of the smallest part that nothing after it takes a value of: a call or an `or` of which all open variables are its own
//! affair, a negation, a ground table, or the question.
//!
//! A `cut` in doubt cuts nothing: what it would have cut is in doubt, too.
//!
//! INVARIANT: formulas say the same ([`crate::residual`]): a row is selected exactly where a check of it says yes.

use rustc_hash::FxHashSet;

use super::{ChoiceKind, Condition, Evaluation, Frame, FrameKind, Mode, Outcome, Registers, Stop};
use crate::error::{Error, ErrorKind};
use crate::heap::{Cell, Variable};
use crate::host::Host;
use crate::ir::{Code, Goal, Span32, slots_of_goal};
use crate::observe::Observer;

impl<H: Host, O: Observer> Evaluation<'_, H, O> {
    /// The goal at hand binds nothing and has no meaning for its operands.
    #[cold]
    pub(super) fn unknown(&mut self, stop: Stop) -> Outcome {
        let Stop::Error(error) = stop else { return Err(stop) };
        let is_alone = self.m.mode == Mode::Enumerate && self.m.regs.negations == 0;
        if is_alone || !has_no_meaning(&error) {
            return Err(error.into());
        }
        if self.m.cause.is_none() {
            self.m.cause = Some(self.with_trace(error));
        }
        Ok(self.doubt())
    }

    /// The same, where there is an error.
    pub(super) fn or_unknown(&mut self, outcome: Outcome) -> Outcome {
        outcome.or_else(|stop| self.unknown(stop))
    }

    /// The goal at hand would have bound a variable and has no meaning for its operands.
    #[cold]
    pub(super) fn no_value(&mut self, stop: Stop) -> Outcome {
        self.unknown(stop)?;
        self.leave_part()
    }

    /// There is nothing that `element` could be an item of.
    #[cold]
    pub(super) fn no_item(&mut self, element: Cell, stop: Stop) -> Outcome {
        let open = self.variables_in(&[element]);
        if open.is_empty() || !self.asks_for(self.m.regs, &open, &FxHashSet::default())? {
            return self.unknown(stop);
        }
        self.no_value(stop)
    }

    /// Goes on at the end of the smallest part that nothing after it takes a value of.
    fn leave_part(&mut self) -> Outcome {
        loop {
            self.work(1)?;
            let regs = self.m.regs;
            if self.cuts(regs) {
                self.cut_in_doubt();
            }
            let Some(frame) = self.m.frames.get(regs.frame as usize).copied() else {
                self.m.regs.pc = regs.end;
                return if self.m.mode == Mode::List { Err(self.undecided().into()) } else { Ok(true) };
            };
            let is_closed = match frame.kind {
                FrameKind::Negation { .. } | FrameKind::Commit { .. } => true,
                FrameKind::Table { table } if self.is_ground_table(table) => true,
                // Nobody could say which answer it would have been.
                FrameKind::Table { .. } => return Err(self.undecided().into()),
                FrameKind::Return => self.is_closed(frame)?,
                FrameKind::Resume | FrameKind::Wake { .. } => false,
            };
            if is_closed {
                self.m.regs.pc = regs.end;
                return self.leave();
            }
            self.return_to(frame.regs);
        }
    }

    /// True where what comes after a call or an `or` asks for no variable that it has found open.
    fn is_closed(&mut self, frame: Frame) -> Result<bool, Stop> {
        let (code, after) = self.cx.code_at(frame.regs.pc);
        let Some(goal) = after.checked_sub(1).and_then(|index| code.goals.get(index)) else {
            return Ok(false);
        };
        let bound: FxHashSet<Variable> = self.heap.bound_since(frame.trail).collect();
        self.work(bound.len() as u64)?;
        let slots = slots_of_goal(code, goal).into_iter();
        let values: Vec<Cell> = slots.map(|slot| Cell::Variable(Variable(frame.regs.env + slot.0))).collect();
        let open = self.variables_then(&values, &bound);
        Ok(open.is_empty() || !self.asks_for(frame.regs, &open, &bound)?)
    }

    /// True where goals after a point ask for one of these variables, or a condition that waits does. `bound` are variables that were
    /// unbound then.
    fn asks_for(
        &mut self,
        mut regs: Registers,
        open: &FxHashSet<Variable>,
        bound: &FxHashSet<Variable>,
    ) -> Result<bool, Stop> {
        loop {
            let (code, index) = self.cx.code_at(regs.pc);
            let goals = code.goals.get(index..index + (regs.end - regs.pc) as usize).unwrap_or(&[]);
            let mut values = Vec::new();
            for slot in goals.iter().flat_map(|goal| slots_of_goal(code, goal)) {
                values.push(Cell::Variable(Variable(regs.env + slot.0)));
            }
            self.work(values.len() as u64 + 1)?;
            if !self.variables_then(&values, bound).is_disjoint(open) {
                return Ok(true);
            }
            match self.m.frames.get(regs.frame as usize) {
                None | Some(Frame { kind: FrameKind::Negation { .. } | FrameKind::Table { .. }, .. }) => {
                    break;
                }
                Some(frame) => regs = frame.regs,
            }
        }
        self.work(self.m.delays.len() as u64)?;
        let mut waiting = self.pending_delays().filter_map(|(index, _)| self.m.delays.get(index as usize));
        Ok(waiting.any(|delay| self.operands_of(delay).iter().any(|variable| open.contains(variable))))
    }

    /// True where a `cut` of the clause is still to come in this run of goals.
    fn cuts(&self, regs: Registers) -> bool {
        let (code, index) = self.cx.code_at(regs.pc);
        has_cut(code, Span32 { start: index as u32, len: regs.end - regs.pc })
    }

    /// True where a goal of the clause at hand, or of the negation, was in doubt.
    #[cold]
    pub(super) fn is_in_doubt(&self) -> bool {
        let mut at = self.m.regs.frame;
        let mut since = 0;
        while let Some(frame) = self.m.frames.get(at as usize) {
            if frame.regs.depth < self.m.regs.depth || matches!(frame.kind, FrameKind::Negation { .. }) {
                since = frame.delays;
                break;
            }
            at = frame.regs.frame;
        }
        let made = self.m.delays.get(since as usize..).unwrap_or(&[]);
        made.iter().any(|delay| matches!(delay.condition, Condition::Doubt { .. }))
    }

    /// The clauses after the one at hand count only where its `cut` is not come to: that is in doubt.
    #[cold]
    pub(super) fn cut_in_doubt(&mut self) {
        let (cut, depth) = (self.m.regs.cut as usize, self.m.regs.depth);
        if let Some(choice) = self.m.choices.get_mut(cut)
            && let ChoiceKind::Clauses { in_doubt, .. } = &mut choice.kind
            // Any other choice was made inside the clause.
            && choice.regs.depth < depth
        {
            *in_doubt = true;
        }
    }
}

/// True for an error of a goal's operands, and not of a limit or of what drives the host.
pub(crate) fn has_no_meaning(error: &Error) -> bool {
    use ErrorKind::{Arithmetic, Host, NotIterable, Type, Unsupported};
    matches!(error.kind(), Host | Type | NotIterable | Arithmetic | Unsupported)
}

/// True where a `cut` stands among goals, or in an `or` of them.
fn has_cut(code: &Code, goals: Span32) -> bool {
    code.goals.get(goals.range()).unwrap_or(&[]).iter().any(|goal| match goal {
        Goal::Cut => true,
        Goal::Or(blocks) => {
            code.blocks.get(blocks.range()).unwrap_or(&[]).iter().any(|block| has_cut(code, block.goals))
        }
        _ => false,
    })
}
