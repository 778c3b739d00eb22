//! `not` and `forall`, and what it means that conditions still wait when an answer is complete.

use std::ops::ControlFlow;
use std::rc::Rc;

use super::solve::{Frame, Goal, Negated, Shape, Solver, State, Waiting};
use super::term::{Term, Var};
use super::unknown::Cut;
use crate::outcome::Failure;

impl<'p> Solver<'p> {
    /// `not G`: runs `G` aside; holds where that finds no answer. What `G` binds stays there.
    ///
    /// Where an outer variable of `G` has no value but is known by several names, or conditions wait for it, the
    /// negation waits too: what it says depends on a value that is still to come. Where facts are kept it waits for any
    /// outer variable, and is [settled](super::settle) at the end. A variable within a value that is known is taken as it is.
    ///
    /// An answer that leaves a condition that nobody can decide is neither yes nor no. The search goes on after it; if it finds no better one,
    /// the negation is neither yes nor no: it goes on in doubt.
    pub(super) fn negation(
        &mut self,
        negated: Negated<'p>,
        frame: &Rc<Frame<'p>>,
        state: &mut State<'p>,
    ) -> Result<bool, Failure> {
        let outer = self.open_names(negated, frame, state);
        let blocked =
            |variable: &Var| state.bindings.is_aliased(*variable) || !self.is_plain(state, &[*variable]);
        let blocked: Vec<Var> = outer.iter().copied().filter(blocked).collect();
        if !blocked.is_empty() {
            state.wait(Rc::new(Goal::Not(negated, Rc::clone(frame))), blocked);
            return Ok(true);
        }
        if !outer.is_empty() && self.world.schema().has_facts() {
            state.wait(Rc::new(Goal::Postponed(negated, Rc::clone(frame))), outer);
            return Ok(true);
        }
        self.denied(negated, frame, state)
    }

    /// True when what is negated has no answer that counts; where it has other answers, that is in doubt.
    pub(super) fn denied(
        &mut self,
        negated: Negated<'p>,
        frame: &Rc<Frame<'p>>,
        state: &mut State<'p>,
    ) -> Result<bool, Failure> {
        let outer = self.outer_variables(negated, frame, state);
        // `cut` inside ends with the negation: its search begins with no choices.
        let cut = Cut { height: 0, call: None, doubts: state.doubts() };
        let goals = match negated {
            Negated::Goal(goal) => vec![Goal::Holds(goal, Rc::clone(frame), cut)],
            Negated::ForAll(condition, action) => vec![
                Goal::Holds(condition, Rc::clone(frame), cut),
                Goal::Not(Negated::Goal(action), Rc::clone(frame)),
            ],
        };
        let (mut holds, mut is_doubtful) = (false, false);
        self.negations += 1;
        self.search(state.aside(goals), &mut |solver, answer| {
            if solver.counts(state, &answer, &outer)? {
                holds = true;
                return Ok(ControlFlow::Break(()));
            }
            is_doubtful = true;
            Ok(ControlFlow::Continue(()))
        })?;
        self.negations -= 1;
        if is_doubtful && !holds {
            state.doubt();
        }
        Ok(!holds)
    }

    /// An answer that leaves conditions counts only where they are about outer variables, and only once negated:
    /// twice negated it would be neither true nor false. In a tabled call it does not count either, since the call may be asked for within a
    /// negation later.
    fn counts(&self, before: &State<'p>, answer: &State<'p>, outer: &[Var]) -> Result<bool, Failure> {
        let is_new = |one: &&Rc<Waiting<'p>>| !before.waiting.iter().any(|old| Rc::ptr_eq(old, one));
        let left: Vec<Rc<Waiting<'p>>> =
            self.undecided_in(answer)?.into_iter().filter(|one| is_new(&one)).collect();
        if left.is_empty() {
            return Ok(true);
        }
        let mut known = Vec::new();
        for variable in outer {
            answer.bindings.unbound(&Term::Variable(*variable), &mut known);
        }
        Ok(self.negations == 1 && self.tables.is_idle() && self.reached(&left, answer, known))
    }

