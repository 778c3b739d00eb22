//! `matches`, in conditions and in heads.

use std::sync::Arc;

use super::goals::Step;
use super::value::{Next, Scope, Todo, Value, before};
use super::{Reader, unfilterable};
use crate::error::{Error, ErrorKind};
use crate::heap::{Cell, TextId};
use crate::host::Host;
use crate::ir::{Operand, Pattern, PatternId, Tag};
use crate::residual::formula::{Constant, Formula, Row};
use crate::residual::rows::ValueType;
use crate::schema::ClassId;
use crate::symbol::Symbol;

impl<H: Host> Reader<'_, H> {
    /// A value matches a pattern.
    pub(super) fn matches(
        &mut self,
        value: Value,
        pattern: PatternId,
        at: Scope,
        rest: Next,
    ) -> Result<Step, Error> {
        let Some(lowered) = self.program.code.patterns.get(pattern.0 as usize) else {
            return Ok(Step::End(Formula::FALSE));
        };
        match (lowered, value) {
            (Pattern::Value(operand), value) => {
                let operand = self.operand(*operand, at)?;
                self.equal(value, operand, rest)
            }
            (Pattern::Instance(Tag::Unknown(name), _), _) => Err(self.unregistered(*name)),
            (Pattern::Dictionary(fields), _) if fields.is_empty() => Ok(Step::Go(rest)),
            (_, value @ Value::Variable(_)) => Ok(self.wait(Todo::Match { value, pattern, at }, rest)),
            (Pattern::List(items, tail), Value::Later) => {
                let tail = tail.map(|tail| self.operand(tail, at)).transpose()?;
                let rest =
                    tail.map_or(rest.clone(), |tail| before(Todo::Unify(Value::Later, tail), rest.clone()));
                let of_item =
                    |pattern: &PatternId| Todo::Match { value: Value::Later, pattern: *pattern, at };
                Ok(Step::Go(items.iter().rev().map(of_item).fold(rest, |next, todo| before(todo, next))))
            }
            // The class is looked at in the row that the relation leads to.
            (Pattern::Instance(_, fields), value @ Value::One(..)) if !fields.is_empty() => {
                self.match_fields(value, fields, pattern, at, rest)
            }
            (Pattern::Instance(tag, _), Value::Row(row)) if let Some(relation) = self.heir(row, *tag) => {
                let related = self.related(row, &relation, |this, narrow| {
                    let known = this.narrowed.len();
                    this.narrowed.push((row, narrow));
                    let inner = Todo::Match { value: Value::Row(narrow), pattern, at };
                    let formula = this.solve(before(inner, rest));
                    this.narrowed.truncate(known);
                    formula
                })?;
                Ok(Step::End(Formula::some(related)))
            }
            (Pattern::Instance(tag, fields), value) => {
                let of_class = match self.has_tag(&value, *tag)? {
                    Formula::Known(true) => None,
                    Formula::Known(false) => return Ok(Step::End(Formula::FALSE)),
                    other => Some(other),
                };
                match of_class {
                    Some(Formula::DEPENDS) => self.match_fields(value, fields, pattern, at, rest),
                    Some(condition) if fields.is_empty() => Ok(Step::If(condition, rest)),
                    Some(_) => Err(unfilterable("fields of an attribute of a row")),
                    None => self.match_fields(value, fields, pattern, at, rest),
                }
            }
            (Pattern::Dictionary(fields), value) => self.match_fields(value, fields, pattern, at, rest),
            (Pattern::List(items, tail), value) => self.match_list(value, items, *tail, at, rest),
        }
    }

    /// When a value is of a class.
    fn has_tag(&mut self, value: &Value, tag: Tag) -> Result<Formula, Error> {
        let program = self.program;
        match value {
            Value::Later => Ok(Formula::DEPENDS),
            Value::Known(cell) => self.known(|machine| Ok(machine.has_tag(*cell, tag))).map(Formula::Known),
            Value::Row(row) => self.row_has(*row, tag),
            // A fact says of exactly which type an entity is.
            Value::Id(id) => Ok(Formula::Known(program.class_has(id.class, tag))),
            Value::One(of, relation) => {
                let there = self.related(*of, relation, |this, row| this.row_has(row, tag))?;
                Ok(Formula::some(there))
            }
            Value::Attribute(..) | Value::Computed(..) => {
                let Some((own, attribute)) = value.expression() else { return Ok(Formula::FALSE) };
                let Some(known) = attribute.value_type else {
                    return Err(unfilterable(format!("the type of `{own}` is not known")));
                };
                let class = match known {
                    ValueType::Boolean => ClassId::BOOLEAN,
                    ValueType::Integer => ClassId::INTEGER,
                    ValueType::Float => ClassId::FLOAT,
                    ValueType::String | ValueType::Uuid => ClassId::STRING,
                };
                if !program.class_has(class, tag) {
                    return Ok(Formula::FALSE);
                }
                let nil = Formula::is(own, Constant::Nil);
                Ok(if attribute.nullable { nil.negated() } else { Formula::TRUE })
            }
            Value::List(_) => Ok(Formula::Known(program.class_has(ClassId::LIST, tag))),
            Value::Dictionary(_) => Ok(Formula::Known(program.class_has(ClassId::DICTIONARY, tag))),
            Value::Many(..) => Err(unfilterable("the class of a relation to many rows")),
            Value::Variable(_) => {
                Err(Error::new(ErrorKind::Undecided, "a variable that nothing binds is matched"))
            }
        }
    }

    /// Whether rows of a class are of another, too.
    fn row_has(&mut self, row: Row, tag: Tag) -> Result<Formula, Error> {
        if let Some(relation) = self.heir(row, tag) {
            let there = self.related(row, &relation, |_, _| Ok(Formula::TRUE))?;
            return Ok(Formula::some(there));
        }
        let Some(of) = self.class_of(row) else { return Ok(Formula::FALSE) };
        let program = self.program;
        if program.class_has(of.class, tag) {
            return Ok(Formula::TRUE);
        }
        if self.descendants(of.class).iter().any(|class| program.class_has(*class, tag)) {
            let message = format!("which rows of `{}` are of a class that inherits from it", of.name);
            return Err(unfilterable(message));
        }
        Ok(Formula::FALSE)
    }

    /// The relation from a row to what it is as one of a class that inherits from its own.
    fn heir(&self, row: Row, tag: Tag) -> Option<Arc<str>> {
        let (of, known) = (self.class_of(row)?, self.type_of(row)?);
        let Tag::Class(class) = tag else { return None };
        if self.program.class_has(of.class, tag) {
            return None;
        }
        known.heir_relation(self.program.schema.class_name(class)).map(Into::into)
    }

    fn match_fields(
        &mut self,
        value: Value,
        fields: &[(Symbol, PatternId)],
        pattern: PatternId,
        at: Scope,
        rest: Next,
    ) -> Result<Step, Error> {
        let mut found = Vec::with_capacity(fields.len());
        for (name, field) in fields {
            let value = match &value {
                Value::Later => Some(Value::Later),
                Value::Row(row) => Some(self.field(*row, *name)?),
                Value::Known(Cell::Dictionary(run)) => {
                    let run = *run;
                    self.known(|machine| Ok(machine.entry_of(run, TextId(name.0))))?.map(Value::Known)
                }
                Value::Known(cell) => {
                    self.known(|machine| machine.attribute_if_any(*cell, *name))?.map(Value::Known)
                }
                Value::Dictionary(entries) => {
                    let entry = entries.iter().find(|(key, _)| self.heap.same_text(*key, TextId(name.0)));
                    entry.map(|(_, value)| value.clone())
                }
                Value::One(of, relation) => {
                    let related = self.related(*of, relation, |this, row| {
                        this.solve(before(Todo::Match { value: Value::Row(row), pattern, at }, rest))
                    })?;
                    return Ok(Step::End(Formula::some(related)));
                }
                Value::Id(id) => {
                    let formula = self.of_its_row(id, |this, row| {
                        this.solve(before(Todo::Match { value: Value::Row(row), pattern, at }, rest))
                    })?;
                    return Ok(Step::End(formula));
                }
                _ => return Err(unfilterable("fields of an attribute of a row")),
            };
            match value {
                Some(value) => found.push(Todo::Match { value, pattern: *field, at }),
                None => return Ok(Step::End(Formula::FALSE)),
            }
        }
        Ok(Step::Go(found.into_iter().rev().fold(rest, |next, todo| before(todo, next))))
    }

    fn match_list(
        &mut self,
        value: Value,
        items: &[PatternId],
        tail: Option<Operand>,
        at: Scope,
        rest: Next,
    ) -> Result<Step, Error> {
        let values: Vec<Value> = match value {
            Value::Known(cell @ (Cell::List(_) | Cell::OpenList(_))) => {
                self.items(cell)?.into_iter().map(Value::Known).collect()
            }
            Value::List(values) => values.to_vec(),
            Value::Many(..) => return Err(unfilterable("a relation to many rows as a list")),
            _ => return Ok(Step::End(Formula::FALSE)),
        };
        if values.len() < items.len() || (tail.is_none() && values.len() > items.len()) {
            return Ok(Step::End(Formula::FALSE));
        }
        let mut next = rest;
        if let Some(tail) = tail {
            let tail = self.operand(tail, at)?;
            let others = self.list_of(values.get(items.len()..).unwrap_or(&[]).to_vec());
            next = before(Todo::Unify(others, tail), next);
        }
        for (value, pattern) in values.into_iter().zip(items).rev() {
            next = before(Todo::Match { value, pattern: *pattern, at }, next);
        }
        Ok(Step::Go(next))
    }
}
