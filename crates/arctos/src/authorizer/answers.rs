//! The machine's answers to a question, as rows of atoms.

use rustc_hash::FxHashSet;

use super::NoObjects;
use super::asking::{Attempt, Variable};
use super::checks::term;
use crate::error::Error;
use crate::eval::{Context, Evaluation, Machine, Mode, atom_of, exhausted_error, undecided_decision};
use crate::facts::{Atom, TypeId};
use crate::heap::{self, Cell, Heap};
use crate::ir::{Code, Span32};
use crate::limits::{Limit, Limits};
use crate::query::{Step, pose};

/// What an answer says of the variables that have no known value, in their order: `None` for one that may be whatever value of its
/// type.
pub(super) type Row = Box<[Option<Atom>]>;

type Machinery<'e> = Evaluation<'e, NoObjects, ()>;

/// A variable of the question that has no known value.
struct Open {
    variable: heap::Variable,
    /// What it must be exactly, where that is not said by facts.
    type_id: Option<TypeId>,
}

/// All answers, each once.
pub(super) fn answers(
    attempt: &Attempt<'_, '_>,
    heap: &mut Heap<std::convert::Infallible>,
) -> Result<FxHashSet<Row>, Error> {
    let mut arguments = Vec::with_capacity(attempt.question.variables.len());
    for variable in &attempt.question.variables {
        arguments.push(match *variable {
            Variable::Known(value) => term(heap, value)?,
            Variable::OfType(_) | Variable::Among(_) => heap.variable(),
        });
    }
    let open: Vec<Open> = arguments
        .iter()
        .zip(&attempt.types)
        .filter_map(|(argument, type_id)| match argument.0 {
            Cell::Variable(variable) => Some(Open { variable, type_id: *type_id }),
            _ => None,
        })
        .collect();
    let mut code = Code::default();
    let env = pose(&mut code, heap, attempt.reading.question, &arguments);
    // The machine counts every way to an answer, the limit is about answers.
    let limits = Limits { answers: u64::MAX, ..attempt.authorizer.limits.clone() };
    let cx = Context { program: &attempt.reading.program, question: &code, limits: &limits };
    let mut machine = Machine::new();
    // An answer counts once: one proof of a closed goal is enough.
    machine.set_mode(Mode::List);
    machine.start(cx.program, Span32 { start: 0, len: 1 }, env);
    let (mut host, mut observer) = (NoObjects, ());
    let mut evaluation =
        Evaluation { cx: &cx, m: &mut machine, heap, host: &mut host, observer: &mut observer };
    rows(&mut evaluation, &open, &attempt.authorizer.limits)
}

fn rows(evaluation: &mut Machinery<'_>, open: &[Open], limits: &Limits) -> Result<FxHashSet<Row>, Error> {
    let mut rows = FxHashSet::default();
    let mut doubtful = FxHashSet::default();
    let mut doubt = None;
    loop {
        match evaluation.run(u64::MAX)? {
            Step::Done if are_said(&doubtful, &rows) => return Ok(rows),
            Step::Done => return Err(doubt.unwrap_or_else(undecided_decision)),
            Step::Answer => {
                let Some(row) = row(evaluation, open)? else { continue };
                if !evaluation.is_settled() {
                    doubt = doubt.or_else(|| evaluation.cause_of_doubt());
                    doubtful.insert(row);
                    bound(&doubtful, limits)?;
                    continue;
                }
                let is_every = row.len() <= 1 && row.iter().all(Option::is_none);
                rows.insert(row);
                bound(&rows, limits)?;
                // Whatever else there is, this says it already.
                if is_every {
                    return Ok(rows);
                }
            }
            Step::Paused | Step::Need(_) => {}
        }
    }
}

/// Holds a question to the limits of what it has found.
fn bound(rows: &FxHashSet<Row>, limits: &Limits) -> Result<(), Error> {
    if rows.len() as u64 > limits.answers {
        return Err(exhausted_error(Limit::Answers, limits));
    }
    let width = rows.iter().next().map_or(0, |row| row.len());
    let each = size_of::<Row>() + width * size_of::<Option<Atom>>() + 16;
    if rows.len().saturating_mul(each) > limits.memory {
        return Err(exhausted_error(Limit::Memory, limits));
    }
    Ok(())
}

/// True when each row that is in doubt is one of `rows`, or is included in one that has whatever value where it has one.
fn are_said(doubtful: &FxHashSet<Row>, rows: &FxHashSet<Row>) -> bool {
    if doubtful.is_empty() {
        return true;
    }
    let kinds: FxHashSet<Vec<bool>> =
        rows.iter().map(|row| row.iter().map(Option::is_none).collect()).collect();
    doubtful.iter().all(|row| {
        kinds.iter().any(|open| {
            let opened = row.iter().zip(open).map(|(atom, open)| atom.filter(|_| !open));
            rows.contains(&opened.collect::<Row>())
        })
    })
}

/// What the answer at hand says, whether it is certain or not; `None` where it is about values of other types.
fn row(evaluation: &mut Machinery<'_>, open: &[Open]) -> Result<Option<Row>, Error> {
    let mut unbound = Vec::new();
    let mut row = Vec::with_capacity(open.len());
    for Open { variable, type_id } in open {
        match (evaluation.heap.resolve(Cell::Variable(*variable)), *type_id) {
            // Two that must be the same are not any two.
            (Cell::Variable(other), _) if unbound.contains(&other) => return Err(undecided_decision()),
            (Cell::Variable(other), Some(type_id)) => {
                if !evaluation.leave_open(other, type_id) {
                    return Ok(None);
                }
                unbound.push(other);
                row.push(None);
            }
            (Cell::Variable(_), None) => return Err(undecided_decision()),
            (value, type_id) => {
                let Some(atom) = atom_of(evaluation.cx.program, evaluation.heap, value)? else {
                    return Ok(None);
                };
                let link = evaluation.heap.link();
                let found = link.and_then(|link| link.view.type_of(atom));
                if type_id.is_some() && found != type_id {
                    return Ok(None);
                }
                row.push(Some(atom));
            }
        }
    }
    Ok(Some(row.into()))
}
