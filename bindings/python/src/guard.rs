//! Panics stop at the border.
//!
//! INVARIANT: every entry point from Python runs inside [`guarded`]. A panic is a fault of Arctos; the caller gets it as
//! an `OperationalError`, which like every error means "no decision".

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};

use pyo3::prelude::*;

use crate::errors;

/// Keeps panics from writing to the application's standard error; the exception carries the message.
///
/// The hook belongs to this extension's own copy of the standard library, not to other extensions.
pub(crate) fn quieten() {
    set_hook(Box::new(|_| {}));
}

/// Runs `work`; a panic becomes an exception.
pub(crate) fn guarded<T>(py: Python<'_>, work: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result,
        Err(panic) => {
            let message =
                format!("arctos failed internally, please report this: {}", text_of(panic.as_ref()));
            Err(errors::exception(py, "OperationalError", &message))
        }
    }
}

fn text_of(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}
