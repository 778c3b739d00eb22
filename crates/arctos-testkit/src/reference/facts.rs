//! Facts: a call is compared with every one of them, in the order of the text.
//!
//! A wildcard stands for whatever value of its type: where the call knows none, the variable stays open and waits to be of
//! that type. Since every type has values, such a condition alone leaves nothing undecided.

use std::rc::Rc;

use arctos::facts::Value as Argument;
use arctos::{ErrorKind, RequestValue};

use super::solve::{Goal, Shape, Solver, State, Waiting, fail, host_failure};
use super::term::{Term, Var};
use crate::outcome::Failure;
use crate::request::Given;
use crate::value::Value;

impl<'p> Solver<'p> {
    /// The states in which facts answer a call. A call that leaves nothing open is answered once.
    pub(super) fn facts(
        &mut self,
        name: &str,
        args: &[Term],
        state: &State<'p>,
    ) -> Result<Vec<State<'p>>, Failure> {
        let facts = self.world.facts().to_vec();
        let mut answered = Vec::new();
        for fact in facts.iter().filter(|fact| fact.predicate == name && fact.arguments.len() == args.len()) {
            let mut state = state.clone();
            let mut holds = true;
            for (arg, argument) in args.iter().zip(&fact.arguments) {
                holds = holds && self.takes(&mut state, arg, argument)?;
            }
            if holds {
                answered.push(state);
            }
        }
        let is_open = |arg: &Term| matches!(state.bindings.resolve(arg), Term::Variable(_));
        if !args.iter().any(is_open) {
            answered.truncate(1);
        }
        Ok(answered)
    }

    fn takes(&mut self, state: &mut State<'p>, arg: &Term, argument: &Argument) -> Result<bool, Failure> {
        let term = match argument {
            Argument::Entity { type_name, id } => Term::Entity((&**type_name).into(), (&**id).into()),
            Argument::String(text) => Term::string(text),
            Argument::Integer(number) => Term::Integer(*number),
            Argument::Boolean(truth) => Term::Boolean(*truth),
            Argument::Any(type_name) => return self.is_of_type(state, arg, &(&**type_name).into()),
        };
        let arg = self.as_entity(state.bindings.resolve(arg))?;
        // No other object of the application is a fact's argument.
        let is_object = matches!(arg, Term::Object(_) | Term::Class(_));
        Ok(!is_object && self.unify(&mut state.bindings, &arg, &term)?)
    }

    /// An object whose class names its id is the entity of that class and id.
    pub(super) fn as_entity(&self, term: Term) -> Result<Term, Failure> {
        let Term::Object(object) = term else { return Ok(term) };
        match self.world.identity(object).map_err(host_failure)? {
            None => Ok(term),
            Some((class, Value::String(id))) => Ok(Term::Entity(class.into(), id.into())),
            Some((class, Value::Integer(id))) => Ok(Term::Entity(class.into(), id.to_string().into())),
            Some(_) => fail(ErrorKind::Type, "an id is neither text nor an integer"),
        }
    }

    /// What the request gives under a name of an entity or record.
    pub(super) fn given(&self, class: &str, id: &str, name: &str) -> Result<Term, Failure> {
        match self.world.given.get(class, id, name) {
            Some((value, path)) => {
                let kind = if class.starts_with('@') { class } else { "@attributes" };
                Ok(term_of(value, kind, &path))
            }
            None => fail(ErrorKind::NotGiven, format!("the request does not give `{name}`")),
        }
    }

    /// What is not known yet waits.
    pub(super) fn is_of_type(
        &mut self,
        state: &mut State<'p>,
        term: &Term,
        wanted: &Rc<str>,
    ) -> Result<bool, Failure> {
        let name = match self.as_entity(state.bindings.resolve(term))? {
            Term::Variable(variable) => {
                state.wait(Rc::new(Goal::OfType(term.clone(), Rc::clone(wanted))), vec![variable]);
                return Ok(true);
            }
            Term::Entity(class, _) => class,
            Term::String(_) => "String".into(),
            Term::Integer(_) => "Integer".into(),
            // A whole float equals an integer, and no fact has a float.
            Term::Float(number) if number.fract() == 0.0 && number.abs() < 9e18 => "Integer".into(),
            Term::Boolean(_) => "Boolean".into(),
            _ => return Ok(false),
        };
        Ok(name == *wanted)
    }

    /// The type of which a variable stands for whatever value.
    pub(super) fn type_of_open(&self, state: &State<'p>, variable: Var) -> Option<Rc<str>> {
        state.waiting.iter().find_map(|one| match &*one.goal {
            Goal::OfType(term, wanted) => match state.bindings.resolve(term) {
                Term::Variable(other) if other == variable => Some(Rc::clone(wanted)),
                _ => None,
            },
            _ => None,
        })
    }

    /// Each variable in some terms that stands for whatever value of a type, with the type.
    pub(super) fn open_types(&self, state: &State<'p>, terms: &[Term]) -> Vec<Value> {
        let mut variables = Vec::new();
        terms.iter().for_each(|term| state.bindings.unbound(term, &mut variables));
        let typed = variables.into_iter().filter_map(|variable| {
            let name = self.type_of_open(state, variable)?;
            Some(Value::List(vec![Value::Variable(variable), Value::String(name.to_string())]))
        });
        typed.collect()
    }

    /// Makes such a pair true again.
    pub(super) fn is_typed(&mut self, state: &mut State<'p>, pair: &Term) -> Result<bool, Failure> {
        match pair {
            Term::List(pair, None) => match &**pair {
                [term, Term::String(name)] => self.is_of_type(state, term, name),
                _ => Ok(false),
            },
            _ => Ok(false),
        }
    }

    /// The conditions that may turn out either way.
    pub(super) fn undecided_in(&self, state: &State<'p>) -> Result<Vec<Rc<Waiting<'p>>>, Failure> {
        let mut open = Vec::new();
        for one in &state.waiting {
            let is_met = match &*one.goal {
                Goal::OfType(..) => true,
                Goal::Matches(term, shape) => self.agrees(state, term, shape)? == Some(true),
                _ => false,
            };
            if !is_met {
                open.push(Rc::clone(one));
            }
        }
        Ok(open)
    }

    /// Whether a variable that stands for whatever value of a type is of a class; `None` for any other variable.
    pub(super) fn agrees(
        &self,
        state: &State<'p>,
        term: &Term,
        shape: &Shape,
    ) -> Result<Option<bool>, Failure> {
        let (Term::Variable(variable), Shape::Class(class, fields)) = (state.bindings.resolve(term), shape)
        else {
            return Ok(None);
        };
        let Some(known) = self.type_of_open(state, variable).filter(|_| fields.is_empty()) else {
            return Ok(None);
        };
        let wanted = self.classes_of(class)?;
        let schema = self.world.schema();
        let known = schema.class(&known);
        Ok(Some(known.is_some_and(|known| wanted.iter().any(|wanted| schema.is_subclass(known, *wanted)))))
    }

    /// False where a variable that stands for whatever value of a type would have to be of another.
    pub(super) fn open_types_agree(&self, state: &State<'p>) -> Result<bool, Failure> {
        if !state.waiting.iter().any(|one| matches!(*one.goal, Goal::OfType(..))) {
            return Ok(true);
        }
        for one in &state.waiting {
            match &*one.goal {
                Goal::Matches(term, shape) if self.agrees(state, term, shape)? == Some(false) => {
                    return Ok(false);
                }
                Goal::OfType(term, wanted) => {
                    if let Term::Variable(variable) = state.bindings.resolve(term)
                        && self.type_of_open(state, variable).is_some_and(|known| known != *wanted)
                    {
                        return Ok(false);
                    }
                }
                _ => {}
            }
        }
        Ok(true)
    }
}

/// A value that was given; a record is an entity of its own.
fn term_of(value: &RequestValue, kind: &str, path: &str) -> Term {
    match value {
        RequestValue::Nil => Term::Nil,
        RequestValue::Boolean(truth) => Term::Boolean(*truth),
        RequestValue::Integer(number) => Term::Integer(*number),
        RequestValue::Float(number) => Term::Float(*number),
        RequestValue::String(text) => Term::string(text),
        RequestValue::Entity { type_name, id } => Term::Entity((&**type_name).into(), (&**id).into()),
        RequestValue::Record(_) => Term::Entity(kind.into(), path.into()),
        RequestValue::List(items) => {
            let items = items.iter().enumerate();
            Term::list(items.map(|(at, item)| term_of(item, kind, &Given::item(path, at))).collect())
        }
    }
}
