//! The questions that applications ask most, without a step in Python: what `arctos.Arctos` inherits.

use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::exceptions::PyAttributeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::engine::Engine;
use crate::guard::guarded;
use crate::session::Session;

/// The class that `arctos.Arctos` inherits from for its decisions.
#[pyclass(frozen, subclass, module = "arctos._arctos")]
pub(crate) struct Enforcer(Mutex<Parked>);

/// What waits for the next question.
#[derive(Default)]
struct Parked {
    /// The engine that is asked; `None` before an object's own `__init__`.
    engine: Option<Py<Engine>>,
    /// As many as there were questions at one time.
    #[expect(clippy::vec_box, reason = "so that one is taken and put back at the cost of a pointer")]
    sessions: Vec<Box<Session>>,
}

#[pymethods]
impl Enforcer {
    /// Takes whatever the `__init__` of a subclass takes.
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) -> Self {
        Enforcer(Mutex::default())
    }

    /// Asks that engine from now on.
    fn _ask(&self, engine: Py<Engine>) {
        let before =
            std::mem::replace(&mut *self.parked(), Parked { engine: Some(engine), sessions: Vec::new() });
        drop(before); // outside the lock: it may hold the last reference to an object
    }

    /// Whether a rule ``allow(actor, action, resource)`` holds.
    fn is_allowed<'py>(
        slf: &Bound<'py, Self>,
        actor: &Bound<'py, PyAny>,
        action: &Bound<'py, PyAny>,
        resource: &Bound<'py, PyAny>,
    ) -> PyResult<bool> {
        slf.get().decide(slf.py(), "allow", [actor, action, resource])
    }

    /// Whether a rule ``allow_request(actor, request)`` holds.
    fn _is_request_allowed<'py>(
        slf: &Bound<'py, Self>,
        actor: &Bound<'py, PyAny>,
        request: &Bound<'py, PyAny>,
    ) -> PyResult<bool> {
        slf.get().decide(slf.py(), "allow_request", [actor, request])
    }

    /// Whether a rule ``allow_field(actor, action, resource, field)`` holds.
    fn _is_field_allowed<'py>(
        slf: &Bound<'py, Self>,
        actor: &Bound<'py, PyAny>,
        action: &Bound<'py, PyAny>,
        resource: &Bound<'py, PyAny>,
        field: &Bound<'py, PyAny>,
    ) -> PyResult<bool> {
        slf.get().decide(slf.py(), "allow_field", [actor, action, resource, field])
    }
}

impl Enforcer {
    fn parked(&self) -> MutexGuard<'_, Parked> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether `rule(*arguments)` has an answer.
    fn decide<'py, const N: usize>(
        &self,
        py: Python<'py>,
        rule: &str,
        arguments: [&Bound<'py, PyAny>; N],
    ) -> PyResult<bool> {
        guarded(py, || {
            let mut session = self.session(py)?;
            if let Some(decision) = session.attempt(py, rule, &arguments) {
                self.park(session);
                return decision;
            }
            let (engine, loaded) = (session.engine().clone_ref(py), session.loaded().clone());
            self.park(session);
            engine.get().decide(loaded, rule, &PyTuple::new(py, arguments)?)
        })
    }

    /// A session for the policy in force.
    fn session(&self, py: Python<'_>) -> PyResult<Box<Session>> {
        let mut parked = self.parked();
        let Parked { engine, sessions } = &mut *parked;
        let Some(engine) = engine else {
            return Err(PyAttributeError::new_err(
                "there is no policy to ask: `__init__` has not been called",
            ));
        };
        match sessions.pop() {
            Some(session) if session.is_current() => Ok(session),
            stale => {
                let engine = engine.clone_ref(py);
                let others = std::mem::take(sessions);
                drop(parked);
                drop((stale, others)); // outside the lock, as in `_ask`
                Ok(Box::new(Session::new(py, engine)?))
            }
        }
    }

    /// Keeps a session for the next question, where that is asked of the same policy.
    fn park(&self, session: Box<Session>) {
        let mut parked = self.parked();
        let is_same = parked.engine.as_ref().is_some_and(|engine| engine.is(session.engine()));
        if is_same && session.is_current() {
            parked.sessions.push(session);
        }
    }
}
