//! `matches`, in conditions and in heads.

use super::{Condition, Evaluation, Outcome, Stop};
use crate::heap::{Cell, Heap, Met, Variable, Walk};
use crate::host::{Host, Lineage};
use crate::ir::{Code, Operand, Pattern, PatternId, Program, Tag};
use crate::observe::Observer;
use crate::schema::ClassId;
use crate::symbol::Symbol;

impl<H: Host, O: Observer> Evaluation<'_, H, O> {
    /// Matches a value with a pattern of `code`, to which goal number `at` belongs.
    pub(super) fn matches(&mut self, value: Cell, pattern: PatternId, code: &Code, at: u32) -> Outcome {
        let value = self.heap.resolve(value);
        let Some(lowered) = code.patterns.get(pattern.0 as usize) else { return Ok(false) };
        match (lowered, value) {
            (Pattern::Value(operand), value) => {
                let operand = self.load(code, *operand)?;
                self.unify(value, operand)
            }
            (Pattern::Instance(Tag::Unknown(name), _), _) => Err(self.unregistered(*name)),
            // Anything matches it, whatever the variable will be.
            (Pattern::Dictionary(fields), Cell::Variable(_)) if fields.is_empty() => Ok(true),
            (Pattern::List(items, rest), Cell::Variable(_))
                if items.iter().all(|item| is_value(code, *item)) =>
            {
                let list = self.list_of(items, *rest, code)?;
                self.unify(value, list)
            }
            (lowered, Cell::Variable(variable)) => {
                if let (Pattern::Instance(tag, fields), Some(type_id)) =
                    (lowered, self.type_of_open(variable))
                    && fields.is_empty()
                {
                    return Ok(self.type_has(type_id, *tag));
                }
                if self.contradicts(variable, lowered) {
                    return Ok(false);
                }
                Ok(self.delay(variable, Condition::Match { value, pattern, at }))
            }
            (Pattern::Instance(tag, fields), value) => {
                if !self.has_tag(value, *tag) {
                    return Ok(false);
                }
                self.match_fields(value, fields, code, at)
            }
            (Pattern::Dictionary(fields), value) => self.match_fields(value, fields, code, at),
            (Pattern::List(items, rest), value) => self.match_list(value, items, *rest, code, at),
        }
    }

    /// The list that a pattern of values stands for.
    fn list_of(&mut self, items: &[PatternId], rest: Option<Operand>, code: &Code) -> Result<Cell, Stop> {
        let mut cells = Vec::with_capacity(items.len() + 1);
        for item in items {
            if let Some(Pattern::Value(operand)) = code.patterns.get(item.0 as usize) {
                cells.push(self.load(code, *operand)?);
            }
        }
        let rest = rest.map(|rest| self.load(code, rest)).transpose()?;
        Ok(self.open_list(cells, rest))
    }

    /// The class test.
    pub(crate) fn has_tag(&mut self, value: Cell, tag: Tag) -> bool {
        has_tag(self.cx.program, self.heap, self.host, value, tag)
    }

    fn match_fields(&mut self, value: Cell, fields: &[(Symbol, PatternId)], code: &Code, at: u32) -> Outcome {
        for (name, pattern) in fields {
            let field = match value {
                Cell::Dictionary(run) => self.entry_of(run, crate::heap::TextId(name.0)),
                value => self.attribute_if_any(value, *name)?,
            };
            let Some(field) = field else { return Ok(false) };
            if !self.matches(field, *pattern, code, at)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn match_list(
        &mut self,
        value: Cell,
        items: &[PatternId],
        rest: Option<Operand>,
        code: &Code,
        at: u32,
    ) -> Outcome {
        let Some(mut walk) = Walk::of(value) else {
            // An object may be equal to a list only if the host says so; as a pattern it is not one.
            return Ok(false);
        };
        // As for `=`, the length is looked at before any item.
        if walk.known_len().is_some_and(|len| len < items.len() || (rest.is_none() && len > items.len())) {
            return Ok(false);
        }
        for item in items {
            match walk.next(self.heap) {
                Met::Item(cell) => {
                    if !self.matches(cell, *item, code, at)? {
                        return Ok(false);
                    }
                }
                Met::End | Met::Rest(_) => return Ok(false),
            }
        }
        match rest {
            Some(rest) => {
                let rest = self.load(code, rest)?;
                self.unify(walk.remainder(), rest)
            }
            None => Ok(matches!(walk.next(self.heap), Met::End)),
        }
    }

    /// True when an unbound variable already waits to match a type that excludes the pattern's.
    fn contradicts(&self, variable: Variable, pattern: &Pattern) -> bool {
        let Pattern::Instance(wanted, _) = pattern else { return false };
        self.waiting(variable).any(|condition| match condition {
            Condition::Match { pattern, at, .. } => {
                let (code, _) = self.cx.code_at(at);
                excludes(self.cx.program, code, pattern, *wanted)
            }
            Condition::Goal(at) => {
                let (code, index) = self.cx.code_at(at);
                match code.goals.get(index) {
                    Some(crate::ir::Goal::Match(_, pattern)) => {
                        excludes(self.cx.program, code, *pattern, *wanted)
                    }
                    _ => false,
                }
            }
            Condition::Member { .. } | Condition::OfType { .. } | Condition::Doubt { .. } => false,
        })
    }
}

/// True for a pattern of a type that no value of the type `wanted` matches, where that is known: of two built-in types, and
/// of entity types, whose values have no other classes than the policy gives them.
pub(crate) fn excludes(program: &Program, code: &Code, pattern: PatternId, wanted: Tag) -> bool {
    let Some(Pattern::Instance(tag, _)) = code.patterns.get(pattern.0 as usize) else { return false };
    let schema = &program.schema;
    let built_in = |class: ClassId| class.index() <= ClassId::DICTIONARY.index();
    match (*tag, wanted) {
        (Tag::Class(a), Tag::Class(b)) if built_in(a) && built_in(b) => {
            !schema.is_subclass(a, b) && !schema.is_subclass(b, a)
        }
        (Tag::Class(entity), other) | (other, Tag::Class(entity)) if schema.is_entity_type(entity) => {
            let heirs = program.descendants.get(entity.index()).map_or(&[][..], Vec::as_slice);
            !matches!(other, Tag::Unknown(_)) && !heirs.iter().any(|heir| program.class_has(*heir, other))
        }
        _ => false,
    }
}

fn is_value(code: &Code, pattern: PatternId) -> bool {
    matches!(code.patterns.get(pattern.0 as usize), Some(Pattern::Value(_)))
}

/// The class test of a value that is known.
pub(crate) fn has_tag<H: Host>(
    program: &Program,
    heap: &Heap<H::Object>,
    host: &mut H,
    value: Cell,
    tag: Tag,
) -> bool {
    let class = match value {
        Cell::Boolean(_) => ClassId::BOOLEAN,
        Cell::Integer(_) => ClassId::INTEGER,
        Cell::Float(_) => ClassId::FLOAT,
        Cell::Text(_) => ClassId::STRING,
        Cell::List(_) | Cell::OpenList(_) => ClassId::LIST,
        Cell::Dictionary(_) => ClassId::DICTIONARY,
        Cell::Object(index) => {
            let Some(object) = heap.host_object(index) else { return false };
            return match host.lineage(object) {
                Lineage::None => false,
                Lineage::Class(class) => program.class_has(class, tag),
                Lineage::Mixed(classes) => classes.iter().any(|class| program.class_has(*class, tag)),
            };
        }
        Cell::Entity(atom) => match heap.link().and_then(|link| link.class_of(atom)) {
            Some(class) => class,
            None => return false,
        },
        Cell::Nil | Cell::Variable(_) | Cell::Awaited(_) => return false,
    };
    program.class_has(class, tag)
}
