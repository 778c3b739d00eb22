//! The engine's handle to a Python object.

use pyo3::prelude::*;

/// A counted reference. Cloning needs the interpreter, which is nearly always attached already; dropping does not.
#[derive(Debug)]
pub(crate) struct Object(Py<PyAny>);

impl Object {
    pub(crate) fn new(object: Bound<'_, PyAny>) -> Self {
        Object(object.unbind())
    }

    pub(crate) fn bind<'py>(&self, py: Python<'py>) -> &Bound<'py, PyAny> {
        self.0.bind(py)
    }

    /// The object's address: its identity for as long as somebody holds a reference.
    pub(crate) fn address(&self) -> usize {
        self.0.as_ptr() as usize
    }
}

impl Clone for Object {
    fn clone(&self) -> Self {
        Python::attach(|py| Object(self.0.clone_ref(py)))
    }
}
