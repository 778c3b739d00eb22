//! Patterns: `x matches User{name: n}`, and the same after a parameter's colon.

use std::rc::Rc;

use arctos::{ClassId, ErrorKind, HostErrorKind};

use super::solve::{Goal, Shape, Solver, State, fail, host_failure};
use super::term::{Term, from_value};
use crate::outcome::Failure;

impl<'p> Solver<'p> {
    /// Matches a term against a pattern. What is not known yet waits.
    pub(super) fn matches(
        &mut self,
        state: &mut State<'p>,
        term: &Term,
        shape: &Rc<Shape>,
    ) -> Result<bool, Failure> {
        if let (Term::Variable(variable), Shape::Class(..) | Shape::Fields(_)) =
            (state.bindings.resolve(term), &**shape)
        {
            if let Shape::Class(class, _) = &**shape {
                self.classes_of(class)?;
            }
            state.wait(Rc::new(Goal::Matches(term.clone(), Rc::clone(shape))), vec![variable]);
            return Ok(true);
        }
        self.matches_known(state, term, shape)
    }

    fn matches_known(
        &mut self,
        state: &mut State<'p>,
        term: &Term,
        shape: &Rc<Shape>,
    ) -> Result<bool, Failure> {
        let value = state.bindings.resolve(term);
        match &**shape {
            Shape::Term(wanted) => self.unify(&mut state.bindings, term, wanted),
            Shape::Fields(fields) => self.matches_fields(state, &value, fields),
            Shape::Class(class, fields) => {
                Ok(self.is_a(state, &value, class)? && self.matches_fields(state, &value, fields)?)
            }
            Shape::List(shapes, rest) => {
                let items: Vec<Term> = shapes.iter().map(|_| self.fresh.variable()).collect();
                let list = Term::List(items.clone().into(), rest.clone().map(Rc::new));
                if !self.unify(&mut state.bindings, term, &list)? {
                    return Ok(false);
                }
                for (item, shape) in items.iter().zip(shapes) {
                    if !self.matches(state, item, shape)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
        }
    }

    /// The classes a pattern's name stands for: one, or the members of a union.
    pub(super) fn classes_of(&self, name: &str) -> Result<Vec<ClassId>, Failure> {
        match (name, self.world.schema().class(name)) {
            ("Actor", None) => Ok(self.program.actors.clone()),
            ("Resource", None) => Ok(self.program.resources.clone()),
            (_, Some(class)) => Ok(vec![class]),
            (_, None) => fail(ErrorKind::UnregisteredClass, format!("`{name}` is not registered")),
        }
    }

    fn is_a(&self, state: &State<'p>, term: &Term, name: &str) -> Result<bool, Failure> {
        let wanted = self.classes_of(name)?;
        let class = self.world.class_id(&state.bindings.value(term));
        let schema = self.world.schema();
        Ok(class.is_some_and(|class| wanted.iter().any(|wanted| schema.is_subclass(class, *wanted))))
    }

    /// A missing field is no match; any other error of the application is an error.
    fn matches_fields(
        &mut self,
        state: &mut State<'p>,
        value: &Term,
        fields: &[(String, Rc<Shape>)],
    ) -> Result<bool, Failure> {
        for (name, shape) in fields {
            let field = match value {
                Term::Dictionary(entries) => entries.get(name).cloned(),
                Term::Entity(class, id) => Some(self.given(class, id, name)?),
                other => {
                    let object = state.bindings.value(other);
                    match self.world.attribute(&object, name) {
                        Ok(field) => Some(from_value(&field)),
                        Err(error) if error.kind == HostErrorKind::Missing => None,
                        Err(error) => return Err(host_failure(error)),
                    }
                }
            };
            let Some(field) = field else { return Ok(false) };
            if !self.matches(state, &field, shape)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// False where one unbound variable would have to be of a type of entities and of another that shares none of them.
    fn entity_types_agree(&self, state: &State<'p>) -> Result<bool, Failure> {
        let schema = self.world.schema();
        let mut wanted: Vec<(u32, Vec<ClassId>)> = Vec::new();
        for condition in &state.waiting {
            let Goal::Matches(term, shape) = &*condition.goal else { continue };
            let (Term::Variable(variable), Shape::Class(name, _)) = (state.bindings.resolve(term), &**shape)
            else {
                continue;
            };
            let classes = self.classes_of(name)?;
            let is_entity = |classes: &[ClassId]| matches!(classes, [one] if schema.is_entity_type(*one));
            let is_of = |class, all: &[ClassId]| all.iter().any(|one| schema.is_subclass(class, *one));
            let share = |a: &[ClassId], b: &[ClassId]| {
                schema.classes().any(|(class, _)| is_of(class, a) && is_of(class, b))
            };
            let mut others = wanted.iter().filter(|(other, _)| *other == variable);
            if others.any(|(_, other)| (is_entity(&classes) || is_entity(other)) && !share(&classes, other)) {
                return Ok(false);
            }
            wanted.push((variable, classes));
        }
        Ok(true)
    }

    /// False where one unbound variable would have to be of two built-in types that share no value.
    pub(super) fn waiting_types_agree(&self, state: &State<'p>) -> Result<bool, Failure> {
        let mut types: Vec<(u32, ClassId)> = Vec::new();
        for condition in &state.waiting {
            let Goal::Matches(term, shape) = &*condition.goal else { continue };
            let (Term::Variable(variable), Shape::Class(name, _)) = (state.bindings.resolve(term), &**shape)
            else {
                continue;
            };
            let builtin = |class: &ClassId| class.index() <= ClassId::DICTIONARY.index();
            types.extend(self.world.schema().class(name).filter(builtin).map(|class| (variable, class)));
        }
        let schema = self.world.schema();
        let agree = |a: ClassId, b: ClassId| schema.is_subclass(a, b) || schema.is_subclass(b, a);
        Ok(self.open_types_agree(state)?
            && self.entity_types_agree(state)?
            && types.iter().all(|(a, one)| types.iter().all(|(b, other)| a != b || agree(*one, *other))))
    }
}
