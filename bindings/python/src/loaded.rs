//! A policy in force, with the tables that lie beside it.

use std::sync::Arc;

use arctos::{ClassId, ConstantId, Name, Policy, Sources};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyString, PyType};

use crate::lineage::Lineages;
use crate::registry::Registry;

/// Everything a query needs; immutable and shared by all threads.
pub(crate) struct Loaded {
    pub(crate) policy: Policy,
    pub(crate) lineages: Lineages,
    constants: Vec<Py<PyAny>>,
    /// The policy's names and texts as Python strings, made when first used.
    names: Vec<PyOnceLock<Py<PyString>>>,
}

impl Loaded {
    /// Checks `sources` against what is registered. The interpreter lock is released meanwhile.
    ///
    /// # Errors
    /// The policy's own (outer: an exception raised by a metaclass while the hierarchy was read).
    pub(crate) fn new(
        py: Python<'_>,
        registry: &Registry,
        sources: Sources,
    ) -> PyResult<Result<Arc<Loaded>, arctos::Error>> {
        let mut schema = registry.names();
        let lineages = Lineages::new(py, &mut schema, registry.classes())?;
        let policy = match py.detach(|| Policy::load(&schema, sources)) {
            Ok(policy) => policy,
            Err(error) => return Ok(Err(error)),
        };
        let constants = registry.constants().iter().map(|(_, value)| value.clone_ref(py)).collect();
        let names = std::iter::repeat_with(PyOnceLock::new).take(policy.symbols().len()).collect();
        Ok(Ok(Arc::new(Loaded { policy, lineages, constants, names })))
    }

    /// True when there is any rule.
    pub(crate) fn has_rules(&self) -> bool {
        self.policy.rules().next().is_some()
    }

    pub(crate) fn constant<'py>(&self, py: Python<'py>, id: ConstantId) -> Option<&Bound<'py, PyAny>> {
        self.constants.get(id.index()).map(|value| value.bind(py))
    }

    pub(crate) fn class<'py>(&self, py: Python<'py>, id: ClassId) -> Option<&Bound<'py, PyType>> {
        self.lineages.class(py, id)
    }

    /// A name of the policy as an interned Python string; `None` for one that is not the policy's.
    #[inline]
    pub(crate) fn name<'py>(&self, py: Python<'py>, name: Name<'_>) -> Option<&Bound<'py, PyString>> {
        let slot = self.names.get(name.symbol?.index())?;
        Some(slot.get_or_init(py, || PyString::intern(py, name.text).unbind()).bind(py))
    }
}
