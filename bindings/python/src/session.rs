//! What decides one question after the other in a thread: a decider, the host that it asks, and the policy in force.
//!
//! Whoever asks has a session to itself, so that nothing of it needs a lock: a question that is asked inside another one has another
//! session.

use std::sync::Arc;

use arctos::{Decider, Heap, HostError, Term};
use pyo3::prelude::*;

use crate::convert::{Target, incoming};
use crate::engine::{Engine, Stamp};
use crate::errors;
use crate::host::{Kept, PyHost};
use crate::loaded::Loaded;
use crate::object::Object;

/// Arguments of a question that is attempted; `allow_field` has four.
const MOST_ARGUMENTS: usize = 4;

/// A decider for an engine's policy.
pub(crate) struct Session {
    engine: Py<Engine>,
    /// Of the policy.
    stamp: Stamp,
    decider: Decider<Object>,
    kept: Kept,
}

/// Where the arguments of an attempt go: variables are not for it.
struct Closed<'a> {
    heap: &'a mut Heap<Object>,
    is_open: bool,
}

impl Target for Closed<'_> {
    fn heap(&mut self) -> &mut Heap<Object> {
        self.heap
    }

    fn variable(&mut self, _: &str) -> Option<Result<Term, HostError>> {
        self.is_open = true;
        Some(Ok(self.heap.nil()))
    }
}

impl Session {
    /// A session for the policy in force.
    ///
    /// # Errors
    /// The policy's, where it had to be checked again.
    pub(crate) fn new(py: Python<'_>, engine: Py<Engine>) -> PyResult<Session> {
        let (stamp, loaded) = engine.get().current(py)?;
        let decider = Decider::new(&loaded.policy);
        Ok(Session { engine, stamp, decider, kept: Kept::new(loaded, true) })
    }

    pub(crate) fn engine(&self) -> &Py<Engine> {
        &self.engine
    }

    pub(crate) fn loaded(&self) -> &Arc<Loaded> {
        &self.kept.loaded
    }

    /// True while no policy was loaded and nothing was registered since.
    pub(crate) fn is_current(&self) -> bool {
        self.engine.get().stamp() == self.stamp
    }

    /// Decides what is decided in less than a slice. Whatever needs longer or goes wrong is for a query: `None`.
    pub(crate) fn attempt<'py>(
        &mut self,
        py: Python<'py>,
        rule: &str,
        arguments: &[&Bound<'py, PyAny>],
    ) -> Option<PyResult<bool>> {
        let limits = self.engine.get().attempt_limits()?;
        let decider = &mut self.decider;
        let mut terms = [decider.heap().nil(); MOST_ARGUMENTS];
        let is_closed = put(decider, &mut terms, arguments);
        let mut host = PyHost::for_attempt(py, &mut self.kept);
        let decision = match terms.get(..arguments.len()) {
            Some(terms) if is_closed => decider.attempt(&mut host, rule, terms, limits),
            _ => {
                decider.clear();
                None
            }
        };
        // An exception that the engine had no room for comes before any decision.
        if let Some(error) = self.kept.pending.take() {
            return Some(Err(error));
        }
        decision.map(|decision| decision.map_err(|error| errors::raise(py, error)))
    }
}

/// Makes terms of arguments; false where one of them is none for an attempt.
fn put(decider: &mut Decider<Object>, terms: &mut [Term], arguments: &[&Bound<'_, PyAny>]) -> bool {
    let mut closed = Closed { heap: decider.heap(), is_open: false };
    for (term, argument) in terms.iter_mut().zip(arguments) {
        match incoming(&mut closed, argument) {
            Ok(value) => *term = value,
            Err(_) => return false,
        }
    }
    !closed.is_open
}
