//! Facts about rows: a row is the entity of its class and key.
//!
//! What is known of a call's arguments selects the facts, as for the machine; of a row, a fact says which key it has. So the formula is as large as the
//! facts that are selected are many: those of a user, say, and not all there are, unless nothing in the call is known.

use std::sync::Arc;

use super::ids::constant_of;
use super::value::Value;
use super::{Reader, unfilterable};
use crate::authorizer::Request;
use crate::error::Error;
use crate::facts::{Atom, Facts, MAX_ARGUMENTS, ValueRef};
use crate::heap::{Cell, Term};
use crate::host::Host;
use crate::ir::PredicateId;
use crate::link::Link;
use crate::residual::formula::{Constant, Expression, Formula, Row};
use crate::residual::rows::Attribute;

/// A fact that a call may be: what must hold of rows for it, and what it says of the open arguments.
pub(super) struct Stated {
    pub(super) condition: Formula,
    pub(super) open: Vec<(Value, Value)>,
}

/// What a call says of an argument.
enum Given {
    Known(Atom),
    /// The entity of that class whose id this is.
    Id(String, Row, Arc<str>, Attribute),
    /// The value of an expression.
    Expression(Value),
    Open(Value),
}

impl<H: Host> Reader<'_, H> {
    /// Looks at these facts from now on, with the request's own: for policies over facts, before anything is put on the heap.
    ///
    /// # Errors
    /// As [`Authorizer::check_request`](crate::Authorizer::check_request).
    pub fn set_facts(&mut self, facts: &Facts, request: &Request<'_>) -> Result<(), Error> {
        let link = self.heap.store.link.insert(Box::new(Link::new(self.program, facts.view())));
        link.take(self.policy, request)
    }

    /// A value that facts may have.
    pub(crate) fn fact_value(&mut self, value: ValueRef<'_>) -> Result<Term, Error> {
        let atom = self.heap.store.link.as_deref_mut().ok_or_else(Link::missing)?.argument(value)?;
        Ok(Term(self.heap.cell_of(atom)))
    }

    /// The facts that a call may be.
    pub(super) fn facts(
        &mut self,
        predicate: PredicateId,
        arguments: &[Value],
    ) -> Result<Vec<Stated>, Error> {
        let has_facts =
            self.program.predicates.get(predicate.0 as usize).is_some_and(|called| called.has_facts);
        let relation = self.heap.link().and_then(|link| link.relation(predicate));
        let (true, Some(relation)) = (has_facts, relation) else { return Ok(Vec::new()) };
        let mut given = Vec::with_capacity(arguments.len());
        for argument in arguments {
            match self.given(argument)? {
                Some(found) => given.push(found),
                None => return Ok(Vec::new()),
            }
        }
        let mut pattern = [None; MAX_ARGUMENTS];
        for (slot, given) in pattern.iter_mut().zip(&given) {
            if let Given::Known(atom) = given {
                *slot = Some(*atom);
            }
        }
        let rows = self.rows_of(relation, pattern.get(..arguments.len()).unwrap_or_default())?;
        let mut stated = Vec::with_capacity(rows.len());
        for row in rows {
            if let Some(fact) = self.stated(&given, &row)? {
                stated.push(fact);
            }
        }
        Ok(stated)
    }

    /// What a call says of an argument; `None` for what no fact has.
    fn given(&mut self, argument: &Value) -> Result<Option<Given>, Error> {
        Ok(Some(match self.resolve(argument.clone()) {
            Value::Known(cell) => match self.known(|machine| machine.atom(cell))? {
                Some(atom) => Given::Known(atom),
                None => return Ok(None),
            },
            Value::Row(row) => {
                let (class, name, attribute) = self.id_of(row)?;
                Given::Id(class, row, name, attribute)
            }
            Value::Id(id) => {
                let class = self.program.schema.class_name(id.class).to_owned();
                let known = id.known();
                Given::Id(class, id.row, id.attribute, known)
            }
            Value::One(of, relation) => {
                let known = self.type_of(of).and_then(|row| row.relation_named(&relation)).cloned();
                let Some(known) = known else { return Ok(None) };
                let key = self.types.get(&known.class).map_or(&[][..], |row| row.key());
                match (known.on.as_slice(), key) {
                    ([(own, other)], [key]) if other == key => {
                        let attribute = self.type_of(of).and_then(|row| row.attribute_named(own));
                        let of_key = self.types.get(&known.class).and_then(|row| row.attribute_named(key));
                        let value_type = attribute
                            .and_then(|own| own.value_type)
                            .or(of_key.and_then(|key| key.value_type));
                        let attribute = Attribute { value_type, nullable: true };
                        Given::Id(known.class.clone(), of, own.as_str().into(), attribute)
                    }
                    _ => {
                        let message =
                            format!("facts about what `{relation}` leads to, which is not told by its key");
                        return Err(unfilterable(message));
                    }
                }
            }
            value @ (Value::Attribute(..) | Value::Computed(..)) => Given::Expression(value),
            open @ Value::Variable(_) => Given::Open(open),
            Value::Later => return Err(unfilterable("facts are not looked at yet")),
            Value::Many(..) | Value::List(_) | Value::Dictionary(_) => return Ok(None),
        }))
    }

    /// The type of the entity that a row is, and the attribute that is its id.
    pub(super) fn id_of(&self, row: Row) -> Result<(String, Arc<str>, Attribute), Error> {
        let class = self.class_of(row).map_or("", |row| &*row.name);
        let (Some(known), Some(of)) = (self.type_of(row), self.class_of(row)) else {
            return Err(unfilterable(format!("nothing is known of the rows of `{class}`")));
        };
        let schema = &self.program.schema;
        let lineage = schema.lineage(of.class);
        let named = lineage.iter().find_map(|class| Some((schema.class_name(*class), schema.id_of(*class)?)));
        let (type_name, name) = match (named, known.key()) {
            (Some(named), _) => named,
            (None, [name]) => (class, name.as_str()),
            (None, _) => {
                return Err(unfilterable(format!(
                    "rows of `{class}` have no single attribute that is their id"
                )));
            }
        };
        match known.attribute_named(name) {
            Some(attribute) => Ok((type_name.to_owned(), name.into(), attribute)),
            None => {
                Err(unfilterable(format!("rows of `{class}` have no attribute `{name}`, which is their id")))
            }
        }
    }

    fn rows_of(
        &mut self,
        relation: crate::facts::RelationId,
        pattern: &[Option<Atom>],
    ) -> Result<Vec<Vec<Atom>>, Error> {
        let mut rows = Vec::new();
        let Some(mut cursor) = self.heap.link().map(|link| link.view.cursor(relation, pattern)) else {
            return Ok(rows);
        };
        loop {
            self.step()?;
            let Some(row) = self.heap.link().and_then(|link| link.view.next(&mut cursor)) else { break };
            rows.push(row.atoms().to_vec());
        }
        Ok(rows)
    }

    /// What a fact says of a call's arguments; `None` where it is about something else.
    fn stated(&mut self, given: &[Given], row: &[Atom]) -> Result<Option<Stated>, Error> {
        let mut conditions = Vec::new();
        let mut open = Vec::new();
        for (given, atom) in given.iter().zip(row) {
            let condition = match given {
                Given::Known(_) => Formula::TRUE,
                Given::Id(class, row, name, attribute) => {
                    self.has_id(class, (*row, name, *attribute), *atom)?
                }
                Given::Expression(_) | Given::Open(_) if atom.any_type().is_some() => {
                    return Err(unfilterable("a fact about whatever value of a type"));
                }
                Given::Expression(value) => {
                    let found = Value::Known(self.heap.cell_of(*atom));
                    self.same(value.clone(), found)?
                }
                Given::Open(variable) => {
                    open.push((variable.clone(), Value::Known(self.heap.cell_of(*atom))));
                    Formula::TRUE
                }
            };
            if condition == Formula::FALSE {
                return Ok(None);
            }
            conditions.push(condition);
        }
        Ok(Some(Stated { condition: Formula::all(conditions), open }))
    }

    /// When an attribute is the id of an entity.
    pub(super) fn has_id(
        &self,
        class: &str,
        (row, name, attribute): (Row, &Arc<str>, Attribute),
        atom: Atom,
    ) -> Result<Formula, Error> {
        let own = Expression::Attribute(row, name.clone());
        let id = match self.heap.link().and_then(|link| link.view.value(atom)) {
            Some(ValueRef::Entity { type_name, id }) if type_name == class => id,
            Some(ValueRef::Any(type_name)) if type_name == class => {
                let nil = Formula::is(own, Constant::Nil);
                return Ok(if attribute.nullable { nil.negated() } else { Formula::TRUE });
            }
            _ => return Ok(Formula::FALSE),
        };
        let constant = match attribute.value_type {
            Some(known) => constant_of(id, known),
            None => {
                let message =
                    format!("facts about `{class}`: the type of `{name}`, which is its id, is not known");
                return Err(unfilterable(message));
            }
        };
        Ok(constant.map_or(Formula::FALSE, |constant| Formula::is(own, constant)))
    }

    /// When a row is an entity.
    pub(super) fn is_entity(&self, row: Row, cell: Cell) -> Result<Formula, Error> {
        let Cell::Entity(atom) = cell else { return Ok(Formula::FALSE) };
        let (class, name, attribute) = self.id_of(row)?;
        self.has_id(&class, (row, &name, attribute), atom)
    }
}
