//! Recursive calls: each distinct call is worked out once, over and over until nothing new comes, and then answers
//! each distinct answer once, in the order in which they were first found.
//!
//! What is in doubt in an answer is in doubt wherever the answer is used, until the answer is found for certain.
//!
//! A call that meets itself takes the answers found so far. If it meets itself through a negation, those may not be
//! all, and the negation would be wrong: that is an error.

use std::collections::HashMap;
use std::ops::ControlFlow;

use arctos::ErrorKind;

use super::solve::{Goal, Solver, State, fail};
use super::term::{Term, Var, from_value};
use crate::outcome::Failure;
use crate::value::Value;

/// The tables of one query.
#[derive(Debug, Default)]
pub(super) struct Tables {
    by_call: HashMap<String, Table>,
    /// How many negations each call that is being worked out stands in, outermost call first.
    open: Vec<u32>,
    /// The outermost open call whose unfinished answers were used since this was last set.
    lowest: usize,
    /// Calls worked out within an open call on whose unfinished answers they rest.
    unfinished: Vec<String>,
    /// How many answers there are in all tables; one that has become certain counts twice.
    answers: usize,
}

impl Tables {
    /// True when no call is being worked out.
    pub(super) fn is_idle(&self) -> bool {
        self.open.is_empty()
    }
}

#[derive(Clone, Debug, Default)]
struct Table {
    /// What the arguments are; then a pair for each variable in them that stands for whatever value of a type. False where
    /// that is in doubt so far.
    answers: Vec<(Vec<Value>, bool)>,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, Default)]
enum Stage {
    #[default]
    New,
    /// Being worked out, at that place in `open`.
    Open(usize),
    /// Worked out once, resting on the open call at `on`, when there were `seen` answers in all tables.
    Unfinished {
        on: usize,
        seen: usize,
    },
    Complete,
}

impl<'p> Solver<'p> {
    /// A tabled call: one state for each answer of its table.
    pub(super) fn call_tabled(
        &mut self,
        name: &'p str,
        args: &[Term],
        state: &State<'p>,
        choices: &mut Vec<State<'p>>,
    ) -> Result<(), Failure> {
        let args_now: Vec<Value> = args.iter().map(|arg| state.bindings.value(arg)).collect();
        let mut unbound = Vec::new();
        args.iter().for_each(|arg| state.bindings.unbound(arg, &mut unbound));
        self.recursed.tabled = true;
        self.recursed.open |= !unbound.is_empty();
        self.recursed.negated |= self.negations > 0;
        let call = renumbered(&args_now);
        let key = format!("{name}{call:?}");
        let stage = self.tables.by_call.entry(key.clone()).or_default().stage;
        match stage {
            Stage::Complete => {}
            Stage::Open(at) => self.rest_on(at)?,
            Stage::Unfinished { on, seen } if seen == self.tables.answers => self.rest_on(on)?,
            Stage::New | Stage::Unfinished { .. } => self.work_out(name, &key, &call)?,
        }
        let answers = self.tables.by_call.get(&key).map(|table| table.answers.clone()).unwrap_or_default();
        for (answer, is_certain) in answers.iter().rev() {
            let mut state = state.clone();
            if !is_certain {
                state.doubt();
            }
            let mut same = true;
            let answer = self.renamed(answer);
            for (arg, value) in args.iter().zip(&answer) {
                same = same && self.unify(&mut state.bindings, arg, value)?;
            }
            for typed in answer.iter().skip(args.len()) {
                same = same && self.is_typed(&mut state, typed)?;
            }
            if same {
                choices.push(state);
            }
        }
        Ok(())
    }

    /// Notes that unfinished answers of an open call are used.
    fn rest_on(&mut self, at: usize) -> Result<(), Failure> {
        self.recursed.looped = true;
        if self.tables.open.get(at).is_some_and(|negations| *negations < self.negations) {
            return fail(ErrorKind::NegationLoop, "a goal depends on its own negation");
        }
        self.tables.lowest = self.tables.lowest.min(at);
        Ok(())
    }

