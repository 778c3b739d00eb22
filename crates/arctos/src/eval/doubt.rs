//! What nobody can decide: a third truth value beside yes and no.
//!
//! A condition that still waits when all goals are done, for a variable that nothing binds, is neither true nor false. After S. C. Kleene's
//! strong logic of three values (*Introduction to Metamathematics*, 1952, § 64), an answer that rests on it counts only where no
//! other one is certain: the negation of goals that have no better answer is in doubt itself, and so is what a table gives. Doubt is
//! a condition, too, on a variable of its own, so that it goes with the answer and is cut back with it. What is in doubt at a question's
//! end is the error [`ErrorKind::Undecided`]: never a yes, never a no.
//!
//! Since this error is made at the end, and not where the condition is met, the order of facts cannot make it of an answer.

use rustc_hash::FxHashSet;

use super::{Condition, Delay, Evaluation, Mode, NONE, traced, undecided_decision};
use crate::error::{Error, ErrorKind};
use crate::heap::{Cell, Run, Variable};
use crate::host::Host;
use crate::observe::Observer;
use crate::policy::RuleId;
use crate::query::Step;

impl<H: Host, O: Observer> Evaluation<'_, H, O> {
    /// Goes on from the goal before the program counter, of which nobody can say whether it holds.
    pub(super) fn doubt(&mut self) -> bool {
        let variable = self.heap.fresh(1);
        let at = self.m.regs.pc.checked_sub(1).unwrap_or(NONE);
        self.delay(variable, Condition::Doubt { variable, at })
    }

    /// True where a decision goes on from an answer that leaves a condition open: another one may be certain.
    pub(super) fn sets_aside(&mut self) -> bool {
        if self.m.mode != Mode::Decide || self.is_settled() {
            return false;
        }
        if self.m.doubt.is_none() {
            self.m.doubt = self.cause_of_doubt().or_else(|| Some(self.placed(undecided_decision())));
        }
        true
    }

    /// All has been tried: what is left in doubt is an error.
    pub(super) fn over(&mut self) -> Result<Step, Error> {
        let Some(undecided) = self.m.doubt.take() else { return Ok(Step::Done) };
        self.m.is_undecided = true;
        Err(undecided)
    }

    /// The error of the first goal without meaning, where what is found may rest on one.
    pub(crate) fn cause_of_doubt(&mut self) -> Option<Error> {
        let is_doubt = |delay: &Delay| matches!(delay.condition, Condition::Doubt { .. });
        if self.m.delays.iter().any(is_doubt) { self.m.cause.take() } else { None }
    }

    /// True when no condition is left open.
    pub(crate) fn is_settled(&self) -> bool {
        self.open_delays().next().is_none()
    }

    /// Refuses an answer with a condition that has nothing to do with the question's variables: nobody could decide it.
    pub(crate) fn refuse_undecided(&mut self, question: &[Cell]) -> Result<(), Error> {
        if self.is_settled() {
            return Ok(());
        }
        let asked = self.variables_in(question);
        if self.are_about(0, |variable| asked.contains(variable)) { Ok(()) } else { Err(self.undecided()) }
    }

    /// The error of an answer whose conditions cannot be told.
    pub(crate) fn undecided(&mut self) -> Error {
        if let Some(cause) = self.cause_of_doubt() {
            return cause;
        }
        let message = "a condition is about a variable that nothing binds, so it cannot be decided";
        self.placed(Error::new(ErrorKind::Undecided, message))
    }

    /// True when each condition made since then and left open shares a variable with those that matter, or with a condition that
    /// does, and so on.
    pub(super) fn are_about(&self, since: u32, matters: impl Fn(&Variable) -> bool) -> bool {
        if self.m.delays.len() as u32 <= since {
            return true;
        }
        let open = self.open_delays().filter(|(index, _)| *index >= since);
        let operands = |(index, _)| Some(self.operands_of(self.m.delays.get(index as usize)?));
        let mut far: Vec<Vec<Variable>> = open.filter_map(operands).collect();
        let mut reached: FxHashSet<Variable> = FxHashSet::default();
        loop {
            let before = far.len();
            far.retain(|variables| {
                let is_near =
                    variables.iter().any(|variable| matters(variable) || reached.contains(variable));
                if is_near {
                    reached.extend(variables);
                }
                !is_near
            });
            if far.is_empty() || far.len() == before {
                return far.is_empty();
            }
        }
    }

    /// The unbound variables in values.
    pub(super) fn variables_in(&self, values: &[Cell]) -> FxHashSet<Variable> {
        self.variables_then(values, &FxHashSet::default())
    }

    /// The same as of when these variables were not bound yet. Parts that several values share are looked at once.
    pub(super) fn variables_then(
        &self,
        values: &[Cell],
        unbound: &FxHashSet<Variable>,
    ) -> FxHashSet<Variable> {
        let mut found = FxHashSet::default();
        let mut seen = FxHashSet::default();
        let mut left = values.to_vec();
        while let Some(cell) = left.pop() {
            match self.heap.resolve_unless(cell, |variable| unbound.contains(&variable)) {
                Cell::Variable(variable) => _ = found.insert(variable),
                Cell::List(run) if seen.insert((0, run)) => left.extend(self.heap.cells(run)),
                Cell::OpenList(run) if seen.insert((1, run)) => {
                    left.extend(self.heap.cells(Run { len: run.len + 1, ..run }));
                }
                Cell::Dictionary(run) if seen.insert((2, run)) => {
                    left.extend((run.start..run.start + run.len).map(|at| self.heap.entry(at).1));
                }
                _ => {}
            }
        }
        found
    }

    /// Says where the first condition stands that is left open.
    #[cold]
    fn placed(&self, error: Error) -> Error {
        let place = |(index, _)| {
            let Delay { condition, rule, .. } = self.m.delays.get(index as usize)?;
            match condition {
                Condition::Goal(at) | Condition::Match { at, .. } | Condition::Doubt { at, .. } => {
                    Some((*at, RuleId(*rule)))
                }
                Condition::Member { .. } | Condition::OfType { .. } => None,
            }
        };
        traced(self.cx.program, error, self.open_delays().find_map(place).into_iter())
    }
}
