//! The reference evaluator: what classic Polar means, as plainly as it can be written down.
//!
//! It walks the syntax trees of checked rules, depth first, left to right, and keeps whole copies of its state for
//! the alternatives it has not tried. There is no index, no reordering and no memory of earlier calls, except for the
//! tables that make recursion end.
//!
//! * `solve`: the search, and what each condition does · `rewrite`: from trees to goals
//! * `facts`: what is stored · `unify`, `arithmetic`, `matching`: values · `select`: which rules apply, in which order
//! * `negation`, `settle`, `tables`, `recursion`: what a negation means, what an answer leaves open, and how recursion ends
//! * `unknown`: goals without meaning for their operands
//!
//! INVARIANT: shares nothing with the machine but the parser, the checks at load and the toy world.

mod arithmetic;
mod facts;
mod matching;
mod negation;
mod program;
mod recursion;
mod rewrite;
mod select;
mod settle;
mod solve;
mod tables;
mod term;
mod unify;
mod unknown;

use std::ops::ControlFlow;

use arctos_syntax::Span;
use arctos_syntax::tree::Expr;

use crate::outcome::{Failure, Outcome};
use crate::value::{Renderer, Value};
use crate::world::World;

pub use program::Program;

use solve::{Solver, State};

/// What the reference found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The answers and how they ended.
    pub outcome: Outcome,
    /// What recursion the question met.
    pub recursed: Recursed,
}

/// What recursion a question met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recursed {
    /// A table was used, so that the order of answers is not promised to be the machine's.
    pub tabled: bool,
    /// A tabled call met itself before it was worked out: there was a cycle.
    pub looped: bool,
    /// A tabled call had unbound variables.
    pub open: bool,
    /// A tabled call was asked inside a negation.
    pub negated: bool,
}

/// Asks `query` of a program over a world, with at most `steps` goals.
pub fn ask(program: &Program, world: &World, query: &Expr, steps: u64) -> Found {
    let mut solver = Solver::new(program, world, steps);
    let names = question_variables(query, world);
    let mut answers = Vec::new();
    let (start, frame) = solver.start(query);
    let searched = solver.search(start, &mut |solver, state| {
        answers.push(answer(solver, &state, &frame, &names)?);
        Ok(ControlFlow::Continue(()))
    });
    let outcome = Outcome { answers, failure: searched.err(), printed: solver.printed };
    Found { outcome, recursed: solver.recursed }
}

/// The variables of a query in order of first appearance, except those that begin with `_` and constants.
fn question_variables<'q>(query: &'q Expr, world: &World) -> Vec<&'q str> {
    let mut named: Vec<(Span, &str)> = Vec::new();
    program::each_name(query, &mut |span, name| named.push((span, name)));
    named.sort_by_key(|(span, _)| *span);
    let mut names: Vec<&str> = Vec::new();
    for (_, name) in named {
        if !name.starts_with('_') && world.constant(name).is_none() && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// One answer's line.
fn answer<'p>(
    solver: &mut Solver<'p>,
    state: &State<'p>,
    frame: &solve::Frame<'p>,
    names: &[&'p str],
) -> Result<String, Failure> {
    let conditional = solver.conditional(state, frame, names)?;
    let mut renderer = Renderer::new(&solver.world);
    let bindings: Vec<String> = names
        .iter()
        .filter_map(|name| match state.bindings.value(&frame.variable(name, &solver.fresh)) {
            Value::Variable(variable) if conditional.contains(&variable) => Some(format!("{name} where")),
            Value::Variable(_) => None,
            value => Some(format!("{name} = {}", renderer.render(&value))),
        })
        .collect();
    Ok(if bindings.is_empty() { "yes".to_owned() } else { bindings.join(", ") })
}
