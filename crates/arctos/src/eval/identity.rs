//! Objects that are entities: a class of the application may name the attribute that is its objects' id, and where such an object meets
//! facts it is the entity of that class and id.

use super::{Evaluation, Outcome, Stop, atom_of, fail};
use crate::error::ErrorKind;
use crate::facts::{Atom, ValueRef};
use crate::heap::{Cell, Term};
use crate::host::{Host, Lineage, Name};
use crate::link::Link;
use crate::observe::Observer;
use crate::schema::ClassId;

impl<H: Host, O: Observer> Evaluation<'_, H, O> {
    /// The atom of a value, objects that are entities included; `None` for one that no fact has.
    pub(crate) fn atom(&mut self, value: Cell) -> Result<Option<Atom>, Stop> {
        match value {
            Cell::Object(index) => self.entity_of(index),
            value => Ok(atom_of(self.cx.program, self.heap, value)?),
        }
    }

    /// True when an entity and another value are the same: the other may be an object that is that entity.
    pub(super) fn is_entity(&mut self, entity: Atom, other: Cell) -> Outcome {
        match other {
            Cell::Entity(other) => Ok(other == entity),
            Cell::Object(index) => Ok(self.entity_of(index)? == Some(entity)),
            _ => Ok(false),
        }
    }

    /// The entity that an object is, if its class names an id.
    pub(super) fn entity_of(&mut self, index: u32) -> Result<Option<Atom>, Stop> {
        let program = self.cx.program;
        if !program.schema.has_facts() || !program.schema.names_ids() {
            return Ok(None);
        }
        let Some(class) = self.class_with_id(index) else { return Ok(None) };
        let Some(attribute) = program.schema.id_of(class) else { return Ok(None) };
        let name = Name { text: attribute, symbol: program.symbols.get(attribute) };
        let id = self.ask_term(|host, heap| host.attribute(heap, Term(Cell::Object(index)), name))?;
        self.observer.host_reply(attribute);
        let id = match id {
            Cell::Text(id) => self.heap.text(id).to_owned(),
            Cell::Integer(id) => id.to_string(),
            other => {
                let (class, shown) = (program.schema.class_name(class), self.show(other));
                let message = format!(
                    "`{attribute}` of a `{class}` is its id, and {shown} is neither text nor an integer"
                );
                return Err(fail(ErrorKind::Type, message));
            }
        };
        let link = self.heap.store.link.as_deref_mut().ok_or_else(Link::missing)?;
        Ok(Some(link.intern(ValueRef::entity(program.schema.class_name(class), &id))?))
    }

    /// The nearest class of an object that names its id.
    fn class_with_id(&mut self, index: u32) -> Option<ClassId> {
        let schema = &self.cx.program.schema;
        let has_id = |class: &&ClassId| schema.id_of(**class).is_some();
        match self.host.lineage(self.heap.host_object(index)?) {
            Lineage::None => None,
            Lineage::Class(class) => schema.lineage(class).iter().find(has_id).copied(),
            Lineage::Mixed(classes) => classes.iter().find(has_id).copied(),
        }
    }
}