    fn work_out(&mut self, name: &'p str, key: &str, call: &[Value]) -> Result<(), Failure> {
        let at = self.tables.open.len();
        let first_unfinished = self.tables.unfinished.len();
        let lowest_before = self.tables.lowest;
        self.tables.open.push(self.negations);
        self.tables.lowest = at;
        self.set_stage(key, Stage::Open(at));
        loop {
            let seen = self.tables.answers;
            self.round(name, key, call)?;
            if self.tables.answers == seen {
                break;
            }
        }
        self.tables.open.pop();
        let lowest = self.tables.lowest;
        if lowest < at {
            self.set_stage(key, Stage::Unfinished { on: lowest, seen: self.tables.answers });
            self.tables.unfinished.push(key.to_owned());
            // What rests on this call rests on what this call rests on.
            for inner in self.tables.unfinished.split_off(first_unfinished) {
                self.rest_lower(&inner, lowest);
                self.tables.unfinished.push(inner);
            }
        } else {
            for inner in self.tables.unfinished.split_off(first_unfinished) {
                self.finish(&inner);
            }
            self.set_stage(key, Stage::Complete);
        }
        self.tables.lowest = lowest_before.min(lowest);
        Ok(())
    }

    /// Runs the rules of a call once and adds what is new to its table.
    fn round(&mut self, name: &'p str, key: &str, call: &[Value]) -> Result<(), Failure> {
        let args = self.renamed(call);
        let mut state = State::default();
        for arg in &args {
            // The caller knows these variables by other names.
            let mut unbound = Vec::new();
            state.bindings.unbound(arg, &mut unbound);
            unbound.into_iter().for_each(|variable| state.bindings.mark_aliased(variable));
        }
        let mut open = Vec::new();
        args.iter().for_each(|arg| state.bindings.unbound(arg, &mut open));
        let is_ground = open.is_empty();
        state.push(vec![Goal::Call(name, args.clone(), false), Goal::Answered(is_ground)]);
        self.search(state, &mut |solver, state| {
            let is_certain = solver.undecided_in(&state)?.is_empty();
            let mut answer: Vec<Value> = args.iter().map(|arg| state.bindings.value(arg)).collect();
            answer.extend(solver.open_types(&state, &args));
            let answer = renumbered(&answer);
            let table = solver.tables.by_call.entry(key.to_owned()).or_default();
            let found = match table.answers.iter_mut().find(|(known, _)| *known == answer) {
                None => {
                    table.answers.push((answer, is_certain));
                    true
                }
                Some((_, was_certain)) => is_certain && !std::mem::replace(was_certain, true),
            };
            solver.tables.answers += usize::from(found);
            // Without variables there is no more to say than that it holds.
            Ok(if is_ground && is_certain { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })
    }

    /// An unfinished call rests on the open call at `lowest` at the highest.
    fn rest_lower(&mut self, key: &str, lowest: usize) {
        if let Some(Table { stage: Stage::Unfinished { on, .. }, .. }) = self.tables.by_call.get_mut(key) {
            *on = lowest.min(*on);
        }
    }

    /// The outermost call that an unfinished one rests on is done.
    fn finish(&mut self, key: &str) {
        let answers = self.tables.answers;
        if let Some(table) = self.tables.by_call.get_mut(key)
            && let Stage::Unfinished { seen, .. } = table.stage
        {
            table.stage = if seen == answers { Stage::Complete } else { Stage::New };
        }
    }

    fn set_stage(&mut self, key: &str, stage: Stage) {
        if let Some(table) = self.tables.by_call.get_mut(key) {
            table.stage = stage;
        }
    }

    /// The values as terms with new variables, the same one for the same number.
    fn renamed(&self, values: &[Value]) -> Vec<Term> {
        let mut names: HashMap<Var, Var> = HashMap::new();
        let mut rename = |variable: Var| *names.entry(variable).or_insert_with(|| self.fresh.number());
        values.iter().map(|value| from_value(&renamed(value, &mut rename))).collect()
    }
}

/// The same values with their variables numbered from 0, in order of appearance.
fn renumbered(values: &[Value]) -> Vec<Value> {
    let mut seen = Vec::new();
    let mut number = |variable: Var| {
        let index = seen.iter().position(|known| *known == variable).unwrap_or(seen.len());
        if index == seen.len() {
            seen.push(variable);
        }
        index as Var
    };
    values.iter().map(|value| renamed(value, &mut number)).collect()
}

fn renamed(value: &Value, rename: &mut dyn FnMut(Var) -> Var) -> Value {
    match value {
        Value::Variable(variable) => Value::Variable(rename(*variable)),
        Value::List(items) => Value::List(items.iter().map(|item| renamed(item, rename)).collect()),
        Value::OpenList(items, rest) => {
            let items = items.iter().map(|item| renamed(item, rename)).collect();
            Value::OpenList(items, rename(*rest))
        }
        Value::Dictionary(entries) => {
            let entries = entries.iter().map(|(key, value)| (key.clone(), renamed(value, rename)));
            Value::Dictionary(entries.collect())
        }
        other => other.clone(),
    }
}
