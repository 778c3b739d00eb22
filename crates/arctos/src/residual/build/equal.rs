//! Operands, bindings, and when values are the same.

use std::rc::Rc;

use super::goals::Step;
use super::value::{Next, Scope, Todo, Value, before};
use super::{Reader, unfilterable};
use crate::error::{Error, ErrorKind};
use crate::heap::{Cell, Met, TextId, Walk};
use crate::host::{Comparison, Host, Lineage};
use crate::ir::Operand;
use crate::residual::formula::{Constant, Expression, Formula, Row};
use crate::residual::rows::{Attribute, ValueType};
use crate::symbol::Symbol;

impl<H: Host> Reader<'_, H> {
    /// The value of an operand.
    pub(super) fn operand(&mut self, operand: Operand, at: Scope) -> Result<Value, Error> {
        let code = &self.program.code;
        Ok(match operand {
            Operand::Slot(slot) => self.resolve(at.variable(slot)),
            Operand::Anonymous => {
                self.variables.push(None);
                Value::Variable(self.variables.len() as u32 - 1)
            }
            Operand::List(id) => {
                let Some(list) = code.lists.get(id.0 as usize).copied() else {
                    return Ok(Value::Known(Cell::Nil));
                };
                let mut items = Vec::new();
                for item in code.operands(list.items) {
                    items.push(self.operand(*item, at)?);
                }
                match list.rest.map(|rest| self.operand(rest, at)).transpose()? {
                    None => {}
                    Some(Value::Known(rest)) => items.extend(self.list(rest).into_iter().map(Value::Known)),
                    Some(Value::List(rest)) => items.extend(rest.iter().cloned()),
                    Some(_) => return Err(unfilterable("a list of which the rest is not known")),
                }
                self.list_of(items)
            }
            Operand::Dictionary(id) => {
                let mut entries = Vec::new();
                for (key, value) in code.dictionaries.get(id.0 as usize).into_iter().flatten() {
                    entries.push((TextId(key.0), self.operand(*value, at)?));
                }
                let known: Option<Vec<(TextId, Cell)>> =
                    entries.iter().map(|(key, value)| Some((*key, value.known()?))).collect();
                match known {
                    Some(known) => Value::Known(self.heap.dictionary_of(known)),
                    None => Value::Dictionary(entries.into()),
                }
            }
            Operand::Constant(_)
            | Operand::Class(_)
            | Operand::UnixTime
            | Operand::Context
            | Operand::Action
                if self.faults.is_some() =>
            {
                Value::Later
            }
            operand => Value::Known(self.known(|machine| machine.load(code, operand))?),
        })
    }

    /// A list of these items.
    pub(super) fn list_of(&mut self, items: Vec<Value>) -> Value {
        let known: Option<Vec<Cell>> = items.iter().map(Value::known).collect();
        match known {
            Some(known) => Value::Known(Cell::List(self.heap.push_cells(known))),
            None => Value::List(items.into()),
        }
    }

    /// The items of a known list; none of anything else.
    fn list(&self, list: Cell) -> Vec<Cell> {
        let mut items = Vec::new();
        let Some(mut walk) = Walk::of(list) else { return items };
        while let Met::Item(item) = walk.next(&self.heap) {
            items.push(self.heap.resolve(item));
        }
        items
    }

    /// What a value is bound to.
    pub(super) fn resolve(&self, mut value: Value) -> Value {
        while let Value::Variable(variable) = value {
            match self.variables.get(variable as usize) {
                Some(Some(bound)) => value = bound.clone(),
                _ => break,
            }
        }
        if let Value::Row(row) = value
            && let Some((_, narrow)) = self.narrowed.iter().rev().find(|(wide, _)| *wide == row)
        {
            return self.resolve(Value::Row(*narrow));
        }
        value
    }

    /// Binds a variable. Where it is an alias, what it stands for is bound.
    pub(super) fn bind(&mut self, variable: u32, value: Value) {
        if let Some(place) = self.variables.get_mut(variable as usize) {
            *place = Some(value);
            self.trail.push(variable);
        }
    }

    /// Unbinds what was bound since then.
    pub(super) fn undo(&mut self, mark: usize) {
        for variable in self.trail.drain(mark.min(self.trail.len())..) {
            if let Some(place) = self.variables.get_mut(variable as usize) {
                *place = None;
            }
        }
    }

    /// What a value is made of, lists and dictionaries taken apart. Values may share their parts: each that is looked at is a step.
    pub(super) fn leaves(&mut self, value: &Value) -> Result<Vec<Value>, Error> {
        let mut leaves = Vec::new();
        let mut left = vec![value.clone()];
        while let Some(value) = left.pop() {
            match self.resolve(value) {
                Value::List(items) => {
                    self.work(items.len())?;
                    left.extend(items.iter().cloned());
                }
                Value::Dictionary(entries) => {
                    self.work(entries.len())?;
                    left.extend(entries.iter().map(|(_, value)| value.clone()));
                }
                leaf => leaves.push(leaf),
            }
        }
        Ok(leaves)
    }

    /// The unbound variables in a value.
    pub(super) fn variables_in(&mut self, value: &Value) -> Result<Vec<u32>, Error> {
        let of_leaf = |leaf| match leaf {
            Value::Variable(variable) => Some(variable),
            _ => None,
        };
        match self.resolve(value.clone()) {
            value @ (Value::List(_) | Value::Dictionary(_)) => {
                Ok(self.leaves(&value)?.into_iter().filter_map(of_leaf).collect())
            }
            leaf => Ok(of_leaf(leaf).into_iter().collect()),
        }
    }

    /// Makes two values the same.
    pub(super) fn equal(&mut self, left: Value, right: Value, rest: Next) -> Result<Step, Error> {
        match (self.resolve(left), self.resolve(right)) {
            (Value::Variable(a), Value::Variable(b)) if a == b => Ok(Step::Go(rest)),
            (Value::Variable(variable), value) | (value, Value::Variable(variable)) => {
                if matches!(value, Value::List(_) | Value::Dictionary(_))
                    && self.variables_in(&value)?.contains(&variable)
                {
                    return Err(unfilterable("a list that contains itself"));
                }
                self.bind(variable, value);
                Ok(Step::Go(rest))
            }
            (Value::List(items), Value::Later) | (Value::Later, Value::List(items)) => {
                let pairs = items.iter().cloned().rev();
                Ok(Step::Go(pairs.fold(rest, |next, item| before(Todo::Unify(item, Value::Later), next))))
            }
            (Value::Dictionary(entries), Value::Later) | (Value::Later, Value::Dictionary(entries)) => {
                let values = entries.iter().map(|(_, value)| value.clone()).rev();
                Ok(Step::Go(values.fold(rest, |next, value| before(Todo::Unify(value, Value::Later), next))))
            }
            (Value::List(items), other) | (other, Value::List(items)) => {
                let others = match other {
                    Value::List(others) => others.to_vec(),
                    Value::Known(cell @ (Cell::List(_) | Cell::OpenList(_))) => {
                        self.list(cell).into_iter().map(Value::Known).collect()
                    }
                    _ => return Ok(Step::End(Formula::FALSE)),
                };
                if items.len() != others.len() {
                    return Ok(Step::End(Formula::FALSE));
                }
                let pairs = items.iter().cloned().zip(others).rev();
                Ok(Step::Go(pairs.fold(rest, |next, (a, b)| before(Todo::Unify(a, b), next))))
            }
            (Value::Dictionary(entries), other) | (other, Value::Dictionary(entries)) => {
                self.equal_entries(&entries, &other, rest)
            }
            (left, right) => Ok(Step::If(self.same(left, right)?, rest)),
        }
    }

    fn equal_entries(
        &mut self,
        entries: &Rc<[(TextId, Value)]>,
        other: &Value,
        rest: Next,
    ) -> Result<Step, Error> {
        let others: Vec<(TextId, Value)> = match other {
            Value::Dictionary(others) => others.to_vec(),
            Value::Known(Cell::Dictionary(run)) => {
                let entries = (run.start..run.start + run.len).map(|index| self.heap.entry(index));
                entries.map(|(key, value)| (key, Value::Known(value))).collect()
            }
            _ => return Ok(Step::End(Formula::FALSE)),
        };
        if entries.len() != others.len() {
            return Ok(Step::End(Formula::FALSE));
        }
        let mut next = rest;
        for (key, value) in entries.iter() {
            match others.iter().find(|(other, _)| self.heap.same_text(*other, *key)) {
                Some((_, other)) => next = before(Todo::Unify(value.clone(), other.clone()), next),
                None => return Ok(Step::End(Formula::FALSE)),
            }
        }
        Ok(Step::Go(next))
    }

    /// When two values, neither of them a variable, are the same.
    pub(super) fn same(&mut self, left: Value, right: Value) -> Result<Formula, Error> {
        match (left, right) {
            (Value::Many(..), _) | (_, Value::Many(..)) => {
                Err(unfilterable("a relation to many rows as a value: only `in` has a meaning for it"))
            }
            (Value::Later, _) | (_, Value::Later) => Ok(Formula::DEPENDS),
            (Value::Id(id), other) | (other, Value::Id(id)) => self.same_as_id(&id, other),
            (Value::Known(a), Value::Known(b)) => {
                self.known(|machine| machine.unify(a, b)).map(Formula::Known)
            }
            (Value::Row(a), Value::Row(b)) => self.same_rows(a, b),
            (Value::Row(row), Value::Known(cell @ Cell::Entity(_)))
            | (Value::Known(cell @ Cell::Entity(_)), Value::Row(row)) => self.is_entity(row, cell),
            (Value::Row(row), Value::Known(cell)) | (Value::Known(cell), Value::Row(row)) => {
                let key: Vec<String> = self.type_of(row).map_or(Vec::new(), |row| row.key().to_vec());
                let pairs = key.iter().map(|name| (name.clone(), name.clone())).collect();
                self.same_as_object(row, pairs, self.class_of(row).map(|row| row.class), cell)
            }
            (Value::One(of, relation), Value::Known(Cell::Nil))
            | (Value::Known(Cell::Nil), Value::One(of, relation)) => self.absent(of, &relation),
            (Value::One(of, relation), Value::Known(cell @ Cell::Entity(_)))
            | (Value::Known(cell @ Cell::Entity(_)), Value::One(of, relation)) => {
                let there = self.related(of, &relation, |this, row| this.is_entity(row, cell))?;
                Ok(Formula::some(there))
            }
            (Value::One(of, relation), Value::Known(cell))
            | (Value::Known(cell), Value::One(of, relation)) => {
                let known = self.type_of(of).and_then(|row| row.relation_named(&relation)).cloned();
                let Some(known) = known else { return Ok(Formula::FALSE) };
                if known.through.is_some() {
                    let there = self
                        .related(of, &relation, |this, row| this.same(Value::Row(row), Value::Known(cell)))?;
                    return Ok(Formula::some(there));
                }
                let class = self.program.schema.class(&known.class);
                self.same_as_object(of, known.on, class, cell)
            }
            (Value::One(a, one), Value::One(b, other)) => {
                let neither = Formula::all([self.absent(a, &one)?, self.absent(b, &other)?]);
                let both =
                    self.related(a, &one, |this, row| this.same(Value::Row(row), Value::One(b, other)))?;
                Ok(Formula::any([neither, Formula::some(both)]))
            }
            (Value::One(of, relation), Value::Row(row)) | (Value::Row(row), Value::One(of, relation)) => {
                let both = self.related(of, &relation, |this, found| this.same_rows(found, row))?;
                Ok(Formula::some(both))
            }
            (own @ (Value::Attribute(..) | Value::Computed(..)), other)
            | (other, own @ (Value::Attribute(..) | Value::Computed(..))) => match own.expression() {
                Some((own, attribute)) => self.same_as_expression(own, attribute, other),
                None => Ok(Formula::FALSE),
            },
            (Value::List(_) | Value::Dictionary(_), _) | (_, Value::List(_) | Value::Dictionary(_)) => {
                Err(unfilterable("a list or dictionary with something that a row has, beside `==` or `!=`"))
            }
            _ => Ok(Formula::FALSE),
        }
    }

    /// When two values, neither of them a variable, are equal for `==`: a boolean counts as 0 or 1 beside a number.
    pub(super) fn same_or_counts_as(&mut self, left: Value, right: Value) -> Result<Formula, Error> {
        let type_of = |value: &Value| value.expression().and_then(|(_, attribute)| attribute.value_type);
        let number = |known| matches!(known, ValueType::Integer | ValueType::Float);
        let counted = |of: Option<ValueType>, value: Value| match (of, &value) {
            (Some(known), Value::Known(Cell::Boolean(truth))) if number(known) => {
                Value::Known(Cell::Integer(i64::from(*truth)))
            }
            (Some(ValueType::Boolean), Value::Known(Cell::Integer(count @ (0 | 1)))) => {
                Value::Known(Cell::Boolean(*count == 1))
            }
            (Some(ValueType::Boolean), Value::Known(Cell::Float(count)))
                if *count == 0.0 || *count == 1.0 =>
            {
                Value::Known(Cell::Boolean(*count == 1.0))
            }
            _ => value,
        };
        let (of_left, of_right) = (type_of(&left), type_of(&right));
        match (of_left, of_right) {
            (Some(ValueType::Boolean), Some(other)) | (Some(other), Some(ValueType::Boolean))
                if number(other) =>
            {
                Err(unfilterable("an attribute that is a boolean beside one that is a number"))
            }
            _ => self.same(counted(of_right, left), counted(of_left, right)),
        }
    }

    fn same_rows(&self, a: Row, b: Row) -> Result<Formula, Error> {
        let (of_a, of_b) = (self.class_of(a).map(|row| row.class), self.class_of(b).map(|row| row.class));
        if of_a != of_b {
            return Ok(Formula::FALSE);
        }
        if a == b {
            return Ok(Formula::TRUE);
        }
        let key = self.type_of(a).map_or(&[][..], |row| row.key());
        if key.is_empty() {
            return Err(not_told_apart());
        }
        let attribute = |row, name: &String| Expression::Attribute(row, name.as_str().into());
        let same = |name| Formula::Compare(Comparison::Eq, attribute(a, name), attribute(b, name));
        Ok(Formula::all(key.iter().map(same)))
    }

    /// When attributes of a row have the values of an object's attributes, and the object is of that class.
    fn same_as_object(
        &mut self,
        row: Row,
        pairs: Vec<(String, String)>,
        class: Option<crate::schema::ClassId>,
        cell: Cell,
    ) -> Result<Formula, Error> {
        let Cell::Object(index) = cell else { return Ok(Formula::FALSE) };
        let schema = &self.program.schema;
        let is_of_class = match self.heap.host_object(index).map(|object| self.host.lineage(object)) {
            Some(Lineage::Class(known)) => class.is_some_and(|class| schema.is_subclass(known, class)),
            Some(Lineage::Mixed(known)) => class.is_some_and(|class| known.contains(&class)),
            Some(Lineage::None) | None => false,
        };
        if !is_of_class {
            return Ok(Formula::FALSE);
        }
        if pairs.is_empty() {
            return Err(not_told_apart());
        }
        let mut parts = Vec::new();
        for (own, other) in pairs {
            let value = self.attribute_of(cell, &other)?;
            if value == Cell::Nil {
                return Ok(Formula::FALSE);
            }
            let attribute = self.type_of(row).and_then(|known| known.attribute_named(&own));
            let attribute = attribute.unwrap_or(Attribute { value_type: None, nullable: true });
            let own = Expression::Attribute(row, own.as_str().into());
            parts.push(self.same_as_expression(own, attribute, Value::Known(value))?);
        }
        Ok(Formula::all(parts))
    }

    /// An attribute of a known object, by its name.
    fn attribute_of(&mut self, object: Cell, name: &str) -> Result<Cell, Error> {
        let id = self.heap.text_id(name);
        self.known(|machine| machine.attribute(object, Symbol(id.0)))
    }

    /// When an expression, of which that is known, is a value.
    fn same_as_expression(
        &mut self,
        own: Expression,
        attribute: Attribute,
        other: Value,
    ) -> Result<Formula, Error> {
        if let Some((expression, other)) = other.expression() {
            if let (Some(a), Some(b)) = (attribute.value_type, other.value_type)
                && !are_alike(a, b)
            {
                let nil = |expression| Formula::is(expression, Constant::Nil);
                let both = attribute.nullable && other.nullable;
                return Ok(if both { Formula::all([nil(own), nil(expression)]) } else { Formula::FALSE });
            }
            return Ok(Formula::Compare(Comparison::Eq, own, expression));
        }
        match other {
            Value::Known(cell) => {
                let Some(constant) = self.constant(cell) else { return Ok(Formula::FALSE) };
                let may_be = match (&constant, attribute.value_type) {
                    (Constant::Nil, _) => attribute.nullable,
                    // Only its own class can tell what it equals.
                    (Constant::Object(_), _) => true,
                    (Constant::Float(value), _) if value.is_nan() => false,
                    (_, None) => true,
                    (constant, Some(known)) => type_of(constant).is_some_and(|other| are_alike(known, other)),
                };
                Ok(if may_be { Formula::is(own, constant) } else { Formula::FALSE })
            }
            Value::One(of, relation) => {
                // An attribute is never a row; both may be nil.
                let nil = Formula::is(own, Constant::Nil);
                if attribute.nullable {
                    Ok(Formula::all([nil, self.absent(of, &relation)?]))
                } else {
                    Ok(Formula::FALSE)
                }
            }
            _ => Ok(Formula::FALSE),
        }
    }

    /// `left op right` for `<`, `<=`, `>` and `>=`, where not both are known.
    pub(super) fn ordered(&mut self, op: Comparison, left: Value, right: Value) -> Result<Formula, Error> {
        if matches!(left, Value::Later) || matches!(right, Value::Later) {
            return Ok(Formula::DEPENDS);
        }
        let (left, right) = (self.sided(left)?, self.sided(right)?);
        let (Some((left, of_left)), Some((right, of_right))) = (left, right) else {
            return Ok(Formula::Unknown);
        };
        let ordered = |known: Option<ValueType>| known.is_none_or(|known| known != ValueType::Boolean);
        if !ordered(of_left) || !ordered(of_right) {
            return Err(unfilterable("the order of booleans"));
        }
        match (of_left, of_right) {
            (Some(a), Some(b)) if !are_alike(a, b) => Ok(Formula::Unknown),
            _ => Ok(Formula::Compare(op, left, right)),
        }
    }

    /// A side of a comparison, with its type; `None` where there is no order.
    fn sided(&mut self, value: Value) -> Result<Option<(Expression, Option<ValueType>)>, Error> {
        if let Some((expression, attribute)) = value.expression() {
            return Ok(Some((expression, attribute.value_type)));
        }
        match value {
            Value::Known(Cell::Boolean(_)) => Err(unfilterable("the order of booleans")),
            Value::Known(cell) => Ok(match self.constant(cell) {
                None | Some(Constant::Nil) => None,
                Some(constant) => {
                    let known = type_of(&constant);
                    Some((Expression::Constant(constant), known))
                }
            }),
            Value::Variable(_) => {
                Err(Error::new(ErrorKind::Undecided, "a variable that nothing binds is compared"))
            }
            _ => Ok(None),
        }
    }
}

/// All of no conditions would hold: then every row would be the same.
#[cold]
fn not_told_apart() -> Error {
    unfilterable("whether rows are the same, of which no attributes tell")
}

/// The type of a constant; `None` for nil and for objects.
fn type_of(constant: &Constant) -> Option<ValueType> {
    match constant {
        Constant::Boolean(_) => Some(ValueType::Boolean),
        Constant::Integer(_) => Some(ValueType::Integer),
        Constant::Float(_) => Some(ValueType::Float),
        Constant::String(_) => Some(ValueType::String),
        Constant::Nil | Constant::Object(_) => None,
    }
}

/// True for types of which values can be the same: numbers are, of whatever type.
fn are_alike(a: ValueType, b: ValueType) -> bool {
    let number = |known| matches!(known, ValueType::Integer | ValueType::Float);
    let text = |known| matches!(known, ValueType::String | ValueType::Uuid);
    a == b || number(a) && number(b) || text(a) && text(b)
}
