//! A question that can wait: the class behind `arctos.AsyncArctos`.

use std::sync::{Mutex, TryLockError};

use arctos::{Query, Resumed, Step, Ticket};
use pyo3::exceptions::{PyStopAsyncIteration, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::answers::Reading;
use crate::convert::incoming;
use crate::drive;
use crate::errors;
use crate::guard::guarded;
use crate::host::PyHost;
use crate::waits::Awaited;

/// The answers of a question, step by step. Each step is a pair: a number and a value.
#[pyclass(frozen, module = "arctos._arctos")]
pub(crate) struct WaitingAnswers {
    state: Mutex<State>,
    reading: Reading,
}

struct State {
    /// `None` when there are no more answers.
    query: Option<Box<Query<PyHost>>>,
    awaited: Option<(Ticket, Awaited)>,
}

const DONE: u8 = 0;
const ANSWER: u8 = 1;
const AWAIT: u8 = 2;

type Stepped<'py> = PyResult<Bound<'py, PyTuple>>;

impl WaitingAnswers {
    pub(crate) fn new(query: Query<PyHost>, reading: Reading) -> Self {
        WaitingAnswers { state: Mutex::new(State { query: Some(Box::new(query)), awaited: None }), reading }
    }

    /// Does something with the query. After an error, and at the end, it is gone and with it its references to objects.
    fn with<'py>(
        &self,
        py: Python<'py>,
        work: impl FnOnce(&mut Query<PyHost>, Option<(Ticket, Awaited)>) -> PyResult<()>,
    ) -> Stepped<'py> {
        let mut state = match self.state.try_lock() {
            Ok(state) => state,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => {
                return Err(PyValueError::new_err("these answers are being read already"));
            }
        };
        let awaited = state.awaited.take();
        let Some(mut query) = state.query.take() else { return (DONE, py.None()).into_pyobject(py) };
        guarded(py, || {
            work(&mut query, awaited)?;
            match drive::run(py, &mut query)? {
                Step::Answer => {
                    let answer = self.reading.answer(py, &mut query)?;
                    state.query = Some(query);
                    (ANSWER, answer).into_pyobject(py)
                }
                Step::Need(needed) => {
                    let pending = query.host().kept.waits.as_mut().and_then(|waits| waits.take());
                    let Some((ticket, awaited, awaitable)) = pending.filter(|(ticket, ..)| *ticket == needed)
                    else {
                        return Err(drive::nobody_owes_it(py));
                    };
                    state.awaited = Some((ticket, awaited));
                    state.query = Some(query);
                    (AWAIT, awaitable).into_pyobject(py)
                }
                Step::Done | Step::Paused => (DONE, py.None()).into_pyobject(py),
            }
        })
    }
}

#[pymethods]
impl WaitingAnswers {
    /// `(0, None)`: no more; `(1, answer)`; `(2, awaitable)`: to be awaited, and brought with `resume` or `fail`.
    fn advance<'py>(&self, py: Python<'py>) -> Stepped<'py> {
        self.with(py, |_, _| Ok(()))
    }

    /// Goes on with what the awaitable came to.
    fn resume<'py>(&self, py: Python<'py>, value: &Bound<'py, PyAny>) -> Stepped<'py> {
        self.with(py, |query, awaited| {
            let Some((ticket, awaited)) = awaited else { return Err(not_awaited()) };
            let term = |query: &mut Query<PyHost>| {
                incoming(query.heap(), value).map_err(|error| errors::raise(py, query.fail(ticket, error)))
            };
            let reply = match awaited {
                Awaited::Value => Resumed::Term(term(query)?),
                Awaited::Item => Resumed::Item(Some(term(query)?)),
                Awaited::Truth => Resumed::Truth(value.is_truthy()?),
            };
            query.resume(ticket, reply).map_err(|error| errors::raise(py, error))
        })
    }

    /// Goes on where the awaitable raised.
    fn fail<'py>(&self, py: Python<'py>, exception: Bound<'py, PyAny>) -> Stepped<'py> {
        self.with(py, |query, awaited| {
            let Some((ticket, awaited)) = awaited else { return Err(not_awaited()) };
            let is_end = exception.is_instance_of::<PyStopAsyncIteration>();
            if matches!(awaited, Awaited::Item) && is_end {
                return query.resume(ticket, Resumed::Item(None)).map_err(|error| errors::raise(py, error));
            }
            let error = errors::unchanged(PyErr::from_value(exception));
            Err(errors::raise(py, query.fail(ticket, error)))
        })
    }
}

fn not_awaited() -> PyErr {
    PyValueError::new_err("nothing is awaited")
}
