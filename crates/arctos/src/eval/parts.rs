//! Parts of a decision by themselves: goals of one clause with its variables as they stand, and goals about which
//! something is taken for granted. It is how explanations ask the machine, so that it is the machine that decides.
//!
//! A goal that is *barred* does not hold. Whoever looks for what a goal rests on bars the goals that he has come from: what is
//! found then has a proof without them, so that no proof goes round in a circle. (A proof of least height never has a
//! goal above itself, so that there is one whenever the goal holds.) A barred goal of a stratified policy does not stand below a
//! negation of what it rests on, so no negation holds because of it.

use rustc_hash::FxHashSet;

use super::stored::Stored;
use super::{Evaluation, Machine, NONE, Outcome, Registers, Stop, answers_later};
use crate::error::Error;
use crate::facts::TypeId;
use crate::heap::{Cell, Variable};
use crate::host::Host;
use crate::ir::{Code, Operand, PredicateId, Span32};
use crate::observe::Observer;
use crate::policy::RuleId;

/// How a question differs from a decision.
pub(super) struct Apart<Obj> {
    /// Goals that do not hold by rules.
    barred: FxHashSet<(PredicateId, Vec<Stored<Obj>>)>,
    /// The question's own goal is not tabled, so that an observer sees the rule that answers it.
    is_untabled: bool,
}

impl<Obj> Default for Apart<Obj> {
    fn default() -> Self {
        Apart { barred: FxHashSet::default(), is_untabled: false }
    }
}

/// What a variable of a clause stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Read {
    /// That value.
    Value(Cell),
    /// Whatever value of the type.
    OfType(Variable, TypeId),
    /// Whatever value.
    Open(Variable),
}

impl<Obj> Machine<Obj> {
    /// Starts with goals of a rule's body; the rule's variables begin at `env`.
    pub(crate) fn start_inside(&mut self, rule: RuleId, goals: Span32, env: Variable) {
        self.regs =
            Registers { pc: goals.start, end: goals.end(), env: env.0, rule: rule.0, ..Registers::start() };
    }

    /// Does not table the question's own goal. The goal is to be barred.
    pub(crate) fn untable(&mut self) {
        self.apart.is_untabled = true;
    }
}

impl<H: Host, O: Observer> Evaluation<'_, H, O> {
    /// Bars a goal whose arguments are that run of cells.
    pub(crate) fn bar(&mut self, predicate: PredicateId, args: u32, arity: u32) -> Result<(), Error> {
        match self.stored(args, arity, false) {
            Ok(key) => {
                self.m.apart.barred.insert((predicate, key));
                Ok(())
            }
            Err(stop) => Err(at_once(stop)),
        }
    }

    #[inline]
    pub(super) fn is_apart(&self) -> bool {
        self.m.apart.is_untabled || !self.m.apart.barred.is_empty()
    }

    /// Calls a goal that would be tabled.
    #[cold]
    pub(super) fn call_apart(&mut self, predicate: PredicateId, leaf: u32, args: u32, arity: u32) -> Outcome {
        if self.m.apart.is_untabled && self.m.regs.rule == NONE && self.m.regs.depth == 0 {
            self.m.apart.is_untabled = false;
            return self.call_leaf(predicate, leaf, args, arity);
        }
        let key = self.stored(args, arity, false)?;
        if self.is_barred(predicate, &key) {
            return Ok(false);
        }
        self.table_call(predicate, leaf, args, arity)
    }

    pub(super) fn is_barred(&self, predicate: PredicateId, key: &[Stored<H::Object>]) -> bool {
        let barred = &self.m.apart.barred;
        !barred.is_empty() && barred.contains(&(predicate, key.to_vec()))
    }

    /// Matches the head of a rule with a run of cells: where the rule's variables begin.
    pub(crate) fn match_head(&mut self, rule: RuleId, args: u32) -> Result<Option<Variable>, Error> {
        let Some(clause) = self.cx.program.clause(rule) else { return Ok(None) };
        let env = self.heap.fresh(clause.slots.len() as u32);
        self.m.regs.env = env.0;
        self.m.regs.rule = rule.0;
        match self.head(clause, args, env) {
            Ok(matches) => Ok(matches.then_some(env)),
            Err(stop) => Err(at_once(stop)),
        }
    }

    /// True for an answer of which a barred goal is an instance. What holds whatever a value is has a proof that does not need it of
    /// another one about which nothing is known either: so such an answer is not needed.
    pub(super) fn covers_barred(&self, predicate: PredicateId, answer: &[Stored<H::Object>]) -> bool {
        self.m.apart.barred.iter().any(|(barred, key)| {
            *barred == predicate
                && key.len() == answer.len()
                && answer.iter().zip(key).all(|(answer, key)| self.covers(answer, key))
        })
    }

    fn covers(&self, answer: &Stored<H::Object>, key: &Stored<H::Object>) -> bool {
        let type_id = match key {
            Stored::Entity(atom) => self.heap.link().and_then(|link| link.view.type_of(*atom)),
            Stored::Symbol(_) | Stored::Text(_) => Some(TypeId::STRING),
            Stored::Integer(_) => Some(TypeId::INTEGER),
            Stored::Boolean(_) => Some(TypeId::BOOLEAN),
            _ => None,
        };
        match answer {
            Stored::Variable(_) => true,
            Stored::OfType(_, of) => type_id == Some(*of),
            answer => answer == key,
        }
    }

    /// The value of an operand of a rule whose variables begin at `env`.
    pub(crate) fn value_of(&mut self, code: &Code, operand: Operand, env: Variable) -> Result<Cell, Error> {
        self.m.regs.env = env.0;
        match self.load(code, operand) {
            Ok(cell) => Ok(self.heap.resolve(cell)),
            Err(stop) => Err(at_once(stop)),
        }
    }

    /// True when two values without variables are equal.
    pub(crate) fn is_equal(&mut self, left: Cell, right: Cell) -> Result<bool, Error> {
        match self.unify(left, right) {
            Ok(equal) => Ok(equal),
            Err(stop) => Err(at_once(stop)),
        }
    }

    /// What a variable stands for.
    pub(crate) fn read(&self, variable: Variable) -> Read {
        match self.heap.resolve(Cell::Variable(variable)) {
            Cell::Variable(variable) => match self.type_of_open(variable) {
                Some(type_id) => Read::OfType(variable, type_id),
                None => Read::Open(variable),
            },
            cell => Read::Value(cell),
        }
    }
}

/// The error of a goal that does not come to its end at once.
#[cold]
fn at_once(stop: Stop) -> Error {
    match stop {
        Stop::Error(error) => error,
        Stop::Later(_) => answers_later(),
    }
}
