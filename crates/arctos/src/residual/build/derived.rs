//! Recursion over ids: calls that may lead to themselves by way of facts in tables.
//!
//! Such a call is read for whatever ids, and other values, its arguments that are not known may have. Where it is met again inside that, with ids of other rows or
//! with entities that are known, those are asked to be members of the set that it describes. A call that turns out to be no recursion is what was read, of its own arguments.

use std::sync::Arc;

use super::Reader;
use super::calls::{Called, Part};
use super::value::{Id, Value};
use crate::error::Error;
use crate::host::Host;
use crate::ir::PredicateId;
use crate::residual::formula::{Derivation, Expression, Formula, Row};
use crate::residual::rows::{Attribute, ValueType};
use crate::schema::ClassId;

/// What tells apart the calls that are read as derivations: an argument.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum General {
    /// As it is.
    Same(Vec<Part>),
    /// Whatever entity of the type, with ids of that type.
    AnyId(ClassId, ValueType),
    /// Whatever value of the type.
    AnyValue(ValueType),
}

/// A call as it was read for whatever values.
#[derive(Clone, Debug)]
pub(super) struct Read {
    /// What stands for the values.
    member: Row,
    types: Arc<[ValueType]>,
    formula: Formula,
    /// The number of the set, where there is one.
    set: Option<u32>,
}

impl<H: Host> Reader<'_, H> {
    /// What must hold for a call that may lead to itself by way of facts in tables; `None` for any other.
    pub(super) fn derived(
        &mut self,
        predicate: PredicateId,
        arguments: &[Value],
    ) -> Result<Option<Formula>, Error> {
        if !self.in_tables.is_dependent(predicate)
            || !self.leaf(predicate, arguments).is_some_and(|leaf| leaf.recursive)
        {
            return Ok(None);
        }
        if let Some(again) = self.derived_again(predicate, arguments)? {
            return Ok(Some(again));
        }
        let (general, values) = self.general(arguments)?;
        if values.is_empty() {
            return Ok(None);
        }
        let key = (predicate, general);
        let read = match self.derived.get(&key) {
            Some(read) => read.clone(),
            None => self.read_derived(key, arguments)?,
        };
        let Read { member, types, formula, set } = read;
        Ok(Some(match set {
            None => formula.substituted(member, &values),
            Some(number) => {
                let derivation = Derivation { number, row: member, types, formula };
                Formula::Derived(Arc::new(derivation), values.into())
            }
        }))
    }

    fn read_derived(&mut self, key: (PredicateId, Vec<General>), arguments: &[Value]) -> Result<Read, Error> {
        let (predicate, general) = key;
        self.numbers += 1;
        let number = self.numbers;
        let member = self.row_of_no_class();
        let mut types = Vec::new();
        let mut inner = Vec::with_capacity(arguments.len());
        for (argument, general) in arguments.iter().zip(&general) {
            let part = Derivation::part(types.len());
            inner.push(match general {
                General::Same(_) => argument.clone(),
                General::AnyId(class, value_type) => {
                    types.push(*value_type);
                    Value::Id(Id { class: *class, row: member, attribute: part, value_type: *value_type })
                }
                General::AnyValue(value_type) => {
                    types.push(*value_type);
                    let known = Attribute { value_type: Some(*value_type), nullable: false };
                    Value::Attribute(member, part, known)
                }
            });
        }
        let outer = std::mem::replace(&mut self.lowest, usize::MAX);
        let place = self.open.len();
        let called = Called {
            predicate,
            key: Vec::new(),
            general: Some(general.clone()),
            member: Some((number, member)),
            negations: self.negations,
            recurs: false,
        };
        self.open.push(called);
        let formula = self.clauses(predicate, &inner);
        let recurs = self.open.get(place).is_some_and(|called| called.recurs);
        self.open.truncate(place);
        let read = Read { member, types: types.into(), formula: formula?, set: recurs.then_some(number) };
        if self.lowest >= place {
            self.derived.insert((predicate, general), read.clone());
            self.lowest = usize::MAX;
        }
        self.lowest = self.lowest.min(outer);
        Ok(read)
    }

    /// A call for values that are among those for which it is being read.
    fn derived_again(
        &mut self,
        predicate: PredicateId,
        arguments: &[Value],
    ) -> Result<Option<Formula>, Error> {
        for place in (0..self.open.len()).rev() {
            let Some(called) = self.open.get(place).filter(|called| called.predicate == predicate) else {
                continue;
            };
            let (Some(general), Some((number, member))) = (called.general.clone(), called.member) else {
                continue;
            };
            let Some(values) = self.among(&general, arguments)? else { continue };
            let Some(called) = self.come_to(place)? else { continue };
            let own = |(place, value): (usize, &Expression)| {
                *value == Expression::Attribute(member, Derivation::part(place))
            };
            // The same call: no goal holds because it does itself.
            if values.iter().enumerate().all(own) {
                return Ok(Some(Formula::FALSE));
            }
            called.recurs = true;
            return Ok(Some(Formula::DerivedAgain(number, values.into())));
        }
        Ok(None)
    }

    /// The values that a call has where others may have whatever values; `None` where it is no such call.
    fn among(&mut self, general: &[General], arguments: &[Value]) -> Result<Option<Vec<Expression>>, Error> {
        let mut values = Vec::new();
        for (general, argument) in general.iter().zip(arguments) {
            let (own, value) = self.general_argument(argument)?;
            match (general, argument, value) {
                (General::AnyId(class, value_type), Value::Known(cell), _) => {
                    match self.id_constant(*cell, *class, *value_type)? {
                        Some(constant) => values.push(Expression::Constant(constant)),
                        None => return Ok(None),
                    }
                }
                (general, _, value) if *general == own => values.extend(value),
                _ => return Ok(None),
            }
        }
        Ok(Some(values))
    }

    /// A call for whatever values, and the values that it has.
    fn general(&mut self, arguments: &[Value]) -> Result<(Vec<General>, Vec<Expression>), Error> {
        let (mut general, mut values) = (Vec::with_capacity(arguments.len()), Vec::new());
        for argument in arguments {
            let (own, value) = self.general_argument(argument)?;
            general.push(own);
            values.extend(value);
        }
        Ok((general, values))
    }

    fn general_argument(&mut self, argument: &Value) -> Result<(General, Option<Expression>), Error> {
        let id = match argument {
            Value::Id(id) => Some(id.clone()),
            Value::Row(row) if self.is_entity_row(*row) => Some(self.id_of_row(*row)?),
            Value::Attribute(row, name, Attribute { value_type: Some(value_type), nullable: false })
                if *value_type != ValueType::Float =>
            {
                let value = Expression::Attribute(*row, name.clone());
                return Ok((General::AnyValue(*value_type), Some(value)));
            }
            _ => None,
        };
        Ok(match id {
            Some(id) => (General::AnyId(id.class, id.value_type), Some(id.expression())),
            None => (General::Same(self.key(std::slice::from_ref(argument))?), None),
        })
    }

    /// Whether rows are entities of facts.
    fn is_entity_row(&self, row: Row) -> bool {
        self.class_of(row).is_some_and(|row| self.program.schema.has_entities(row.class))
    }
}
