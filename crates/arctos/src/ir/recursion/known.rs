//! What is known at load of a value: a constant, or its type.

use crate::ir::{Code, EntityId, Operand, Pattern, PatternId, Program, Tag};
use crate::schema::ClassId;
use crate::symbol::Symbol;

/// What is known of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Known {
    Nothing,
    Boolean(bool),
    Integer(i64),
    Text(Symbol),
    Entity(ClassId, Symbol),
    /// It is of this type.
    Of(Tag),
}

impl Known {
    /// What an operand other than a variable is.
    pub(super) fn of(operand: Operand, code: &Code) -> Known {
        match operand {
            Operand::Boolean(value) => Known::Boolean(value),
            Operand::Integer(value) => Known::Integer(value),
            Operand::Text(symbol) => Known::Text(symbol),
            Operand::UnixTime => Known::Of(Tag::Class(ClassId::INTEGER)),
            Operand::Entity(EntityId(id)) => match code.entities.get(id as usize) {
                Some((class, id)) => Known::Entity(*class, *id),
                None => Known::Nothing,
            },
            _ => Known::Nothing,
        }
    }

    /// What matching a pattern tells.
    pub(super) fn of_pattern(pattern: PatternId, code: &Code) -> Known {
        match code.patterns.get(pattern.0 as usize) {
            Some(Pattern::Instance(tag, _)) => Known::Of(*tag),
            Some(Pattern::Value(operand)) => Known::of(*operand, code),
            _ => Known::Nothing,
        }
    }

    /// What is known where both are; `None` where no value is both. Where two types have subtypes in common, one of
    /// them: it is never less than what there is.
    pub(super) fn and(self, other: Known, program: &Program) -> Option<Known> {
        match (self, other) {
            (Known::Nothing, known) | (known, Known::Nothing) => Some(known),
            (Known::Of(one), Known::Of(other)) => narrower(one, other, program).map(Known::Of),
            (Known::Of(tag), value) | (value, Known::Of(tag)) => {
                let class = match value {
                    Known::Boolean(_) => ClassId::BOOLEAN,
                    Known::Integer(_) => return Some(value),
                    Known::Text(_) => ClassId::STRING,
                    Known::Entity(class, _) => class,
                    Known::Nothing | Known::Of(_) => return Some(value),
                };
                program.class_has(class, tag).then_some(value)
            }
            (one, other) => (one == other).then_some(one),
        }
    }

    /// As messages write it.
    pub(super) fn show(self, program: &Program) -> String {
        let class = |class: ClassId| program.schema.class_name(class).to_owned();
        match self {
            Known::Nothing => "_".to_owned(),
            Known::Boolean(value) => value.to_string(),
            Known::Integer(value) => value.to_string(),
            Known::Text(symbol) => arctos_syntax::format::quote(program.symbols.text(symbol)),
            Known::Entity(of, id) => {
                format!("{}{{{}}}", class(of), arctos_syntax::format::quote(program.symbols.text(id)))
            }
            Known::Of(Tag::Class(of)) => class(of),
            Known::Of(Tag::Actor) => "Actor".to_owned(),
            Known::Of(Tag::Resource) => "Resource".to_owned(),
            Known::Of(Tag::Unknown(name)) => program.symbols.text(name).to_owned(),
        }
    }
}

fn narrower(one: Tag, other: Tag, program: &Program) -> Option<Tag> {
    let heirs = |class: ClassId| program.descendants.get(class.index()).map_or(&[][..], |heirs| heirs);
    match (one, other) {
        (one, other) if one == other => Some(one),
        (Tag::Unknown(_), known) | (known, Tag::Unknown(_)) => Some(known),
        (Tag::Class(class), tag) if program.class_has(class, tag) => Some(one),
        (tag, Tag::Class(class)) if program.class_has(class, tag) => Some(other),
        (Tag::Class(class), tag) | (tag, Tag::Class(class)) => {
            heirs(class).iter().any(|heir| program.class_has(*heir, tag)).then_some(Tag::Class(class))
        }
        // Every actor is a resource.
        (Tag::Actor | Tag::Resource, Tag::Actor | Tag::Resource) => Some(Tag::Actor),
    }
}
