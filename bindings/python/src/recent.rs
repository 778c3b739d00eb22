//! Types of the objects that were asked about lately, with their classes: found without a lock.

use arctos::{ClassId, Lineage};
use pyo3::prelude::*;
use pyo3::types::PyType;

use crate::lineage::{Found, Known};

/// How many types there is room for.
const ROOM: usize = 64;

/// A table of types, each at the one place that its address gives.
#[derive(Default)]
pub(crate) struct Recent(Vec<Option<Entry>>);

struct Entry {
    class: Option<ClassId>,
    /// Keeps the address from being reused.
    type_: Py<PyType>,
}

impl Recent {
    /// The lineage of an object of a type that is in the table.
    #[inline]
    pub(crate) fn lineage(&self, object: &Bound<'_, PyAny>) -> Option<Lineage<'static>> {
        let address = object.get_type_ptr() as usize;
        let entry = self.0.get(place(address))?.as_ref()?;
        (entry.type_.as_ptr() as usize == address).then(|| entry.class.map_or(Lineage::None, Lineage::Class))
    }

    /// Puts the object's type into the table, where all its objects are alike.
    #[cold]
    pub(crate) fn note(&mut self, object: &Bound<'_, PyAny>, found: &Found) {
        let class = match found.known {
            Known::None => None,
            Known::Class(class) => Some(class),
            Known::Mixed(_) => return,
        };
        if !found.is_by_type {
            return;
        }
        if self.0.is_empty() {
            self.0.resize_with(ROOM, || None);
        }
        let type_ = object.get_type();
        if let Some(slot) = self.0.get_mut(place(type_.as_ptr() as usize)) {
            *slot = Some(Entry { class, type_: type_.unbind() });
        }
    }
}

/// Where a type is in the table: types lie 16 bytes apart at least.
#[inline]
fn place(address: usize) -> usize {
    ((address >> 4) ^ (address >> 10)) % ROOM
}
