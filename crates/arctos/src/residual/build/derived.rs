//! Recursion over ids: calls that may lead to themselves by way of facts in tables.
//!
//! Such a call is read for whatever ids, and other values, its arguments that are not known may have. Where it is met again inside that, with ids of other rows or
//! with entities that are known, those are asked to be members of the set that it describes. A call that turns out to be no recursion is what was read, of its own arguments.

use std::sync::Arc;

use super::Reader;
use super::calls::{Called, Part};
use super::ids::constant_of;
use super::value::{Id, Value};
use crate::error::Error;
use crate::facts::ValueRef;
use crate::host::Host;
use crate::ir::PredicateId;
use crate::residual::formula::{Constant, Derivation, Expression, Formula, Row};
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

/// A call that is being read for whatever values.
#[derive(Debug)]
pub(super) struct Derived {
    general: Vec<General>,
    /// Its arguments, whatever values among them.
    arguments: Vec<Value>,
    /// Places at which it has come to itself with other known entities.
    wide: Vec<usize>,
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
        if self.widens(predicate, arguments)? {
            return Ok(Some(Formula::FALSE));
        }
        let mut wide = Vec::new();
        loop {
            let (general, values) = self.general(arguments, &wide)?;
            if values.is_empty() && self.is_of_rows(arguments)? {
                // Rows that are no entities lead to others along relations.
                return Ok(None);
            }
            let key = (predicate, general);
            let read = match self.derived.get(&key) {
                Some(read) => read.clone(),
                None => match self.read_derived(key, arguments)? {
                    Ok(read) => read,
                    // It has come to itself with other known entities.
                    Err(more) => {
                        wide.extend(more);
                        continue;
                    }
                },
            };
            let Read { member, types, formula, set } = read;
            // What is true or false of whatever values needs no set.
            let set = set.filter(|_| !matches!(formula, Formula::Known(_)));
            return Ok(Some(match set {
                None => formula.substituted(member, &values),
                Some(number) => {
                    let derivation = Derivation { number, row: member, types, formula };
                    Formula::Derived(Arc::new(derivation), values.into())
                }
            }));
        }
    }

    /// Reads a call for whatever values. Else the arguments of which the known entities have to be whatever entities, too.
    fn read_derived(
        &mut self,
        key: (PredicateId, Vec<General>),
        arguments: &[Value],
    ) -> Result<Result<Read, Vec<usize>>, Error> {
        let (predicate, general) = key;
        self.numbers += 1;
        let number = self.numbers;
        let member = self.row_of_no_class();
        let (inner, types) = members(&general, arguments, member);
        let outer = std::mem::replace(&mut self.lowest, usize::MAX);
        let place = self.open.len();
        let called = Called {
            predicate,
            key: Vec::new(),
            derived: Some(Derived { general: general.clone(), arguments: inner.clone(), wide: Vec::new() }),
            member: Some((number, member)),
            negations: self.negations,
            recurs: false,
        };
        self.open.push(called);
        let formula = self.clauses(predicate, &inner);
        let called = self.open.get_mut(place);
        let (recurs, wide) = called.map_or((false, Vec::new()), |called| {
            (called.recurs, called.derived.take().map_or_else(Vec::new, |derived| derived.wide))
        });
        self.open.truncate(place);
        let formula = formula?;
        let is_whole = self.lowest >= place;
        self.lowest = if is_whole { outer } else { self.lowest.min(outer) };
        if !wide.is_empty() {
            return Ok(Err(wide));
        }
        let read = Read { member, types: types.into(), formula, set: recurs.then_some(number) };
        if is_whole {
            self.derived.insert((predicate, general), read.clone());
        }
        Ok(Ok(read))
    }

    /// Whether a call that is being read differs from this one in known entities alone: then that one is read for whatever entities.
    fn widens(&mut self, predicate: PredicateId, arguments: &[Value]) -> Result<bool, Error> {
        for place in (0..self.open.len()).rev() {
            let called = self.open.get(place).filter(|called| called.predicate == predicate);
            let Some(derived) = called.and_then(|called| called.derived.as_ref()) else { continue };
            let (general, others) = (derived.general.clone(), derived.arguments.clone());
            let mut wide = Vec::new();
            let mut is_alike = true;
            for (at, (general, (other, own))) in general.iter().zip(others.iter().zip(arguments)).enumerate()
            {
                is_alike &= match self.general_argument(own, false)?.0 {
                    own_general if own_general == *general => true,
                    _ if self.are_alike(other, own) => {
                        wide.push(at);
                        true
                    }
                    _ => self.is_among(general, own)?,
                };
            }
            if !is_alike || wide.is_empty() {
                continue;
            }
            if let Some(derived) = self.come_to(place)?.and_then(|called| called.derived.as_mut()) {
                wide.retain(|at| !derived.wide.contains(at));
                derived.wide.append(&mut wide);
            }
            return Ok(true);
        }
        Ok(false)
    }

    /// Whether both are known entities of one type, with ids as tables have them.
    fn are_alike(&mut self, one: &Value, other: &Value) -> bool {
        match (self.known_entity(one), self.known_entity(other)) {
            (Some((one, _, _)), Some((other, _, _))) => one == other,
            _ => false,
        }
    }

    /// A known entity: its type, and its id as tables have it.
    fn known_entity(&mut self, value: &Value) -> Option<(ClassId, ValueType, Constant)> {
        let Value::Known(cell) = value else { return None };
        let atom = self.known(|machine| machine.atom(*cell)).ok().flatten()?;
        let link = self.heap.link()?;
        let Some(ValueRef::Entity { type_name, id }) = link.view.value(atom) else { return None };
        let class = self.program.schema.class(type_name)?;
        let value_type = self.in_tables.id_type(type_name);
        Some((class, value_type, constant_of(id, value_type)?))
    }

    /// Whether a value is one of those that a call has been read for.
    fn is_among(&mut self, general: &General, value: &Value) -> Result<bool, Error> {
        match (general, value) {
            (General::AnyId(class, value_type), Value::Known(cell)) => {
                Ok(self.id_constant(*cell, *class, *value_type)?.is_some())
            }
            _ => Ok(false),
        }
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
            let (Some(derived), Some((number, member))) = (&called.derived, called.member) else { continue };
            let general = derived.general.clone();
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
            let (own, value) = self.general_argument(argument, false)?;
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

    /// A call for whatever values, and the values that it has: those of its arguments that are not known, and the known entities of these places.
    fn general(
        &mut self,
        arguments: &[Value],
        wide: &[usize],
    ) -> Result<(Vec<General>, Vec<Expression>), Error> {
        let (mut general, mut values) = (Vec::with_capacity(arguments.len()), Vec::new());
        for (place, argument) in arguments.iter().enumerate() {
            let (own, value) = self.general_argument(argument, wide.contains(&place))?;
            general.push(own);
            values.extend(value);
        }
        Ok((general, values))
    }

    fn general_argument(
        &mut self,
        argument: &Value,
        is_wide: bool,
    ) -> Result<(General, Option<Expression>), Error> {
        if is_wide && let Some((class, value_type, id)) = self.known_entity(argument) {
            return Ok((General::AnyId(class, value_type), Some(Expression::Constant(id))));
        }
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

/// The arguments of a call for whatever values, and the types of these.
fn members(general: &[General], arguments: &[Value], member: Row) -> (Vec<Value>, Vec<ValueType>) {
    let mut types = Vec::new();
    let mut inner = Vec::with_capacity(arguments.len());
    for (argument, general) in arguments.iter().zip(general) {
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
    (inner, types)
}
