//! Entities of which the id is an attribute of some row.
//!
//! An id needs no row of its own: facts speak of entities, not of rows. Only what is looked up of one asks for the row that has it as its key, and is unknown where there is none.

use super::value::{Id, Value};
use super::{Reader, unfilterable};
use crate::error::{Error, ErrorKind};
use crate::facts::ValueRef;
use crate::heap::Cell;
use crate::host::{Comparison, Host};
use crate::residual::formula::{Constant, Expression, Formula, Row, SomeRow};
use crate::residual::rows::{Attribute, ValueType};
use crate::schema::ClassId;

impl<H: Host> Reader<'_, H> {
    /// When an entity is the same as something that is no variable.
    pub(super) fn same_as_id(&mut self, id: &Id, other: Value) -> Result<Formula, Error> {
        match other {
            Value::Known(cell) => {
                let Some(atom) = self.known(|machine| machine.atom(cell))? else { return Ok(Formula::FALSE) };
                let class = self.program.schema.class_name(id.class).to_owned();
                self.has_id(&class, (id.row, &id.attribute, id.known()), atom)
            }
            Value::Id(other) => self.same_ids(id, &other),
            Value::Row(row) => {
                if self.class_of(row).is_none_or(|row| row.class != id.class) {
                    return Ok(Formula::FALSE);
                }
                let own = self.id_of_row(row)?;
                self.same_ids(id, &own)
            }
            Value::One(of, relation) => {
                let id = id.clone();
                let there = self.related(of, &relation, |this, row| this.same_as_id(&id, Value::Row(row)))?;
                Ok(Formula::some(there))
            }
            _ => Ok(Formula::FALSE),
        }
    }

    fn same_ids(&self, a: &Id, b: &Id) -> Result<Formula, Error> {
        if a.class != b.class {
            return Ok(Formula::FALSE);
        }
        if a.value_type != b.value_type {
            let class = self.program.schema.class_name(a.class);
            return Err(unfilterable(format!("ids of `{class}` of one type beside some of another")));
        }
        let (a, b) = (a.expression(), b.expression());
        Ok(if a == b { Formula::TRUE } else { Formula::Compare(Comparison::Eq, a, b) })
    }

    /// The entity that a row is.
    pub(super) fn id_of_row(&self, row: Row) -> Result<Id, Error> {
        let (class, attribute, known) = self.id_of(row)?;
        let value_type = match known.value_type {
            Some(value_type @ (ValueType::Integer | ValueType::String | ValueType::Uuid)) => value_type,
            _ => {
                let message = format!(
                    "the type of `{attribute}`, which is the id of rows of `{class}`, is neither integer nor text"
                );
                return Err(unfilterable(message));
            }
        };
        match self.program.schema.class(&class) {
            Some(class) => Ok(Id { class, row, attribute, value_type }),
            None => Err(unfilterable(format!("`{class}` is no type of the policy"))),
        }
    }

    /// The entity with that id as a constant of the type that ids have; `None` for what is none of the class, or has no such id.
    pub(super) fn id_constant(
        &mut self,
        cell: Cell,
        class: ClassId,
        value_type: ValueType,
    ) -> Result<Option<Constant>, Error> {
        let Some(atom) = self.known(|machine| machine.atom(cell))? else { return Ok(None) };
        let name = self.program.schema.class_name(class);
        Ok(match self.heap.link().and_then(|link| link.view.value(atom)) {
            Some(ValueRef::Entity { type_name, id }) if type_name == name => constant_of(id, value_type),
            _ => None,
        })
    }

    /// What must hold of the row that has this id as its key; unknown where there is none.
    pub(super) fn of_its_row(
        &mut self,
        id: &Id,
        read: impl FnOnce(&mut Self, Row) -> Result<Formula, Error>,
    ) -> Result<Formula, Error> {
        if self.class_of(id.row).is_some_and(|row| row.class == id.class)
            && self.id_of_row(id.row).is_ok_and(|own| own.attribute == id.attribute)
        {
            return read(self, id.row);
        }
        self.of_row_of(id.class, Value::Id(id.clone()), read)
    }

    /// The same for an entity that is known, of which the request does not say what is asked for.
    pub(super) fn of_known_row(
        &mut self,
        entity: Cell,
        error: Error,
        read: impl FnOnce(&mut Self, Row) -> Result<Formula, Error>,
    ) -> Result<Formula, Error> {
        let class = match entity {
            Cell::Entity(atom) => self.heap.link().and_then(|link| link.class_of(atom)),
            _ => None,
        };
        let mapped = class.filter(|class| self.types.get(self.program.schema.class_name(*class)).is_some());
        match (error.kind(), mapped) {
            (ErrorKind::NotGiven, Some(class)) => self.of_row_of(class, Value::Known(entity), read),
            _ => Err(error),
        }
    }

    fn of_row_of(
        &mut self,
        class: ClassId,
        entity: Value,
        read: impl FnOnce(&mut Self, Row) -> Result<Formula, Error>,
    ) -> Result<Formula, Error> {
        let class = self.program.schema.class_name(class).to_owned();
        let row = self.new_row(&class)?;
        let is_its = self.same(Value::Row(row), entity)?;
        let formula = read(self, row)?;
        let exists = |formula| Formula::exists(SomeRow { row, class: class.as_str().into(), formula });
        let there = exists(is_its.clone());
        let holds = exists(Formula::all([is_its, formula]));
        Ok(Formula::any([holds, Formula::all([there.negated(), Formula::Unknown])]))
    }
}

impl Id {
    pub(super) fn expression(&self) -> Expression {
        Expression::Attribute(self.row, self.attribute.clone())
    }

    /// What is known of the attribute: an entity has an id.
    pub(super) fn known(&self) -> Attribute {
        Attribute { value_type: Some(self.value_type), nullable: false }
    }
}

/// An id as a value of a column; `None` where no value of that type is it. Only how a number is written is its id.
pub(super) fn constant_of(id: &str, value_type: ValueType) -> Option<Constant> {
    match value_type {
        ValueType::String => Some(Constant::String(id.into())),
        ValueType::Uuid => ValueType::is_uuid(id).then(|| Constant::String(id.into())),
        ValueType::Integer => {
            id.parse().ok().filter(|number: &i64| number.to_string() == id).map(Constant::Integer)
        }
        ValueType::Boolean | ValueType::Float => None,
    }
}
