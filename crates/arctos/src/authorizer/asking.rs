//! Questions with variables, read bound-first.
//!
//! What a question leaves open the machine may be unable to settle: a condition on a variable that stands for whatever value of its
//! type, or a rule with a cut. Then the question is asked once more about each value of the type that the facts, the policy and
//! the question name, which makes it a closed one: the list is what `check` says of each. One value that nobody names stands for
//! all others ([`super::spread`]).

use std::convert::Infallible;

use rustc_hash::FxHashSet;

use super::answers::{Row, answers};
use super::spread::{self, Spread};
use super::{Authorizer, Request};
use crate::error::{Error, ErrorKind};
use crate::facts::{Atom, TypeId, Value, ValueRef};
use crate::heap::Heap;
use crate::ir::PredicateId;
use crate::ir::adorn::{Asked, BoundFirst, Shape};
use crate::link::{Link, refused};
use crate::query::predicate_of;

/// A question: calls over variables.
#[derive(Debug)]
pub(super) struct Question<'q> {
    /// Predicates, and their arguments as numbers of variables.
    pub(super) calls: Vec<(PredicateId, Vec<u32>)>,
    pub(super) variables: Vec<Variable<'q>>,
}

/// What is known of a variable of a question.
#[derive(Clone, Copy, Debug)]
pub(super) enum Variable<'q> {
    /// Its value.
    Known(ValueRef<'q>),
    /// Its type.
    OfType(&'q str),
    /// Several values, one of which it has.
    Among(&'q [Value]),
}

/// How a question is asked.
#[derive(Clone, Copy, Debug, Default)]
struct Manner {
    /// Values that are given are gone through first.
    given_first: bool,
    /// So many open variables, the first ones, are spread out over the values that are named.
    spread: usize,
}

impl Manner {
    /// The manners that are left where the first one, bound-first, does not settle a question.
    fn others(question: &Question<'_>) -> impl Iterator<Item = Manner> + use<> {
        let is_given = |variable: &Variable<'_>| matches!(variable, Variable::Among(_));
        let is_open = |variable: &&Variable<'_>| matches!(variable, Variable::OfType(_));
        let first = usize::from(!question.variables.iter().any(is_given));
        let last = question.variables.iter().filter(is_open).count();
        (first..=last).map(|spread| Manner { given_first: true, spread })
    }
}

/// All answers of a question, each once.
#[derive(Debug)]
pub(super) struct Answers {
    pub(super) rows: FxHashSet<Row>,
    pub(super) heap: Heap<Infallible>,
}

impl Answers {
    /// What an atom of a row is.
    pub(super) fn value(&self, atom: Atom) -> Option<ValueRef<'_>> {
        self.heap.link()?.view.value(atom)
    }
}

/// The predicate that a call asks for.
///
/// # Errors
/// [`ErrorKind::UndefinedRule`] where the policy has no such rule.
pub(super) fn called(authorizer: &Authorizer, rule: &str, arity: usize) -> Result<PredicateId, Error> {
    predicate_of(&authorizer.policy, rule, arity as u32)?.ok_or_else(|| {
        let message = format!("no rule `{rule}` has {arity} parameters");
        Error::new(ErrorKind::UndefinedRule, message)
    })
}

/// One way to ask a question.
pub(super) struct Attempt<'a, 'q> {
    pub(super) authorizer: &'a Authorizer,
    pub(super) question: &'a Question<'q>,
    pub(super) reading: &'a BoundFirst,
    /// The types of the variables that are left open; `None` for the others.
    pub(super) types: Vec<Option<TypeId>>,
}

impl Authorizer {
    /// All answers of a question.
    pub(super) fn ask(&self, request: &Request<'_>, question: &Question<'_>) -> Result<Answers, Error> {
        let mut outcome = self.attempt(request, question, Manner::default());
        for manner in Manner::others(question) {
            match &outcome {
                Ok(Some(_)) => break,
                Ok(None) => {}
                Err(error) if matches!(error.kind(), ErrorKind::Undecided | ErrorKind::NegationLoop) => {}
                Err(_) => break,
            }
            outcome = self.attempt(request, question, manner);
        }
        outcome?
            .ok_or_else(|| Error::new(ErrorKind::Undecided, "a rule with a cut has an argument that is open"))
    }

    /// Asks in some manner; `None` where a rule means something else with what is open then.
    fn attempt(
        &self,
        request: &Request<'_>,
        question: &Question<'_>,
        manner: Manner,
    ) -> Result<Option<Answers>, Error> {
        let Some(reading) = self.policy.0.bound_first(self.shape(request, question, manner)) else {
            return Ok(None);
        };
        let mut heap = Heap::new(self.policy.symbols().clone());
        let mut link = Link::new(&reading.program, self.facts.view());
        link.take(&self.policy, request)?;
        let mut types = Vec::with_capacity(question.variables.len());
        let mut given: Vec<Vec<Atom>> = Vec::new();
        let mut spreads: Vec<Spread> = Vec::new();
        let mut column = 0;
        let mut left = manner.spread;
        for variable in &question.variables {
            types.push(None);
            match *variable {
                Variable::Known(_) => {}
                Variable::Among(values) => {
                    let atoms = values.iter().map(|value| link.argument(value.as_ref()));
                    given.push(atoms.collect::<Result<_, _>>()?);
                }
                Variable::OfType(name) if left == 0 => {
                    if let Some(last) = types.last_mut() {
                        *last = Some(link.type_named(name)?);
                    }
                }
                Variable::OfType(name) => {
                    left -= 1;
                    let spread = self.spread(&mut link, question, name, column)?;
                    given.push(spread.all().collect());
                    spreads.push(spread);
                }
            }
            column += usize::from(!matches!(variable, Variable::Known(_)));
        }
        link.resolve(&reading.program);
        for (predicate, values) in reading.given.iter().zip(given) {
            let relation = link.view.add_given(values).map_err(refused)?;
            link.set_relation(*predicate, relation);
        }
        heap.store.link = Some(Box::new(link));
        let attempt = Attempt { authorizer: self, question, reading: &reading, types };
        let mut rows = answers(&attempt, &mut heap)?;
        spread::gather(&mut rows, &spreads);
        Ok(Some(Answers { rows, heap }))
    }

    /// What the reading of a question depends on.
    fn shape(&self, request: &Request<'_>, question: &Question<'_>, manner: Manner) -> Shape {
        let schema = self.policy.schema();
        let mut left = manner.spread;
        let asked = |variable: &Variable<'_>| match *variable {
            Variable::Known(value) => Asked::Known(schema.class(value.type_name())),
            Variable::OfType(name) if left == 0 => Asked::OfClass(schema.class(name)),
            Variable::OfType(_) => {
                left -= 1;
                Asked::Given
            }
            Variable::Among(_) => Asked::Given,
        };
        Shape {
            variables: question.variables.iter().map(asked).collect(),
            calls: question.calls.clone(),
            has_time: request.unix_time.is_some(),
            given_first: manner.given_first,
        }
    }
}
