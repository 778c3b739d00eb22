//! What an answer leaves open over entities: variables of which only the type is known become the entities of the type that the
//! facts name, one after the other; postponed negations are taken as they are; what only has a class is whatever value of each
//! type of that class.

use std::collections::BTreeSet;
use std::rc::Rc;

use arctos::ClassId;
use arctos::facts::Value as Argument;

use super::solve::{Goal, Shape, Solver, State, Waiting};
use super::term::{Term, Var};
use crate::outcome::Failure;

/// An entity's type and id.
type Entity = (Rc<str>, Rc<str>);

impl<'p> Solver<'p> {
    /// The states in which what conditions other than `before` leave open is known; `None` where nothing more can be.
    pub(super) fn settled(
        &mut self,
        before: &[Rc<Waiting<'p>>],
        state: &State<'p>,
    ) -> Result<Option<Vec<State<'p>>>, Failure> {
        if !self.world.schema().has_facts() {
            return Ok(None);
        }
        let open = self.undecided_in(state)?;
        let open: Vec<&Rc<Waiting<'p>>> =
            open.iter().filter(|one| !before.iter().any(|old| Rc::ptr_eq(old, one))).collect();
        for one in open.iter().filter(|one| !is_class_test(&one.goal)) {
            for variable in self.variables(&one.goal, state) {
                if let Some(entities) = self.entities(state, variable)? {
                    let known = entities.into_iter().map(|entity| self.being(state, variable, entity));
                    return known.collect::<Result<_, _>>().map(Some);
                }
            }
        }
        for one in &open {
            if let Goal::Postponed(negated, frame) = &*one.goal
                && self.is_plain(state, &self.variables(&one.goal, state))
            {
                let mut state = state.clone();
                state.waiting.retain(|other| !Rc::ptr_eq(other, one));
                state.push(vec![Goal::AsIs(*negated, Rc::clone(frame))]);
                return Ok(Some(vec![state]));
            }
        }
        for one in &open {
            for variable in self.variables(&one.goal, state) {
                if self.type_of_open(state, variable).is_none()
                    && let Some(classes) = self.classes_of_open(state, variable)?
                {
                    let known = classes.into_iter().map(|class| self.of_type(state, variable, class));
                    return known.collect::<Result<_, _>>().map(Some);
                }
            }
        }
        Ok(None)
    }

    /// True when nothing but postponed negations waits for the variables.
    pub(super) fn is_plain(&self, state: &State<'p>, variables: &[Var]) -> bool {
        let others = state.waiting.iter().filter(|one| !matches!(*one.goal, Goal::Postponed(..)));
        let mut asked = others.flat_map(|one| self.variables(&one.goal, state));
        !asked.any(|variable| variables.contains(&variable))
    }

    fn being(&mut self, state: &State<'p>, variable: Var, (class, id): Entity) -> Result<State<'p>, Failure> {
        let mut state = state.clone();
        self.unify(&mut state.bindings, &Term::Variable(variable), &Term::Entity(class, id))?;
        Ok(state)
    }

    fn of_type(&mut self, state: &State<'p>, variable: Var, class: ClassId) -> Result<State<'p>, Failure> {
        let mut state = state.clone();
        let name = self.world.schema().class_name(class).into();
        self.is_of_type(&mut state, &Term::Variable(variable), &name)?;
        Ok(state)
    }

    /// The entities that a variable may be, where it may be nothing else.
    fn entities(&self, state: &State<'p>, variable: Var) -> Result<Option<BTreeSet<Entity>>, Failure> {
        let wanted: Vec<Rc<str>> = match self.type_of_open(state, variable) {
            Some(name) if matches!(&*name, "String" | "Integer" | "Boolean") => return Ok(None),
            Some(name) => vec![name],
            None => match self.classes_of_open(state, variable)? {
                Some(classes) => {
                    let schema = self.world.schema();
                    classes.into_iter().map(|class| schema.class_name(class).into()).collect()
                }
                None => return Ok(None),
            },
        };
        let arguments = self.world.facts().iter().flat_map(|fact| &fact.arguments);
        let entities = arguments.filter_map(|argument| match argument {
            Argument::Entity { type_name, id } => Some(((&**type_name).into(), (&**id).into())),
            _ => None,
        });
        Ok(Some(entities.filter(|(class, _): &Entity| wanted.contains(class)).collect()))
    }

    /// The classes of which a variable must be one, if they are all types of entities.
    fn classes_of_open(&self, state: &State<'p>, variable: Var) -> Result<Option<Vec<ClassId>>, Failure> {
        let schema = self.world.schema();
        let mut classes: Option<Vec<ClassId>> = None;
        for one in &state.waiting {
            let Goal::Matches(term, shape) = &*one.goal else { continue };
            let Shape::Class(name, _) = &**shape else { continue };
            if !matches!(state.bindings.resolve(term), Term::Variable(other) if other == variable) {
                continue;
            }
            let wanted = self.classes_of(name)?;
            let known = classes.unwrap_or_else(|| schema.classes().map(|(class, _)| class).collect());
            let is_wanted = |class: &ClassId| wanted.iter().any(|wanted| schema.is_subclass(*class, *wanted));
            classes = Some(known.into_iter().filter(is_wanted).collect());
        }
        Ok(classes.filter(|classes| classes.iter().all(|class| schema.is_entity_type(*class))))
    }
}

/// True where all that is asked is a class.
fn is_class_test(goal: &Goal<'_>) -> bool {
    matches!(goal, Goal::Matches(_, shape) if matches!(&**shape, Shape::Class(_, fields) if fields.is_empty()))
}
