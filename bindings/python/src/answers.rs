//! The answers of one query, as a Python iterator of dictionaries.

use std::sync::{Mutex, PoisonError, TryLockError};

use arctos::{Answer, Bound as Binding, Expression, Operand, Query, Variable, View};
use pyo3::exceptions::PyValueError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use rustc_hash::FxHashMap;

use crate::convert::Outgoing;
use crate::drive;
use crate::errors;
use crate::guard::guarded;
use crate::host::PyHost;
use crate::loaded::Loaded;
use crate::object::Object;

/// An iterator over answers; each is a dictionary from variables' names to values.
#[pyclass(frozen, module = "arctos._arctos")]
pub(crate) struct Answers {
    /// `None` when there are no more.
    query: Mutex<Option<Box<Query<PyHost>>>>,
    reading: Reading,
}

/// How answers are read.
pub(crate) struct Reading {
    /// Values given for variables beforehand, repeated in each answer.
    pub(crate) given: Option<Py<PyDict>>,
    pub(crate) accept_expression: bool,
}

impl Answers {
    pub(crate) fn new(query: Query<PyHost>, reading: Reading) -> Self {
        Answers { query: Mutex::new(Some(Box::new(query))), reading }
    }
}

#[pymethods]
impl Answers {
    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        let mut slot = match self.query.try_lock() {
            Ok(slot) => slot,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            // Waiting here could wait for ever: the holder may be calling into Python on this very thread.
            Err(TryLockError::WouldBlock) => {
                return Err(PyValueError::new_err("these answers are being read already"));
            }
        };
        let Some(mut query) = slot.take() else { return Ok(None) };
        let answer = guarded(py, || {
            if !drive::advance(py, &mut query)? {
                return Ok(None);
            }
            Ok(Some((self.reading.answer(py, &mut query)?, query)))
        })?;
        // After an error, and at the end, the query is gone and with it its references to objects.
        Ok(answer.map(|(answer, query)| {
            *slot = Some(query);
            answer
        }))
    }

    /// Drops the query before its end.
    fn close(&self) {
        if let Ok(mut slot) = self.query.try_lock() {
            let query = slot.take();
            drop(slot);
            drop(query); // outside the lock: dropping objects may run Python code
        }
    }
}

impl Drop for Answers {
    fn drop(&mut self) {
        drop(self.query.get_mut().unwrap_or_else(PoisonError::into_inner).take());
    }
}

impl Reading {
    /// The answer at hand.
    pub(crate) fn answer<'py>(
        &self,
        py: Python<'py>,
        query: &mut Query<PyHost>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let loaded = query.host().kept.loaded.clone();
        let answer = self.bindings(py, query, &loaded)?;
        for name in query.passed() {
            if !answer.contains(name)? {
                answer.set_item(name, errors::variable(py, name)?)?;
            }
        }
        Ok(answer)
    }

    fn bindings<'py>(
        &self,
        py: Python<'py>,
        query: &Query<PyHost>,
        loaded: &Loaded,
    ) -> PyResult<Bound<'py, PyDict>> {
        let answer = query.answer();
        let groups = aliases(&answer);
        let name = |variable| query.name_of(variable).map(str::to_owned);
        let out = Outgoing { heap: answer.heap(), loaded, variables: Some(&name) };
        let dict = PyDict::new(py);
        for (name, bound) in answer.iter() {
            let value = match bound {
                Binding::Term(term) => match answer.heap().view(*term) {
                    View::Variable(variable) => errors::variable(py, partner(&groups, variable, name))?,
                    _ => out.value(py, *term)?,
                },
                Binding::Condition(condition) => {
                    if !self.accept_expression {
                        return Err(errors::undecided(py, name));
                    }
                    expression(py, &out, condition)?
                }
            };
            dict.set_item(name, value)?;
        }
        if let Some(given) = &self.given {
            for (name, value) in given.bind(py).iter() {
                if !dict.contains(&name)? {
                    dict.set_item(name, value)?;
                }
            }
        }
        Ok(dict)
    }
}

/// Names that stand for the same unbound variable, in order of appearance.
fn aliases<'q>(answer: &Answer<'q, Object>) -> FxHashMap<Variable, Vec<&'q str>> {
    let mut groups: FxHashMap<Variable, Vec<&str>> = FxHashMap::default();
    for (name, bound) in answer.iter() {
        if let Binding::Term(term) = bound
            && let View::Variable(variable) = answer.heap().view(*term)
        {
            groups.entry(variable).or_default().push(name);
        }
    }
    groups
}

/// The name an unbound variable is shown by: another name for it where there is one, else its own.
fn partner<'q>(groups: &FxHashMap<Variable, Vec<&'q str>>, variable: Variable, name: &'q str) -> &'q str {
    let Some(names) = groups.get(&variable) else { return name };
    let place = names.iter().position(|other| *other == name).unwrap_or(0);
    let before = place.checked_sub(1).unwrap_or(names.len().saturating_sub(1));
    names.get(before).copied().unwrap_or(name)
}

fn expression<'py>(
    py: Python<'py>,
    out: &Outgoing<'_>,
    expression: &Expression,
) -> PyResult<Bound<'py, PyAny>> {
    let args = PyList::empty(py);
    for arg in &expression.args {
        args.append(operand(py, out, arg)?)?;
    }
    let module = py.import(intern!(py, "arctos.polar.expression"))?;
    module.getattr(intern!(py, "Expression"))?.call1((expression.op, args))
}

fn operand<'py>(py: Python<'py>, out: &Outgoing<'_>, operand_: &Operand) -> PyResult<Bound<'py, PyAny>> {
    match operand_ {
        Operand::Term(term) => out.value(py, *term),
        Operand::This => errors::variable(py, "_this"),
        Operand::Expression(nested) => expression(py, out, nested),
        Operand::Pattern { class, fields } => {
            let values = PyDict::new(py);
            for (name, value) in fields {
                values.set_item(name, operand(py, out, value)?)?;
            }
            let module = py.import(intern!(py, "arctos.polar.expression"))?;
            module.getattr(intern!(py, "Pattern"))?.call1((class, values))
        }
    }
}
