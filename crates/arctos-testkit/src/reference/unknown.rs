//! Goals that have no meaning for their operands, as `nil < 3` and `nil.name`: neither true nor false.
//!
//! Inside a negation the search goes on, in doubt: another answer may settle the matter. What would have had a value leaves out what asks for it: the
//! search goes on after the smallest call or `or` of which nothing that follows takes a value. A `cut` in doubt cuts nothing, and what it
//! would have cut is in doubt. What is in doubt at the end is the failure of the first such goal.

use arctos::ErrorKind;
use arctos_syntax::tree::{Expr, ExprKind};

use super::negation::each_term;
use super::program::each_name;
use super::solve::{Frame, Goal, Negated, Solver, State};
use super::term::{Bindings, Term, Var};
use crate::outcome::Failure;

/// Where `cut` cuts back to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cut {
    /// How many choices stay.
    pub(super) height: usize,
    /// The call whose further rules are cut; `None` in a query and in a negation.
    pub(super) call: Option<Var>,
    /// How much was in doubt before.
    pub(super) doubts: usize,
}

impl<'p> Solver<'p> {
    /// A goal that binds nothing has no meaning.
    pub(super) fn unknown(&mut self, state: &mut State<'p>, failure: Failure) -> Result<bool, Failure> {
        if self.negations == 0 || failure.kind == "Exhausted" {
            return Err(failure);
        }
        self.cause.get_or_insert(failure);
        state.doubt();
        Ok(true)
    }

    /// A goal that would have bound a variable has no meaning.
    pub(super) fn no_value(
        &mut self,
        state: &mut State<'p>,
        choices: &mut [State<'p>],
        failure: Failure,
    ) -> Result<bool, Failure> {
        self.unknown(state, failure)?;
        while let Some(goal) = state.next_goal() {
            match &*goal {
                Goal::Holds(expr, _, cut) if has_cut(expr) => cut_in_doubt(choices, *cut),
                Goal::Answered(false) => return Err(self.undecided(state)),
                Goal::Left(before, open) if !self.asks_for(state, open, before) => break,
                _ => {}
            }
        }
        Ok(true)
    }

    /// True where what is still to be done asks for one of these variables. What they and others stood for is in `before`.
    pub(super) fn asks_for(&self, state: &State<'p>, open: &[Var], before: &Bindings) -> bool {
        let mut asked = Vec::new();
        for goal in state.goals() {
            let mut name = |frame: &Frame<'p>, name: &'p str| {
                if name != "_" && self.world.constant(name).is_none() {
                    before.unbound(&frame.variable(name, &self.fresh), &mut asked);
                }
            };
            match goal {
                Goal::Holds(expr, frame, _) => each_name(expr, &mut |_, text| name(frame, text)),
                Goal::Not(negated, frame) | Goal::Postponed(negated, frame) | Goal::AsIs(negated, frame) => {
                    match negated {
                        Negated::Goal(expr) => each_name(expr, &mut |_, text| name(frame, text)),
                        Negated::ForAll(condition, action) => {
                            each_name(condition, &mut |_, text| name(frame, text));
                            each_name(action, &mut |_, text| name(frame, text));
                        }
                    }
                }
                goal => each_operand(goal, &mut |term| before.unbound(term, &mut asked)),
            }
        }
        asked.extend(state.waiting.iter().flat_map(|one| self.variables(&one.goal, state)));
        asked.iter().any(|variable| open.contains(variable))
    }

    /// The failure of what is in doubt, or waits, at the end.
    pub(super) fn undecided(&self, state: &State<'p>) -> Failure {
        let message = "a condition waits for a variable that nothing binds";
        match &self.cause {
            Some(cause) if state.doubts() > 0 => cause.clone(),
            _ => Failure::new(ErrorKind::Undecided, message),
        }
    }
}

/// What a `cut` in doubt would have cut is in doubt.
pub(super) fn cut_in_doubt(choices: &mut [State<'_>], cut: Cut) {
    for choice in choices.iter_mut().filter(|choice| cut.call.is_some() && choice.rule_of == cut.call) {
        choice.doubt();
    }
}

/// True where a `cut` stands in a condition, not in a negation.
fn has_cut(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Cut => true,
        ExprKind::And(parts) | ExprKind::Or(parts) => parts.iter().any(has_cut),
        _ => false,
    }
}

/// The terms of a goal that is made of terms.
fn each_operand(goal: &Goal<'_>, visit: &mut dyn FnMut(&Term)) {
    match goal {
        Goal::Call(_, args, _) | Goal::Print(args) => args.iter().for_each(visit),
        Goal::Truth(term) | Goal::OfType(term, _) => visit(term),
        Goal::Unify(a, b) | Goal::Assign(a, b) | Goal::Compare(_, a, b) | Goal::In(a, b) => {
            [a, b].into_iter().for_each(visit);
        }
        Goal::Arithmetic(_, a, b, c) | Goal::Lookup(a, b, c) => [a, b, c].into_iter().for_each(visit),
        Goal::Invoke(object, method, result) => {
            [object, result].into_iter().for_each(&mut *visit);
            method.args.iter().chain(method.words.iter().map(|(_, term)| term)).for_each(visit);
        }
        Goal::Construct(class, result) => {
            visit(result);
            class.args.iter().chain(class.words.iter().map(|(_, term)| term)).for_each(visit);
        }
        Goal::Matches(term, shape) => {
            visit(term);
            each_term(shape, visit);
        }
        Goal::Holds(..) | Goal::Not(..) | Goal::Postponed(..) | Goal::AsIs(..) => {}
        Goal::Doubt | Goal::Raise(_) | Goal::Left(..) | Goal::Answered(_) => {}
    }
}
