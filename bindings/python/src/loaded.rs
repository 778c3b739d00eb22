//! A policy in force, with the tables that lie beside it.

use std::sync::{Arc, Mutex, PoisonError};

use arctos::{ClassId, ConstantId, Decider, Policy, Sources, Symbol};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyString, PyType};

use crate::lineage::Lineages;
use crate::object::Object;
use crate::registry::Registry;

/// Everything a query needs; immutable and shared by all threads.
pub(crate) struct Loaded {
    pub(crate) policy: Policy,
    pub(crate) lineages: Lineages,
    constants: Vec<Py<PyAny>>,
    /// The policy's names and texts as Python strings, made when first used.
    names: Vec<PyOnceLock<Py<PyString>>>,
    /// Deciders that wait for the next question: as many as there were questions at one time.
    deciders: Mutex<Vec<Decider<Object>>>,
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
        Ok(Ok(Arc::new(Loaded { policy, lineages, constants, names, deciders: Mutex::default() })))
    }

    /// True when there is any rule.
    pub(crate) fn has_rules(&self) -> bool {
        self.policy.rules().next().is_some()
    }

    /// A decider, warm if one is at hand.
    pub(crate) fn decider(&self) -> Decider<Object> {
        let parked = self.deciders.lock().unwrap_or_else(PoisonError::into_inner).pop();
        parked.unwrap_or_else(|| Decider::new(&self.policy))
    }

    /// Keeps an empty decider for the next question.
    pub(crate) fn park(&self, decider: Decider<Object>) {
        self.deciders.lock().unwrap_or_else(PoisonError::into_inner).push(decider);
    }

    pub(crate) fn constant<'py>(&self, py: Python<'py>, id: ConstantId) -> Option<&Bound<'py, PyAny>> {
        self.constants.get(id.index()).map(|value| value.bind(py))
    }

    pub(crate) fn class<'py>(&self, py: Python<'py>, id: ClassId) -> Option<&Bound<'py, PyType>> {
        self.lineages.class(py, id)
    }

    /// A text of the policy as an interned Python string.
    pub(crate) fn name<'py>(&self, py: Python<'py>, symbol: Symbol, text: &str) -> Bound<'py, PyString> {
        match self.names.get(symbol.index()) {
            Some(slot) => slot.get_or_init(py, || PyString::intern(py, text).unbind()).bind(py).clone(),
            None => PyString::new(py, text),
        }
    }
}
