//! Panics stop at the border, and so do questions that are asked inside one another without end.
//!
//! INVARIANT: every entry point from Python that does more than to store a reference runs inside [`guarded`]. A panic is a
//! fault of Arctos; the caller gets it as an `OperationalError`, which like every error means "no decision".

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};

use arctos::Limit;
use pyo3::prelude::*;

use crate::errors;

/// Entries inside one another: a method that a question calls may ask the next. Each needs a part of the thread's stack,
/// which Python's own limit on recursion does not count.
const NESTED: u32 = 32;

thread_local! {
    static OPEN: Cell<u32> = const { Cell::new(0) };
}

/// An entry that has not been left.
struct Open;

impl Open {
    fn new(py: Python<'_>) -> PyResult<Open> {
        // PERF: the thread's own place is looked up once.
        let is_open = OPEN.with(|open| {
            let fits = open.get() < NESTED;
            open.set(open.get() + u32::from(fits));
            fits
        });
        if is_open { Ok(Open) } else { Err(too_deep(py)) }
    }
}

#[cold]
fn too_deep(py: Python<'_>) -> PyErr {
    let message = format!("questions were asked inside one another deeper than {NESTED}");
    errors::limit(py, Limit::Depth, &message)
}

impl Drop for Open {
    fn drop(&mut self) {
        OPEN.with(|open| open.set(open.get().saturating_sub(1)));
    }
}

/// Keeps panics from writing to the application's standard error; the exception carries the message.
///
/// The hook belongs to this extension's own copy of the standard library, not to other extensions.
pub(crate) fn quieten() {
    set_hook(Box::new(|_| {}));
}

/// Runs `work`; a panic becomes an exception.
pub(crate) fn guarded<T>(py: Python<'_>, work: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    let _open = Open::new(py)?;
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result,
        Err(panic) => {
            let message =
                format!("arctos failed internally, please report this: {}", text_of(panic.as_ref()));
            Err(errors::exception(py, "OperationalError", &message))
        }
    }
}

/// Fails as a fault of Arctos does: for the test that such a failure stops at the border.
#[pyfunction]
#[pyo3(name = "_fail")]
#[expect(clippy::panic, reason = "a panic is what it is for")]
pub(crate) fn fail(py: Python<'_>) -> PyResult<()> {
    guarded(py, || panic!("as the test has asked for"))
}

fn text_of(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}
