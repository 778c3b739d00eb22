//! Facts in the application's tables.
//!
//! A call that such facts may answer holds where a row states one: *of some row of the table* its attributes are what the call says of its arguments. What
//! the call leaves open is then an id, or a value, of that row, and the rest is said of it.

use rustc_hash::FxHashMap;

use super::value::{Id, Next, Todo, Value as Read, before};
use super::{Reader, unfilterable};
use crate::error::{Error, ErrorKind};
use crate::facts::{Fact, Value, ValueRef};
use crate::heap::Cell;
use crate::host::Host;
use crate::ir::{PredicateId, Program, adorn};
use crate::residual::fact_tables::{FactArgument, FactTable};
use crate::residual::formula::{Constant, Expression, Formula, Row, SomeRow};
use crate::residual::rows::{Attribute, RowTypes, ValueType};
use crate::schema::ClassId;

/// Which predicates have facts in tables.
#[derive(Debug, Default)]
pub(super) struct InTables<'a> {
    by_predicate: FxHashMap<PredicateId, Vec<&'a FactTable>>,
    /// By predicate: whether what it comes to may rest on such facts. Empty where there are none.
    dependent: Vec<bool>,
    /// How ids are kept, by types of entities, where that is known.
    id_types: Vec<(&'a str, ValueType)>,
}

impl<'a> InTables<'a> {
    pub(super) fn new(program: &Program, types: &'a RowTypes) -> Self {
        let mut found = InTables::default();
        for (name, table) in types.all_fact_tables() {
            found.id_types.extend(table.arguments().iter().filter_map(|argument| match argument {
                FactArgument::Entity { type_name, value_type, .. } => Some((&**type_name, *value_type)),
                _ => None,
            }));
            let arity = table.arguments().len() as u32;
            let named = program.symbols.get(name).and_then(|name| program.by_name.get(&(name, arity)));
            if let Some(predicate) = named {
                found.by_predicate.entry(*predicate).or_default().push(table);
            }
        }
        if !found.by_predicate.is_empty() {
            found.dependent = found.all_dependent(program);
        }
        found
    }

    /// Those that have facts in tables, and those that call them.
    fn all_dependent(&self, program: &Program) -> Vec<bool> {
        let mut callers: Vec<Vec<PredicateId>> = vec![Vec::new(); program.predicates.len()];
        for clause in &program.clauses {
            adorn::each_call(&program.code, clause.body, &mut |called| {
                if let Some(callers) = callers.get_mut(called as usize) {
                    callers.push(clause.predicate);
                }
            });
        }
        let mut dependent = vec![false; program.predicates.len()];
        let mut left: Vec<PredicateId> = self.by_predicate.keys().copied().collect();
        while let Some(PredicateId(predicate)) = left.pop() {
            if let Some(seen @ false) = dependent.get_mut(predicate as usize) {
                *seen = true;
                left.extend(callers.get(predicate as usize).into_iter().flatten());
            }
        }
        dependent
    }

    /// How ids of a type are kept; as text where no table has any.
    pub(super) fn id_type(&self, type_name: &str) -> ValueType {
        let known = self.id_types.iter().find(|(known, _)| *known == type_name);
        known.map_or(ValueType::String, |(_, value_type)| *value_type)
    }

    /// Whether what a predicate comes to may rest on facts in tables.
    pub(super) fn is_dependent(&self, predicate: PredicateId) -> bool {
        self.dependent.get(predicate.0 as usize).copied().unwrap_or(false)
    }
}

impl<'a, H: Host> Reader<'a, H> {
    /// Refuses facts in tables for which the policy does not ask: a misspelt predicate would be no facts at all, and what is denied by them allowed.
    pub(super) fn check_tables(&self) -> Result<(), Error> {
        for (predicate, table) in self.types.all_fact_tables() {
            let values = table.arguments().iter().map(|argument| match argument {
                FactArgument::Constant(Constant::String(text)) => Value::String(text.to_string()),
                FactArgument::Constant(Constant::Integer(value)) => Value::Integer(*value),
                FactArgument::Constant(Constant::Boolean(value)) => Value::Boolean(*value),
                FactArgument::Constant(_) => Value::Any("Float".to_owned()),
                FactArgument::KnownEntity { type_name, id } => Value::entity(&**type_name, &**id),
                FactArgument::Entity { type_name, .. } => Value::Any(type_name.to_string()),
                FactArgument::Value { value_type, .. } => {
                    let class = match value_type {
                        ValueType::Boolean => ClassId::BOOLEAN,
                        ValueType::Integer => ClassId::INTEGER,
                        ValueType::Float => ClassId::FLOAT,
                        ValueType::String | ValueType::Uuid => ClassId::STRING,
                    };
                    Value::Any(self.program.schema.class_name(class).to_owned())
                }
            });
            self.policy.check_fact(&Fact::new(predicate, values))?;
        }
        Ok(())
    }

