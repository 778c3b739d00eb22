//! What goals leave open over entities, when they are done.
//!
//! A condition that still waits may be about a variable of which only the type is known: a wildcard has left it open, or
//! nothing has bound it. Its values are then the entities of the type that the facts name, and they are tried one after the
//! other. A negation that was only postponed is taken as it is. A variable of which a class is all that is asked stands for
//! whatever value of each type of that class.
//!
//! It is done at the end of a question, of a negation and of a tabled goal's clause, and only where facts are kept.

use super::{ChoiceKind, Condition, Delay, Evaluation, FrameKind, Outcome, Registers, Stop};
use crate::facts::{TypeId, ValueRef};
use crate::heap::{Cell, Variable};
use crate::host::Host;
use crate::ir::{Goal, Pattern, Tag};
use crate::link;
use crate::observe::Observer;
use crate::schema::ClassId;

impl<H: Host, O: Observer> Evaluation<'_, H, O> {
    /// Goes on with what conditions made since then leave open; `None` where there is nothing to go on with.
    pub(super) fn settle(&mut self, since: u32) -> Result<Option<bool>, Stop> {
        if self.m.delays.len() as u32 <= since {
            return Ok(None);
        }
        // Whoever looks at what is left open counts it here.
        self.work(u64::from(self.m.delays.len() as u32 - since))?;
        if !self.cx.program.schema.has_facts() {
            return Ok(None);
        }
        let open: Vec<(u32, Variable)> = self.open_delays().filter(|(index, _)| *index >= since).collect();
        for (index, _) in &open {
            if let Some(variable) = self.enumerable(*index) {
                return self.name_from(variable, 0, 0).map(Some);
            }
        }
        for (index, variable) in &open {
            if let Some(pc) = self.postponed(*index) {
                return self.take_as_is(*index, *variable, pc).map(Some);
            }
        }
        for (_, variable) in &open {
            if self.classes_of_open(*variable).is_some() {
                return self.leave_open_from(*variable, 0).map(Some);
            }
        }
        Ok(None)
    }

    /// A variable of a condition, other than a class test, whose values can be gone through.
    fn enumerable(&self, index: u32) -> Option<Variable> {
        let delay = self.m.delays.get(index as usize)?;
        if self.tag_of(delay.condition).is_some() {
            return None;
        }
        let is_known = |variable: &Variable| {
            self.type_of_open(*variable).is_some_and(TypeId::is_of_entities)
                || self.classes_of_open(*variable).is_some()
        };
        self.operands_of(delay).into_iter().find(is_known)
    }

    /// The types of entities that an unbound variable may be of, if all that it may be are entities.
    fn classes_of_open(&self, variable: Variable) -> Option<Vec<ClassId>> {
        let tags: Vec<Tag> =
            self.waiting(variable).filter_map(|condition| self.class_asked(condition)).collect();
        if tags.is_empty() || self.type_of_open(variable).is_some() {
            return None;
        }
        let schema = &self.cx.program.schema;
        let classes = schema.classes().map(|(class, _)| class);
        let classes: Vec<ClassId> =
            classes.filter(|class| tags.iter().all(|tag| self.cx.program.class_has(*class, *tag))).collect();
        classes.iter().all(|class| schema.is_entity_type(*class)).then_some(classes)
    }

    /// The class that a condition asks of its variable, with or without fields.
    fn class_asked(&self, condition: Condition) -> Option<Tag> {
        let (code, pattern) = match condition {
            Condition::Match { pattern, at, .. } => (self.cx.code_at(at).0, pattern),
            Condition::Goal(at) => {
                let (code, index) = self.cx.code_at(at);
                match code.goals.get(index) {
                    Some(Goal::Match(_, pattern)) => (code, *pattern),
                    _ => return None,
                }
            }
            Condition::Member { .. } | Condition::OfType { .. } | Condition::Doubt { .. } => return None,
        };
        match code.patterns.get(pattern.0 as usize) {
            Some(Pattern::Instance(tag, _)) => Some(*tag),
            _ => None,
        }
    }

    /// Makes a variable the next entity that the facts name, from a place among those of a type on.
    pub(super) fn name_from(&mut self, variable: Variable, first_type: u16, mut next: u32) -> Outcome {
        let exact = self.type_of_open(variable);
        let classes = self.classes_of_open(variable).unwrap_or_default();
        let count = self.heap.link().map_or(0, |link| link.view.type_names().count());
        for type_id in (first_type..).map(TypeId::numbered).take_while(|type_id| type_id.index() < count) {
            let class = self.heap.link().and_then(|link| link.class_of_type(type_id));
            let may_be = match exact {
                Some(exact) => exact == type_id,
                None => class.is_some_and(|class| classes.contains(&class)),
            };
            let named = |place| self.heap.link().and_then(|link| link.view.named(type_id, place as usize));
            if let Some(atom) = named(next).filter(|_| may_be) {
                let rest = ChoiceKind::Named { variable, type_id, next: next + 1 };
                let choice = self.choice(rest);
                self.m.choices.push(choice);
                self.tick()?;
                return self.unify(Cell::Variable(variable), Cell::Entity(atom));
            }
            next = 0;
        }
        Ok(false)
    }

    /// Lets a variable stand for whatever value of the next type that it may be of.
    pub(super) fn leave_open_from(&mut self, variable: Variable, next: u32) -> Outcome {
        let classes = self.classes_of_open(variable).unwrap_or_default();
        let Some(class) = classes.get(next as usize).copied() else { return Ok(false) };
        if next as usize + 1 < classes.len() {
            let choice = self.choice(ChoiceKind::Types { variable, next: next + 1 });
            self.m.choices.push(choice);
        }
        self.tick()?;
        let name = self.cx.program.schema.class_name(class);
        let link = self.heap.store.link.as_deref_mut().ok_or_else(link::Link::missing)?;
        let type_id = link.intern(ValueRef::Any(name))?.any_type();
        Ok(type_id.is_some_and(|type_id| self.leave_open(variable, type_id)))
    }

    /// The goal of a postponed negation of whose open variables nothing else is said.
    fn postponed(&self, index: u32) -> Option<u32> {
        let delay = self.m.delays.get(index as usize).filter(|delay| delay.is_postponed)?;
        let Condition::Goal(pc) = delay.condition else { return None };
        let is_plain = |variable: &Variable| !self.is_constrained(*variable);
        self.operands_of(delay).iter().all(is_plain).then_some(pc)
    }

    /// Runs a postponed negation.
    fn take_as_is(&mut self, index: u32, variable: Variable, pc: u32) -> Outcome {
        let Some(Delay { env, rule, .. }) = self.m.delays.get(index as usize).copied() else {
            return Ok(false);
        };
        let (code, at) = self.cx.code_at(pc);
        let Some(Goal::Not(block)) = code.goals.get(at) else { return Ok(false) };
        let Some(block) = code.blocks.get(*block as usize) else { return Ok(false) };
        self.release(variable, index);
        let frame = self.push_frame(FrameKind::Resume);
        self.m.regs = Registers { env, rule, pc: pc + 1, end: pc + 1, ..self.between(frame) };
        self.begin_negation(block, pc)
    }
}
