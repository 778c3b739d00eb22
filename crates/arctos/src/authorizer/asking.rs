//! Questions with variables: the machine's answers, as rows of atoms.

use rustc_hash::FxHashSet;

use super::checks::term;
use super::{Authorizer, NoObjects, Request};
use crate::error::{Error, ErrorKind};
use crate::eval::{Context, Evaluation, Machine, atom_of, exhausted_error, undecided_decision};
use crate::facts::{Atom, ValueRef};
use crate::heap::{Cell, Heap, Variable};
use crate::ir::{Code, Goal, Operand, PredicateId, Slot, Span32};
use crate::limits::{Limit, Limits};
use crate::link::Link;
use crate::query::{Step, predicate_of};

/// What is known of a variable of a question.
#[derive(Clone, Copy, Debug)]
pub(super) enum Column<'q> {
    /// Its value.
    Known(ValueRef<'q>),
    /// Its type; what answers say of it is part of their rows.
    OfType(&'q str),
}

/// A call of a question.
#[derive(Debug)]
pub(super) struct Asked {
    predicate: PredicateId,
    /// Its arguments, as numbers of variables.
    arguments: Vec<u32>,
}

impl Asked {
    /// The call of a rule or of facts.
    ///
    /// # Errors
    /// [`ErrorKind::UndefinedRule`] where the policy has no such rule.
    pub(super) fn new(authorizer: &Authorizer, rule: &str, arguments: Vec<u32>) -> Result<Asked, Error> {
        let arity = arguments.len();
        match predicate_of(&authorizer.policy, rule, arity as u32)? {
            Some(predicate) => Ok(Asked { predicate, arguments }),
            None => {
                let message = format!("no rule `{rule}` has {arity} parameters");
                Err(Error::new(ErrorKind::UndefinedRule, message))
            }
        }
    }
}

/// What an answer says of the open variables, in their order: `None` for one that may be whatever value of its type.
pub(super) type Row = Box<[Option<Atom>]>;

/// All answers of a question, each once.
#[derive(Debug)]
pub(super) struct Answers {
    pub(super) rows: FxHashSet<Row>,
    heap: Heap<std::convert::Infallible>,
}

impl Answers {
    /// What an atom of a row is.
    pub(super) fn value(&self, atom: Atom) -> Option<ValueRef<'_>> {
        self.heap.link()?.view.value(atom)
    }
}

impl Authorizer {
    /// All answers of a question about these variables.
    pub(super) fn ask(
        &self,
        request: &Request<'_>,
        calls: &[Asked],
        columns: &[Column<'_>],
    ) -> Result<Answers, Error> {
        let program = &self.policy.0;
        let mut heap = Heap::new(self.policy.symbols().clone());
        let mut link = Link::new(program, self.facts.view());
        link.take(&self.policy, request)?;
        heap.store.link = Some(Box::new(link));
        let code = code_of(calls);
        let env = heap.fresh(columns.len() as u32);
        // The machine counts every way to an answer, the limit is about answers.
        let limits = Limits { answers: u64::MAX, ..self.limits.clone() };
        let cx = Context { program, question: &code, limits: &limits };
        let mut machine = Machine::new();
        machine.start(program, Span32 { start: 0, len: calls.len() as u32 }, env);
        let (mut host, mut observer) = (NoObjects, ());
        let mut evaluation = Evaluation {
            cx: &cx,
            m: &mut machine,
            heap: &mut heap,
            host: &mut host,
            observer: &mut observer,
        };
        let open = begin(&mut evaluation, columns, env)?;
        let rows = self.rows(&mut evaluation, &open)?;
        Ok(Answers { rows, heap })
    }

    fn rows(&self, evaluation: &mut Machinery<'_>, open: &[Variable]) -> Result<FxHashSet<Row>, Error> {
        let mut rows = FxHashSet::default();
        loop {
            match evaluation.run(u64::MAX)? {
                Step::Done => return Ok(rows),
                Step::Answer => {
                    let row = row(evaluation, open)?;
                    let is_every = row.len() == 1 && row.first() == Some(&None);
                    rows.insert(row);
                    self.bound(&rows)?;
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
    fn bound(&self, rows: &FxHashSet<Row>) -> Result<(), Error> {
        if rows.len() as u64 > self.limits.answers {
            return Err(exhausted_error(Limit::Answers, &self.limits));
        }
        let width = rows.iter().next().map_or(0, |row| row.len());
        let each = size_of::<Row>() + width * size_of::<Option<Atom>>() + 16;
        if rows.len().saturating_mul(each) > self.limits.memory {
            return Err(exhausted_error(Limit::Memory, &self.limits));
        }
        Ok(())
    }
}

type Machinery<'e> = Evaluation<'e, NoObjects, ()>;

/// The goals of a question whose variables are the first of its environment.
fn code_of(calls: &[Asked]) -> Code {
    let mut code = Code::default();
    for call in calls {
        let start = code.operands.len() as u32;
        code.operands.extend(call.arguments.iter().map(|column| Operand::Slot(Slot(*column))));
        code.goals.push(Goal::Call(call.predicate, Span32 { start, len: call.arguments.len() as u32 }));
        code.spans.push(crate::Span::default());
    }
    code
}

/// Gives the variables what is known of them; those that are open.
fn begin(
    evaluation: &mut Machinery<'_>,
    columns: &[Column<'_>],
    env: Variable,
) -> Result<Vec<Variable>, Error> {
    let mut open = Vec::new();
    for (variable, column) in (env.0..).map(Variable).zip(columns) {
        match *column {
            Column::Known(value) => {
                let value = term(evaluation.heap, value)?;
                evaluation.heap.initialise(variable, value.0);
            }
            Column::OfType(name) => {
                let link = evaluation.heap.store.link.as_deref_mut().ok_or_else(Link::missing)?;
                let type_id = link.type_named(name)?;
                evaluation.leave_open(variable, type_id);
                open.push(variable);
            }
        }
    }
    Ok(open)
}

/// What the answer at hand says.
fn row(evaluation: &mut Machinery<'_>, open: &[Variable]) -> Result<Row, Error> {
    if !evaluation.is_settled() {
        return Err(undecided_decision());
    }
    let mut unbound = Vec::new();
    let mut row = Vec::with_capacity(open.len());
    for variable in open {
        row.push(match evaluation.heap.resolve(Cell::Variable(*variable)) {
            // Two that must be the same are not any two.
            Cell::Variable(other) if unbound.contains(&other) => return Err(undecided_decision()),
            Cell::Variable(other) => {
                unbound.push(other);
                None
            }
            value => match atom_of(evaluation.cx.program, evaluation.heap, value)? {
                Some(atom) => Some(atom),
                None => return Err(undecided_decision()),
            },
        });
    }
    Ok(row.into())
}