    /// How many tables have facts of the predicate.
    pub(super) fn tables_of(&self, predicate: PredicateId) -> usize {
        self.in_tables.by_predicate.get(&predicate).map_or(0, Vec::len)
    }

    /// What must hold for a call by facts in tables, and then for the rest: an alternative for each table.
    pub(super) fn by_tables(
        &mut self,
        predicate: PredicateId,
        arguments: &[Read],
        rest: &Next,
    ) -> Result<Vec<Formula>, Error> {
        let tables = self.in_tables.by_predicate.get(&predicate).cloned().unwrap_or_default();
        let mut alternatives = Vec::with_capacity(tables.len());
        for table in tables {
            self.step()?;
            let formula = self.by_table(table, arguments, rest)?;
            if formula != Formula::FALSE {
                alternatives.push(formula);
            }
        }
        Ok(alternatives)
    }

    fn by_table(&mut self, table: &'a FactTable, arguments: &[Read], rest: &Next) -> Result<Formula, Error> {
        let row = self.row_named(table.rows());
        let (mut conditions, mut next) = (Vec::new(), rest.clone());
        for (argument, stated) in arguments.iter().zip(table.arguments()) {
            let value = self.stated_by(row, stated)?;
            match self.resolve(argument.clone()) {
                open @ Read::Variable(_) => {
                    conditions.push(self.is_there(table, row, stated));
                    next = before(Todo::Unify(open, value), next);
                }
                bound => {
                    let same = self.same(bound, value)?;
                    // Equal to something that is known, it is not nil itself.
                    if !matches!(
                        same,
                        Formula::Known(false) | Formula::Compare(_, _, Expression::Constant(_))
                    ) {
                        conditions.push(self.is_there(table, row, stated));
                    }
                    conditions.push(same);
                }
            }
            if conditions.last() == Some(&Formula::FALSE) {
                return Ok(Formula::FALSE);
            }
        }
        conditions.push(self.solve(next)?);
        let formula = Formula::all(conditions);
        Ok(Formula::exists(SomeRow { row, class: table.rows().into(), formula }))
    }

    /// What a row states of an argument.
    fn stated_by(&mut self, row: Row, stated: &FactArgument) -> Result<Read, Error> {
        Ok(match stated {
            FactArgument::Constant(constant) => Read::Known(match constant {
                Constant::String(text) => self.heap.string(text).0,
                Constant::Integer(value) => Cell::Integer(*value),
                Constant::Boolean(value) => Cell::Boolean(*value),
                other => return Err(unfilterable(format!("facts in a table that say `{other}`"))),
            }),
            FactArgument::KnownEntity { type_name, id } => {
                Read::Known(self.fact_value(ValueRef::entity(type_name, id))?.0)
            }
            FactArgument::Entity { type_name, attribute, value_type } => {
                let Some(class) = self.program.schema.class(type_name) else {
                    let message =
                        format!("facts in a table are about `{type_name}`, which is no type of the policy");
                    return Err(Error::new(ErrorKind::UnregisteredClass, message));
                };
                if !matches!(value_type, ValueType::Integer | ValueType::String | ValueType::Uuid) {
                    let message =
                        format!("ids of `{type_name}` in `{attribute}`, which are neither integers nor text");
                    return Err(unfilterable(message));
                }
                Read::Id(Id { class, row, attribute: attribute.clone(), value_type: *value_type })
            }
            FactArgument::Value { attribute, value_type } => {
                if *value_type == ValueType::Float {
                    return Err(unfilterable(format!("facts in a table with floats, in `{attribute}`")));
                }
                // What is nil states no fact.
                let known = Attribute { value_type: Some(*value_type), nullable: false };
                Read::Attribute(row, attribute.clone(), known)
            }
        })
    }

    /// That the attribute of an argument is not nil.
    fn is_there(&self, table: &FactTable, row: Row, stated: &FactArgument) -> Formula {
        let (FactArgument::Entity { attribute, .. } | FactArgument::Value { attribute, .. }) = stated else {
            return Formula::TRUE;
        };
        let known = self.types.get(table.rows()).and_then(|row| row.attribute_named(attribute));
        match known {
            Some(Attribute { nullable: false, .. }) => Formula::TRUE,
            _ => Formula::is(Expression::Attribute(row, attribute.clone()), Constant::Nil).negated(),
        }
    }
}
