//! What the application has registered: classes, constants, and the texts of the policy in force.

use std::collections::HashMap;

use arctos::{Schema, Sources};
use pyo3::prelude::*;
use pyo3::types::PyType;

/// The registered names. A [`Loaded`](crate::loaded::Loaded) is made of a copy of it.
///
/// INVARIANT: indexes of classes and constants never change, so that ids stay valid from one load to the next.
#[derive(Default)]
pub(crate) struct Registry {
    classes: Vec<(String, Py<PyType>)>,
    constants: Vec<(String, Py<PyAny>)>,
    places: HashMap<String, usize>,
    pub(crate) sources: Sources,
}

impl Registry {
    /// Adds a class. The caller has made sure that the name is free.
    pub(crate) fn add_class(&mut self, name: String, class: Py<PyType>) {
        self.classes.push((name, class));
    }

    /// Adds a constant or gives it another value; returns the old value, to be dropped without any lock held.
    pub(crate) fn set_constant(&mut self, name: String, value: Py<PyAny>) -> Option<Py<PyAny>> {
        if let Some((_, slot)) = self.places.get(&name).and_then(|&place| self.constants.get_mut(place)) {
            return Some(std::mem::replace(slot, value));
        }
        self.places.insert(name.clone(), self.constants.len());
        self.constants.push((name, value));
        None
    }

    pub(crate) fn clone_ref(&self, py: Python<'_>) -> Registry {
        Registry {
            classes: self.classes.iter().map(|(name, class)| (name.clone(), class.clone_ref(py))).collect(),
            constants: self
                .constants
                .iter()
                .map(|(name, value)| (name.clone(), value.clone_ref(py)))
                .collect(),
            places: self.places.clone(),
            sources: self.sources.clone(),
        }
    }

    /// Names and classes in order of registration.
    pub(crate) fn classes(&self) -> &[(String, Py<PyType>)] {
        &self.classes
    }

    /// Values of the constants in order of registration.
    pub(crate) fn constants(&self) -> &[(String, Py<PyAny>)] {
        &self.constants
    }

    /// The schema without hierarchy: all names, with their final ids.
    pub(crate) fn names(&self) -> Schema {
        let mut schema = Schema::new();
        for (name, _) in &self.classes {
            schema.add_class(name, &[]);
        }
        for (name, _) in &self.constants {
            schema.add_constant(name);
        }
        schema
    }
}