    /// The unbound variables that outer names themselves stand for.
    fn open_names(&self, negated: Negated<'p>, frame: &Frame<'p>, state: &State<'p>) -> Vec<Var> {
        let names = frame.outer_names(negated).into_iter().filter(|name| self.world.constant(name).is_none());
        let open =
            names.filter_map(|name| match state.bindings.resolve(&frame.variable(name, &self.fresh)) {
                Term::Variable(variable) => Some(variable),
                _ => None,
            });
        open.collect()
    }

    fn outer_variables(&self, negated: Negated<'p>, frame: &Frame<'p>, state: &State<'p>) -> Vec<Var> {
        let mut found = Vec::new();
        for name in frame.outer_names(negated) {
            if self.world.constant(name).is_none() {
                state.bindings.unbound(&frame.variable(name, &self.fresh), &mut found);
            }
        }
        found
    }

    /// The variables of the question about which conditions remain in an answer.
    ///
    /// # Errors
    /// Where a condition is about no variable of the question.
    pub(super) fn conditional(
        &self,
        state: &State<'p>,
        frame: &Frame<'p>,
        names: &[&'p str],
    ) -> Result<Vec<Var>, Failure> {
        let mut asked = Vec::new();
        for name in names {
            if let Term::Variable(variable) = state.bindings.resolve(&frame.variable(name, &self.fresh)) {
                asked.push(variable);
            }
        }
        if !self.reached(&self.undecided_in(state)?, state, asked) {
            return Err(self.undecided(state));
        }
        Ok(self.awaited(&state.waiting, state))
    }

    /// True when every condition shares a variable with `known`, or with a condition that does, and so on.
    fn reached(&self, waiting: &[Rc<Waiting<'p>>], state: &State<'p>, mut known: Vec<Var>) -> bool {
        let mut open: Vec<Vec<Var>> = waiting.iter().map(|one| self.variables(&one.goal, state)).collect();
        loop {
            let (near, far): (Vec<_>, Vec<_>) =
                open.into_iter().partition(|vars| vars.iter().any(|variable| known.contains(variable)));
            if far.is_empty() || near.is_empty() {
                return far.is_empty();
            }
            known.extend(near.into_iter().flatten());
            open = far;
        }
    }

    /// All unbound variables that waiting conditions are about.
    fn awaited(&self, waiting: &[Rc<Waiting<'p>>], state: &State<'p>) -> Vec<Var> {
        waiting.iter().flat_map(|one| self.variables(&one.goal, state)).collect()
    }

    /// The unbound variables in a waiting condition.
    pub(super) fn variables(&self, goal: &Goal<'p>, state: &State<'p>) -> Vec<Var> {
        let mut found = Vec::new();
        let mut add = |term: &Term| state.bindings.unbound(term, &mut found);
        match goal {
            Goal::Compare(_, left, right) | Goal::In(left, right) => [left, right].into_iter().for_each(add),
            Goal::Lookup(a, b, c) | Goal::Arithmetic(_, a, b, c) => [a, b, c].into_iter().for_each(add),
            Goal::OfType(term, _) => add(term),
            Goal::Matches(term, shape) => {
                add(term);
                each_term(shape, &mut add);
            }
            Goal::Not(negated, frame) | Goal::Postponed(negated, frame) => {
                return self.outer_variables(*negated, frame, state);
            }
            _ => {}
        }
        found
    }
}

pub(super) fn each_term(shape: &Shape, visit: &mut dyn FnMut(&Term)) {
    match shape {
        Shape::Term(term) => visit(term),
        Shape::Class(_, fields) | Shape::Fields(fields) => {
            fields.iter().for_each(|(_, field)| each_term(field, visit))
        }
        Shape::List(items, rest) => {
            items.iter().for_each(|item| each_term(item, visit));
            rest.iter().for_each(visit);
        }
    }
}
