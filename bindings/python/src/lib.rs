//! Arctos for Python: the extension module `arctos._arctos`.
//!
//! The public Python API is the package in `python/arctos`, plain annotated Python over the few entry points here.
//! Objects of the application never leave the interpreter: the engine holds counted references and asks about them.
//!
//! INVARIANT: no panic crosses into Python ([`guard`]), and no error is ever taken for an answer ([`errors`]).

mod answers;
mod attributes;
mod convert;
mod drive;
mod enforcer;
mod engine;
mod errors;
mod filter;
mod guard;
mod host;
mod items;
mod lineage;
mod loaded;
mod object;
mod recent;
mod registry;
mod session;
mod waiting;
mod waits;

use pyo3::prelude::*;

/// The extension module.
#[pymodule(name = "_arctos")]
fn _arctos(module: &Bound<'_, PyModule>) -> PyResult<()> {
    guard::quieten();
    module.add_class::<engine::Engine>()?;
    module.add_class::<enforcer::Enforcer>()?;
    module.add_class::<answers::Answers>()?;
    module.add_class::<waiting::WaitingAnswers>()?;
    module.add_class::<filter::PyRowTypes>()?;
    module.add_class::<filter::PyResidual>()?;
    module.add_function(wrap_pyfunction!(guard::fail, module)?)?;
    module.add("__version__", env!("CARGO_PKG_VERSION"))
}
