//! What is known of a clause's variables while its goals are put in order.

use super::Kind;
use crate::ir::{Block, Code, Goal, Operand, Pattern, PatternId, Program, Slot, Span32, Tag, slots_of_goal};
use crate::schema::ClassId;

/// What is known of variables, by slot.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    kinds: Vec<Kind>,
}

impl Scope {
    pub(super) fn new(slots: usize) -> Self {
        Scope { kinds: vec![Kind::OPEN; slots] }
    }

    /// A variable more.
    pub(super) fn add(&mut self) -> Slot {
        self.kinds.push(Kind::OPEN);
        Slot(self.kinds.len() as u32 - 1)
    }

    /// How many variables there are.
    pub(super) fn len(&self) -> usize {
        self.kinds.len()
    }

    fn kind(&self, slot: Slot) -> Kind {
        self.kinds.get(slot.0 as usize).copied().unwrap_or(Kind::OPEN)
    }

    pub(super) fn is_bound(&self, slot: Slot) -> bool {
        self.kind(slot).is_bound
    }

    pub(super) fn bind(&mut self, slot: Slot) {
        if let Some(kind) = self.kinds.get_mut(slot.0 as usize) {
            kind.is_bound = true;
        }
    }

    /// Notes the class of a variable; false where it has another one.
    pub(super) fn note(&mut self, slot: Slot, class: Option<ClassId>) -> bool {
        let Some(kind) = self.kinds.get_mut(slot.0 as usize) else { return true };
        match (kind.class, class) {
            (Some(known), Some(class)) => known == class,
            (None, Some(class)) => {
                kind.class = Some(class);
                true
            }
            (_, None) => true,
        }
    }

    /// Notes the classes that conditions of a conjunction ask of variables, wherever they stand in it: what is not of that class
    /// is no answer. False where a variable had to be of two.
    pub(super) fn note_matches(&mut self, program: &Program, goals: Span32) -> bool {
        let goals = program.code.goals.get(goals.range()).unwrap_or(&[]);
        goals.iter().all(|goal| match goal {
            Goal::Match(Operand::Slot(slot), pattern) => self.note(*slot, exact_class(program, *pattern)),
            _ => true,
        })
    }

    /// What is known of an operand.
    pub(super) fn operand(&self, code: &Code, operand: Operand) -> Kind {
        let bound = |class| Kind { is_bound: true, class };
        match operand {
            Operand::Slot(slot) => self.kind(slot),
            Operand::Anonymous => Kind::OPEN,
            Operand::Text(_) => bound(Some(ClassId::STRING)),
            Operand::Integer(_) => bound(Some(ClassId::INTEGER)),
            Operand::Boolean(_) => bound(Some(ClassId::BOOLEAN)),
            Operand::Entity(id) => bound(code.entities.get(id.0 as usize).map(|(class, _)| *class)),
            Operand::List(_) | Operand::Dictionary(_) => {
                let mut is_bound = true;
                crate::ir::slots::each_slot(code, operand, &mut |slot| is_bound &= self.is_bound(slot));
                Kind { is_bound, class: None }
            }
            Operand::Nil
            | Operand::Float(_)
            | Operand::Constant(_)
            | Operand::Class(_)
            | Operand::UnixTime
            | Operand::Context
            | Operand::Action => bound(None),
        }
    }

    /// True when every variable of an operand has a value.
    pub(super) fn knows(&self, code: &Code, operand: Operand) -> bool {
        self.operand(code, operand).is_bound
    }

    /// True when every variable of a goal has a value.
    pub(super) fn knows_all(&self, code: &Code, goal: &Goal) -> bool {
        slots_of_goal(code, goal).into_iter().all(|slot| self.is_bound(slot))
    }

    /// True when every variable that a block shares with goals around it has a value.
    pub(super) fn knows_around(&self, block: &Block) -> bool {
        block.slots.iter().all(|slot| block.local.contains(slot) || self.is_bound(*slot))
    }

    /// Notes what has a value after a goal that is not one of blocks.
    pub(super) fn learn(&mut self, code: &Code, goal: &Goal) {
        let binds = match goal {
            Goal::Compare(..) | Goal::Not(_) | Goal::Or(_) | Goal::Print(_) => false,
            Goal::Match(_, pattern) => !is_class_test(code, *pattern),
            _ => true,
        };
        if binds {
            slots_of_goal(code, goal).into_iter().for_each(|slot| self.bind(slot));
        }
    }

    /// Keeps the values that every one of several alternatives has given.
    pub(super) fn learn_common(&mut self, alternatives: &[Scope]) {
        for (place, kind) in self.kinds.iter_mut().enumerate() {
            let given = |scope: &Scope| scope.kinds.get(place).is_some_and(|kind| kind.is_bound);
            kind.is_bound |= !alternatives.is_empty() && alternatives.iter().all(given);
        }
    }
}

/// True for a pattern that asks for a class and nothing else.
pub(super) fn is_class_test(code: &Code, pattern: PatternId) -> bool {
    match code.patterns.get(pattern.0 as usize) {
        Some(Pattern::Instance(tag, fields)) => fields.is_empty() && !matches!(tag, Tag::Unknown(_)),
        _ => false,
    }
}

/// The class that all values have which match a pattern, where there is one: no class inherits from it.
pub(super) fn exact_class(program: &Program, pattern: PatternId) -> Option<ClassId> {
    let Some(Pattern::Instance(Tag::Class(class), _)) = program.code.patterns.get(pattern.0 as usize) else {
        return None;
    };
    let is_plain = matches!(*class, ClassId::STRING | ClassId::INTEGER | ClassId::BOOLEAN);
    let is_alone = program.descendants.get(class.index()).is_some_and(|heirs| heirs.len() <= 1);
    (is_alone && (is_plain || program.schema.is_entity_type(*class))).then_some(*class)
}
