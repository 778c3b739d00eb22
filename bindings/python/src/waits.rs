//! What a question waits for: awaitables of the application, for `arctos.AsyncArctos`.

use arctos::Ticket;
use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt, PyList, PyString};

/// What an awaitable is the answer to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Awaited {
    /// An attribute, or what a method returned.
    Value,
    /// A comparison.
    Truth,
    /// The next item of an asynchronous iterator.
    Item,
}

/// The awaitable at hand: one at a time, since the engine goes on when it is there.
#[derive(Debug, Default)]
pub(crate) struct Waits {
    tickets: u64,
    pending: Option<(Ticket, Awaited, Py<PyAny>)>,
}

impl Waits {
    pub(crate) fn wait(&mut self, awaitable: &Bound<'_, PyAny>, awaited: Awaited) -> Ticket {
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        self.pending = Some((ticket, awaited, awaitable.clone().unbind()));
        ticket
    }

    pub(crate) fn take(&mut self) -> Option<(Ticket, Awaited, Py<PyAny>)> {
        self.pending.take()
    }
}

/// True of what `await` takes. Plain values, of which there are most, are told by their types.
pub(crate) fn is_awaitable(value: &Bound<'_, PyAny>) -> bool {
    let is_plain = value.is_none()
        || value.is_exact_instance_of::<PyString>()
        || value.is_exact_instance_of::<PyBool>()
        || value.is_exact_instance_of::<PyInt>()
        || value.is_exact_instance_of::<PyFloat>()
        || value.is_exact_instance_of::<PyList>();
    !is_plain && value.get_type().hasattr(intern!(value.py(), "__await__")).unwrap_or(false)
}

/// What a comparison came to. An awaitable would be true like any other object, whatever it comes to.
pub(crate) fn truth_of(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    if is_awaitable(value) {
        return Err(PyTypeError::new_err("a comparison has to be awaited: only `AsyncArctos` does"));
    }
    value.is_truthy()
}
