//! Running a query in slices.
//!
//! A decision of microseconds keeps the interpreter; a query that has used up its first slice lets other threads run:
//! evaluation that hardly asks Python goes on without the interpreter, evaluation that asks it all the time keeps it and
//! steps aside between slices (attaching for each question would wait in the queue of threads each time).

use arctos::{Observer, Query, Step};
use pyo3::prelude::*;

use crate::errors;
use crate::host::PyHost;

/// Steps of the first slice: well under a millisecond.
const FIRST: u64 = 2_000;
/// Steps of a later slice: a few milliseconds, after which signals (Ctrl-C) are looked at.
const LATER: u64 = 20_000;
/// A slice with fewer questions to Python than this runs without the interpreter.
const FEW: u64 = 200;

/// Runs until there is an answer (true) or there are no more (false).
pub(crate) fn advance<O: Observer + Send>(py: Python<'_>, query: &mut Query<PyHost, O>) -> PyResult<bool> {
    match run(py, query)? {
        Step::Answer => Ok(true),
        Step::Done => Ok(false),
        Step::Paused | Step::Need(_) => Err(nobody_owes_it(py)),
    }
}

/// Runs until there is an answer, there are no more, or something has to be awaited.
pub(crate) fn run<O: Observer + Send>(py: Python<'_>, query: &mut Query<PyHost, O>) -> PyResult<Step> {
    let mut budget = FIRST;
    let mut detached = false;
    loop {
        let asked = query.host().kept.asked;
        let step = if detached { py.detach(|| query.step(budget)) } else { query.step(budget) };
        if let Some(error) = query.host().kept.pending.take() {
            return Err(error);
        }
        match step.map_err(|error| errors::raise(py, error))? {
            Step::Paused => {
                detached = query.host().kept.asked - asked < FEW;
                budget = LATER;
                if !detached {
                    py.detach(std::thread::yield_now);
                }
                py.check_signals()?;
            }
            step => return Ok(step),
        }
    }
}

/// The error of a fault of ours.
#[cold]
pub(crate) fn nobody_owes_it(py: Python<'_>) -> PyErr {
    errors::exception(py, "OperationalError", "the engine waits for a reply that nobody owes it")
}
